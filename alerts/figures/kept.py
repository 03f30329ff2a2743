"""Figures that were counted a while ago are given again: a month of a busy district is some ten thousand rows to go through."""

import threading
from collections import OrderedDict
from typing import Final
from zoneinfo import ZoneInfo

from alerts.figures.month import figures_of
from alerts.figures.views import Figures
from storage.records import Records

FRESH_MS: Final = 60_000
OVER_MS: Final = 900_000
"""So long for a month that ended a day ago or more: little happens to its incidents any more, and `as_of` says what is meant."""

_DAY_MS: Final = 86_400_000
_MOST: Final = 64


class KeptFigures:
    """Counts figures, each month and department at most once a minute, one that is over once in a quarter of an hour."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str, str | None], Figures] = OrderedDict()

    def figures(self, month: str, zone: ZoneInfo, *, department: str | None, now: int) -> Figures:
        """The figures of the month `yyyy-mm`, at most a minute old at `now` (epoch ms), a quarter of an hour when it is over.

        Raises:
            ValueError: it is no month.
        """
        key = (month, zone.key, department)
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and 0 <= now - kept.as_of < (OVER_MS if now > kept.end + _DAY_MS else FRESH_MS):
            return kept
        with self._records.read() as tx:
            made = figures_of(tx, month, zone, department=department, now=now)
        with self._lock:
            self._kept[key] = made
            self._kept.move_to_end(key)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return made
