"""A series as a chart of so many pixels shows it: of each column the least and the largest valid value, so that no peak is lost, and every flag."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hub.batch import Bytes, Floats, Ints
from hub.model import QUALITY_LETTERS, Check
from storage.columns import valid
from storage.series import Points

COLUMNS: Final = ("time", "min", "max", "first", "last", "count", "invalid", "quality", "checks")
MOST_SERIES: Final = 64
LEAST_WIDTH: Final = 16
_BITS: Final = np.left_shift(1, np.arange(16)).astype(np.uint16)
MOST_WIDTH: Final = 8192


@dataclass(frozen=True, slots=True)
class Scale:
    """Columns of `step` ms each from `start` on; `end` is excluded."""

    start: int
    end: int
    step: int

    @classmethod
    def of(cls, start: int, end: int, width: int) -> "Scale":
        """So that `width` columns cover [start, end); whole milliseconds."""
        return cls(start, end, max(1, -(-(end - start) // width)))


@dataclass(frozen=True, slots=True, eq=False)
class Pixels:
    """Columns that hold values, (n,) each: start ms, least, largest, first and last valid value (NaN where none is valid), how many are valid and how many
    are not, a bit for each quality code and for each check that occurs.
    """

    start: Ints
    low: Floats
    high: Floats
    first: Floats
    last: Floats
    count: Ints
    invalid: Ints
    letters: Ints
    checks: Ints


def pixels_of(points: Points, scale: Scale) -> Pixels:
    """The columns of one series, its values in order of time."""
    start, edges = _columns(points.time, scale)
    begin = edges[:-1]
    good = valid(points.quality, points.checks)
    count = np.add.reduceat(good, begin, dtype=np.int64)
    value = points.value if good.all() else points.value[good]
    place = (np.cumsum(count) - count)[count > 0]
    low, high, first, last = (np.full(len(begin), np.nan) for _ in range(4))
    if len(place):
        filled = count > 0
        low[filled], high[filled] = np.minimum.reduceat(value, place), np.maximum.reduceat(value, place)
        first[filled], last[filled] = value[place], value[np.append(place[1:], len(value)) - 1]
    return Pixels(
        start,
        low,
        high,
        first,
        last,
        count,
        np.diff(edges) - count,
        _union(_BITS[points.quality], begin),
        _union(points.checks, begin),
    )


def rows_of(pixels: Pixels, times: list[str]) -> list[tuple[str | float | None, ...]]:
    """One row a column, as in COLUMNS; flags as they are written in files."""
    numbers = [_cells(one) for one in (pixels.low, pixels.high, pixels.first, pixels.last)]
    letters = {int(bits): _letters(int(bits)) for bits in np.unique(pixels.letters)}
    checks = {int(bits): " ".join(Check(int(bits) & 63).words()) for bits in np.unique(pixels.checks)}
    columns = (
        times,
        *numbers,
        pixels.count.tolist(),
        pixels.invalid.tolist(),
        [letters[bits] for bits in pixels.letters.tolist()],
        [checks[bits] for bits in pixels.checks.tolist()],
    )
    return list(zip(*columns, strict=True))


def _columns(time: Ints, scale: Scale) -> tuple[Ints, NDArray[np.intp]]:
    """The starts of the columns that hold values, and where in `time` each begins, with the end of the last.

    Looked up column by column: to divide millions of times would take as long as to read them.
    """
    grid = scale.start + scale.step * np.arange(-(-(scale.end - scale.start) // scale.step), dtype=np.int64)
    begin = np.searchsorted(time, grid)
    held = begin < np.append(begin[1:], len(time))
    return grid[held], np.append(begin[held], len(time))


def _union(bits: NDArray[np.uint16] | Bytes, begin: NDArray[np.intp]) -> Ints:
    found: Ints = np.bitwise_or.reduceat(bits, begin).astype(np.int64)
    return found


def _letters(bits: int) -> str:
    return "".join(letter for code, letter in enumerate(QUALITY_LETTERS) if bits >> code & 1)


def _cells(values: Floats) -> list[float | None]:
    return [None if cell != cell else cell for cell in values.tolist()]  # noqa: PLR0124 - only NaN differs from itself
