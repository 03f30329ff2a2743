"""Merging: small chunks become full ones as they age, patches go into the chunks they correct."""

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

import numpy as np

from storage.chunks.codec import Values, decode
from storage.chunks.sealed import overlaid, piece, read_patches, save_chunks

FAN: Final = 8
"""So many chunks of one tier make one of the next."""
_PATCHES: Final = 4
_PATCHED: Final = 4096
_ALWAYS: Final = (-(1 << 62), 1 << 62)

Row = tuple[int, int, int]
"""t0, t1, tier of a chunk."""


def crowded(connection: sqlite3.Connection, low: int, high: int) -> dict[int, int]:
    """Of the series low <= sid < high: those with enough small chunks to merge, and up to which tier."""
    rows = connection.execute(
        "SELECT sid, tier, count(*) FROM chunk WHERE tier < 4 AND sid >= ? AND sid < ? "
        "GROUP BY sid, tier HAVING count(*) >= ?",
        (low, high, FAN),
    )
    found: dict[int, int] = {}
    for sid, tier, _ in rows:
        found[sid] = max(tier, found.get(sid, 0))
    return found


def patched(connection: sqlite3.Connection, low: int, high: int) -> list[int]:
    """Of the series low <= sid < high: those with enough patches to merge."""
    rows = connection.execute(
        "SELECT sid FROM patch WHERE sid >= ? AND sid < ? GROUP BY sid HAVING count(*) >= ? OR sum(n) >= ?",
        (low, high, _PATCHES, _PATCHED),
    )
    return [sid for (sid,) in rows]


def merge_small(connection: sqlite3.Connection, sid: int, tier: int) -> int:
    """Merge neighbouring chunks of at most `tier`; how many bytes were written."""
    rows: list[Row] = connection.execute(
        "SELECT t0, t1, tier FROM chunk WHERE sid = ? AND t0 >= "
        "(SELECT min(t0) FROM chunk INDEXED BY chunk_small WHERE sid = ? AND tier < 4 AND tier <= ?) ORDER BY t0",
        (sid, sid, tier),
    ).fetchall()
    written = 0
    for small, group in groupby(rows, key=lambda row: row[2] <= tier):
        neighbours = list(group)
        if small and len(neighbours) > 1:
            written += _rewrite(connection, sid, neighbours)
    return written


def _rewrite(connection: sqlite3.Connection, sid: int, rows: Sequence[Row], over: Values | None = None) -> int:
    """Replace chunks by one, or a few full ones, with `over` laid over their values."""
    parts = [
        decode(connection.execute("SELECT data FROM chunk WHERE sid = ? AND t0 = ?", (sid, t0)).fetchone()[0])
        for t0, _, _ in rows
    ]
    connection.executemany("DELETE FROM chunk WHERE sid = ? AND t0 = ?", [(sid, t0) for t0, _, _ in rows])
    return save_chunks(connection, sid, overlaid(parts if over is None else [*parts, over]))


def merge_patches(connection: sqlite3.Connection, sid: int) -> int:
    """Put all patches of a series into its chunks; how many bytes were written."""
    patches = overlaid(read_patches(connection, sid, *_ALWAYS))
    first, last = int(patches.time[0]), int(patches.time[-1])
    rows: list[Row] = connection.execute(
        "SELECT t0, t1, tier FROM chunk WHERE sid = ? AND t0 <= ? AND t0 >= ifnull("
        "(SELECT t0 FROM chunk WHERE sid = ? AND t0 <= ? ORDER BY t0 DESC LIMIT 1), ?) ORDER BY t0",
        (sid, last, sid, first, first),
    ).fetchall()
    connection.execute("DELETE FROM patch WHERE sid = ?", (sid,))
    written = 0
    for row, values in _dealt(rows, patches):
        written += save_chunks(connection, sid, values) if row is None else _rewrite(connection, sid, [row], values)
    return written


def _dealt(rows: Sequence[Row], patches: Values) -> Iterator[tuple[Row | None, Values]]:
    """Each chunk with the patched values from its beginning to the next chunk's; first, with none, those before any chunk."""
    begins = np.array([row[0] for row in rows], np.int64)
    owner = np.searchsorted(begins, patches.time, side="right") - 1
    edges = np.searchsorted(owner, np.arange(-1, len(rows) + 1)).tolist()
    for i, row in enumerate((None, *rows)):
        if edges[i] < edges[i + 1]:
            yield row, piece(patches, edges[i], edges[i + 1])
