"""Integrity: whether everything in the file is whole and where it belongs. Reads all of it, with or without a running writer."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from hub.errors import CorruptRecord
from storage.chunks import codec1, rollup
from storage.chunks.codec import Values
from storage.chunks.decode import decode
from storage.chunks.journal import unpack
from storage.chunks.newest import load_page
from storage.chunks.schema import FILE, open_reader
from storage.chunks.sealed import tier_of
from storage.columns import valid

_AT_ONCE: Final = 500
_OLD_TIER: Final = (3, bytes((codec1.VERSION,)))
"""What the first format called chunks of 512 values and more; they are merged as others are."""


def check(folder: Path, say: Callable[[str], None] | None = None) -> list[str]:
    """What is wrong with the store in `folder`, one sentence each that names it; [] when nothing is, or when there is none.

    Needs no writer and disturbs none; takes about as long as reading the file twice. `say` is told what is being read.

    Raises:
        StoreUnavailable: the file cannot be opened.
    """
    path = folder / FILE
    connection = open_reader(path) if path.exists() else None
    if connection is None:
        return []
    try:
        return list(_findings(connection, say or _say_nothing))
    except sqlite3.DatabaseError as error:
        return [f"SQLite: {error}; what lies behind it could not be read"]
    finally:
        connection.close()


def _say_nothing(what: str) -> None:
    """For who only wants the findings."""


def _findings(connection: sqlite3.Connection, say: Callable[[str], None]) -> Iterator[str]:
    keys = connection.execute("SELECT sid, station, property FROM series").fetchall()
    names = {sid: f"{station} {name}" for sid, station, name in keys}
    for what, parts in (
        ("pages of the file", _pages(connection)),
        ("chunks", _chunks(connection, names)),
        ("corrections", _patches(connection, names)),
        ("hours", _rollups(connection, names)),
        ("newest values", _latest(connection)),
        ("unsealed readings", _log(connection)),
    ):
        say(what)
        yield from parts


def _pages(connection: sqlite3.Connection) -> Iterator[str]:
    for (finding,) in connection.execute("PRAGMA quick_check(20)"):
        if finding != "ok":
            yield f"SQLite: {finding}"


def _chunks(connection: sqlite3.Connection, names: Mapping[int, str]) -> Iterator[str]:
    """Decoded a few at a time, so that no transaction is long."""
    place, reached = (-1, 0), (-1, 0)
    while rows := connection.execute(
        "SELECT sid, t0, t1, n, tier, low, high, good, data FROM chunk WHERE (sid, t0) > (?, ?) ORDER BY sid, t0 LIMIT ?",
        (*place, _AT_ONCE),
    ).fetchall():
        for sid, t0, t1, n, tier, *said, data in rows:
            name = f"{_series(names, sid)}: chunk {_span(t0, t1)}"
            if reached >= (sid, t0):
                yield f"{name}: overlaps the one before"
            if tier != tier_of(n) and (tier, data[:1]) != _OLD_TIER:
                yield f"{name}: is of tier {tier}, {n} values make {tier_of(n)}"
            yield from _content(name, data, t0, t1, n)
            if said[-1] is not None:
                yield from _range(name, data, said)
            reached = (sid, t1)
        place = rows[-1][:2]


def _range(name: str, data: bytes, said: Sequence[float | None]) -> Iterator[str]:
    """Whether the chunk says of its valid values what they are: least, largest, how many."""
    with contextlib.suppress(CorruptRecord):  # a damaged chunk was named above
        values = decode(data)
        kept = values.value[valid(values.quality, values.checks)]
        if list(said) != ([kept.min(), kept.max(), len(kept)] if len(kept) else [None, None, 0]):
            yield f"{name}: does not say which valid values it holds"


def _patches(connection: sqlite3.Connection, names: Mapping[int, str]) -> Iterator[str]:
    for sid, seq, t0, t1, n, data in connection.execute("SELECT sid, seq, t0, t1, n, data FROM patch"):
        yield from _content(f"{_series(names, sid)}: correction {seq} {_span(t0, t1)}", data, t0, t1, n)


def _rollups(connection: sqlite3.Connection, names: Mapping[int, str]) -> Iterator[str]:
    """Hours are made of a chunk's values alone, so they must come out the same again."""
    for sid, t0, t1, data, chunk in connection.execute(
        "SELECT r.sid, r.t0, r.t1, r.data, c.data FROM rollup r LEFT JOIN chunk c ON c.sid = r.sid AND c.t0 = r.t0"
    ):
        name = f"{_series(names, sid)}: hours {_span(t0, t1)}"
        if chunk is None:
            yield f"{name}: belong to no chunk"
            continue
        with contextlib.suppress(CorruptRecord):  # a damaged chunk was named above
            if rollup.encode(rollup.hours(decode(chunk))) != data:
                yield f"{name}: are not what the chunk's values come to"


def _latest(connection: sqlite3.Connection) -> Iterator[str]:
    for (page,) in connection.execute("SELECT page FROM latest").fetchall():
        try:
            load_page(connection, page)
        except ValueError as error:
            yield f"newest values of page {page}: {error}"


def _series(names: Mapping[int, str], sid: int) -> str:
    return names.get(sid, f"series {sid}, which is not known")


def _span(first: int, last: int) -> str:
    return "from {} to {} UTC".format(*(np.datetime64(at, "ms").astype("M8[s]") for at in (first, last)))


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
