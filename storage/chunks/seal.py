"""Sealing: a segment of the log becomes chunks, one page of series after the other, each page in a transaction of its own.

The page reached is kept with it, so a crash costs at most one page's work; the log's rows go last, when every page is durable.
Readers see the same values before, between and after: a value that is in the log and in a chunk is one value.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from storage.chunks import merge
from storage.chunks.codec import encode_all
from storage.chunks.journal import entry_id, unpack
from storage.chunks.newest import Digest, load_page, save_page
from storage.chunks.schema import PAGE, get_state, set_state
from storage.chunks.sealed import LEAST, save_chunks, values_of
from storage.columns import Columns, bounds, concatenate, sorted_unique

_RUN_VALUES: Final = 65_536
_CHUNK_COST: Final = 1000
"""A chunk costs as much as so many values; costs are in values, of which a core seals some millions a second."""
_MERGED: Final = 16
_ALL_PAGES: Final = 1 << 40


@dataclass(frozen=True, slots=True)
class Sealing:
    """One segment to be sealed; `transaction` opens one on the writer's connection, `wrote` is told the bytes of each."""

    connection: sqlite3.Connection
    segment: int
    transaction: Callable[[], AbstractContextManager[object]]
    wrote: Callable[[int], None]

    def steps(self) -> Iterator[int]:
        """Seal it; after each bounded step its cost. Begun again after a crash or an error, it goes on where it was."""
        runs: list[Columns] = []
        for rows in self._runs():
            runs.append(rows)
            yield len(rows)
        begun = get_state(self.connection, "sealing", -1) == self.segment
        reached = get_state(self.connection, "page", 0) if begun else 0
        pages = {page for rows in runs for page in np.unique(rows.series // PAGE).tolist() if page >= reached}
        for page in sorted(pages):
            yield self._page(page, runs)
            yield from self._merge(page)
        with self.transaction():
            set_state(self.connection, "sealing", self.segment)
            set_state(self.connection, "page", _ALL_PAGES)
        yield from self._forget()

    def _runs(self) -> Iterator[Columns]:
        """The segment's rows in pieces sorted by series, in the order they were written."""
        span = (entry_id(self.segment, 0), entry_id(self.segment + 1, 0))
        ids = self.connection.execute("SELECT id, n FROM log WHERE id >= ? AND id < ? ORDER BY id", span).fetchall()
        group: list[bytes] = []
        count = 0
        for i, (entry, n) in enumerate(ids):
            group += self.connection.execute("SELECT data FROM log WHERE id = ?", (entry,)).fetchone()
            count += n
            if count >= _RUN_VALUES or i == len(ids) - 1:
                yield sorted_unique(unpack(group))
                group, count = [], 0

    def _page(self, page: int, runs: list[Columns]) -> int:
        low, high = page * PAGE, (page + 1) * PAGE
        parts = []
        for run in runs:
            first, last = np.searchsorted(run.series, (low, high)).tolist()
            parts.append(run.take(slice(first, last)))
        rows = sorted_unique(concatenate(parts))
        newest = load_page(self.connection, page)
        # Where each row's series has come to: what is newer goes on after its chunks, the rest becomes a patch.
        fresh = rows.time > newest.all["time"][rows.series - low]
        with self.transaction():
            written = self._patch(rows.take(~fresh)) + self._append(rows.take(fresh))
            newest.lay(Digest.of(rows), low)
            save_page(self.connection, page, newest)
            set_state(self.connection, "sealing", self.segment)
            set_state(self.connection, "page", page + 1)
        self.wrote(written)
        return len(rows) + _CHUNK_COST * len(np.unique(rows.series))

    def _append(self, rows: Columns) -> int:
        return save_chunks(self.connection, rows) if len(rows) else 0

    def _patch(self, rows: Columns) -> int:
        if not len(rows):
            return 0
        edges = bounds(rows.series)
        data = encode_all(values_of(rows), edges, deflate_from=LEAST)
        self.connection.executemany(
            "INSERT OR REPLACE INTO patch (sid, seq, t0, t1, n, data) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    int(rows.series[first]),
                    self.segment,
                    int(rows.time[first]),
                    int(rows.time[last - 1]),
                    last - first,
                    blob,
                )
                for (first, last), blob in zip(pairwise(edges.tolist()), data, strict=True)
            ],
        )
        return sum(map(len, data))

    def _merge(self, page: int) -> Iterator[int]:
        crowded = list(merge.crowded(self.connection, page).items())
        for i in range(0, len(crowded), _MERGED):
            with self.transaction():
                self.wrote(merge.merge_small(self.connection, crowded[i : i + _MERGED]))
            yield merge.FAN * _CHUNK_COST * _MERGED
        patched = merge.patched(self.connection, page)
        for i in range(0, len(patched), _MERGED):
            with self.transaction():
                self.wrote(sum(merge.merge_patches(self.connection, sid) for sid in patched[i : i + _MERGED]))
            yield merge.FAN * _CHUNK_COST * _MERGED

    def _forget(self) -> Iterator[int]:
        """Let go of the log's rows, some megabytes at a time."""
        low, high = entry_id(self.segment, 0), entry_id(self.segment + 1, 0)
        while True:
            ids = self.connection.execute(
                "SELECT id, n FROM log WHERE id >= ? AND id < ? ORDER BY id LIMIT 256", (low, high)
            ).fetchall()
            if not ids:
                break
            held, last = 0, ids[0][0]
            for entry, n in ids:
                held, last = held + n, entry
                if held >= _RUN_VALUES:
                    break
            with self.transaction():
                self.connection.execute("DELETE FROM log WHERE id >= ? AND id <= ?", (low, last))
            yield _RUN_VALUES // 4
