"""Empty windows: left out, given as null, or filled from their neighbours; and how complete a window is."""

from collections.abc import Mapping
from typing import Final, Literal

import numpy as np

from hub.batch import Floats, Ints

Fill = Literal["none", "null", "previous", "linear"]
FILLS: Final = ("none", "null", "previous", "linear")
COUNTS: Final = ("count", "count_all")
"""An empty window has a count: zero."""


def fill_windows(grid: Ints, start: Ints, columns: Mapping[str, Floats], fill: Fill) -> tuple[Ints, dict[str, Floats]]:
    """The columns (n,) at `start` brought onto `grid` (m,); NaN stands for null. With `none` they are given back as they are."""
    if fill == "none":
        return start, dict(columns)
    place = np.searchsorted(grid, start)
    known = place < len(grid)
    known[known] = grid[place[known]] == start[known]
    filled = {name: _spread(grid, place[known], values[known], name, fill) for name, values in columns.items()}
    return grid, filled


def _spread(grid: Ints, place: Ints, values: Floats, name: str, fill: Fill) -> Floats:
    out: Floats = np.full(len(grid), 0.0 if name in COUNTS else np.nan)
    out[place] = values
    if name in COUNTS or fill == "null" or not len(place):
        return out
    there = np.flatnonzero(~np.isnan(out))
    if not len(there):
        return out
    if fill == "previous":
        before = np.searchsorted(there, np.arange(len(grid)), side="right") - 1
        return np.where(before >= 0, out[there[np.maximum(before, 0)]], np.nan)
    inside = slice(there[0], there[-1] + 1)
    out[inside] = np.interp(grid[inside], grid[there], out[there])
    return out


def completeness(start: Ints, end: Ints, count: Floats, period_ms: int | None) -> Floats:
    """The share of the values that the declared period promises in each window [start, end), at most 1; NaN where no period is declared."""
    if period_ms is None:
        return np.full(len(start), np.nan)
    expected = np.maximum(1.0, (end - start) / period_ms)
    share: Floats = np.clip(np.nan_to_num(count) / expected, 0.0, 1.0)
    return share
