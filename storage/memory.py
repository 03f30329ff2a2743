"""The plain store: dictionaries in one process, nothing kept. For trying out, for tests, and the slow oracle of the other engines.

It works value by value on purpose, with Python's own datetimes, so that it shares no arithmetic with the engines it is compared with.
"""

import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from hub.batch import Block
from hub.model import INVALID_CHECKS, VALID_QUALITY
from storage.aggregate import parse, percentile
from storage.paging import Cursor, check_page
from storage.select import check_points, check_range, matches
from storage.series import Every, Incoming, Page, Points, Rejected, Select, Series, StoreHealth, Windows
from storage.windows import check_every
from storage.zones import zone_of

Row = tuple[int, float, int, int]
"""time ms, value, quality code, check bits."""

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - local times are counted from a local epoch
_MS: Final = timedelta(milliseconds=1)
_UNIT: Final = {"s": 1000, "m": 60_000, "h": 3_600_000}


class MemoryStore:
    """A series store in dictionaries."""

    def __init__(self) -> None:
        self._rows: dict[Series, dict[int, Row]] = defaultdict(dict)

    def write(self, batches: Sequence[Incoming]) -> list[Rejected]:
        """Take every value."""
        for batch in batches:
            for block in batch.blocks:
                self._take(batch.stations, block)
        return []

    def _take(self, stations: tuple[str, ...], block: Block) -> None:
        for i, station in enumerate(block.station.tolist()):
            time = int(block.time[i])
            for j, name in enumerate(block.properties):
                value = float(block.value[i, j])
                quality = 0 if block.quality is None else int(block.quality[i, j])
                checks = 0 if block.checks is None else int(block.checks[i, j])
                if not math.isnan(value):
                    self._rows[Series(stations[station], name)][time] = (time, value, quality, checks)

    def latest(self, select: Select) -> list[Points]:
        """The newest value of each series."""
        newest = ((series, max(rows)) for series, rows in self._selected(select, None, None) if rows)
        return [_points(series, [row]) for series, row in newest]

    def raw(self, select: Select, start: int, end: int, limit: int, cursor: str | None = None) -> Page:
        """The next values, oldest first."""
        check_page(start, end, limit)
        after = Cursor.decode(cursor) if cursor is not None else None
        found = [
            (row[0], series.station, series.property, row)
            for series, rows in self._selected(select, start, end)
            for row in rows
        ]
        if after is not None:
            found = [item for item in found if item[:3] > (after.time, after.station, after.property)]
        found.sort(key=lambda item: item[:3])
        groups: dict[Series, list[Row]] = defaultdict(list)
        for _, station, name, row in found[:limit]:
            groups[Series(station, name)].append(row)
        following = Cursor(*found[limit - 1][:3]).encode() if len(found) > limit else None
        ordered = sorted(groups.items(), key=lambda item: (item[0].station, item[0].property))
        return Page(tuple(_points(series, rows) for series, rows in ordered), following)

    def scan(self, select: Select, start: int, end: int) -> Iterator[Points]:
        """Each series whole."""
        check_range(start, end)
        for series, rows in self._selected(select, start, end):
            check_points(len(rows))
            if rows:
                yield _points(series, rows)

    def windows(
        self, select: Select, start: int, end: int, every: Every, aggregates: Sequence[str], zone: str
    ) -> list[Windows]:
        """Every value asks the calendar which window it lies in."""
        check_range(start, end)
        check_every(every)
        zone_of(zone)
        names = parse(aggregates)
        answer = []
        for series, rows in self._selected(select, start, end):
            grouped: dict[int, list[Row]] = defaultdict(list)
            for row in rows:
                grouped[window_start(row[0], every, zone)].append(row)
            if grouped:
                answer.append(_windows(series, grouped, names))
        return answer

    def _selected(self, select: Select, start: int | None, end: int | None) -> Iterable[tuple[Series, list[Row]]]:
        for series in sorted(self._rows, key=lambda series: (series.station, series.property)):
            if matches(select, series.station, series.property):
                rows = [
                    row
                    for time, row in sorted(self._rows[series].items())
                    if (start is None or time >= start) and (end is None or time < end)
                ]
                yield series, [row for row in rows if is_valid(row)] if select.valid_only else rows

    def maintain(self, now: int) -> None:
        """Nothing to keep up."""

    def health(self) -> StoreHealth:
        """Always well."""
        return StoreHealth(ok=True)

    def close(self) -> None:
        """Nothing to let go of."""


def is_valid(row: Row) -> bool:
    """Whether the value counts for means."""
    return row[2] in VALID_QUALITY and not row[3] & INVALID_CHECKS


def window_start(time: int, every: Every, zone: str) -> int:
    """The start of the window that one time lies in, asked of the calendar."""
    step = every.count * _UNIT.get(every.unit, 0)
    if 0 < step <= _UNIT["h"]:
        return _step_start(time, step, zone)
    local = _EPOCH + (time + _offset(time, zone)) * _MS
    return _instant(_floor(local, every, step), zone)


def _step_start(time: int, step: int, zone: str) -> int:
    start = time - (time + _offset(time, zone)) % step
    if _offset(start, zone) == _offset(time, zone):
        return start
    # Clocks changed since: steps begin afresh at the first that the new clock begins, until then the last of the old clock runs on.
    low, high = start, time
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(middle, zone) == _offset(start, zone) else (low, middle)
    return low - (low + _offset(low, zone)) % step


def _floor(local: datetime, every: Every, step: int) -> datetime:
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    match every.unit:
        case "d":
            return midnight
        case "w":
            return midnight - timedelta(days=midnight.weekday())
        case "mo":
            return midnight.replace(day=1)
        case "y":
            return midnight.replace(month=1, day=1)
        case _:
            return local - ((local - _EPOCH) // _MS) % step * _MS


def _instant(local: datetime, zone: str) -> int:
    """The first instant whose local time is `local`; at a skipped local time the instant of the change."""
    aware = local.replace(tzinfo=zone_of(zone), fold=0)
    instant = (aware.astimezone(UTC).replace(tzinfo=None) - _EPOCH) // _MS
    if instant + _offset(instant, zone) == (local - _EPOCH) // _MS:
        return instant
    # Skipped: the clock went from before `local` to after it somewhere within the hours around.
    low, high = instant - 4 * _UNIT["h"], instant + 4 * _UNIT["h"]
    while high - low > 1:
        middle = (low + high) // 2
        reached = middle + _offset(middle, zone) >= (local - _EPOCH) // _MS
        low, high = (low, middle) if reached else (middle, high)
    return high


def _offset(time: int, zone: str) -> int:
    delta = datetime.fromtimestamp(time // 1000, UTC).astimezone(zone_of(zone)).utcoffset()
    return 0 if delta is None else delta // _MS


def _windows(series: Series, grouped: dict[int, list[Row]], names: Sequence[str]) -> Windows:
    start = sorted(grouped)
    return Windows(
        series,
        np.array(start, np.int64),
        {name: np.array([_aggregate(name, grouped[at]) for at in start]) for name in names},
    )


_AGGREGATE: Final[dict[str, Callable[[list[float]], float]]] = {
    "mean": statistics.fmean,
    "sum": math.fsum,
    "min": min,
    "max": max,
    "first": lambda values: values[0],
    "last": lambda values: values[-1],
}


def _aggregate(name: str, rows: list[Row]) -> float:
    values = [row[1] for row in rows if is_valid(row)]
    if name == "count_all":
        return float(len(rows))
    if name == "count":
        return float(len(values))
    if not values:
        return math.nan
    share = percentile(name)
    return _AGGREGATE[name](values) if share is None else _linear(sorted(values), share)


def _linear(values: list[float], share: float) -> float:
    place = share * (len(values) - 1)
    low = math.floor(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def _points(series: Series, rows: list[Row]) -> Points:
    return Points(
        series,
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows], np.float64),
        np.array([row[2] for row in rows], np.uint8),
        np.array([row[3] for row in rows], np.uint8),
    )
