"""What the hours of a full chunk come to, kept beside it, so that a year of hours need not be made of millions of values.

Kept where they pay: for series of `PAYS` values an hour or more. At one a minute they add half a byte to each value and answer thirty times as fast;
at one in fifteen minutes they would be seven times as large as the chunk, which is read in less time than they are. They are made with the chunk in
one transaction, of its values alone: an hour that lies in two chunks has a part in each. Late values lie in patches, and where a patch
or an unsealed value meets a chunk its hours are not used. So nothing ever has to be recomputed.
"""

import sqlite3
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hub.batch import Ints
from hub.errors import CorruptRecord
from storage.chunks.codec import Values
from storage.columns import valid
from storage.partials import Partials
from storage.windows import HOUR, groups

PAYS: Final = 60
_ROW: Final = np.dtype(
    [("start", "<i8"), ("all", "<u4"), ("count", "<u4"), ("total", "<f8"), ("least", "<f8"), ("greatest", "<f8")]
)
_CRC_BYTES: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Hours(Partials):
    """UTC hours in time order; one that lies in two chunks comes twice."""

    def __len__(self) -> int:
        return len(self.start)

    def valid_only(self) -> "Hours":
        """As if no value were there but the valid ones."""
        kept = self.count > 0
        return Hours(
            self.start[kept],
            self.count[kept],
            self.count[kept],
            self.total[kept],
            self.least[kept],
            self.greatest[kept],
        )


def pays(count: int, first: int, last: int) -> bool:
    """Whether a full chunk of so many values from `first` to `last` (ms) should have its hours kept."""
    return count * HOUR >= PAYS * (last - first)


def hours(values: Values) -> Hours:
    """The values' UTC hours; `values` in time order, at least one."""
    start: Ints = values.time - values.time % HOUR
    begin = groups(start)[:-1]
    good = valid(values.quality, values.checks)
    return Hours(
        start[begin],
        np.diff(begin, append=len(start)).astype(np.float64),
        np.add.reduceat(good, begin, dtype=np.float64),
        np.add.reduceat(np.where(good, values.value, 0.0), begin),
        np.minimum.reduceat(np.where(good, values.value, np.inf), begin),
        np.maximum.reduceat(np.where(good, values.value, -np.inf), begin),
    )


def encode(parts: Partials) -> bytes:
    """The hours as bytes, and their crc32."""
    table = np.empty(len(parts.start), _ROW)
    for name, column in zip(_ROW.names or (), _columns(parts), strict=True):
        table[name] = column
    data: bytes = table.tobytes()
    return data + zlib.crc32(data).to_bytes(_CRC_BYTES, "little")


def _columns(parts: Partials) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.generic]], ...]:
    return parts.start, parts.count_all, parts.count, parts.total, parts.least, parts.greatest


def decode(blobs: Sequence[bytes]) -> Hours:
    """The hours of some chunks, one after the other.

    Raises:
        CorruptRecord: one is damaged.
    """
    for data in blobs:
        body = memoryview(data)[:-_CRC_BYTES]
        if len(body) % _ROW.itemsize or zlib.crc32(body) != int.from_bytes(data[-_CRC_BYTES:], "little"):
            raise CorruptRecord("the hours of a chunk are damaged")
    table = np.frombuffer(b"".join(data[:-_CRC_BYTES] for data in blobs), _ROW)
    return Hours(
        np.ascontiguousarray(table["start"]),
        *(table[name].astype(np.float64) for name in ("all", "count", "total", "least", "greatest")),
    )


def joined(parts: Sequence[Hours]) -> Hours:
    """Parts put together in time order; an hour may come more than once."""
    columns = [np.concatenate(column) for column in zip(*map(_columns, parts), strict=True)]
    order = np.argsort(columns[0], kind="stable")
    return Hours(*(column[order] for column in columns))


def save(connection: sqlite3.Connection, sid: int, values: Values) -> int:
    """Keep the hours of a full chunk when they pay; how many bytes that took."""
    first, last = int(values.time[0]), int(values.time[-1])
    if not pays(len(values), first, last):
        return 0
    data = encode(hours(values))
    connection.execute(
        "INSERT OR REPLACE INTO rollup (sid, t0, t1, data) VALUES (?, ?, ?, ?)", (sid, first, last, data)
    )
    return len(data)


def read(connection: sqlite3.Connection, sid: int, start: int, end: int) -> list[tuple[int, int, bytes]]:
    """Beginning, last time and hours of the chunks that lie wholly in [start, end) and whose hours are kept."""
    query = "SELECT t0, t1, data FROM rollup WHERE sid = ? AND t0 >= ? AND t0 < ? AND t1 < ? ORDER BY t0"
    return connection.execute(query, (sid, start, end, end)).fetchall()
