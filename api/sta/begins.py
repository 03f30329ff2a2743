"""When each stream began: asked of the store once in ten minutes, since only a backfill changes it."""

import threading
from itertools import pairwise
from typing import Final

from api.asking import FAR
from hub.clock import Clock
from storage.series import Select, SeriesStore

KEEP_S: Final = 600.0
_MOST: Final = 100_000

YEAR: Final = 31_557_600_000
SLICES: Final = (-FAR, *(946_684_800_000 + years * YEAR for years in (0, 10, 20, *range(23, 80))), FAR)
"""Where a search for first values stops to look: one that reads year after year never decodes a long series whole."""


class Begins:
    """Remembers first times; any thread may ask."""

    def __init__(self, store: SeriesStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[Select, tuple[float, int]] = {}

    def known(self, select: Select) -> int | None:
        """The time as it was found within ten minutes, epoch ms."""
        with self._lock:
            until, begin = self._known.get(select, (float("-inf"), 0))
        return begin if until > self._clock.monotonic() else None

    def of(self, select: Select, newest: int, start: int = -FAR) -> int:
        """The time of the first value from `start` on, of a selection whose newest is at `newest`; all epoch ms."""
        known = self.known(select)
        if known is not None:
            return min(known, newest)
        begin = self._first(select, start, newest)
        with self._lock:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[select] = (self._clock.monotonic() + KEEP_S, begin)
        return begin

    def _first(self, select: Select, start: int, newest: int) -> int:
        borders = (start, *(one for one in SLICES if start < one <= newest), newest + 1)
        for low, high in pairwise(borders):
            for points in self._store.raw(select, low, max(low, high), 1).points:
                return int(points.time[0])
        return newest
