"""Aggregates of values per window, by columns: each is a function of the window's valid values, `count_all` of all.

Percentiles are linear: of n sorted values the one at q(n - 1), between neighbours in proportion; numpy's default and InfluxDB's `exact_mean`.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from hub.batch import Floats
from hub.errors import BadQuery
from storage.columns import Mask, Order, valid
from storage.series import Every, Points, Windows
from storage.windows import groups, starts

EXPECTED: Final = "mean, min, max, sum, count, count_all, first, last, median or p1 to p99"
_PERCENTILE: Final = re.compile(r"p([1-9][0-9]?)")

_REDUCE: Final[dict[str, Callable[[Floats, Order], Floats]]] = {
    "sum": np.add.reduceat,
    "min": np.minimum.reduceat,
    "max": np.maximum.reduceat,
    "first": lambda value, begin: value[begin],
    "last": lambda value, begin: value[np.append(begin[1:], len(value)) - 1],
    "mean": lambda value, begin: np.add.reduceat(value, begin) / np.diff(begin, append=len(value)),
}


def percentile(name: str) -> float | None:
    """The share in (0, 1) that `p95` or `median` names, None for another aggregate."""
    if name == "median":
        return 0.5
    match = _PERCENTILE.fullmatch(name)
    return int(match[1]) / 100 if match else None


def parse(names: Sequence[str]) -> tuple[str, ...]:
    """The aggregates' names, each once, in the order asked.

    Raises:
        BadQuery: one is unknown, or none is asked.
    """
    known = (*_REDUCE, "count", "count_all")
    if not names or any(name not in known and percentile(name) is None for name in names):
        raise BadQuery("agg", EXPECTED)
    return tuple(dict.fromkeys(names))


def aggregate(points: Points, every: Every, names: Sequence[str], zone: str) -> Windows:
    """The windows that hold any of the points; where no value is valid, counts are 0 and the rest NaN.

    Raises:
        BadQuery: no such window, zone or aggregate.
    """
    names = parse(names)
    start = starts(points.time, every, zone)
    begin = groups(start)
    return Windows(
        points.series, start[begin[:-1]], columns(points.value, valid(points.quality, points.checks), begin, names)
    )


def columns(value: Floats, good: Mask, begin: Order, names: Sequence[str]) -> dict[str, Floats]:
    """One array (w,) for each name; window i holds value[begin[i]:begin[i + 1]], of which `good` are valid."""
    count_all = np.diff(begin)
    if good.all():
        count = count_all
    else:
        before = np.concatenate(([0], np.cumsum(good)))
        count = np.diff(before[begin])
        value, begin = value[good], before[begin]
    filled = count > 0
    first = begin[:-1][filled]
    return {name: _column(name, value, first, count, count_all) for name in names}


def _column(name: str, value: Floats, first: Order, count: Order, count_all: Order) -> Floats:
    if name in ("count", "count_all"):
        return (count if name == "count" else count_all).astype(np.float64)
    share = percentile(name)
    filled = count > 0
    answer = np.full(len(count), np.nan)
    if not len(first):
        return answer
    answer[filled] = _REDUCE[name](value, first) if share is None else _percentiles(value, first, count[filled], share)
    return answer


def _percentiles(value: Floats, first: Order, count: Order, share: float) -> Floats:
    """Windows of equal size are sorted together, as rows of one matrix."""
    answer = np.empty(len(first))
    for size in np.unique(count):
        same = np.flatnonzero(count == size)
        rows = value[first[same][:, None] + np.arange(size)]
        answer[same] = _linear(rows, share)
    return answer


def _linear(rows: Floats, share: float) -> Floats:
    place = share * (rows.shape[1] - 1)
    low = int(place)
    high = min(low + 1, rows.shape[1] - 1)
    rows.partition((low, high), axis=1)
    # As numpy does it: from whichever end is nearer, so that the result never leaves its neighbours.
    part, gap = place - low, rows[:, high] - rows[:, low]
    answer: Floats = rows[:, high] - gap * (1 - part) if part >= 0.5 else rows[:, low] + gap * part
    return answer
