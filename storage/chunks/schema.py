"""The file of the chunk store: tables, format version, and how it is opened.

series   number of each (station, property)
log      what was written and is not sealed yet, one row for each `write`
chunk    sealed values; the chunks of a series never overlap, `tier` says how full one is (4: full)
patch    sealed values older than what the series' chunks reached: late or corrected ones; they win over chunks, later ones over earlier
latest   the newest sealed value of each series, 64 series a page
state    sealed segment, the one being sealed and the page it has come to, and the retention horizon
"""

import sqlite3
from pathlib import Path
from typing import Final

from hub.errors import StoreUnavailable

FILE: Final = "series.db"
FORMAT: Final = 1
APPLICATION: Final = 0x5357_5331
PAGE: Final = 64
"""Series a page: the unit in which sealing goes on and latest values are kept."""
FULL: Final = 4
"""The tier of chunks that are not merged any more."""

_TABLES: Final = """
CREATE TABLE series (sid INTEGER PRIMARY KEY, station TEXT NOT NULL, property TEXT NOT NULL);
CREATE TABLE log (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE chunk (
  sid INTEGER NOT NULL, t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, n INTEGER NOT NULL, tier INTEGER NOT NULL,
  low REAL, high REAL, data BLOB NOT NULL, PRIMARY KEY (sid, t0)
) WITHOUT ROWID;
CREATE INDEX chunk_small ON chunk (sid, tier) WHERE tier < 4;
CREATE TABLE patch (
  sid INTEGER NOT NULL, seq INTEGER NOT NULL, t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, n INTEGER NOT NULL,
  data BLOB NOT NULL, PRIMARY KEY (sid, seq)
) WITHOUT ROWID;
CREATE TABLE latest (page INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""


def open_writer(path: Path) -> sqlite3.Connection:
    """The one writing connection; makes the file when it is absent.

    Raises:
        StoreUnavailable: not a series file, one of a newer format, or the disk refuses.
    """
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA page_size=4096")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA wal_autocheckpoint=0")  # the writer does it in its own time
        connection.execute("PRAGMA cache_size=-16000")
        _migrate(connection, path)
    except sqlite3.Error as error:
        raise unavailable(error, path) from error
    return connection


def open_reader(path: Path) -> sqlite3.Connection | None:
    """A reading connection, any number in any process; None as long as the writer has not made the tables.

    Raises:
        StoreUnavailable: not a series file, or one of another format.
    """
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=5)
        connection.execute("PRAGMA cache_size=-8000")
        found = _format(connection)
        _check_format(found, path)
    except sqlite3.Error as error:
        raise unavailable(error, path) from error
    if found is None:
        connection.close()
        return None
    return connection


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    found = _format(connection)
    if found is None:
        connection.executescript(
            f"BEGIN IMMEDIATE; {_TABLES} PRAGMA application_id={APPLICATION}; PRAGMA user_version={FORMAT}; COMMIT;"
        )
        return
    _check_format(found, path)


def _format(connection: sqlite3.Connection) -> int | None:
    """The file's format, None for an empty file, -1 for one that is not ours."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application == APPLICATION:
        return int(version)
    return -1 if application or tables else None


def _check_format(found: int | None, path: Path) -> None:
    if found is not None and found != FORMAT:
        what = "is not a series file of ours" if found < 0 else f"has format {found}, this program knows {FORMAT}"
        raise StoreUnavailable(f"{path} {what}")


def unavailable(error: sqlite3.Error, path: Path) -> StoreUnavailable:
    """What SQLite's error means to the caller."""
    return StoreUnavailable(f"{path}: {error}")


def get_state(connection: sqlite3.Connection, name: str, default: int) -> int:
    """A number kept in the file."""
    row = connection.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
    return default if row is None else int(row[0])


def set_state(connection: sqlite3.Connection, name: str, value: int) -> None:
    """Keep a number in the file."""
    connection.execute("INSERT OR REPLACE INTO state (name, value) VALUES (?, ?)", (name, value))
