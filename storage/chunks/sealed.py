"""Sealed values in the file: reading a series' chunks and patches, and writing chunks."""

import math
import sqlite3
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from storage.chunks import rollup
from storage.chunks.codec import Values, encode_all
from storage.chunks.decode import decode, decode_all, joined
from storage.chunks.schema import FULL
from storage.columns import Columns, Order, bounds, valid
from storage.select import check_points

MOST: Final = 8192
"""Values of the fullest chunk: about 12 KB, decoded in a tenth of a millisecond."""
LEAST: Final = 2048
"""Values of a chunk that is full."""

_MET: Final = """FROM chunk WHERE sid = :sid AND t0 < :end
  AND t0 >= ifnull((SELECT t0 FROM chunk WHERE sid = :sid AND t0 <= :start ORDER BY t0 DESC LIMIT 1), :start)
  ORDER BY t0"""
_CHUNKS: Final = f"SELECT n, data {_MET}"
_BEGINS: Final = f"SELECT t0, n {_MET}"
_DATA: Final = "SELECT data FROM chunk WHERE sid = ? AND t0 = ?"
_PATCHES: Final = "SELECT data FROM patch WHERE sid = :sid AND t0 < :end AND t1 >= :start ORDER BY seq"
_FIRST: Final = """SELECT min(
  ifnull((SELECT t0 FROM (SELECT t0, t1 FROM chunk WHERE sid = :sid AND t0 <= :start ORDER BY t0 DESC LIMIT 1) WHERE t1 >= :start), :end),
  ifnull((SELECT t0 FROM chunk WHERE sid = :sid AND t0 > :start ORDER BY t0 LIMIT 1), :end),
  ifnull((SELECT min(t0) FROM patch WHERE sid = :sid AND t1 >= :start), :end))"""
_INSERT: Final = (
    "INSERT OR REPLACE INTO chunk (sid, t0, t1, n, tier, low, high, good, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def tier_of(count: int) -> int:
    """How full a chunk of `count` values is: below 8, below 64, below LEAST, or full."""
    return FULL if count >= LEAST else min(2, (count.bit_length() - 1) // 3)


def read_chunks(connection: sqlite3.Connection, sid: int, start: int, end: int) -> list[Values]:
    """The values of all chunks that meet [start, end), as one part or none; whole chunks, so some lie outside.

    Raises:
        BadQuery: more values than can be held at once.
    """
    rows = connection.execute(_CHUNKS, {"sid": sid, "start": start, "end": end}).fetchall()
    check_points(sum(count for count, _ in rows))
    return [decode_all([data for _, data in rows])] if rows else []


def read_other_chunks(connection: sqlite3.Connection, sid: int, start: int, end: int, known: set[int]) -> list[Values]:
    """As `read_chunks`, without the chunks that begin at the times `known`.

    Raises:
        BadQuery: more values than can be held at once.
    """
    met = connection.execute(_BEGINS, {"sid": sid, "start": start, "end": end}).fetchall()
    begins = [t0 for t0, _ in met if t0 not in known]
    check_points(sum(count for t0, count in met if t0 not in known))
    data = [connection.execute(_DATA, (sid, t0)).fetchone()[0] for t0 in begins]
    return [decode_all(data)] if data else []


def read_patches(connection: sqlite3.Connection, sid: int, start: int, end: int) -> list[Values]:
    """The values of all patches that meet [start, end), later written ones later."""
    rows = connection.execute(_PATCHES, {"sid": sid, "start": start, "end": end})
    return [decode(data) for (data,) in rows]


def first_time(connection: sqlite3.Connection, sid: int, start: int, end: int) -> int:
    """A time in [start, end] before which no chunk or patch of a series has a value from `start` on; nothing is decoded."""
    found = connection.execute(_FIRST, {"sid": sid, "start": start, "end": end}).fetchone()
    return max(start, int(found[0]))


def save_chunks(connection: sqlite3.Connection, rows: Columns, edges: Order | None = None) -> int:
    """Write rows, sorted and unique, as chunks of at most MOST values of one series each; how many bytes that took.

    `edges` says where chunks must begin, and the end; without it, where series do.
    """
    edges = _cut(bounds(rows.series) if edges is None else edges)
    values = values_of(rows)
    data = encode_all(values, edges, deflate_from=LEAST)
    begin, end = edges[:-1], edges[1:] - 1
    good = valid(rows.quality, rows.checks)
    low = np.minimum.reduceat(np.where(good, rows.value, np.inf), begin).tolist()
    high = np.maximum.reduceat(np.where(good, rows.value, -np.inf), begin).tolist()
    held = np.add.reduceat(good, begin, dtype=np.int64).tolist()
    sizes = np.diff(edges).tolist()
    ends = zip(rows.series[begin].tolist(), rows.time[begin].tolist(), rows.time[end].tolist(), strict=True)
    connection.executemany(
        _INSERT,
        [
            (*key, count, tier_of(count), *((least, most) if some else (None, None)), some, blob)
            for key, count, least, most, some, blob in zip(ends, sizes, low, high, held, data, strict=True)
        ],
    )
    written = sum(map(len, data))
    for i, count in enumerate(sizes):
        if tier_of(count) == FULL:
            first = int(edges[i])
            written += rollup.save(connection, int(rows.series[first]), piece(values, first, first + count))
    return written


def _cut(edges: Order) -> Order:
    """Edges, as many more as MOST asks in between."""
    if not (np.diff(edges) > MOST).any():
        return edges
    cuts = [0]
    for first, last in pairwise(edges.tolist()):
        parts = math.ceil((last - first) / MOST)
        cuts += [first + (last - first) * i // parts for i in range(1, parts + 1)]
    return np.array(cuts)


def drop_chunks(connection: sqlite3.Connection, sid: int, first: int, last: int) -> None:
    """Delete the chunks of a series that begin from `first` to `last`, and what was kept of their hours."""
    for table in ("chunk", "rollup"):
        connection.execute(f"DELETE FROM {table} WHERE sid = ? AND t0 BETWEEN ? AND ?", (sid, first, last))  # noqa: S608


def piece(values: Values, low: int, high: int) -> Values:
    """The values from index `low` to `high`."""
    return Values(values.time[low:high], values.value[low:high], values.quality[low:high], values.checks[low:high])


def rows_of(sid: int, values: Values) -> Columns:
    """Values as rows of a series."""
    return Columns(np.full(len(values), sid), values.time, values.value, values.quality, values.checks)


def values_of(rows: Columns) -> Values:
    """Rows, of one series or of many one after the other, as values."""
    return Values(rows.time, rows.value, rows.quality, rows.checks)


def overlaid(parts: Sequence[Values]) -> Values:
    """Parts as one, sorted; of the same time the value in the latest part stands. Each part is sorted; there is at least one."""
    values = joined(parts)
    if all(part.time[-1] < following.time[0] for part, following in pairwise(parts)):
        return values
    order = np.argsort(values.time, kind="stable")
    time = values.time[order]
    order = order[np.append(time[1:] != time[:-1], True)]
    return Values(values.time[order], values.value[order], values.quality[order], values.checks[order])
