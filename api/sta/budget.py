"""How much work one request may make: every step is counted, so no question can hold a worker for long."""

from api.sta.error import too_much

STEPS = 2_000_000
"""About two seconds of one core."""

ENTITY = 40
READ = 1_000
"""What writing one entity, and one question to the series store, count for."""


class Budget:
    """The steps that are left of one request's."""

    def __init__(self, steps: int = STEPS) -> None:
        self._left = steps

    def spend(self, steps: int) -> None:
        """Take steps from what is left.

        Raises:
            StaError: there are not as many.
        """
        self._left -= steps
        if self._left < 0:
            allowed = "name a Datastream, narrow phenomenonTime, ask for a smaller $top or expand less"
            raise too_much("This takes more work than one request may", allowed)
