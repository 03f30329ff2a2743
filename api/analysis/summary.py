"""A whole period of one series in one row: mean, extremes, p95, completeness, how a limit was kept, and how it was the period before."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from api.context import History
from hub.batch import Floats, Ints
from storage.columns import valid
from storage.exceedance import Exceedance, exceedance
from storage.held import by_point
from storage.limit import Limit
from storage.paging import taken
from storage.series import Every, Points, Select, Series
from storage.windows import groups, starts

_DAY = Every(1, "d")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of every series: times [start, end) ms, `until` now at most, days of `zone`, a limit, and another period [start, end)."""

    start: int
    end: int
    until: int
    zone: str
    limit: Limit | None = None
    other: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """One series over the period; values in the series' unit, times ms, None where there is none.

    `days` have a valid value, `days_over` are those whose mean broke the limit; `completeness` and `other_completeness` are shares, 0 to 1.
    """

    series: Series
    count: int
    count_all: int
    mean: float | None
    min: float | None
    min_time: int | None
    max: float | None
    max_time: int | None
    p95: float | None
    completeness: float | None
    days: int
    days_over: int | None
    exceedance: Exceedance | None
    other_mean: float | None
    other_completeness: float | None

    @property
    def percent(self) -> float | None:
        """By how much the mean lies over the other period's, in per cent of it."""
        if self.mean is None or not self.other_mean:
            return None
        return (self.mean / self.other_mean - 1) * 100


def summaries(parts: History, select: Select, asked: Asked) -> Iterator[Summary]:
    """The summary of each series that has any value in the period, one after the other.

    Raises:
        BadQuery, StoreUnavailable: as the store says.
    """
    others = {} if asked.other is None else _others(parts, select, *asked.other, asked.zone)
    for points in parts.series.scan(select, asked.start, asked.end):
        period = parts.register.period(points.series.station, points.series.property)
        count, total = others.get(points.series, (0, 0.0))
        mean = total / count if count else None
        share = None if asked.other is None else _share(count, *asked.other, period)
        yield _one(points, asked, period, mean, share)


def _one(points: Points, asked: Asked, period: int | None, other: float | None, other_share: float | None) -> Summary:
    kept = valid(points.quality, points.checks)
    good = points if kept.all() else taken(points, kept)
    time, value = good.time, good.value
    low, high = (int(np.argmin(value)), int(np.argmax(value))) if len(value) else (0, 0)
    days, over = _days(time, value, asked)
    until = min(asked.end, max(asked.until, asked.start + 1))
    broken = None if asked.limit is None else exceedance(by_point(good, period, until), asked.limit)
    return Summary(
        points.series,
        len(value),
        len(points.time),
        float(value.mean()) if len(value) else None,
        float(value[low]) if len(value) else None,
        int(time[low]) if len(value) else None,
        float(value[high]) if len(value) else None,
        int(time[high]) if len(value) else None,
        float(np.quantile(value, 0.95)) if len(value) else None,
        _share(len(value), asked.start, until, period),
        days,
        over,
        broken,
        other,
        other_share,
    )


def _days(time: Ints, value: Floats, asked: Asked) -> tuple[int, int | None]:
    """How many days have a value, and of how many the mean broke the limit."""
    if not len(time):
        return 0, None if asked.limit is None else 0
    begin = groups(starts(time, _DAY, asked.zone))[:-1]
    if asked.limit is None:
        return len(begin), None
    mean = np.add.reduceat(value, begin) / np.diff(begin, append=len(time))
    return len(begin), int(asked.limit.broken(mean).sum())


def _others(parts: History, select: Select, start: int, end: int, zone: str) -> dict[Series, tuple[int, float]]:
    """How many valid values each series had in another period, and their sum."""
    found = parts.series.windows(select, start, end, _DAY, ["count", "sum"], zone)
    return {one.series: (int(one.columns["count"].sum()), float(np.nansum(one.columns["sum"]))) for one in found}


def _share(count: int, start: int, end: int, period: int | None) -> float | None:
    return None if period is None else min(1.0, count / max(1.0, (end - start) / period))
