"""A large question cut into small ones: station by station, or period by period, so that little is held and it can end in between."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from hub.batch import Ints
from storage.series import Points, Select, SeriesStore

MOST_VALUES: Final = 1_000_000
"""Values of one period; with their text they take some 300 MB."""

_FEW: Final = 4
_FIRST: Final = 86_400_000
_GROWTH: Final = 8


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


def each_period(
    store: SeriesStore, select: Select, start: int, end: int, most: int | None = None
) -> Iterator[tuple[Points, ...]]:
    """All values in [start, end), oldest first, some `most` at a time: each piece has every selected series."""
    most = most or MOST_VALUES
    low, high = _extent(store, select, start, end)
    span = _FIRST
    while low < high:
        until, cursor, held = min(low + span, high), None, 0
        while True:
            page = store.raw(select, low, until, most, cursor)
            held += sum(len(one.time) for one in page.points)
            if page.points:
                yield page.points
            cursor = page.next
            if cursor is None:
                break
        low = until
        # Half of what may be held, so that a period seldom has to be cut by a cursor, which costs a sort.
        span = max(1000, min(span * _GROWTH, span * most // (2 * held))) if held else span * _GROWTH


def _extent(store: SeriesStore, select: Select, start: int, end: int) -> tuple[int, int]:
    """The part of [start, end) that holds values at all."""
    first = store.raw(select, start, end, 1).points
    if not first:
        return end, end
    newest: list[Ints] = [one.time for one in store.latest(select)]
    last = max((int(time[-1]) for time in newest if len(time)), default=end)
    return int(first[0].time[0]), min(end, last + 1)
