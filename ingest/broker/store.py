"""The broker's own SQLite file: sessions, their queues, retained messages, wills. One commit per batch.

A queue is kept as segments: all entries that one commit adds to one session, in one row. Delivery is a number
(`Progress.low`), so acknowledgements cost one small row per commit and whole segments are deleted behind it.
"""

import sqlite3
from pathlib import Path

from msgspec import Struct

from ingest.broker import records
from ingest.broker.journal import Batch
from ingest.broker.records import Entry, Progress, Retained, SessionRecord, Testament

SEGMENT_BYTES = 512 * 1024

_SCHEMA = """
CREATE TABLE IF NOT EXISTS session (key INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS progress (key INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS segment (
    key INTEGER NOT NULL, last INTEGER NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS segment_order ON segment (key, last);
CREATE TABLE IF NOT EXISTS retained (topic TEXT PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS will (client TEXT PRIMARY KEY, body BLOB NOT NULL);
"""
_VERSION = 1


class Queue(Struct, frozen=True):
    """A stored session as found at start: `last` sequence number and `size` in bytes of its queue."""

    record: SessionRecord
    progress: Progress
    last: int
    size: int


class Snapshot(Struct, frozen=True):
    """Everything the disk remembers but the queued messages themselves."""

    queues: list[Queue]
    retained: dict[str, Retained]
    wills: dict[str, Testament]


class Store:
    """Synchronous: every method blocks on the disk and raises `sqlite3.OperationalError` when it cannot go on."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=1.0)
        self._db.execute("PRAGMA locking_mode=EXCLUSIVE")  # one broker per file; also needs no shared memory
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_SCHEMA)
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found > _VERSION:
            raise ValueError(f"{path} was written by a newer broker (version {found}, this one reads {_VERSION})")
        self._db.execute(f"PRAGMA user_version={_VERSION}")

    def snapshot(self) -> Snapshot:
        """What is there at start."""
        rows = self._db.execute("SELECT key, max(last), sum(size) FROM segment GROUP BY key").fetchall()
        tails = {key: (last, size) for key, last, size in rows}
        moved = {key: records.PROGRESS.decode(body) for key, body in self._db.execute("SELECT * FROM progress")}
        queues = []
        for key, body in self._db.execute("SELECT key, body FROM session ORDER BY key"):
            last, size = tails.get(key, (0, 0))
            queues.append(Queue(records.SESSION.decode(body), moved.get(key, Progress()), last, size))
        retained = self._db.execute("SELECT topic, body FROM retained")
        wills = self._db.execute("SELECT client, body FROM will")
        return Snapshot(
            queues,
            {topic: records.RETAINED.decode(body) for topic, body in retained},
            {client: records.TESTAMENT.decode(body) for client, body in wills},
        )

    def load(self, key: int, after: int, room: int) -> list[Entry]:
        """Entries of a session's queue beyond sequence number `after`, about `room` bytes of them, in order."""
        found: list[Entry] = []
        rows = self._db.execute("SELECT size, body FROM segment WHERE key=? AND last>? ORDER BY last", (key, after))
        for size, body in rows:
            found.extend(entry for entry in records.ENTRIES.decode(body) if entry.seq > after)
            room -= size
            if room <= 0:
                break
        rows.close()
        return found

    def commit(self, batch: Batch) -> None:
        """Write the whole batch or nothing of it."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._write(batch)
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Fold the write-ahead log in and close."""
        self._db.close()

    def _write(self, batch: Batch) -> None:
        db, encode = self._db, records.ENCODER.encode
        for key, record in batch.sessions.items():
            if record is None:
                for table in ("session", "progress", "segment"):
                    db.execute(f"DELETE FROM {table} WHERE key=?", (key,))  # noqa: S608 - three fixed names
            else:
                db.execute("INSERT OR REPLACE INTO session VALUES (?, ?)", (key, encode(record)))
        segments = [(key, *piece) for key, entries in batch.entries.items() for piece in _segments(entries)]
        db.executemany("INSERT INTO segment VALUES (?, ?, ?, ?)", segments)
        moved = [(key, encode(progress)) for key, progress in batch.progress.items()]
        db.executemany("INSERT OR REPLACE INTO progress VALUES (?, ?)", moved)
        behind = [(key, progress.low) for key, progress in batch.progress.items()]
        db.executemany("DELETE FROM segment WHERE key=? AND last<=?", behind)
        for topic, retained in batch.retained.items():
            self._keep("retained", "topic", topic, retained)
        for client, will in batch.wills.items():
            self._keep("will", "client", client, will)

    def _keep(self, table: str, column: str, name: str, value: Struct | None) -> None:
        if value is None:
            self._db.execute(f"DELETE FROM {table} WHERE {column}=?", (name,))  # noqa: S608 - fixed names
        else:
            row = (name, records.ENCODER.encode(value))
            self._db.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?)", row)  # noqa: S608 - fixed names


def _segments(entries: list[Entry]) -> list[tuple[int, int, bytes]]:
    """Entries cut into pieces that are read back one at a time: (last sequence number, size, bytes)."""
    pieces: list[tuple[int, int, bytes]] = []
    start = size = 0
    for index, entry in enumerate(entries):
        size += entry.message.size
        if size >= SEGMENT_BYTES or index == len(entries) - 1:
            pieces.append((entry.seq, size, records.ENCODER.encode(entries[start : index + 1])))
            start, size = index + 1, 0
    return pieces
