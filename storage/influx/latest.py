"""The newest value of each series without asking for all of time again and again.

The first question, and one every ten minutes, asks for everything the server has; those between only for what is newer than a week before the newest
value known. A question for one device always asks for everything: that is few rows.
"""

import threading
from dataclasses import replace
from typing import Final

from hub.clock import Clock
from storage.columns import valid
from storage.influx.flux import EARLIEST
from storage.influx.read import InfluxReader
from storage.series import Points, Select, Series

_WEEK: Final = 7 * 86_400_000
_REFRESH_S: Final = 600.0


class Latest:
    """Answers `latest`; remembers what each question was answered."""

    def __init__(self, reader: InfluxReader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock
        self._mutex = threading.Lock()
        self._known: dict[Select, tuple[float, dict[Series, Points]]] = {}

    def __call__(self, select: Select) -> list[Points]:
        """The newest value of each selected series."""
        found = self._all(replace(select, valid_only=False))
        if select.valid_only:
            found = [good for points in found if (good := self._valid(points)) is not None]
        return sorted(found, key=lambda points: (points.series.station, points.series.property))

    def _all(self, select: Select) -> list[Points]:
        if select.device is not None:
            return self._reader.newest(select, EARLIEST)
        with self._mutex:
            asked, known = self._known.get(select, (None, {}))
        now = self._clock.monotonic()
        whole = asked is None or not known or now - asked > _REFRESH_S
        start = EARLIEST if whole else max(int(points.time[0]) for points in known.values()) - _WEEK
        found = {points.series: points for points in self._reader.newest(select, start)}
        answer = found if whole else known | found
        with self._mutex:
            self._known[select] = (now if whole or asked is None else asked, answer)
        return list(answer.values())

    def _valid(self, points: Points) -> Points | None:
        good = bool(valid(points.quality, points.checks)[0])
        return points if good else self._reader.newest_valid(points.series)
