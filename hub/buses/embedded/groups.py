"""Which offsets the consumer groups have committed, in a file of their own, and who is a group's one member.

Offsets survive the death of any process at once; a power cut may take back the last moments of them, which only reads some records again. So a
commit does not wait for the disk and never for an append.
"""

import sqlite3
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from hub.bus import Place
from hub.buses.embedded.database import connect, create, engine_errors, writing
from hub.buses.embedded.lock import FileLock
from hub.errors import BusError

_SCHEMA: Final = (
    "CREATE TABLE committed (member TEXT, topic TEXT, partition INTEGER, next INTEGER NOT NULL, time INTEGER NOT NULL,"
    " PRIMARY KEY (member, topic, partition)) WITHOUT ROWID"
)
_COMMIT: Final = (
    "INSERT INTO committed VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET next = excluded.next, time = excluded.time"
)


class Membership:
    """The one place in a group, held until `close` or the end of the process."""

    def __init__(self, folder: Path, group: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(folder / f"{group}.lock")
        if not self._lock.acquire():
            raise BusError(
                f"group {group} already has its one member on this log (process {self._lock.holder()}); stop that process, or use Kafka for more"
            )

    def close(self) -> None:
        """Give the place up."""
        self._lock.release()


class Groups:
    """The committed offsets of every group."""

    def __init__(self, path: Path, now: Callable[[], int]) -> None:
        self._path = path
        self._now = now
        self._guard = threading.Lock()
        self._link: sqlite3.Connection | None = None

    def make(self) -> None:
        """Make the file if it is absent; one process at a time."""
        if not self._path.exists():
            with engine_errors(self._path):
                create(self._path, 4096, _fill)

    def committed(self, group: str) -> dict[Place, int]:
        """What a group has committed."""
        with self._guard, engine_errors(self._path):
            rows = (
                self._open()
                .execute("SELECT topic, partition, next FROM committed WHERE member = ?", (group,))
                .fetchall()
            )
        return {(topic, partition): offset for topic, partition, offset in rows}

    def commit(self, group: str, positions: Mapping[Place, int]) -> None:
        """Keep offsets."""
        now = self._now()
        rows = [(group, topic, partition, offset, now) for (topic, partition), offset in positions.items()]
        with self._guard, engine_errors(self._path):
            link = self._open()
            try:
                with writing(link):
                    link.executemany(_COMMIT, rows)
            except sqlite3.Error:
                self._drop()
                raise

    def floor(self, topic: str, since: int) -> dict[int, int]:
        """Per partition the smallest offset that a group has committed, among groups heard of after `since` (epoch ms)."""
        with self._guard, engine_errors(self._path):
            rows = self._open().execute(
                "SELECT partition, min(next) FROM committed WHERE topic = ? AND time >= ? GROUP BY partition",
                (topic, since),
            )
            return dict(rows.fetchall())

    def close(self) -> None:
        """Let go of the file."""
        with self._guard:
            self._drop()

    def _open(self) -> sqlite3.Connection:
        if self._link is None:
            self._link = connect(self._path, durable=False)
        return self._link

    def _drop(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None


def _fill(link: sqlite3.Connection) -> None:
    link.execute(_SCHEMA)
