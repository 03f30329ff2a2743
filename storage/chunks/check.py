"""Integrity: whether everything in the file is whole and where it belongs. Reads all of it, beside a running writer."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from hub.errors import CorruptRecord
from storage.chunks.codec import Values, decode
from storage.chunks.journal import unpack
from storage.chunks.schema import FILE, open_reader, unavailable
from storage.chunks.sealed import tier_of

_AT_ONCE = 500


def check(folder: Path) -> list[str]:
    """What is wrong, one sentence each; [] when nothing is.

    Raises:
        StoreUnavailable: the file cannot be opened.
    """
    connection = open_reader(folder / FILE)
    if connection is None:
        return []
    try:
        return [*_pages(connection), *_chunks(connection), *_patches(connection), *_log(connection)]
    except sqlite3.Error as error:
        raise unavailable(error, folder / FILE) from error
    finally:
        connection.close()


def _pages(connection: sqlite3.Connection) -> Iterator[str]:
    for (finding,) in connection.execute("PRAGMA quick_check(20)"):
        if finding != "ok":
            yield f"SQLite: {finding}"


def _chunks(connection: sqlite3.Connection) -> Iterator[str]:
    """Decoded a few at a time, so that no transaction is long."""
    known = connection.execute("SELECT ifnull(max(sid), -1) FROM series").fetchone()[0]
    place, reached = (-1, 0), (-1, 0)
    while rows := connection.execute(
        "SELECT sid, t0, t1, n, tier, data FROM chunk WHERE (sid, t0) > (?, ?) ORDER BY sid, t0 LIMIT ?",
        (*place, _AT_ONCE),
    ).fetchall():
        for sid, t0, t1, n, tier, data in rows:
            name = f"chunk {sid} from {t0}"
            if sid > known:
                yield f"{name}: no such series"
            if reached >= (sid, t0):
                yield f"{name}: overlaps the one before"
            if tier != tier_of(n):
                yield f"{name}: is of tier {tier}, {n} values make {tier_of(n)}"
            yield from _content(name, data, t0, t1, n)
            reached = (sid, t1)
        place = rows[-1][:2]


def _patches(connection: sqlite3.Connection) -> Iterator[str]:
    for sid, seq, t0, t1, n, data in connection.execute("SELECT sid, seq, t0, t1, n, data FROM patch"):
        yield from _content(f"patch {sid} of segment {seq}", data, t0, t1, n)


def _content(name: str, data: bytes, t0: int, t1: int, count: int) -> Iterator[str]:
    try:
        values = decode(data)
    except CorruptRecord as error:
        yield f"{name}: {error}"
        return
    if not _fits(values, t0, t1, count):
        yield f"{name}: its values are not those its row tells of"


def _fits(values: Values, t0: int, t1: int, count: int) -> bool:
    ordered = bool((values.time[1:] > values.time[:-1]).all())
    return ordered and len(values) == count and (int(values.time[0]), int(values.time[-1])) == (t0, t1)


def _log(connection: sqlite3.Connection) -> Iterator[str]:
    for entry, data in connection.execute("SELECT id, data FROM log"):
        try:
            unpack([data])
        except CorruptRecord as error:
            yield f"log entry {entry}: {error}"
