"""Windows of time in a zone: which window a value falls in, and the edges of all windows of a range.

A window is half-open and labelled by its start. Up to an hour it is a step of the local clock counted from the epoch, afresh in each stretch of constant
offset, so a day on which clocks change has 23 or 25 hours. Longer ones run from local time to local time, so the same day has one shorter or longer
6-hour window; days, weeks (from Monday), months and years are the calendar's.
"""

import re
from typing import Final

import numpy as np

from hub.batch import Ints
from hub.errors import BadQuery
from storage.columns import Order
from storage.series import Every
from storage.zones import Segments, segments

HOUR: Final = 3_600_000
DAY: Final = 86_400_000
MAX_WINDOWS: Final = 20_000_000
_UNIT: Final = {"s": 1000, "m": 60_000, "h": HOUR}
CALENDAR: Final = {"d": "M8[D]", "w": "M8[D]", "mo": "M8[M]", "y": "M8[Y]"}
_SHORTEST: Final = {"d": DAY, "w": 7 * DAY, "mo": 28 * DAY, "y": 365 * DAY}
_FORM: Final = re.compile(r"([1-9][0-9]{0,8})(s|m|h|d|w|mo|y)")
_EXPECTED: Final = "Ns, Nm, Nh, 1d, 1w, 1mo or 1y"


def parse_every(text: str) -> Every:
    """The window written as `15m`, `1h`, `1d`, `1w`, `1mo`, `1y`.

    Raises:
        BadQuery: not of that form.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise BadQuery("every", _EXPECTED)
    every = Every(int(match[1]), match[2])
    check_every(every)
    return every


def check_every(every: Every) -> None:
    """Whether the window is one we know.

    Raises:
        BadQuery: it is not.
    """
    fixed = every.unit in _UNIT and 1 <= every.count * _UNIT[every.unit] <= 366 * DAY
    if not fixed and not (every.unit in CALENDAR and every.count == 1):
        raise BadQuery("every", _EXPECTED)


def shortest(every: Every) -> int:
    """The least length of such a window in ms, changes of clocks aside."""
    return every.count * _UNIT[every.unit] if every.unit in _UNIT else _SHORTEST[every.unit]


def starts(time: Ints, every: Every, zone: str) -> Ints:
    """The start of the window that each time lies in; `time` ascending, UTC ms.

    Raises:
        BadQuery: no such window or zone.
    """
    check_every(every)
    if not len(time):
        segments(zone, 0, 0)
        return time
    clock = segments(zone, int(time[0]), int(time[-1]))
    if _steps(every):
        return _step_starts(time, shortest(every), clock)
    grid = _calendar_edges(int(time[0]), int(time[-1]) + 1, every, clock)
    return grid[np.searchsorted(grid, time, side="right") - 1]


def edges(start: int, end: int, every: Every, zone: str) -> Ints:
    """The edges of all windows that meet [start, end): of n windows n + 1 edges, [] for an empty range.

    Raises:
        BadQuery: no such window or zone, or more than MAX_WINDOWS windows.
    """
    check_every(every)
    clock = segments(zone, start, end)
    if end <= start:
        return np.empty(0, np.int64)
    if (end - start) // shortest(every) > MAX_WINDOWS:
        raise BadQuery("every", f"a window of which at most {MAX_WINDOWS} lie between `from` and `to`")
    if not _steps(every):
        return _calendar_edges(start, end, every, clock)
    step = shortest(every)
    changes = clock.start[(clock.start > start - step) & (clock.start < end + step)]
    # One mark a step meets every whole window; one that a change of clocks cuts short ends at the change.
    marks = np.unique(np.concatenate((np.arange(start - step, end + 2 * step, step), changes - 1, changes)))
    return _covering(np.unique(_step_starts(marks, step, clock)), start, end)


def groups(start: Ints) -> Order:
    """Where each window begins in values sorted by time, given each value's window start, and the end."""
    if not len(start):
        return np.zeros(1, np.intp)
    return np.concatenate(([0], np.flatnonzero(start[1:] != start[:-1]) + 1, [len(start)]))


def _steps(every: Every) -> bool:
    return every.unit in _UNIT and shortest(every) <= HOUR


def _step_starts(time: Ints, step: int, clock: Segments) -> Ints:
    segment = clock.index(time)
    offset = clock.offset[segment]
    start = time - (time + offset) % step
    # After a change of clocks that is no whole number of steps, the last step before it runs on until the new grid begins.
    early = start < clock.start[segment]
    if early.any():
        before = segment[early] - 1
        last = clock.start[segment[early]] - 1
        start[early] = last - (last + clock.offset[before]) % step
    return start


def _calendar_edges(start: int, end: int, every: Every, clock: Segments) -> Ints:
    """Edges from the window that holds `start` to the first at or after `end`."""
    span = 2 * max(shortest(every), DAY)
    low, high = (int(clock.local(np.array([at]))[0]) for at in (start - span, end + span))
    local = _local_edges(low, high, every)
    return _covering(np.unique(clock.first_instant(local)), start, end)


def _covering(grid: Ints, start: int, end: int) -> Ints:
    return grid[np.searchsorted(grid, start, side="right") - 1 : np.searchsorted(grid, end) + 1]


def _local_edges(low: int, high: int, every: Every) -> Ints:
    """Local times of all edges between `low` and `high` and a little beyond."""
    if every.unit in _UNIT:
        step = shortest(every)
        return np.arange(low // step, high // step + 2, dtype=np.int64) * step
    unit = CALENDAR[every.unit]
    first, last = (np.datetime64(at, "ms").astype(unit).astype(np.int64) for at in (low, high))
    if every.unit == "w":
        first -= (first + 3) % 7  # the epoch was a Thursday
    count = np.arange(first, last + 2, 7 if every.unit == "w" else 1, dtype=np.int64)
    return count.astype(unit).astype("M8[ms]").astype(np.int64)
