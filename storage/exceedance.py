"""How often, how long and how far a series broke a limit."""

from dataclasses import dataclass

import numpy as np

from hub.batch import Ints
from storage.columns import Mask
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
    if not broken.any():
        return Exceedance(len(broken), 0, 0.0, 0.0, None, None, None, None)
    where = np.flatnonzero(broken)
    start, length = _longest(held, where)
    value = held.value[where]
    highest = int(np.argmax(value))
    return Exceedance(
        len(broken),
        len(where),
        int(held.cover[where].sum()) / HOUR,
        length / HOUR,
        start,
        float(value[highest]),
        int(held.time[where[highest]]),
        float(value.min()),
    )


def _longest(held: Held, where: Ints) -> tuple[int, int]:
    """The start of the longest run and its length, ms; of equal ones the first."""
    time, cover = held.time[where], held.cover[where]
    joined: Mask = (np.diff(where) == 1) & (time[:-1] + cover[:-1] >= time[1:])
    first = np.flatnonzero(np.append(True, ~joined))
    lengths = np.add.reduceat(cover, first)
    longest = int(np.argmax(lengths))
    return int(time[first[longest]]), int(lengths[longest])
