"""SQLite with a row for each reading: what one writes who needs history and has SQLite."""

import sqlite3
import time
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.history.data import DAY, SERIES
from benchmarks.history.load import HOUR, Answer, Load, columns_of, sids, top
from benchmarks.history.peers.engine import bytes_in
from benchmarks.history.questions import FIVE, HUNDRED, LIMIT, ONE, TWO_HUNDRED
from hub.batch import Floats
from storage.aggregate import columns
from storage.columns import Columns
from storage.series import Incoming
from storage.windows import groups

_TABLES: Final = """
CREATE TABLE reading (sid INTEGER NOT NULL, ts INTEGER NOT NULL, v REAL NOT NULL, q INTEGER NOT NULL, c INTEGER NOT NULL,
  PRIMARY KEY (sid, ts)) WITHOUT ROWID;
CREATE TABLE series (sid INTEGER PRIMARY KEY);
"""
_INSERT: Final = (
    "INSERT INTO reading (sid, ts, v, q, c) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET v = excluded.v, q = excluded.q, c = excluded.c"
)
_VALID: Final = "q < 2 AND c & 15 = 0"
_LATEST: Final = (
    "SELECT r.ts, r.v FROM series s JOIN reading r "
    "ON r.sid = s.sid AND r.ts = (SELECT max(ts) FROM reading WHERE sid = s.sid) ORDER BY s.sid"
)
_SHANGHAI: Final = 8 * HOUR
_PRAGMAS: Final = (
    "page_size=8192",
    "journal_mode=WAL",
    "synchronous=FULL",
    "wal_autocheckpoint=4000",
    "cache_size=-262144",
    "mmap_size=4294967296",
)


class Rows:
    """A table with the key (series, time)."""

    name = "SQLite rows"
    settings = (
        f"SQLite {sqlite3.sqlite_version}, one transaction a batch, {', '.join(_PRAGMAS)}; primary key (series, time) without rowid, upsert",
        "percentiles: SQLite has none, so rows are fetched and reckoned in numpy by the hub's own functions; the rest is SQL",
        "write figures and size are of the first readings only, as many as the table says; questions are asked of all, loaded in order of the key",
    )

    def __init__(self, folder: Path, most: int) -> None:
        self._folder = folder
        self.most: int | None = most
        folder.mkdir()
        self._connection = self._open()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._folder / "rows.db", isolation_level=None)
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        connection.executescript(_TABLES)
        connection.executemany("INSERT INTO series (sid) VALUES (?)", [(sid,) for sid in range(SERIES)])
        return connection

    def write(self, batch: Incoming) -> None:
        self._insert(columns_of(batch))

    def _insert(self, rows: Columns) -> None:
        held = (getattr(rows, name).tolist() for name in ("series", "time", "value", "quality", "checks"))
        values = zip(*held, strict=True)
        self._connection.execute("BEGIN")
        self._connection.executemany(_INSERT, values)
        self._connection.execute("COMMIT")

    def finish(self) -> None:
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def fill(self, load: Load) -> None:
        self._connection.close()
        for path in self._folder.iterdir():
            path.unlink()
        self._connection = self._open()
        self._connection.execute("PRAGMA synchronous=OFF")
        for sid in range(SERIES):
            self._insert(load.of(sid))
        self._connection.execute("PRAGMA synchronous=FULL")
        self.finish()

    def cpu(self) -> float:
        return time.process_time()

    def size(self) -> int:
        return bytes_in(self._folder)

    def latest(self, start: int, end: int) -> Answer:
        found = np.array(self._connection.execute(_LATEST).fetchall())
        return {"time": found[:, 0], "value": found[:, 1]}

    def raw(self, start: int, end: int) -> Answer:
        asked = "SELECT ts, v, q, c FROM reading WHERE sid = ? AND ts >= ? AND ts < ? ORDER BY ts"
        found = np.array(self._connection.execute(asked, (sids(ONE)[0], start, end)).fetchall())
        return dict(zip(("time", "value", "quality", "checks"), found.T, strict=True))

    def _valid(self, sid: int, start: int, end: int) -> Floats:
        asked = f"SELECT ts, v FROM reading WHERE sid = ? AND ts >= ? AND ts < ? AND {_VALID} ORDER BY ts"  # noqa: S608
        found = np.array(self._connection.execute(asked, (sid, start, end)).fetchall())
        rows: Floats = found.T
        return rows

    def _windows(self, sid: int, start: int, end: int, step: int, names: tuple[str, ...]) -> Answer:
        times, value = self._valid(sid, start, end)
        begins = (times.astype(np.int64) + _SHANGHAI) // step * step - _SHANGHAI
        edges = groups(begins)
        found = columns(value, np.ones(len(value), np.bool_), edges, names)
        return {"start": begins[edges[:-1]].astype(np.float64), **found}

    def hours(self, start: int, end: int) -> Answer:
        return self._windows(sids(ONE)[0], start, end, HOUR, FIVE)

    def days(self, start: int, end: int) -> Answer:
        found = [self._windows(sid, start, end, DAY, ("mean", "p95")) for sid in sids(HUNDRED)]
        return {name: np.concatenate([one[name] for one in found]) for name in ("mean", "p95")}

    def exceedances(self, start: int, end: int) -> Answer:
        asked = f"SELECT count(*) FROM reading WHERE sid = ? AND ts >= ? AND ts < ? AND {_VALID} AND v > ?"  # noqa: S608
        execute = self._connection.execute
        return top({sid: execute(asked, (sid, start, end, LIMIT)).fetchone()[0] for sid in sids(TWO_HUNDRED)})

    def close(self) -> None:
        self._connection.close()
