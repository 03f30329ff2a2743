"""How often, how long and how far a series broke a limit."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from hub.batch import Floats, Ints
from storage.columns import Mask, Order
from storage.held import HOUR, Held
from storage.limit import Limit


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


def exceedance(held: Held, limit: Limit) -> Exceedance:
    """What the values did; a run is broken by a value that keeps the limit and by a gap: time that no value stands for."""
    broken = limit.broken(held.value)
    total = len(broken) + held.left_out
    if not broken.any():
        return Exceedance(total, 0, 0.0, 0.0, None, None, None, None)
    where = np.flatnonzero(broken)
    start, length = _longest(held, where)
    value = held.value[where]
    highest = int(np.argmax(value))
    return Exceedance(
        total,
        len(where),
        int(held.cover[where].sum()) / HOUR,
        length / HOUR,
        start,
        float(value[highest]),
        int(held.time[where[highest]]),
        float(value.min()),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Stretches of time without a break in which a series broke a limit, in time order: start and length (n,) ms, and of each the value farthest from the
    limit and its time ms.
    """

    start: Ints
    length: Ints
    worst: Floats
    worst_time: Ints


def runs_of(held: Held, limit: Limit) -> Runs:
    """Every run."""
    where = np.flatnonzero(limit.broken(held.value))
    if not len(where):
        nothing = np.empty(0, np.int64)
        return Runs(nothing, nothing, np.empty(0), nothing)
    first, lengths = _runs(held, where)
    value, time = held.value[where], held.time[where]
    far = np.maximum(value - limit.high, limit.low - value)
    place = np.array([low + int(np.argmax(far[low:high])) for low, high in pairwise([*first.tolist(), len(where)])])
    return Runs(time[first], lengths, value[place], time[place])


def _longest(held: Held, where: Ints) -> tuple[int, int]:
    """The start of the longest run and its length, ms; of equal ones the first."""
    first, lengths = _runs(held, where)
    longest = int(np.argmax(lengths))
    return int(held.time[where[first[longest]]]), int(lengths[longest])


def _runs(held: Held, where: Ints) -> tuple[Order, Ints]:
    """The places in `where` at which a run begins, and the runs' lengths, ms."""
    time, cover = held.time[where], held.cover[where]
    joined: Mask = (np.diff(where) == 1) & (time[:-1] + cover[:-1] >= time[1:])
    first = np.flatnonzero(np.append(True, ~joined))
    return first, np.add.reduceat(cover, first)
