"""One topic in one SQLite file: appending in groups and reading by offset.

A record's rowid is its partition and its offset, so that appends go to the end of a tree and reads are ranges. `partition.next` outlives every
record: an offset is never given twice. Writers of different topics never wait for each other, which is why a topic has a file of its own.
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from hub.bus import Message, Record
from hub.buses.embedded.database import (
    connect,
    create,
    empty_wal,
    engine_errors,
    reading,
    require_space,
    size_of_wal,
    writing,
)
from hub.buses.embedded.wake import Bell
from hub.buses.routing import check_partitions, check_sizes, place_of, size_of
from hub.errors import BusUnavailable
from hub.topics import MEGABYTE, TopicSpec

SHIFT: Final = 40
MASK: Final = (1 << SHIFT) - 1

_GROUP_BYTES: Final = 32 << 20
_SCHEMA: Final = (
    "CREATE TABLE spec (name TEXT, retention_ms INTEGER, retention_bytes INTEGER, compact INTEGER, max_message INTEGER)",
    """CREATE TABLE partition (
        partition INTEGER PRIMARY KEY, first INTEGER NOT NULL DEFAULT 0, next INTEGER NOT NULL DEFAULT 0,
        bytes INTEGER NOT NULL DEFAULT 0, clean INTEGER NOT NULL DEFAULT 0, lost INTEGER NOT NULL DEFAULT 0
    )""",
    "CREATE TABLE record (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, key BLOB NOT NULL, headers BLOB, value BLOB)",
)
_headers_in: Final = msgspec.msgpack.Decoder(dict[str, bytes])
_headers_out: Final = msgspec.msgpack.Encoder()
_Row = tuple[int, int, bytes, bytes | None, bytes | None]


class _Ticket:
    """One caller's messages on their way into a common transaction."""

    __slots__ = ("error", "leads", "messages", "numbers", "places", "size", "turn")

    def __init__(self, messages: Sequence[Message], partitions: int) -> None:
        self.messages = messages
        self.numbers = [place_of(message, partitions) for message in messages]
        self.size = sum(map(size_of, messages))
        self.places: list[tuple[int, int]] = []
        self.error: BusUnavailable | None = None
        self.leads = False
        self.turn = (
            threading.Lock()
        )  # released when the messages are committed, or when it is this caller's turn to commit
        self.turn.acquire()

    def pairs(self) -> Iterator[tuple[Message, int]]:
        return zip(self.messages, self.numbers, strict=True)


class TopicFile:
    """A topic as one process sees it."""

    def __init__(self, path: Path, ears: Path, now: Callable[[], int], least_free: int | None) -> None:
        self.path = path
        self._now = now
        self._least_free = least_free
        self._bell = Bell(ears)
        self._waiting: deque[_Ticket] = deque()
        self._guard = threading.Lock()
        self._idle = True
        self._writer: sqlite3.Connection | None = None
        self._closed = False
        self.spec = self.load_spec()

    def load_spec(self) -> TopicSpec:
        """The topic's settings as they stand in the file now.

        Raises:
            BusUnavailable: the file is absent or cannot be read.
        """
        with engine_errors(self.path):
            link = connect(self.path)
            try:
                row = link.execute(
                    "SELECT name, retention_ms, retention_bytes, compact, max_message FROM spec"
                ).fetchone()
                (count,) = link.execute("SELECT count(*) FROM partition").fetchone()
            finally:
                link.close()
        self.spec = TopicSpec(row[0], count, row[1], row[2], bool(row[3]), row[4])
        return self.spec

    def check(self, messages: Sequence[Message]) -> None:
        """Refuse messages that the topic does not take.

        Raises:
            MessageTooLarge: one is over the limit.
        """
        check_sizes(messages, self.spec.max_message)

    def append(self, messages: Sequence[Message]) -> list[tuple[int, int]]:
        """Append all in one transaction, together with whatever other threads append meanwhile; durable on return."""
        self.check(messages)
        ticket = _Ticket(messages, self.spec.partitions)
        with self._guard:
            self._waiting.append(ticket)
            ticket.leads = self._idle
            self._idle = False
        if not ticket.leads:
            ticket.turn.acquire()
        if ticket.leads:
            self._lead()
        if ticket.error is not None:
            raise ticket.error
        return ticket.places

    def write(self) -> sqlite3.Connection:
        """A connection for upkeep, which takes its turn among other writers by SQLite's own lock."""
        return connect(self.path, page_size=page_size(self.spec))

    def close(self) -> None:
        """Let go of the file once nobody is writing."""
        with self._guard:
            self._closed = True
            busy = not self._idle
        if not busy:
            self._drop()

    def _lead(self) -> None:
        """Commit what waits, this caller's messages first, then leave the lead to whoever came meanwhile."""
        group: list[_Ticket] = []
        with self._guard:
            size = 0
            while self._waiting and (not group or size + self._waiting[0].size <= _GROUP_BYTES):
                group.append(self._waiting.popleft())
                size += group[-1].size
        try:
            self._commit_group(group)
        finally:
            with self._guard:
                if self._waiting:
                    self._waiting[0].leads = True
                    self._waiting[0].turn.release()
                else:
                    self._idle = True
            for ticket in group[1:]:
                ticket.turn.release()

    def _commit_group(self, group: list[_Ticket]) -> None:
        try:
            with engine_errors(self.path):
                self._commit(group)
            self._bell.ring()
        except BusUnavailable as error:
            self._drop()
            for ticket in group:
                ticket.error = BusUnavailable(str(error))
        if self._closed:
            self._drop()

    def _commit(self, group: list[_Ticket]) -> None:
        if self._closed:
            raise BusUnavailable(f"topic {self.spec.name}: this bus is closed")
        if self._writer is None:
            self._writer = connect(self.path, page_size=page_size(self.spec))
        link = self._writer
        self._require_space(link)
        with writing(link):
            ends = dict(link.execute("SELECT partition, next FROM partition").fetchall())
            grown = dict.fromkeys(ends, 0)
            rows: list[_Row] = []
            now = self._now()
            for ticket in group:
                ticket.places = [
                    (number, _add(rows, message, number, ends, grown, now)) for message, number in ticket.pairs()
                ]
            link.executemany("INSERT INTO record (id, time, key, headers, value) VALUES (?, ?, ?, ?, ?)", rows)
            link.executemany(
                "UPDATE partition SET next = ?, bytes = bytes + ? WHERE partition = ?",
                [(ends[number], size, number) for number, size in grown.items() if size],
            )

    def _require_space(self, link: sqlite3.Connection) -> None:
        folder, wal = self.path.parent, size_of_wal(self.path)
        try:
            require_space(folder, self._least_free, wal)
        except BusUnavailable:
            if not wal:
                raise
            empty_wal(link)
            require_space(folder, self._least_free, size_of_wal(self.path))

    def _drop(self) -> None:
        self._bell.close()
        if self._writer is not None:
            self._writer.close()
            self._writer = None


class TopicReader:
    """One reader's connection to a topic."""

    def __init__(self, path: Path) -> None:
        with engine_errors(path):
            self._link = connect(path)
            self._link.execute("PRAGMA query_only=ON")
            (self._name,) = self._link.execute("SELECT name FROM spec").fetchone()
        self._path = path
        self._first = 0
        self.ends: dict[int, int] = {}

    def bounds(self) -> dict[int, tuple[int, int]]:
        """First and next offset of every partition."""
        with engine_errors(self._path):
            rows = self._link.execute("SELECT partition, first, next FROM partition").fetchall()
        return {partition: (first, end) for partition, first, end in rows}

    def read(self, positions: Mapping[int, int], max_bytes: int) -> tuple[list[Record], dict[int, int]]:
        """Records from `positions` up to `max_bytes` (at least one), and the positions that changed."""
        found: list[Record] = []
        moved: dict[int, int] = {}
        with engine_errors(self._path), reading(self._link):
            self.ends = ends = dict(self._link.execute("SELECT partition, next FROM partition").fetchall())
            for number in self._in_turn(
                [place for place, position in positions.items() if position < ends.get(place, 0)]
            ):
                before = len(found)
                max_bytes, whole = self._range(number, positions[number], max_bytes, found)
                if whole:
                    moved[number] = ends[number]
                elif len(found) > before:
                    moved[number] = found[-1].offset + 1
                if not whole:
                    break
        return found, moved

    def close(self) -> None:
        """Let go of the file."""
        self._link.close()

    def _range(self, number: int, position: int, room: int, found: list[Record]) -> tuple[int, bool]:
        """Read one partition into `found`; the room left, and whether everything was read."""
        base = number << SHIFT
        if found and room <= 0:
            return room, False
        cursor = self._link.execute(
            "SELECT id, time, key, headers, value FROM record WHERE id >= ? AND id < ? ORDER BY id",
            (base + position, base + MASK),
        )
        for place, when, key, headers, value in cursor:
            size = len(key) + len(value or b"") + len(headers or b"")
            if found and size > room:
                cursor.close()
                return 0, False
            room -= size
            fields = _headers_in.decode(headers) if headers else {}
            found.append(Record(self._name, number, place & MASK, when, key, value, fields))
        return room, True

    def _in_turn(self, numbers: list[int]) -> list[int]:
        """A different partition first each time, so that a long one does not starve the others."""
        if not numbers:
            return numbers
        self._first = (self._first + 1) % len(numbers)
        return numbers[self._first :] + numbers[: self._first]


def page_size(spec: TopicSpec) -> int:
    """Bytes of a page: large ones only where a record may fill many."""
    return 16384 if spec.max_message > MEGABYTE else 4096


def make_topic(path: Path, spec: TopicSpec) -> None:
    """Make the topic's file, or give the one that exists the settings of `spec`."""
    with engine_errors(path):
        if path.exists():
            link = connect(path)
            try:
                (count,) = link.execute("SELECT count(*) FROM partition").fetchone()
                check_partitions(spec, count)
                with writing(link):
                    _store_spec(link, spec)
            finally:
                link.close()
        else:
            create(path, page_size(spec), lambda link: _fill(link, spec))


def _fill(link: sqlite3.Connection, spec: TopicSpec) -> None:
    for statement in _SCHEMA:
        link.execute(statement)
    _store_spec(link, spec)
    link.executemany("INSERT INTO partition (partition) VALUES (?)", [(number,) for number in range(spec.partitions)])


def _store_spec(link: sqlite3.Connection, spec: TopicSpec) -> None:
    link.execute("DELETE FROM spec")
    link.execute(
        "INSERT INTO spec VALUES (?, ?, ?, ?, ?)",
        (spec.name, spec.retention_ms, spec.retention_bytes, int(spec.compact), spec.max_message),
    )


def _add(rows: list[_Row], message: Message, number: int, ends: dict[int, int], grown: dict[int, int], now: int) -> int:
    """Give a message the next offset of its partition, add its row, and say the offset."""
    offset = ends[number]
    ends[number] = offset + 1
    headers = _headers_out.encode(dict(message.headers)) if message.headers else None
    value = message.value
    grown[number] += len(message.key) + len(value or b"") + len(headers or b"") + 1
    rows.append(
        ((number << SHIFT) + offset, now if message.time is None else message.time, message.key, headers, value)
    )
    return offset
