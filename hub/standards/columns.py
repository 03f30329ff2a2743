"""What the statistics work on: columns of values in, columns of means out; a mean that is not valid is not a number."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hub.batch import Floats, Ints

Flags = NDArray[np.bool_]
_SIGNIFICANT: Final = 12


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One datastream's values: time (n,) UTC ms ascending, value (n,), valid (n,); `period_ms` between two values, None where nobody declared it."""

    time: Ints
    value: Floats
    valid: Flags
    period_ms: int | None = None

    def __post_init__(self) -> None:
        if not self.time.shape == self.value.shape == self.valid.shape or self.time.ndim != 1:
            raise ValueError(
                f"time {self.time.shape}, value {self.value.shape} and valid {self.valid.shape}: expected (n,)"
            )
        if len(self.time) > 1 and bool((np.diff(self.time) < 0).any()):
            raise ValueError("time: expected ascending")

    @property
    def usable(self) -> Flags:
        """The values that count: valid, and a number."""
        return self.valid & np.isfinite(self.value)

    def times(self, factor: float) -> "Column":
        """The same with every value multiplied, as another unit of the quantity asks for."""
        return replace(self, value=self.value * factor)


@dataclass(frozen=True, slots=True, eq=False)
class Means:
    """One mean a window: start (w,) and end (w,) UTC ms, value (w,) NaN where not valid, valid (w,).

    `count` (w,) of the `expected` (w,) parts of each window are there and valid; `edition` and `clause` say whose rule of validity decided.
    """

    start: Ints
    end: Ints
    value: Floats
    count: Ints
    expected: Ints
    valid: Flags
    edition: str = ""
    clause: str = ""

    def __len__(self) -> int:
        return len(self.start)

    @property
    def coverage(self) -> Floats:
        """The share of each window's parts that is there and valid, 0 to 1."""
        found: Floats = np.minimum(1.0, self.count / np.maximum(self.expected, 1))
        return found

    def within(self, start: int, end: int) -> "Means":
        """The windows that begin in [start, end)."""
        first, last = np.searchsorted(self.start, (start, end))
        rows = slice(int(first), int(last))
        return Means(
            self.start[rows],
            self.end[rows],
            self.value[rows],
            self.count[rows],
            self.expected[rows],
            self.valid[rows],
            self.edition,
            self.clause,
        )


def window_of(time: Ints, edges: Ints) -> Ints:
    """The window [edges[i], edges[i + 1]) of each time, -1 outside; w + 1 edges ascending."""
    found = np.searchsorted(edges, time, side="right") - 1
    result: Ints = np.where(found >= len(edges) - 1, -1, found).astype(np.int64)
    return result


def mean_by(window: Ints, value: Floats, windows: int) -> tuple[Floats, Ints]:
    """Mean and count of the values of each window, shapes (windows,); NaN where there is none. `window` (n,) as `window_of` gives it."""
    inside = window >= 0
    count = np.bincount(window[inside], minlength=windows).astype(np.int64)
    total = np.bincount(window[inside], weights=value[inside], minlength=windows)
    with np.errstate(invalid="ignore", divide="ignore"):
        return plain_decimals(total / count), count


def plain_decimals(value: Floats) -> Floats:
    """Each value (n,) to twelve significant digits: the mean of values that are all 0.145 is 0.145, so that rounding it meets the half-way it should."""
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.floor(np.log10(np.abs(value)))
        digits = np.clip(_SIGNIFICANT - 1 - np.where(np.isfinite(size), size, 0), -300, 300)
        up = np.power(10.0, np.maximum(digits, 0))
        down = np.power(10.0, np.maximum(-digits, 0))
        found: Floats = np.where(np.isfinite(value), np.rint(value * up / down) / up * down, value)
    return found
