"""Merging: small chunks become full ones as they age, patches go into the chunks they correct."""

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

import numpy as np

from storage.chunks.codec import Values
from storage.chunks.decode import decode_all
from storage.chunks.schema import PAGE
from storage.chunks.sealed import LEAST, drop_chunks, overlaid, piece, read_patches, rows_of, save_chunks
from storage.columns import Columns

FAN: Final = 8
"""So many chunks of fewer than 8, or fewer than 64, values make one of the next tier."""
_PHASES: Final = 8
_PATCHES: Final = 4
_PATCHED: Final = 4096
_ALWAYS: Final = (-(1 << 62), 1 << 62)
_DATA: Final = "SELECT n, data FROM chunk WHERE sid = ? AND t0 BETWEEN ? AND ? ORDER BY t0"


def crowded(connection: sqlite3.Connection, page: int) -> dict[int, int]:
    """Of a page's series: those with enough small chunks to merge, and up to which tier."""
    # LEAST or up to twice as many values make a full chunk; pages differ in that, so that their turns do not come all at once.
    enough = LEAST + LEAST * (page % _PHASES) // _PHASES
    rows = connection.execute(
        "SELECT sid, tier FROM chunk INDEXED BY chunk_small WHERE tier < 4 AND sid >= ? AND sid < ? "
        "GROUP BY sid, tier HAVING CASE WHEN tier < 2 THEN count(*) >= ? ELSE sum(n) >= ? END",
        (page * PAGE, (page + 1) * PAGE, FAN, enough),
    )
    found: dict[int, int] = {}
    for sid, tier in rows:
        found[sid] = max(tier, found.get(sid, 0))
    return found


def patched(connection: sqlite3.Connection, page: int) -> list[int]:
    """Of a page's series: those with enough patches to merge."""
    rows = connection.execute(
        "SELECT sid FROM patch WHERE sid >= ? AND sid < ? GROUP BY sid HAVING count(*) >= ? OR sum(n) >= ?",
        (page * PAGE, (page + 1) * PAGE, _PATCHES, _PATCHED),
    )
    return [sid for (sid,) in rows]


def merge_small(connection: sqlite3.Connection, crowd: Sequence[tuple[int, int]]) -> int:
    """Merge neighbouring chunks of at most the tier given, of each (series, tier); how many bytes were written."""
    runs = [(sid, run) for sid, tier in crowd for run in _small_runs(connection, sid, tier)]
    if not runs:
        return 0
    data: list[bytes] = []
    counts = []
    for sid, (first, last) in runs:
        rows = connection.execute(_DATA, (sid, first, last)).fetchall()
        data += [blob for _, blob in rows]
        counts.append(sum(count for count, _ in rows))
        drop_chunks(connection, sid, first, last)
    values = decode_all(data)
    series = np.repeat(np.array([sid for sid, _ in runs]), counts)
    merged = Columns(series, values.time, values.value, values.quality, values.checks)
    return save_chunks(connection, merged, np.cumsum([0, *counts]))


def _small_runs(connection: sqlite3.Connection, sid: int, tier: int) -> Iterator[tuple[int, int]]:
    """Where the first and the last of neighbouring chunks of at most `tier` begin, as often as there are such."""
    rows = connection.execute(
        "SELECT t0, tier FROM chunk WHERE sid = ? AND t0 >= "
        "(SELECT min(t0) FROM chunk INDEXED BY chunk_small WHERE sid = ? AND tier < 4 AND tier <= ?) ORDER BY t0",
        (sid, sid, tier),
    ).fetchall()
    for small, group in groupby(rows, key=lambda row: row[1] <= tier):
        begins = [t0 for t0, _ in group]
        if small and len(begins) > 1:
            yield begins[0], begins[-1]


def merge_patches(connection: sqlite3.Connection, sid: int) -> int:
    """Put all patches of a series into its chunks; how many bytes were written."""
    patches = overlaid(read_patches(connection, sid, *_ALWAYS))
    first, last = int(patches.time[0]), int(patches.time[-1])
    rows = connection.execute(
        "SELECT t0 FROM chunk WHERE sid = ? AND t0 <= ? AND t0 >= ifnull("
        "(SELECT t0 FROM chunk WHERE sid = ? AND t0 <= ? ORDER BY t0 DESC LIMIT 1), ?) ORDER BY t0",
        (sid, last, sid, first, first),
    ).fetchall()
    connection.execute("DELETE FROM patch WHERE sid = ?", (sid,))
    return sum(_rewrite(connection, sid, begin, over) for begin, over in _dealt([t0 for (t0,) in rows], patches))


def _rewrite(connection: sqlite3.Connection, sid: int, begin: int | None, over: Values) -> int:
    """Replace the chunk by one, or two, with `over` laid over its values; without one, `over` becomes one."""
    if begin is None:
        return save_chunks(connection, rows_of(sid, over))
    rows = connection.execute(_DATA, (sid, begin, begin)).fetchall()
    drop_chunks(connection, sid, begin, begin)
    return save_chunks(connection, rows_of(sid, overlaid([decode_all([data for _, data in rows]), over])))


def _dealt(begins: Sequence[int], patches: Values) -> Iterator[tuple[int | None, Values]]:
    """Each chunk with the patched values from its beginning to the next chunk's; first, with none, those before any chunk."""
    owner = np.searchsorted(np.array(begins, np.int64), patches.time, side="right") - 1
    edges = np.searchsorted(owner, np.arange(-1, len(begins) + 1)).tolist()
    for i, begin in enumerate((None, *begins)):
        if edges[i] < edges[i + 1]:
            yield begin, piece(patches, edges[i], edges[i + 1])
