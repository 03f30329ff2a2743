"""Which offsets the consumer groups have committed, each group in a file of its own, and who is a group's one member.

Offsets survive the death of any process at once; a power cut may take back the last moments of them, which only reads some records again. So a
commit does not wait for the disk, never for an append, and never for another group: SQLite has one writer a file, and a process that is frozen
in the middle of a commit keeps that file's lock.

A log made before groups had files of their own has one `groups.db`; a group's file takes over its rows when it is made, and the old file is left as it is.
"""

import sqlite3
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from hub.bus import Place
from hub.buses.embedded.database import connect, create, engine_errors, writing
from hub.buses.embedded.lock import FileLock
from hub.errors import BusError, BusUnavailable

_SUFFIX: Final = ".offsets.db"
_MAKING_SECONDS: Final = 20.0
_SCHEMA: Final = (
    "CREATE TABLE committed (topic TEXT, partition INTEGER, next INTEGER NOT NULL, time INTEGER NOT NULL,"
    " PRIMARY KEY (topic, partition)) WITHOUT ROWID"
)
_COMMIT: Final = (
    "INSERT INTO committed VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET next = excluded.next, time = excluded.time"
)
_Row = tuple[str, int, int, int]


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


class Offsets:
    """What one group has committed, in its file `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guard = threading.Lock()
        self._link: sqlite3.Connection | None = None

    def rows(self) -> list[_Row]:
        """Topic, partition, next offset, and when it was committed (epoch ms)."""
        with self._guard, engine_errors(self._path):
            found: list[_Row] = self._open().execute("SELECT topic, partition, next, time FROM committed").fetchall()
        return found

    def commit(self, rows: list[_Row]) -> None:
        """Keep offsets."""
        with self._guard, engine_errors(self._path):
            link = self._open()
            try:
                with writing(link):
                    link.executemany(_COMMIT, rows)
            except sqlite3.Error:
                self._drop()
                raise

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


class Groups:
    """The committed offsets of every group, under `folder`; `shared` is the file that older versions kept them in."""

    def __init__(self, folder: Path, shared: Path, now: Callable[[], int]) -> None:
        self._folder = folder
        self._shared = shared
        self._now = now
        self._guard = threading.Lock()
        self._files: dict[str, Offsets] = {}

    def make(self) -> None:
        """Make the folder, and the files of groups that are only in the older file; one process at a time."""
        with engine_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
        for group in sorted({row[0] for row in self._older()}):
            self._make(group)

    def committed(self, group: str) -> dict[Place, int]:
        """What a group has committed; nothing before it has joined."""
        file = self._file(group)
        if file is None and any(row[0] == group for row in self._older()):
            self._make(group)
            file = self._file(group)
        return {} if file is None else {(topic, number): offset for topic, number, offset, _ in file.rows()}

    def commit(self, group: str, positions: Mapping[Place, int]) -> None:
        """Keep offsets."""
        now = self._now()
        rows = [(topic, partition, offset, now) for (topic, partition), offset in positions.items()]
        file = self._file(group)
        if file is None:
            self._make(group)
            file = self._file(group)
        assert file is not None
        file.commit(rows)

    def floor(self, topic: str, since: int) -> dict[int, int]:
        """Per partition the smallest offset that a group has committed, among groups heard of after `since` (epoch ms)."""
        lowest: dict[int, int] = {}
        for path in sorted(self._folder.glob(f"[!.]*{_SUFFIX}")):
            file = self._file(unquote(path.name.removesuffix(_SUFFIX)))
            for name, partition, offset, time in [] if file is None else file.rows():
                if name == topic and time >= since:
                    lowest[partition] = min(offset, lowest.get(partition, offset))
        return lowest

    def close(self) -> None:
        """Let go of the files."""
        with self._guard:
            for file in self._files.values():
                file.close()
            self._files.clear()

    def _path(self, group: str) -> Path:
        return self._folder / f"{quote(group, safe='')}{_SUFFIX}"

    def _file(self, group: str) -> Offsets | None:
        with self._guard:
            if group not in self._files:
                path = self._path(group)
                if not path.exists():
                    return None
                self._files[group] = Offsets(path)
            return self._files[group]

    def _make(self, group: str) -> None:
        path = self._path(group)
        with engine_errors(path):
            self._folder.mkdir(parents=True, exist_ok=True)
            # A lock for each group: whoever is frozen while it makes its own file holds up no other group.
            making = FileLock(path.with_suffix(".making"))
            if not making.acquire(_MAKING_SECONDS):
                raise BusUnavailable(f"process {making.holder()} is making the offsets of {group}")
            try:
                if not path.exists():
                    taken = [row[1:] for row in self._older() if row[0] == group]
                    create(path, 4096, lambda link: _fill(link, taken))
            finally:
                making.release()

    def _older(self) -> list[tuple[str, str, int, int, int]]:
        """Group, topic, partition, next offset and time of the file that older versions kept."""
        if not self._shared.exists():
            return []
        with engine_errors(self._shared), closing(connect(self._shared, durable=False)) as link:
            return link.execute("SELECT member, topic, partition, next, time FROM committed").fetchall()


def _fill(link: sqlite3.Connection, rows: list[_Row]) -> None:
    link.execute(_SCHEMA)
    link.executemany(_COMMIT, rows)
