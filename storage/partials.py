"""Windows put together from parts: hours the server has computed become the days, weeks, months and years of a zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hub.batch import Floats, Ints
from storage.series import Every, Series, Windows
from storage.windows import CALENDAR, DAY, HOUR, groups, shortest, starts
from storage.zones import segments

FOLDED: Final = ("mean", "min", "max", "sum", "count", "count_all")
"""Aggregates of a window that follow from those of its parts."""


@dataclass(frozen=True, slots=True, eq=False)
class Partials:
    """Parts of windows in time order, (n,) each: start ms, how many values and valid ones, their sum, least and greatest.

    Where no value is valid, sum is 0, least +inf and greatest -inf.
    """

    start: Ints
    count_all: Floats
    count: Floats
    total: Floats
    least: Floats
    greatest: Floats


@dataclass(frozen=True, slots=True)
class Grain:
    """Steps of `step` ms that begin `offset` ms after the epoch's."""

    step: int
    offset: int = 0

    def start(self, time: Ints) -> Ints:
        """Where the step that each time lies in begins."""
        return time - (time - self.offset) % self.step


def grain(names: Sequence[str], every: Every, zone: str, start: int, end: int) -> Grain | None:
    """The longest steps that make up these windows: days where clocks never change, else UTC hours; None where neither does."""
    if any(name not in FOLDED for name in names) or shortest(every) % HOUR:
        return None
    clock = segments(zone, start, end)
    # The window that `start` lies in begins up to a step before it.
    low, high = clock.index(np.array([start - DAY, max(start, end - 1)], np.int64)).tolist()
    offset = clock.offset[low : high + 1]
    if every.unit in CALENDAR and len(offset) == 1:
        return Grain(DAY, int(-offset[0] % DAY))
    return None if (offset % HOUR).any() else Grain(HOUR)


def fold(series: Series, parts: Partials, every: Every, names: Sequence[str], zone: str) -> Windows:
    """The windows the parts lie in; `names` are of FOLDED."""
    start = starts(parts.start, every, zone)
    begin = groups(start)[:-1]
    count = np.add.reduceat(parts.count, begin)
    total = np.add.reduceat(parts.total, begin)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / count
    columns = {
        "count_all": np.add.reduceat(parts.count_all, begin),
        "count": count,
        "sum": total,
        "mean": mean,
        "min": np.minimum.reduceat(parts.least, begin),
        "max": np.maximum.reduceat(parts.greatest, begin),
    }
    for name in ("sum", "mean", "min", "max"):
        columns[name][count == 0] = np.nan
    return Windows(series, start[begin], {name: columns[name] for name in names})
