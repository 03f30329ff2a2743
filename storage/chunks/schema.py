"""The file of the chunk store: tables, format version, and how it is opened.

series   number of each (station, property)
log      what was written and is not sealed yet, one row for each `write`
chunk    sealed values; the chunks of a series never overlap, `tier` says how full one is (4: full), `low`, `high` and `good` what its valid values are
rollup   what the hours of some full chunks come to, by the chunk's key
patch    sealed values older than what the series' chunks reached: late or corrected ones; they win over chunks, later ones over earlier
latest   the newest sealed value of each series, 64 series a page
state    sealed segment, the one being sealed and the page it has come to, the retention horizon, and how far an upgrade has come
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hub.errors import StoreUnavailable

FILE: Final = "series.db"
FORMAT: Final = 3
OLDEST: Final = 1
"""Files from this format on are brought to ours: their tables when the writer opens them, their chunks little by little (`upgrade.py`)."""
APPLICATION: Final = 0x5357_5331
PAGE: Final = 64
"""Series a page: the unit in which sealing goes on and latest values are kept."""
FULL: Final = 4
"""The tier of chunks that are not merged any more."""

_SMALL: Final = "CREATE INDEX chunk_small ON chunk (sid, tier, n) WHERE tier < 4;"
_ROLLUP: Final = """CREATE TABLE rollup (
  sid INTEGER NOT NULL, t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (sid, t0)
) WITHOUT ROWID;
"""
_TABLES: Final = f"""
CREATE TABLE series (sid INTEGER PRIMARY KEY, station TEXT NOT NULL, property TEXT NOT NULL);
CREATE TABLE log (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE chunk (
  sid INTEGER NOT NULL, t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, n INTEGER NOT NULL, tier INTEGER NOT NULL,
  low REAL, high REAL, good INTEGER, data BLOB NOT NULL, PRIMARY KEY (sid, t0)
) WITHOUT ROWID;
{_SMALL}
{_ROLLUP}CREATE TABLE patch (
  sid INTEGER NOT NULL, seq INTEGER NOT NULL, t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, n INTEGER NOT NULL,
  data BLOB NOT NULL, PRIMARY KEY (sid, seq)
) WITHOUT ROWID;
CREATE TABLE latest (page INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""

_UPGRADED: Final = "INSERT OR REPLACE INTO state (name, value) VALUES ('upgraded', 0);"
_STEPS: Final = {
    1: ("DROP INDEX chunk_small;", _SMALL, _ROLLUP, _UPGRADED),
    2: ("ALTER TABLE chunk ADD COLUMN good INTEGER;",),
}
"""From each older format to the next; a chunk that an older program wrote does not say how many valid values it has, and is read."""


def open_writer(path: Path) -> sqlite3.Connection:
    """The one writing connection; makes the file when it is absent, and brings an older one's tables to today's format.

    Raises:
        StoreUnavailable: not a series file, one of a newer format, or the disk refuses.
    """
    with _opening(path, str(path), uri=False) as connection:
        connection.execute("PRAGMA page_size=4096")
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        connection.execute("PRAGMA secure_delete=OFF")  # else all that is let go is written once more, as zeros
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA wal_autocheckpoint=0")  # the writer does it in its own time
        connection.execute("PRAGMA cache_size=-64000")  # at most: each seal returns to the end of every series
        _migrate(connection, path)
    return connection


def open_reader(path: Path) -> sqlite3.Connection | None:
    """A reading connection, any number in any process; None as long as the writer has not made the tables.

    Raises:
        StoreUnavailable: not a series file, or one of another format.
    """
    with _opening(path, f"{path.absolute().as_uri()}?mode=ro", uri=True) as connection:
        connection.execute("PRAGMA cache_size=-8000")
        found = _format(connection)
        _check_format(found, path)
        if found is not None and found < FORMAT:
            raise StoreUnavailable(f"{path} has format {found}; its writer brings it to {FORMAT} when it opens it")
    if found is None:
        connection.close()
        return None
    return connection


@contextlib.contextmanager
def _opening(path: Path, name: str, *, uri: bool) -> Iterator[sqlite3.Connection]:
    """A connection that stays open when all went well."""
    try:
        connection = sqlite3.connect(name, uri=uri, isolation_level=None, check_same_thread=False, timeout=5)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise unavailable(error, path) from error


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    found = _format(connection)
    _check_format(found, path)
    if found == FORMAT:
        return
    steps = _TABLES if found is None else "".join(step for number in range(found, FORMAT) for step in _STEPS[number])
    connection.executescript(
        f"BEGIN IMMEDIATE; {steps} PRAGMA application_id={APPLICATION}; PRAGMA user_version={FORMAT}; COMMIT;"
    )


def _format(connection: sqlite3.Connection) -> int | None:
    """The file's format, None for an empty file, -1 for one that is not ours."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application == APPLICATION:
        return int(version)
    return -1 if application or tables else None


def _check_format(found: int | None, path: Path) -> None:
    if found is not None and not OLDEST <= found <= FORMAT:
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
