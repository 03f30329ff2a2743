"""Retention: values older than the horizon are refused, not shown, and their chunks dropped some series at a time."""

import sqlite3
from collections.abc import Sequence
from typing import Final

import numpy as np

from hub.batch import Block
from storage.series import Incoming, Rejected

REASON: Final = "older than the retention period"
_SERIES_A_TURN: Final = 256
_ROLLUPS: Final = "DELETE FROM rollup WHERE sid = ? AND t0 < ifnull((SELECT min(t0) FROM chunk WHERE sid = ?), ?)"


def drop(connection: sqlite3.Connection, low: int, horizon: int) -> None:
    """Drop what lies wholly before the horizon, of `_SERIES_A_TURN` series from number `low` on."""
    for sid in range(low, low + _SERIES_A_TURN):
        # A chunk reaches at most to the next one's beginning, so only the newest of the old ones may reach over.
        connection.execute("DELETE FROM chunk WHERE sid = ? AND t0 < ? AND t1 < ?", (sid, horizon, horizon))
        connection.execute("DELETE FROM patch WHERE sid = ? AND t1 < ?", (sid, horizon))
        connection.execute(_ROLLUPS, (sid, sid, horizon))


def next_turn(low: int, count: int) -> int:
    """Where the following turn begins, given how many series there are."""
    return low + _SERIES_A_TURN if low + _SERIES_A_TURN < count else 0


def split(batches: Sequence[Incoming], horizon: int) -> tuple[list[Incoming], list[Rejected]]:
    """What may be stored, and the values that come too late for it."""
    kept: list[Incoming] = []
    rejected: list[Rejected] = []
    for batch in batches:
        blocks = []
        for block in batch.blocks:
            old = block.time < horizon
            if old.any():
                rejected += _refused(batch.stations, block, np.flatnonzero(old).tolist())
                block = _rows(block, ~old)  # noqa: PLW2901 - what is left of it
            blocks.append(block)
        kept.append(Incoming(batch.stations, tuple(blocks)))
    return kept, rejected


def _rows(block: Block, keep: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> Block:
    return Block(
        block.properties,
        block.station[keep],
        block.time[keep],
        block.value[keep],
        None if block.quality is None else block.quality[keep],
        None if block.checks is None else block.checks[keep],
    )


def _refused(stations: tuple[str, ...], block: Block, rows: list[int]) -> list[Rejected]:
    return [
        Rejected(stations[int(block.station[row])], name, int(block.time[row]), value, REASON)
        for row in rows
        for name, value in zip(block.properties, block.value[row].tolist(), strict=True)
        if value == value  # noqa: PLR0124 - absent values are NaN
    ]
