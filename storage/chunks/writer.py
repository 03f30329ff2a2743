"""The one writer: appends batches to the log, and between two writes does a bounded piece of sealing, merging and checkpointing."""

import contextlib
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from hub.series_index import SeriesIndex
from storage.chunks import retain, space, upgrade
from storage.chunks.journal import Entry, entry_id, pack, segment_of
from storage.chunks.lock import LOCK, WriterLock
from storage.chunks.schema import FILE, get_state, open_writer, set_state, unavailable
from storage.chunks.seal import Sealing
from storage.series import Incoming, Rejected

SEGMENT_VALUES: Final = 262_144
SEGMENT_BLOCKS: Final = 8192
"""A process that begins to read takes some 20 us for each block that is not sealed."""

_VALUES_A_SERIES: Final = 64
"""A segment waits for so many values a series, so that chunks are not tiny where series are many."""
_ENTRY_VALUES: Final = 65_536
_LEAST_WORK: Final = 8192
_IDLE_WORK: Final = 65_536
_PAUSE: Final = 32
_CHECKPOINT_BYTES: Final = 12 << 20
"""Of packed values; their pages in the write-ahead log are about four times as much, and one written several times is copied once."""

_WAL_MOST: Final = 64 << 20
_DAY: Final = 86_400_000


class Writer:
    """Appends durably; its methods may be called from any thread, one at a time goes on."""

    def __init__(self, folder: Path, retention_days: int | None, segment_values: int) -> None:
        """Open, or make, the store in `folder`.

        Raises:
            StoreUnavailable: it has a writer already, or the file is not ours.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / FILE
        self.trouble = ""
        self._mutex = threading.Lock()
        self._retention_days = retention_days
        self._segment_values = segment_values
        self._lock = WriterLock(folder / LOCK)
        try:
            self._connection = open_writer(self.path)
            self._load()
        except BaseException:
            self._lock.release()
            raise

    def _load(self) -> None:
        connection = self._connection
        keys = connection.execute("SELECT station, property FROM series ORDER BY sid").fetchall()
        self._index, self._known = SeriesIndex(keys), len(keys)
        self._full = deque(
            segment_of(entry)
            for (entry,) in connection.execute("SELECT min(id) FROM log GROUP BY id / 4294967296 ORDER BY id")
        )
        self._segment = max([*self._full, get_state(connection, "sealing", -1)]) + 1
        self._horizon = get_state(connection, "horizon", -(1 << 62))
        self._entries = self._blocks = self._values = self._unchecked = self._retained = self._pause = 0
        self._doubt = False
        self._begin_work()

    def _begin_work(self) -> None:
        """Take up what is to be done where the file says that it was left."""
        self._sealing: Iterator[int] | None = None
        self._idle = False
        self._chores = upgrade.steps(self._connection, self._derived, self._wrote)

    def write(self, batches: Sequence[Incoming]) -> list[Rejected]:
        """Store all; durable on return.

        Raises:
            StoreUnavailable: the disk is full or refuses; nothing of this call is stored.
        """
        with self._mutex:
            kept, rejected = retain.split(batches, self._horizon)
            entries = pack(self._index, kept, _ENTRY_VALUES)
            if entries:
                self._append(entries)
                self._after(sum(entry.count for entry in entries))
            return rejected

    def _append(self, entries: list[Entry]) -> None:
        if self._doubt:
            self._settle()
        fresh = [(sid, *key) for sid, key in enumerate(self._index.keys[self._known :], self._known)]
        rows = [(entry_id(self._segment, self._entries + i), e.count, e.data) for i, e in enumerate(entries)]
        self._doubt = True
        with self._transaction("FULL"):
            self._connection.executemany("INSERT INTO series (sid, station, property) VALUES (?, ?, ?)", fresh)
            self._connection.executemany("INSERT INTO log (id, n, data) VALUES (?, ?, ?)", rows)
        self._doubt = False
        self._known = len(self._index)
        self._entries += len(entries)
        self._blocks += sum(entry.blocks for entry in entries)
        self._values += sum(entry.count for entry in entries)
        self._wrote(sum(len(entry.data) for entry in entries))
        enough = max(self._segment_values, min(self._segment_values // 4096, _VALUES_A_SERIES) * self._known)
        if self._values >= enough or self._blocks >= SEGMENT_BLOCKS:
            self._end_segment()

    def _settle(self) -> None:
        """After a write that failed: it may have been stored all the same, so its series are counted and its ids not used again."""
        try:
            (self._known,) = self._connection.execute("SELECT count(*) FROM series").fetchone()
            first = (entry_id(self._segment, 0),)
            held = self._connection.execute("SELECT 1 FROM log WHERE id >= ? LIMIT 1", first).fetchone()
        except sqlite3.Error as error:
            raise unavailable(error, self.path) from error
        if held is not None:
            self._end_segment()

    def _end_segment(self) -> None:
        self._full.append(self._segment)
        self._segment += 1
        self._entries = self._blocks = self._values = 0

    @contextlib.contextmanager
    def _transaction(self, durability: str) -> Iterator[None]:
        """A write transaction; what is derived from durable rows need not wait for the disk itself."""
        connection = self._connection
        try:
            connection.execute(f"PRAGMA synchronous={durability}")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise unavailable(error, self.path) from error

    def _wrote(self, count: int) -> None:
        self._unchecked += count

    def _after(self, written: int) -> None:
        """Upkeep after a write of so many values; when it failed, the next tries are left to some later writes."""
        if self._pause:
            self._pause -= 1
            return
        self._work_on(max(_LEAST_WORK, 2 * written))
        if self.trouble:
            self._pause = _PAUSE

    def _work_on(self, budget: int) -> None:
        """Upkeep worth about `budget` values; what goes wrong is remembered and tried again, for the write itself is done."""
        try:
            while budget > 0 and (cost := self._step()) is not None:
                budget -= cost
            self._checkpoint()
            self.trouble = ""
        except Exception as error:  # noqa: BLE001 - whatever it is, writing goes on and health names it
            self._begin_work()
            self.trouble = f"sealing waits: {error}"

    def _step(self) -> int | None:
        """One step of what is to be done and its cost, None when nothing is: sealing first, then chores."""
        if self._sealing is None and self._full:
            self._sealing = Sealing(self._connection, self._full[0], self._derived, self._wrote).steps()
        if self._sealing is None:
            chore = next(self._chores, None)
            self._idle = chore is None
            return chore
        cost = next(self._sealing, None)
        if cost is None:
            self._sealing = None
            self._full.popleft()
            return 0
        return cost

    def _derived(self) -> contextlib.AbstractContextManager[None]:
        """A transaction of what the log, or the file itself, still has: it need not wait for the disk."""
        return self._transaction("NORMAL")

    def _checkpoint(self) -> None:
        if self._unchecked < _CHECKPOINT_BYTES:
            return
        self._unchecked = 0
        try:
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if self.wal_size() > _WAL_MOST:
                # Waits at most as long as a reader's short transaction; if one holds on, the next turn tries again.
                self._connection.execute("PRAGMA busy_timeout=40")
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                self._connection.execute("PRAGMA busy_timeout=5000")
        except sqlite3.Error as error:
            raise unavailable(error, self.path) from error

    def wal_size(self) -> int:
        """Bytes of the write-ahead log."""
        wal = self.path.with_name(self.path.name + "-wal")
        return wal.stat().st_size if wal.exists() else 0

    def maintain(self, now: int) -> None:
        """A bounded piece of upkeep: sealing that waits, and retention as of `now`."""
        with self._mutex:
            if self._retention_days is not None:
                self._retain(now - self._retention_days * _DAY)
            self._work_on(_IDLE_WORK)
            if self._idle:
                self._chores = space.steps(self._connection, self._wrote)

    def _retain(self, horizon: int) -> None:
        with self._transaction("NORMAL"):
            if horizon > self._horizon:
                set_state(self._connection, "horizon", horizon)
            retain.drop(self._connection, self._retained, max(horizon, self._horizon))
        self._horizon = max(horizon, self._horizon)
        self._retained = retain.next_turn(self._retained, self._known)

    def seal_all(self) -> None:
        """Seal everything that is written and do all chores, however long it takes: before an export, and in tests.

        Raises:
            StoreUnavailable: it could not be done.
        """
        with self._mutex:
            if self._entries:
                self._end_segment()
            while self._step() is not None:
                pass
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    @property
    def waiting(self) -> int:
        """Full segments that wait for being sealed."""
        return len(self._full)

    def close(self) -> None:
        """Close the file and let the next writer in."""
        with self._mutex:
            self._begin_work()
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._lock.release()
