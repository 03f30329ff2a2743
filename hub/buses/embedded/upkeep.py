"""What keeps a topic's file small: retention, compaction, checkpoints, and giving free pages back to the disk.

Retention takes the oldest records first and stops at the first record that a group still has to read. Two bounds are harder than a group: records
go regardless when a partition holds `HARD` times its bytes, and a group that was silent for `ABANDONED_MS` is waited for no longer. Everything is
done in short transactions, so an append never waits long.
"""

import contextlib
import logging
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Final

from hub.buses.embedded.database import WAL_LIMIT, empty_wal, engine_errors, size_of_wal, writing
from hub.buses.embedded.topic_file import MASK, SHIFT, TopicFile
from hub.buses.routing import TOMBSTONE_MS
from hub.topics import DAY, TopicSpec

HARD: Final = 4
ABANDONED_MS: Final = 7 * DAY

_SLICE_ROWS: Final = 256
_SLICE_BYTES: Final = 4 << 20
_DIRTY_BYTES: Final = 4 << 20
_VACUUM_BYTES: Final = 64 << 20
_HEAD: Final = """
    SELECT id, time, length(key) + coalesce(length(headers), 0) + coalesce(length(value), 0) + 1
    FROM record WHERE id >= ? AND id < ? ORDER BY id LIMIT ?
"""
_KEYS: Final = """
    SELECT id, key, time, length(key) + coalesce(length(headers), 0) + coalesce(length(value), 0) + 1, value IS NULL
    FROM record WHERE id >= ? AND id < ? ORDER BY id
"""
_log = logging.getLogger(__name__)


def retain(file: TopicFile, now: int, floor: Mapping[int, int]) -> int:
    """Delete what is too old or too much, but for what lies at or above `floor`; how many records went."""
    spec = file.load_spec()
    if spec.retention_ms is None and spec.retention_bytes is None:
        return 0
    gone = 0
    with _link(file) as link:
        for number in range(spec.partitions):
            while taken := _retain_slice(link, spec, number, now, floor.get(number)):
                gone += taken
    return gone


def compact(file: TopicFile, now: int, *, force: bool = False) -> int:
    """Keep the last record of every key, and no deletion older than a day; how many records went."""
    if not file.load_spec().compact:
        return 0
    gone = 0
    with _link(file) as link:
        for number, size, clean in link.execute("SELECT partition, bytes, clean FROM partition").fetchall():
            if force or size > 2 * clean + _DIRTY_BYTES:
                gone += _compact_partition(link, number, now - TOMBSTONE_MS)
    return gone


def checkpoint(file: TopicFile, *, force: bool = False) -> None:
    """Bring the write-ahead log back to its limit; writers are held up only when it has grown far beyond, or by `force`."""
    if size_of_wal(file.path) < WAL_LIMIT and not force:
        return
    with _link(file) as link:
        link.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        if force or size_of_wal(file.path) > 8 * WAL_LIMIT:
            empty_wal(link)


def give_back(file: TopicFile, *, force: bool = False) -> None:
    """Return free pages to the disk when they are most of the file, some megabytes a call; by `force` all of them."""
    with _link(file) as link:
        while True:
            (page,), (pages,), (free,) = (
                link.execute(f"PRAGMA {name}").fetchone() for name in ("page_size", "page_count", "freelist_count")
            )
            worth_it = free > 0 if force else free * page > _VACUUM_BYTES and 2 * free > pages
            if not worth_it:
                return
            for _ in range(8):
                link.execute(f"PRAGMA incremental_vacuum({(1 << 20) // page})").fetchall()
            if not force:
                return
            empty_wal(link)


@contextlib.contextmanager
def _link(file: TopicFile) -> Iterator[sqlite3.Connection]:
    with engine_errors(file.path):
        link = file.write()
        try:
            yield link
        finally:
            link.close()


def _retain_slice(link: sqlite3.Connection, spec: TopicSpec, number: int, now: int, floor: int | None) -> int:
    base = number << SHIFT
    share = None if spec.retention_bytes is None else spec.retention_bytes // spec.partitions
    with writing(link):
        (held,) = link.execute("SELECT bytes FROM partition WHERE partition = ?", (number,)).fetchone()
        rows = link.execute(_HEAD, (base, base + MASK, _SLICE_ROWS)).fetchall()
        taken = lost = freed = 0
        for place, time, size in rows:
            left = held - freed
            old = spec.retention_ms is not None and time < now - spec.retention_ms
            much = share is not None and left > share
            unread = floor is not None and place & MASK >= floor
            beyond = share is not None and left > HARD * share
            if freed > _SLICE_BYTES or not (old or much) or (unread and not beyond):
                break
            taken, lost, freed = taken + 1, lost + unread, freed + size
        if taken:
            _take_head(link, number, rows[taken - 1][0], freed, lost)
    if lost:
        _log.warning(
            "%s/%d: %d records were deleted before every group had read them: over %d times its bytes",
            spec.name,
            number,
            lost,
            HARD,
        )
    return taken


def _take_head(link: sqlite3.Connection, number: int, last: int, freed: int, lost: int) -> None:
    link.execute("DELETE FROM record WHERE id >= ? AND id <= ?", (number << SHIFT, last))
    link.execute(
        "UPDATE partition SET first = ?, bytes = bytes - ?, lost = lost + ? WHERE partition = ?",
        ((last & MASK) + 1, freed, lost, number),
    )


def _compact_partition(link: sqlite3.Connection, number: int, forgotten: int) -> int:
    base = number << SHIFT
    last: dict[bytes, int] = {}
    superseded: list[tuple[int, int]] = []
    tombs: dict[bytes, tuple[int, int]] = {}
    sizes: dict[bytes, int] = {}
    rows = link.execute(_KEYS, (base, base + MASK))
    for place, key, time, size, deleted in rows:
        if key in last:
            superseded.append((last[key], sizes[key]))
        last[key], sizes[key] = place, size
        tombs.pop(key, None)
        if deleted and time < forgotten:
            tombs[key] = (place, size)
    # The newest record stays whatever it is: a table's recovery waits for the last offset. Records go before their
    # deletion: a crash in between must not bring a key back.
    newest = max(last.values(), default=0)
    doomed = superseded + [tomb for tomb in tombs.values() if tomb[0] != newest]
    for slice_ in _slices(doomed):
        with writing(link):
            link.executemany("DELETE FROM record WHERE id = ?", [(place,) for place, _ in slice_])
            freed = sum(size for _, size in slice_)
            link.execute("UPDATE partition SET bytes = bytes - ? WHERE partition = ?", (freed, number))
    link.execute("UPDATE partition SET clean = bytes WHERE partition = ?", (number,))
    return len(doomed)


def _slices(rows: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Cut (place, bytes) rows into transactions of bounded size."""
    part: list[tuple[int, int]] = []
    size = 0
    for row in rows:
        part.append(row)
        size += row[1]
        if len(part) >= _SLICE_ROWS or size >= _SLICE_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part
