"""The SQLite side of the log: how a file is opened and made, and what its failures mean."""

import contextlib
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

from hub.errors import BusUnavailable

WAL_LIMIT: Final = 8 << 20
"""Bytes that a write-ahead log is brought back to."""

_BUSY_SECONDS: Final = 20.0
_FLOOR: Final = 64 << 20


@contextlib.contextmanager
def engine_errors(path: Path) -> Iterator[None]:
    """What SQLite and the file system complain of, as the bus's own error."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise BusUnavailable(f"{path.name}: {error}") from error


def connect(path: Path, *, durable: bool = True, page_size: int = 4096) -> sqlite3.Connection:
    """An open database that exists; `durable` waits for the disk at every commit.

    Raises:
        sqlite3.Error: it is absent or cannot be opened.
    """
    link = sqlite3.connect(
        f"file:{quote(str(path))}?mode=rw", _BUSY_SECONDS, uri=True, isolation_level=None, check_same_thread=False
    )
    link.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
    # Some builds of SQLite overwrite what is deleted: that doubles the writing, and a full disk has no room for it.
    link.execute("PRAGMA secure_delete=OFF")
    # The upkeep thread checkpoints; this is for the case that it does not come to it.
    link.execute(f"PRAGMA wal_autocheckpoint={16 * WAL_LIMIT // page_size}")
    link.execute(f"PRAGMA journal_size_limit={WAL_LIMIT}")
    return link


def create(path: Path, page_size: int, fill: Callable[[sqlite3.Connection], None]) -> None:
    """Make a database under another name, `fill` it and put it in place whole."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    for leftover in (draft, Path(f"{draft}-wal"), Path(f"{draft}-shm")):
        leftover.unlink(missing_ok=True)
    link = sqlite3.connect(draft, isolation_level=None)
    try:
        link.execute(f"PRAGMA page_size={page_size}")
        link.execute("PRAGMA auto_vacuum=INCREMENTAL")
        link.execute("PRAGMA journal_mode=WAL")
        link.execute("PRAGMA synchronous=FULL")
        link.execute("BEGIN")
        fill(link)
        link.execute("COMMIT")
    finally:
        link.close()
    draft.rename(path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def writing(link: sqlite3.Connection) -> Iterator[None]:
    """One transaction that writes; the lock is awaited in small steps, so that processes that take turns lose little time."""
    _begin(link)
    try:
        yield
        link.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            if link.in_transaction:
                link.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def reading(link: sqlite3.Connection) -> Iterator[None]:
    """One transaction that sees one state of the file."""
    link.execute("BEGIN")
    try:
        yield
    finally:
        with contextlib.suppress(sqlite3.Error):
            link.execute("COMMIT")


def require_space(folder: Path, least: int | None, reserve: int = 0) -> int:
    """The free bytes; refuse while the disk is all but full, so that upkeep and offsets still find room.

    `least` bytes are kept free (None: 64 MB, or 1/20 of a small disk) and `reserve` more, which a checkpoint will need.

    Raises:
        BusUnavailable: fewer are free.
    """
    usage = shutil.disk_usage(folder)
    floor = (min(_FLOOR, usage.total // 20) if least is None else least) + reserve
    if usage.free < floor:
        free, kept = usage.free >> 10, floor >> 10
        raise BusUnavailable(f"the disk is full: {free} KiB free under {folder}, {kept} KiB are kept for upkeep")
    return usage.free


def size_of_wal(path: Path) -> int:
    """Bytes of a database's write-ahead log."""
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size
    except OSError:
        return 0


def empty_wal(link: sqlite3.Connection) -> None:
    """Bring the whole write-ahead log into the database and free its space, if no reader holds it for a second."""
    link.execute("PRAGMA busy_timeout=1000")
    try:
        link.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        link.execute(f"PRAGMA busy_timeout={int(_BUSY_SECONDS * 1000)}")


def _begin(link: sqlite3.Connection) -> None:
    link.execute("PRAGMA busy_timeout=0")
    try:
        deadline, pause = time.monotonic() + _BUSY_SECONDS, 0.0002
        while True:
            try:
                link.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
            time.sleep(pause)
            pause = min(pause * 1.5, 0.004)
    finally:
        link.execute(f"PRAGMA busy_timeout={int(_BUSY_SECONDS * 1000)}")
