"""A large question cut into small ones: station by station, or period by period, so that little is held and it can end in between."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from storage.series import Every, Points, Select, SeriesStore

MOST_VALUES: Final = 1_000_000
"""Values of one period; with their text they take some 300 MB."""

_FEW: Final = 4
_FIRST: Final = 86_400_000
_LEAST: Final = 1000
_GROWTH: Final = 4


def each_station(store: SeriesStore, select: Select) -> list[Select]:
    """The same question for each station by itself; the question as it is where it names few."""
    if select.device is not None:
        return [select]
    found = sorted({one.series.station for one in store.latest(replace(select, valid_only=False))})
    if len(found) <= _FEW:
        return [select]
    return [_of(select, station) for station in found]


def _of(select: Select, station: str) -> Select:
    department, kind, device = station.split("/", 2)
    return replace(select, department=department, kind=kind, device=device)


def each_period(store: SeriesStore, select: Select, start: int, end: int) -> Iterator[list[Points]]:
    """All values in [start, end), period after period of some MOST_VALUES: each piece has every series that has values in it."""
    low, high = _extent(store, select, start, end)
    span = _FIRST
    while low < high:
        until = min(low + span, high)
        found = _within(store, select, low, until, MOST_VALUES if span > _LEAST else None)
        if found is None:
            span = max(_LEAST, span // _GROWTH)
            continue
        if found:
            yield found
        held = sum(len(one.time) for one in found)
        low = until
        span = max(_LEAST, min(span * _GROWTH, span * MOST_VALUES // (2 * held))) if held else span * _GROWTH


def _within(store: SeriesStore, select: Select, low: int, high: int, most: int | None) -> list[Points] | None:
    """The values of a period, None as soon as they are too many."""
    found, held = [], 0
    for one in store.scan(select, low, high):
        found.append(one)
        held += len(one.time)
        if most is not None and held > most:
            return None
    return found


def _extent(store: SeriesStore, select: Select, start: int, end: int) -> tuple[int, int]:
    """The part of [start, end) that may hold values: from the year of the first to the last."""
    newest = [one.time[-1] for one in store.latest(select)]
    years = store.windows(select, start, end, Every(1, "y"), ["count_all"], "UTC") if newest else []
    first = min((int(one.start[0]) for one in years if len(one.start)), default=end)
    return max(start, first), min(end, max(map(int, newest), default=start) + 1)
