"""Sealed values in the file: reading a series' chunks and patches, and writing chunks."""

import math
import sqlite3
from collections.abc import Sequence
from typing import Final

import numpy as np

from storage.chunks.codec import Values, decode, encode
from storage.chunks.schema import FULL
from storage.columns import Columns, valid
from storage.select import check_points

MOST: Final = 8192
"""Values of the fullest chunk: about 16 KB, decoded in a tenth of a millisecond."""

_CHUNKS: Final = """SELECT n, data FROM chunk WHERE sid = :sid AND t0 < :end
  AND t0 >= ifnull((SELECT t0 FROM chunk WHERE sid = :sid AND t0 <= :start ORDER BY t0 DESC LIMIT 1), :start)
  ORDER BY t0"""
_PATCHES: Final = "SELECT data FROM patch WHERE sid = :sid AND t0 < :end AND t1 >= :start ORDER BY seq"
_INSERT: Final = "INSERT OR REPLACE INTO chunk (sid, t0, t1, n, tier, low, high, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


def tier_of(count: int) -> int:
    """How full a chunk of `count` values is: 0 to FULL, each tier eight times the one before."""
    return min(FULL, (count.bit_length() - 1) // 3)


def read_chunks(connection: sqlite3.Connection, sid: int, start: int, end: int) -> list[Values]:
    """The values of all chunks that meet [start, end), in time order; whole chunks, so some lie outside.

    Raises:
        BadQuery: more values than can be held at once.
    """
    rows = connection.execute(_CHUNKS, {"sid": sid, "start": start, "end": end}).fetchall()
    check_points(sum(count for count, _ in rows))
    return [decode(data) for _, data in rows]


def read_patches(connection: sqlite3.Connection, sid: int, start: int, end: int) -> list[Values]:
    """The values of all patches that meet [start, end), later written ones later."""
    rows = connection.execute(_PATCHES, {"sid": sid, "start": start, "end": end})
    return [decode(data) for (data,) in rows]


def save_chunks(connection: sqlite3.Connection, sid: int, values: Values) -> int:
    """Write values, sorted and unique, as chunks of at most MOST values; how many bytes that took."""
    parts = math.ceil(len(values) / MOST)
    rows = [_row(sid, piece(values, len(values) * i // parts, len(values) * (i + 1) // parts)) for i in range(parts)]
    connection.executemany(_INSERT, rows)
    return sum(len(row[-1]) for row in rows)


def _row(sid: int, values: Values) -> tuple[int, int, int, int, int, float | None, float | None, bytes]:
    good = valid(values.quality, values.checks)
    value = values.value if good.all() else values.value[good]
    low, high = (float(value.min()), float(value.max())) if len(value) else (None, None)
    count = len(values)
    return sid, int(values.time[0]), int(values.time[-1]), count, tier_of(count), low, high, encode(values)


def piece(values: Values, low: int, high: int) -> Values:
    """The values from index `low` to `high`."""
    return Values(values.time[low:high], values.value[low:high], values.quality[low:high], values.checks[low:high])


def values_of(rows: Columns) -> Values:
    """Rows of one series as values."""
    return Values(rows.time, rows.value, rows.quality, rows.checks)


def joined(parts: Sequence[Values]) -> Values:
    """Parts one after the other."""
    if len(parts) == 1:
        return parts[0]
    return Values(
        np.concatenate([part.time for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.quality for part in parts]),
        np.concatenate([part.checks for part in parts]),
    )


def overlaid(parts: Sequence[Values]) -> Values:
    """Parts as one, sorted; of the same time the value in the latest part stands. Each part is sorted; there is at least one."""
    values = joined(parts)
    if bool((values.time[1:] > values.time[:-1]).all()):
        return values
    order = np.argsort(values.time, kind="stable")
    time = values.time[order]
    order = order[np.append(time[1:] != time[:-1], True)]
    return Values(values.time[order], values.value[order], values.quality[order], values.checks[order])
