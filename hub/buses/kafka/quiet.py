"""aiokafka says the same several times a second while a broker is away; one line of each kind in a while says as much."""

import logging
import time
from collections.abc import Callable
from typing import Final

_EVERY: Final = 10.0


class RateLimit(logging.Filter):
    """Lets one record of each place in the code through in `every` seconds, and says how many it held back."""

    def __init__(self, every: float = _EVERY, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._every = every
        self._clock = clock
        self._last: dict[tuple[str, int], float] = {}
        self._held: dict[tuple[str, int], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record passes; those below a warning do always."""
        if record.levelno < logging.WARNING:
            return True
        place, now = (record.pathname, record.lineno), self._clock()
        if now - self._last.get(place, -self._every) < self._every:
            self._held[place] = self._held.get(place, 0) + 1
            return False
        self._last[place] = now
        held = self._held.pop(place, 0)
        if held:
            record.msg = f"{record.getMessage()} ({held} more such lines in the last {self._every:g} s or longer)"
            record.args = ()
        return True


def quieten() -> None:
    """Limit every logger of aiokafka; to do it twice changes nothing. A Faust worker on Kafka calls this too."""
    import aiokafka  # noqa: F401  (its loggers exist once it is imported)

    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        if name.partition(".")[0] == "aiokafka" and not any(isinstance(known, RateLimit) for known in logger.filters):
            logger.addFilter(RateLimit())
