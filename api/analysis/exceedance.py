"""How often, how long and how far a series broke a limit: by points, or by hourly means as the standards judge."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from api.analysis.limit import Limit
from hub.batch import Floats, Ints

HOUR: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Exceedance:
    """What one series did. `hours` and `longest_run` in hours, times epoch ms; `max` is the largest and `min` the smallest value that broke the limit."""

    total: int
    count: int
    hours: float
    longest_run: float
    longest_run_start: int | None
    max: float | None
    max_time: int | None
    min: float | None


NONE: Final = Exceedance(0, 0, 0.0, 0.0, None, None, None, None)


def exceedance(time: Ints, value: Floats, limit: Limit, cover: Ints) -> Exceedance:
    """The exceedance of values (n,) at rising times (n,), each standing for `cover` (n,) ms.

    A run is broken by a value that keeps the limit and by a gap: time that no value stands for.
    """
    broken = limit.broken(value)
    if not broken.any():
        return Exceedance(len(time), 0, 0.0, 0.0, None, None, None, None)
    lasting = np.where(broken, cover, 0)
    start, length = _longest(time, broken, cover)
    highest = int(np.argmax(np.where(broken, value, -np.inf)))
    return Exceedance(
        len(time),
        int(broken.sum()),
        float(lasting.sum()) / HOUR,
        length / HOUR,
        start,
        float(value[highest]),
        int(time[highest]),
        float(value[broken].min()),
    )


def _longest(time: Ints, broken: NDArray[np.bool_], cover: Ints) -> tuple[int, int]:
    """The start of the longest run and its length, ms."""
    where = np.flatnonzero(broken)
    joined = (np.diff(where) == 1) & (time[where[:-1]] + cover[where[:-1]] >= time[where[1:]])
    first = np.flatnonzero(np.append(True, ~joined))
    lengths = np.add.reduceat(cover[where], first)
    longest = int(np.argmax(lengths))
    return int(time[where[first[longest]]]), int(lengths[longest])


def covers(time: Ints, gap: int, period: int, end: int) -> Ints:
    """How long each point stands: until the next one, where that comes within `gap` ms, else for one `period`; none beyond `end`."""
    following = np.append(time[1:], end)
    length = following - time
    held: Ints = np.where(length <= gap, length, np.minimum(length, period))
    if len(held):
        held[-1] = min(period, end - int(time[-1]))
    return np.maximum(held, 0)
