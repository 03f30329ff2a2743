"""DuckDB: one file, one process, columns."""

import os
import time
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.history.data import DAY
from benchmarks.history.load import HOUR, Answer, Load, columns_of, sids, top
from benchmarks.history.peers.engine import bytes_in
from benchmarks.history.questions import HUNDRED, LIMIT, ONE, TWO_HUNDRED
from storage.series import Incoming

_TABLE: Final = "CREATE TABLE reading (sid USMALLINT NOT NULL, ts BIGINT NOT NULL, v DOUBLE NOT NULL, q UTINYINT NOT NULL, c UTINYINT NOT NULL)"
_VALID: Final = "q < 2 AND c & 15 = 0"
_WITHIN: Final = f"ts >= ? AND ts < ? AND {_VALID}"
_SHANGHAI: Final = 8 * HOUR


class Duck:
    """A table in order of arrival."""

    name = "DuckDB"
    settings = (
        f"DuckDB {duckdb.__version__} from PyPI, {os.cpu_count()} threads, memory and checkpoints as it comes",
        "each batch an Arrow table, inserted and committed to its log on disk; CHECKPOINT at the end",
        "without a key, which is how it writes quickest: a reading that comes again is there twice",
        "no second process may open the file while it is written; the latest values are looked up in the last day",
    )
    most: int | None = None

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._connection = duckdb.connect(str(folder / "reading.duckdb"))
        self._connection.execute(_TABLE)

    def write(self, batch: Incoming) -> None:
        rows = columns_of(batch)
        table = pa.table(
            {
                "sid": pa.array(rows.series.astype(np.uint16)),
                "ts": pa.array(rows.time),
                "v": pa.array(rows.value),
                "q": pa.array(rows.quality),
                "c": pa.array(rows.checks),
            }
        )
        self._connection.register("batch", table)
        self._connection.execute("INSERT INTO reading SELECT * FROM batch")
        self._connection.unregister("batch")

    def finish(self) -> None:
        self._connection.execute("CHECKPOINT")

    def fill(self, load: Load) -> None:
        raise NotImplementedError("all readings were written in order of arrival")

    def cpu(self) -> float:
        return time.process_time()

    def size(self) -> int:
        return bytes_in(self._folder)

    def _ask(self, asked: str, *values: object) -> Answer:
        found = self._connection.execute(asked, list(values)).fetchnumpy()
        return {name: np.asarray(column, np.float64) for name, column in found.items()}

    def latest(self, start: int, end: int) -> Answer:
        asked = (
            'SELECT max(ts) AS "time", arg_max(v, ts) AS "value" FROM reading WHERE ts > ? GROUP BY sid ORDER BY sid'
        )
        return self._ask(asked, end - DAY)

    def raw(self, start: int, end: int) -> Answer:
        asked = 'SELECT ts AS "time", v AS "value", q AS quality, c AS checks FROM reading WHERE sid = ? AND ts >= ? AND ts < ? ORDER BY ts'
        return self._ask(asked, sids(ONE)[0], start, end)

    def hours(self, start: int, end: int) -> Answer:
        asked = (
            f'SELECT ts // {HOUR} * {HOUR} AS "start", avg(v) AS mean, min(v) AS min, max(v) AS max, count(*) AS count, '  # noqa: S608
            f"quantile_cont(v, 0.95) AS p95 FROM reading WHERE sid = ? AND {_WITHIN} GROUP BY 1 ORDER BY 1"
        )
        return self._ask(asked, sids(ONE)[0], start, end)

    def days(self, start: int, end: int) -> Answer:
        asked = (
            f"SELECT avg(v) AS mean, quantile_cont(v, 0.95) AS p95 FROM reading WHERE sid IN {_listed(sids(HUNDRED))} "  # noqa: S608
            f"AND {_WITHIN} GROUP BY sid, (ts + {_SHANGHAI}) // {DAY} ORDER BY sid, (ts + {_SHANGHAI}) // {DAY}"
        )
        return self._ask(asked, start, end)

    def exceedances(self, start: int, end: int) -> Answer:
        chosen = sids(TWO_HUNDRED)
        asked = f"SELECT sid, count(*) FROM reading WHERE sid IN {_listed(chosen)} AND {_WITHIN} AND v > ? GROUP BY sid"  # noqa: S608
        found = dict(self._connection.execute(asked, [start, end, LIMIT]).fetchall())
        return top({sid: found.get(sid, 0) for sid in chosen})

    def close(self) -> None:
        self._connection.close()


def _listed(chosen: list[int]) -> str:
    return f"({', '.join(map(str, chosen))})"
