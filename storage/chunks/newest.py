"""The newest value of each series: of all its values, and of the valid ones; in arrays by series number.

Sealed ones lie in pages of 64 series; what is not sealed yet is laid over them.
"""

import sqlite3
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from storage.chunks.codec import Values
from storage.chunks.schema import PAGE
from storage.columns import EMPTY, Columns, bounds, valid

NEVER: Final = -(1 << 62)
LOST: Final = 255
_ROW: Final = np.dtype([("time", "<i8"), ("value", "<f8"), ("quality", "u1"), ("checks", "u1")])
Table: TypeAlias = np.ndarray[tuple[int], np.dtype[np.void]]


def empty(count: int) -> Table:
    """No value of `count` series."""
    table = np.zeros(count, _ROW)
    table["time"] = NEVER
    return table


@dataclass(frozen=True, slots=True, eq=False)
class Newest:
    """Newest rows by series number: of all values, and of the valid ones; a valid one that was revoked is marked `LOST`."""

    all: Table
    valid: Table

    @classmethod
    def none(cls, count: int) -> "Newest":
        """Of `count` series that were never seen."""
        return cls(empty(count), empty(count))

    def lay(self, rows: "Digest", first: int = 0) -> None:
        """Lay rows that were written later over; `first` is the series number of entry 0."""
        _lay(self.all, rows.all, first)
        # A newest valid value that was overwritten by an invalid one: what was valid before it must be looked up.
        at = rows.invalid.series - first
        revoked = at[self.valid["time"][at] == rows.invalid.time]
        self.valid["quality"][revoked] = LOST
        _lay(self.valid, rows.valid, first)


@dataclass(frozen=True, slots=True, eq=False)
class Digest:
    """What sorted, unique rows say of the newest values: the newest of each series, the newest valid one, all invalid ones."""

    all: Columns
    valid: Columns
    invalid: Columns

    @classmethod
    def of(cls, rows: Columns) -> "Digest":
        """Of rows sorted by series and time, each time once."""
        good = valid(rows.quality, rows.checks)
        if good.all():
            last = _last(rows)
            return cls(last, last, EMPTY)
        return cls(_last(rows), _last(rows.take(good)), rows.take(~good))


def _last(rows: Columns) -> Columns:
    return rows.take(bounds(rows.series)[1:] - 1)


def _lay(table: Table, rows: Columns, first: int) -> None:
    at = rows.series - first
    newer = rows.time >= table["time"][at]
    at = at[newer]
    table["time"][at] = rows.time[newer]
    table["value"][at] = rows.value[newer]
    table["quality"][at] = rows.quality[newer]
    table["checks"][at] = rows.checks[newer]


def put(table: Table, at: int, value: Values | None) -> None:
    """Set entry `at` to the one value given, or to none."""
    table[at] = (
        (NEVER, 0.0, 0, 0)
        if value is None
        else tuple(column[0] for column in (value.time, value.value, value.quality, value.checks))
    )


def load_page(connection: sqlite3.Connection, page: int) -> Newest:
    """The sealed newest values of one page of series."""
    row = connection.execute("SELECT data FROM latest WHERE page = ?", (page,)).fetchone()
    if row is None:
        return Newest.none(PAGE)
    table = np.frombuffer(row[0], _ROW).reshape(2, PAGE)
    return Newest(table[0].copy(), table[1].copy())


def save_page(connection: sqlite3.Connection, page: int, newest: Newest) -> None:
    """Keep a page."""
    data = newest.all.tobytes() + newest.valid.tobytes()
    connection.execute("INSERT OR REPLACE INTO latest (page, data) VALUES (?, ?)", (page, data))


def load_all(connection: sqlite3.Connection, count: int) -> Newest:
    """The sealed newest values of the first `count` series."""
    newest = Newest.none(-(-count // PAGE) * PAGE)
    for page, data in connection.execute("SELECT page, data FROM latest"):
        table = np.frombuffer(data, _ROW).reshape(2, PAGE)
        low = page * PAGE
        if low < len(newest.all):
            newest.all[low : low + PAGE] = table[0]
            newest.valid[low : low + PAGE] = table[1]
    return newest
