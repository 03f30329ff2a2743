"""Dead space: pages of the file that nothing lies in any more, given back to the disk.

What is merged, sealed and dropped leaves free pages, which are written to next; so in everyday work nothing has to be done. When retention or a
burst has left much more than that, the writer moves pages from the file's end into them, a megabyte at a time. A file made by the first format
cannot do so; `compact` rewrites it whole, once, while no writer runs.
"""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from storage.chunks.lock import LOCK, WriterLock
from storage.chunks.schema import FILE, open_writer, unavailable

LEAST_BYTES: Final = 64 << 20
_STEP_BYTES: Final = 1 << 20
_STEP_COST: Final = 65_536
_INCREMENTAL: Final = 2


def steps(connection: sqlite3.Connection, wrote: Callable[[int], None], least: int = LEAST_BYTES) -> Iterator[int]:
    """Give pages back as long as more than `least` bytes and a third of the file are free; after each bounded step its cost, in values."""
    page, mode = _pragma(connection, "page_size"), _pragma(connection, "auto_vacuum")
    while mode == _INCREMENTAL:
        pages, free = _pragma(connection, "page_count"), _pragma(connection, "freelist_count")
        if free * page <= least or 3 * free <= pages:
            return
        connection.execute(f"PRAGMA incremental_vacuum({_STEP_BYTES // page})").fetchall()
        wrote(2 * _STEP_BYTES)
        yield _STEP_COST


def compact(folder: Path) -> tuple[int, int]:
    """Rewrite the file without dead space; its size before and after, bytes. Takes as long as copying it, and as much space again.

    Raises:
        StoreUnavailable: a writer runs, the file is not ours, or the disk refuses; nothing is changed then.
    """
    path = folder / FILE
    lock = WriterLock(folder / LOCK)
    try:
        connection = open_writer(path)
        try:
            before = path.stat().st_size
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise unavailable(error, path) from error
    finally:
        lock.release()
    return before, path.stat().st_size


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
