"""Which readings are live, which fill a known gap, which were seen before: order in event time, per series."""

import numpy as np
from numpy.typing import NDArray

from hub.batch import Ints
from processors.columns import NEVER, Flags, Readings


class Order:
    """Per series: `last` the newest live time; the latest gap ends at `gap_end`, and `filled` is how far it has been filled from its start."""

    def __init__(self) -> None:
        self.last: Ints = np.empty(0, np.int64)
        self.filled: Ints = np.empty(0, np.int64)
        self.gap_end: Ints = np.empty(0, np.int64)

    def grow(self, series: int) -> None:
        """Make room for series that are new."""
        more = np.full(series - len(self.last), NEVER, np.int64)
        if len(more):
            self.last = np.concatenate((self.last, more))
            self.filled = np.concatenate((self.filled, more))
            self.gap_end = np.concatenate((self.gap_end, more))

    def split(self, rows: Readings, gap: Ints) -> tuple[Readings, Readings, NDArray[np.int64]]:
        """The ordered readings that are live and those that fill a gap; the rest is known. Third: the series that have a new gap.

        `gap` (series,) ms is the longest step that is none.
        """
        first = rows.firsts()
        last = self.last[rows.sid]
        before = last.copy()
        before[1:] = np.where(first[1:], last[1:], rows.time[:-1])
        fills = Readings.none()
        live = rows.time > before
        if not live.all():
            late = rows.time <= last
            repeated = ~first & (rows.time == before)
            fills = self._fill(rows.take(late & ~repeated))
            live = ~late & ~repeated
            before = np.maximum(before, last)[live]
            rows = rows.take(live)
        new_gap = rows.time - before > gap[rows.sid]
        opened = rows.sid[new_gap]
        # of equal places the last written stays, and rows are in the order of time
        self.filled[opened], self.gap_end[opened] = before[new_gap], rows.time[new_gap]
        self.last[rows.sid] = rows.time
        return rows, fills, np.unique(opened) if len(opened) else opened

    def _fill(self, rows: Readings) -> Readings:
        inside: Flags = (rows.time > self.filled[rows.sid]) & (rows.time < self.gap_end[rows.sid])
        rows = rows.take(inside)
        self.filled[rows.sid] = rows.time
        return rows


class ReorderBuffer:
    """Readings of series with an allowed lateness, held until the newest of their series is that much newer, or they have waited that long."""

    def __init__(self, rows: Readings | None = None, since: Ints | None = None) -> None:
        self.rows = Readings.none() if rows is None else rows
        self.since: Ints = np.empty(0, np.int64) if since is None else since

    def take(self, rows: Readings, lateness: Ints, last: Ints, clock: int) -> Readings:
        """Put new readings in; those that may go on now, ordered. `lateness` (ms) and `last`, the newest that went on, are per series."""
        held = lateness[rows.sid] > 0
        if not len(self.rows) and not held.any():
            return rows
        arrived = rows.take(held)
        waiting = self.rows.join(arrived)
        since = np.concatenate((self.since, np.full(len(arrived), clock, np.int64)))
        newest = last.copy()
        np.maximum.at(newest, waiting.sid, waiting.time)
        allowed = lateness[waiting.sid]
        due = (waiting.time <= newest[waiting.sid] - allowed) | (clock - since >= allowed)
        self.rows, self.since = waiting.take(~due), since[~due]
        return waiting.take(due).join(rows.take(~held)).ordered()
