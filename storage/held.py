"""How long values stand: what was measured at points of time, or means of windows, made into stretches of time with a value.

A point stands until the next one where that comes soon enough, else for one declared period; a window's mean for the whole window. Pure functions over
what an engine gave, so they are the same on every engine.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from hub.batch import Floats, Ints
from hub.rule import DEFAULT_GAP_MS, GAP_PERIODS
from storage.limit import Limit
from storage.series import Every, Points, Select, Series, SeriesStore, Windows
from storage.windows import edges

HOUR: Final = 3_600_000
Periods = Callable[[str, str], int | None]
"""The period in ms that is declared of a (station, property); None where none is."""


@dataclass(frozen=True)
class Held:
    """Valid values of one series: value (n,) at rising time (n,) ms, each standing for `cover` (n,) ms.

    `left_out` more keep the limit that was asked about; the values next to where they would be have no true cover, and keep it too.
    """

    series: Series
    time: Ints
    value: Floats
    covered: Callable[[], Ints]
    left_out: int = 0

    @cached_property
    def cover(self) -> Ints:
        """How long each value stands; worked out when it is asked for, because a series that keeps its limit needs none."""
        return self.covered()


def allowed_gap(period: int | None) -> int:
    """The longest time between two values, ms, that is no gap."""
    return DEFAULT_GAP_MS if period is None else round(period * GAP_PERIODS)


def by_point(points: Points, period: int | None, until: int) -> Held:
    """Each point stands until the next, where that is no gap away, else for one period (undeclared: the gap allowed); none beyond `until`."""
    gap = allowed_gap(period)
    end = max(until, int(points.time[-1])) if len(points.time) else until
    alone = gap if period is None else period
    return Held(points.series, points.time, points.value, lambda: covers(points.time, gap, alone, end), points.left_out)


def by_window(windows: Windows, name: str, grid: Ints) -> Held:
    """The column `name` of the windows that have it, each for its window; `grid` holds the edges of all windows."""
    there = ~np.isnan(windows.columns[name])
    start = windows.start[there]
    place = np.searchsorted(grid, start)
    return Held(windows.series, start, windows.columns[name][there], lambda: grid[place + 1] - grid[place])


def covers(time: Ints, gap: int, alone: int, end: int) -> Ints:
    """How long each point stands: until the next one where that comes within `gap` ms, else for `alone` ms; none beyond `end`."""
    following = np.append(time[1:], end)
    length = following - time
    held: Ints = np.where(length <= gap, length, np.minimum(length, alone))
    if len(held):
        held[-1] = min(alone, end - int(time[-1]))
    return np.maximum(held, 0)


@dataclass(frozen=True, slots=True)
class Span:
    """What is judged: [start, end) ms of which `until` is now at most, points (`every` None) or means of windows in `zone`."""

    start: int
    end: int
    until: int
    every: Every | None
    zone: str


def held(
    store: SeriesStore, select: Select, span: Span, periods: Periods, limit: Limit | None = None
) -> Iterator[Held]:
    """The valid values of each selected series, one series after the other; with a limit of one bound for all time, those that matter to it.

    Raises:
        BadQuery, StoreUnavailable: as the store says.
    """
    steady = limit is not None and not isinstance(limit.low, np.ndarray) and not isinstance(limit.high, np.ndarray)
    select = replace(select, valid_only=True, beyond=limit if steady else None)
    if span.every is None:
        for points in store.scan(select, span.start, span.end):
            yield by_point(points, periods(points.series.station, points.series.property), min(span.end, span.until))
        return
    grid = edges(span.start, span.end, span.every, span.zone)
    for windows in store.windows(select, span.start, span.end, span.every, ["mean"], span.zone):
        yield by_window(windows, "mean", grid)
