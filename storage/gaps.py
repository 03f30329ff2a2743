"""Where nothing was observed for longer than it should."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hub.batch import Ints
from hub.errors import BadQuery
from storage.held import Periods, allowed_gap
from storage.series import Points, Select, Series, SeriesStore


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """Gaps of one series in time order: start (n,) and end (n,) ms are the values on both sides, or the ends of the range asked for."""

    series: Series
    start: Ints
    end: Ints


def gaps(points: Points, start: int, end: int, allowed: int) -> Gaps:
    """Where in [start, end] two values, or an end and the value next to it, are more than `allowed` ms apart."""
    mark = np.concatenate(([start], points.time, [end]))
    wide = np.flatnonzero(np.diff(mark) > allowed)
    return Gaps(points.series, mark[wide], mark[wide + 1])


def find_gaps(
    store: SeriesStore, select: Select, start: int, end: int, periods: Periods, allowed: int | None = None
) -> Iterator[Gaps]:
    """The gaps of each selected series that has any selected value in [start, end), one after the other.

    `allowed` ms are no gap; when it is None, what the series' declared period allows.

    Raises:
        BadQuery: a range that is not one, or a gap that is not positive.
        StoreUnavailable: as the store says.
    """
    if allowed is not None and allowed <= 0:
        raise BadQuery("gap", "a positive number of milliseconds")
    for points in store.scan(select, start, end):
        if allowed is None:
            yield gaps(points, start, end, allowed_gap(periods(points.series.station, points.series.property)))
        else:
            yield gaps(points, start, end, allowed)
