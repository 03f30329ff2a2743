"""An older file's content, put in today's form while the store works: some chunks at a time, each time in a transaction.

The tables are changed when the writer opens the file (`schema.py`). A chunk says itself how it is written, so both forms are read, and a crash
costs no more than looking again at the chunks of one series.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Final

from storage.chunks.codec import VERSION
from storage.chunks.decode import decode
from storage.chunks.schema import get_state, set_state
from storage.chunks.sealed import drop_chunks, rows_of, save_chunks

DONE: Final = -1
_AT_ONCE: Final = 16
_CHUNK_COST: Final = 4000
_BEFORE_ALL: Final = -(1 << 62)
_NEXT: Final = "SELECT t0, data FROM chunk WHERE sid = ? AND t0 > ? ORDER BY t0 LIMIT ?"


def steps(
    connection: sqlite3.Connection,
    transaction: Callable[[], AbstractContextManager[object]],
    wrote: Callable[[int], None],
) -> Iterator[int]:
    """Rewrite what an older program has written; after each bounded step its cost, in values."""
    reached = get_state(connection, "upgraded", DONE)
    if reached == DONE:
        return
    (series,) = connection.execute("SELECT ifnull(max(sid), -1) + 1 FROM series").fetchone()
    for sid in range(reached, series):
        place = _BEFORE_ALL
        while chunks := connection.execute(_NEXT, (sid, place, _AT_ONCE)).fetchall():
            place = chunks[-1][0]
            old = [(t0, data) for t0, data in chunks if data[0] != VERSION]
            with transaction():
                wrote(sum(_rewrite(connection, sid, *chunk) for chunk in old))
            yield _CHUNK_COST * (len(old) + 1)
        with transaction():
            set_state(connection, "upgraded", sid + 1)
    with transaction():
        set_state(connection, "upgraded", DONE)


def _rewrite(connection: sqlite3.Connection, sid: int, begin: int, data: bytes) -> int:
    values = decode(data)
    drop_chunks(connection, sid, begin, begin)
    return save_chunks(connection, rows_of(sid, values))
