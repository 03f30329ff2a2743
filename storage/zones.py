"""Local time of a zone as arrays: its offset over the years, and the first instant of a local time.

A zone is a row of segments of constant offset. Before `FIRST_YEAR` and after `LAST_YEAR` the nearest offset is taken to hold for ever.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from hub.batch import Ints
from hub.errors import BadQuery

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2200
_DAY: Final = 86_400
_FOREVER: Final = 1 << 62


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """start (n,) UTC ms at which offset (n,) ms begins to hold; the first start is long before any value."""

    start: Ints
    offset: Ints

    def index(self, time: Ints) -> Ints:
        """Which segment each UTC time lies in."""
        return np.searchsorted(self.start, time, side="right") - 1

    def local(self, time: Ints) -> Ints:
        """Local ms of each UTC time."""
        return time + self.offset[self.index(time)]

    def first_instant(self, local: Ints) -> Ints:
        """The first UTC time at which the zone's clock shows `local` or later.

        So a local time that a change of clocks skips begins at the change, and one that comes twice begins at its first coming.
        """
        local_end = np.append(self.start[1:] + self.offset[:-1], _FOREVER)
        segment = np.searchsorted(local_end, local, side="right")
        instant: Ints = np.maximum(self.start[segment], local - self.offset[segment])
        return instant


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """The zone called `name`.

    Raises:
        BadQuery: there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadQuery("zone", "an IANA zone such as Asia/Shanghai") from error


def segments(zone: str, start: int, end: int) -> Segments:
    """The segments that cover the UTC times [start, end] and two years on both sides.

    Raises:
        BadQuery: no such zone.
    """
    first, last = _year(start) - 2, _year(end) + 2
    changes = [change for year in range(first, last + 1) for change in _changes(zone, year)]
    before = _offset(zone_of(zone), _year_start(first))
    starts = [-_FOREVER, *(second * 1000 for second, _ in changes)]
    return Segments(np.array(starts, np.int64), np.array([before, *(offset for _, offset in changes)], np.int64) * 1000)


def _year(milliseconds: int) -> int:
    days = min(max(milliseconds // 86_400_000, -40_000), 100_000)
    year = int(np.datetime64(days, "D").astype("M8[Y]").astype(np.int64)) + 1970
    return min(max(year, FIRST_YEAR + 2), LAST_YEAR - 2)


def _year_start(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())


@lru_cache(maxsize=4096)
def _changes(zone: str, year: int) -> tuple[tuple[int, int], ...]:
    """(UTC second, new offset in s) of the year's changes; two changes on the same day that undo each other are not seen."""
    info, begin, end = zone_of(zone), _year_start(year), _year_start(year + 1)
    found = []
    offset = _offset(info, begin - 1)
    low = begin - 1
    for day in [*range(begin, end, _DAY), end - 1]:
        at_day = _offset(info, day)
        if at_day != offset:
            found.append((_change_between(info, low, day), at_day))
        low, offset = day, at_day
    return tuple(found)


def _change_between(info: ZoneInfo, low: int, high: int) -> int:
    before = _offset(info, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(info, middle) == before else (low, middle)
    return high


def _offset(info: ZoneInfo, second: int) -> int:
    delta = datetime.fromtimestamp(second, UTC).astimezone(info).utcoffset()
    return 0 if delta is None else round(delta.total_seconds())
