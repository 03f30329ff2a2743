"""Readings as columns: the form in which both engines sort, merge and answer.

`series` holds the numbers of a `hub.series_index.SeriesIndex`; all columns have the same length n.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hub.batch import Block, Bytes, Floats, Ints
from hub.model import INVALID_CHECKS, VALID_QUALITY
from hub.series_index import SeriesIndex
from storage.series import Incoming

Mask = NDArray[np.bool_]
Order = NDArray[np.intp]

_VALID_CODE: Final = np.isin(np.arange(256), VALID_QUALITY)


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Values of any series in any order: series (n,), time (n,) ms, value (n,), quality (n,) codes, checks (n,) bits."""

    series: Ints
    time: Ints
    value: Floats
    quality: Bytes
    checks: Bytes

    def __len__(self) -> int:
        return len(self.time)

    def take(self, index: Order | Mask | slice) -> "Columns":
        """The rows at `index`."""
        return Columns(self.series[index], self.time[index], self.value[index], self.quality[index], self.checks[index])


EMPTY: Final = Columns(
    np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint8), np.empty(0, np.uint8)
)


def concatenate(parts: Iterable[Columns]) -> Columns:
    """The parts one after the other."""
    parts = [part for part in parts if len(part)]
    if len(parts) < 2:
        return parts[0] if parts else EMPTY
    return Columns(
        np.concatenate([part.series for part in parts]),
        np.concatenate([part.time for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.quality for part in parts]),
        np.concatenate([part.checks for part in parts]),
    )


def valid(quality: Bytes, checks: Bytes) -> Mask:
    """Which values count for means and exceedances: letter none or N, and no invalidating check."""
    if not (quality.any() or checks.any()):
        return np.ones(len(quality), np.bool_)
    good: Mask = _VALID_CODE[quality] & ((checks & int(INVALID_CHECKS)) == 0)
    return good


def of_block(series: Ints, block: Block) -> Columns:
    """A block's values with their series numbers (n, p), row after row; absent values (NaN) are left out."""
    value = block.value.ravel()
    rows = Columns(
        series.ravel(),
        np.repeat(block.time, len(block.properties)),
        value,
        np.zeros(value.size, np.uint8) if block.quality is None else block.quality.ravel(),
        np.zeros(value.size, np.uint8) if block.checks is None else block.checks.ravel(),
    )
    absent = np.isnan(value)
    return rows.take(~absent) if absent.any() else rows


def of_batches(index: SeriesIndex, batches: Iterable[Incoming]) -> Columns:
    """All values of the batches in the order they came; series seen for the first time get a number."""
    return concatenate(
        of_block(index.matrix(batch.stations, block), block) for batch in batches for block in batch.blocks
    )


def by_series(series: Ints) -> Order:
    """The order that sorts by series number and else keeps the order of arrival."""
    # numpy sorts 16-bit numbers by radix, in linear time; two passes serve any number of series.
    order: Order = np.argsort(series.astype(np.uint16), kind="stable")
    if len(series) and int(series.max()) > 0xFFFF:
        high = (series[order] >> 16).astype(np.uint16)
        order = order[np.argsort(high, kind="stable")]
    return order


def sorted_unique(rows: Columns) -> Columns:
    """Sorted by series, then time; of values with the same series and time the last one stands.

    `rows` must be in the order they were written wherever that decides; rows already sorted are given back as they are.
    """
    for tidy in (_as_they_are, _sort_by_series, _sort_fully):
        rows = tidy(rows)
        if _strictly_ascending(rows):
            return rows
    last = np.append((rows.series[1:] != rows.series[:-1]) | (rows.time[1:] != rows.time[:-1]), True)
    return rows.take(last)


def _as_they_are(rows: Columns) -> Columns:
    return rows


def _sort_by_series(rows: Columns) -> Columns:
    return rows.take(by_series(rows.series))


def _sort_fully(rows: Columns) -> Columns:
    return rows.take(np.lexsort((rows.time, rows.series)))


def _strictly_ascending(rows: Columns) -> bool:
    step = np.diff(rows.series)
    return bool(((step > 0) | ((step == 0) & (np.diff(rows.time) > 0))).all())


def bounds(series: Ints) -> Order:
    """Where each series begins in sorted rows, and the end: (number of series + 1,)."""
    if not len(series):
        return np.zeros(1, np.intp)
    return np.concatenate(([0], np.flatnonzero(series[1:] != series[:-1]) + 1, [len(series)]))
