"""What callers see where nothing was observed: empty windows filled or named, and how complete each window is.

Pure functions over the windows an engine gave, so they are the same on every engine.
"""

from typing import Final, Literal

import numpy as np

from hub.batch import Floats, Ints
from hub.errors import BadQuery
from storage.series import Windows

Fill = Literal["none", "null", "previous", "linear"]
FILLS: Final = ("none", "null", "previous", "linear")
COUNTS: Final = ("count", "count_all")
"""An empty window has a count: zero."""

_ZERO: Final = (*COUNTS, "completeness")


def fill(windows: Windows, edges: Ints, how: str) -> Windows:
    """The windows of all `edges` (n + 1,), as `storage.windows.edges` gives them; `none` leaves the empty ones out.

    `null` makes them NaN, `previous` the value before, `linear` what lies between the values before and after at the
    windows' starts; counts of an empty window are 0. What has nothing before it (or, linear, after it) stays NaN.

    Raises:
        BadQuery: `how` is none of these.
    """
    if how not in FILLS:
        raise BadQuery("fill", ", ".join(FILLS))
    if how == "none":
        return windows
    start = edges[:-1]
    at = np.searchsorted(start, windows.start)
    columns = {}
    for name, column in windows.columns.items():
        whole = np.full(len(start), 0.0 if name in _ZERO else np.nan)
        whole[at] = column
        columns[name] = whole if name in _ZERO else _filled(start, whole, how)
    return Windows(windows.series, start, columns)


def _filled(start: Ints, column: Floats, how: str) -> Floats:
    there = np.flatnonzero(~np.isnan(column))
    if how == "null" or not len(there):
        return column
    if how == "previous":
        last = np.searchsorted(there, np.arange(len(column)), side="right") - 1
        return np.where(last >= 0, column[there[np.maximum(last, 0)]], np.nan)
    filled: Floats = np.interp(start, start[there], column[there], left=np.nan, right=np.nan)
    filled[there] = column[there]
    return filled


def completeness(windows: Windows, edges: Ints, start: int, end: int, period_ms: int | None) -> Floats:
    """For each window the share of the values expected that came and are valid, 0 to 1; NaN when nobody declared a period.

    What is expected follows from the part of the window inside [start, end); `windows` must have the column `count`.

    Raises:
        BadQuery: the period is not positive.
    """
    if period_ms is None:
        return np.full(len(windows.start), np.nan)
    if period_ms <= 0:
        raise BadQuery("period", "a positive number of milliseconds")
    at = np.searchsorted(edges, windows.start)
    inside = np.minimum(edges[at + 1], end) - np.maximum(edges[at], start)
    # A part shorter than one period still expects the one value that lies in it.
    return np.minimum(windows.columns["count"] / np.maximum(inside / period_ms, 1.0), 1.0)


def with_completeness(windows: Windows, edges: Ints, start: int, end: int, period_ms: int | None) -> Windows:
    """The windows with the column `completeness` beside their own."""
    share = completeness(windows, edges, start, end, period_ms)
    return Windows(windows.series, windows.start, {**windows.columns, "completeness": share})
