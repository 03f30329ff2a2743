"""Which chunks a question about a broken limit must read: a chunk keeps the least and largest of its valid values, and how many they are."""

import sqlite3
from dataclasses import dataclass
from typing import Final

import numpy as np

from hub.batch import Ints
from storage.chunks.codec import Values
from storage.limit import Limit

_NEVER: Final = -(1 << 62)


@dataclass(frozen=True, slots=True, eq=False)
class Sieved:
    """The values that were read, and how many valid ones were left out because they keep the limit."""

    values: Values | None
    left_out: int

    def __len__(self) -> int:
        return 0 if self.values is None else len(self.values)


def sieve(
    connection: sqlite3.Connection, sid: int, start: int, end: int, limit: Limit, over: Ints
) -> tuple[set[int], int]:
    """The beginnings of the series' chunks within [start, end) that need not be read, and how many valid values they hold.

    `over` are the sorted times of values that lie over the chunks. A chunk is read when a value of it may break the limit, when one lies over it, and
    when it follows such a chunk: how long the last value before it stood, only its first one tells.
    """
    rows = connection.execute(
        "SELECT t0, t1, low, high, good FROM chunk WHERE sid = ? AND t0 >= ? AND t0 < ? ORDER BY t0", (sid, start, end)
    ).fetchall()
    bounds = np.array([_NEVER, *(t1 for _, t1, *_ in rows)])
    free = (np.searchsorted(over, bounds[:-1]) == np.searchsorted(over, bounds[1:], side="right")).tolist()
    known: set[int] = set()
    count = 0
    # A chunk that begins before `start` and reaches into the range is read.
    last = connection.execute(
        "SELECT t1 FROM chunk WHERE sid = ? AND t0 < ? ORDER BY t0 DESC LIMIT 1", (sid, start)
    ).fetchone()
    before = last is None or last[0] < start
    for (t0, t1, low, high, good), alone in zip(rows, free, strict=True):
        keeps = alone and bool(good) and t1 < end and bool(limit.low < low and high < limit.high)
        if keeps and before:
            known.add(t0)
            count += good
        before = keeps
    return known, count
