"""What is not sealed yet, held in memory by a reader: read once from the log, kept sorted, let go segment by segment.

Each segment is a few runs, sorted and unique; a run is merged with the one before when it has grown to its size, so there are few of them.
A `Tail` never changes: a reader keeps the one of its snapshot while another thread goes on.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

import numpy as np

from storage.chunks.journal import segment_of, unpack
from storage.chunks.newest import Digest
from storage.columns import EMPTY, Columns, concatenate, sorted_unique


@dataclass(frozen=True, eq=False)
class Run:
    """Rows of one segment, sorted by series and time, each time once."""

    segment: int
    rows: Columns

    @cached_property
    def digest(self) -> Digest:
        """What the run says of the newest values."""
        return Digest.of(self.rows)

    def of(self, sid: int, start: int, end: int) -> Columns:
        """The rows of one series in [start, end)."""
        low, high = np.searchsorted(self.rows.series, (sid, sid + 1)).tolist()
        if low == high:
            return EMPTY
        time = self.rows.time[low:high]
        first, last = np.searchsorted(time, (start, end)).tolist()
        return self.rows.take(slice(low + first, low + last))


@dataclass(frozen=True, slots=True)
class Tail:
    """The unsealed rows up to entry `last`, oldest run first."""

    last: int = -1
    runs: tuple[Run, ...] = field(default=())

    def of(self, sid: int, start: int, end: int) -> list[Columns]:
        """The rows of one series in [start, end), later written ones in later pieces."""
        return [rows for run in self.runs if len(rows := run.of(sid, start, end))]

    def follow(self, connection: sqlite3.Connection) -> "Tail":
        """The tail as the connection's snapshot has it, which must not be older than this one."""
        oldest = connection.execute("SELECT id FROM log ORDER BY id LIMIT 1").fetchone()
        if oldest is None:
            return self if not self.runs else Tail(self.last)
        segment = segment_of(oldest[0])
        kept = tuple(run for run in self.runs if run.segment >= segment)
        entries = connection.execute("SELECT id, data FROM log WHERE id > ? ORDER BY id", (self.last,)).fetchall()
        if not entries:
            return self if len(kept) == len(self.runs) else Tail(self.last, kept)
        return Tail(entries[-1][0], _merged([*kept, *_read(entries)]))


def _read(entries: Iterable[tuple[int, bytes]]) -> Iterator[Run]:
    for segment, group in groupby(entries, key=lambda entry: segment_of(entry[0])):
        yield Run(segment, sorted_unique(unpack(data for _, data in group)))


def _merged(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Runs of a segment, each more than twice as long as the next."""
    done: list[Run] = []
    for run in runs:
        latest = run
        while done and done[-1].segment == latest.segment and len(done[-1].rows) <= 2 * len(latest.rows):
            latest = Run(latest.segment, sorted_unique(concatenate((done.pop().rows, latest.rows))))
        done.append(latest)
    return tuple(done)
