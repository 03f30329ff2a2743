"""How much work one request may make: steps are counted and time is looked at, so no question can hold a worker for long."""

from collections.abc import Callable

from api.sta.error import too_much

STEPS = 2_000_000
"""About two seconds of one core."""

ENTITY = 40
READ = 500
"""What writing one entity, and one question to the series store, count for."""

LONGEST_S = 10.0
_ALLOWED = "name a Datastream, narrow phenomenonTime, ask for a smaller $top or expand less"


class Budget:
    """The steps and the time that are left of one request's; `monotonic` gives seconds."""

    def __init__(self, monotonic: Callable[[], float], steps: int = STEPS) -> None:
        self._left = steps
        self._monotonic = monotonic
        self._until = monotonic() + LONGEST_S

    def spend(self, steps: int) -> None:
        """Take steps from what is left.

        Raises:
            StaError: there are not as many.
        """
        self._left -= steps
        if self._left < 0:
            raise too_much("This takes more work than one request may", _ALLOWED)

    def read(self) -> None:
        """Take what a question to the store costs.

        Raises:
            StaError: the work or the time is used up.
        """
        self.spend(READ)
        if self._monotonic() > self._until:
            raise too_much(f"This takes longer than the {LONGEST_S:g} s that a request may", _ALLOWED)
