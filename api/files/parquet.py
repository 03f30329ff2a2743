"""Apache Parquet, streamed a row group at a time: numbers are DOUBLE, times of windows and values are instants in the zone, the rest is text."""

import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from api.files.table import Piece, Table, about_lines

if TYPE_CHECKING:
    import pyarrow as pa

_GROUP: Final = 200_000
"""Rows that may wait for being written together."""


class _Outlet(io.RawIOBase):
    """A file that holds only what was not taken yet."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | memoryview | bytearray") -> int:  # type: ignore[override]
        self._held.append(bytes(data))
        self._size += len(data)
        return len(data)

    def tell(self) -> int:
        return self._size

    def take(self) -> bytes:
        """What was written since."""
        taken, self._held = b"".join(self._held), []
        return taken


def schema_of(table: Table) -> "pa.Schema":
    """The columns' types; what a reader must know is in the metadata."""
    import pyarrow as pa

    fields: list[tuple[str, pa.DataType]] = []
    for name in table.columns:
        kind: pa.DataType = pa.float64() if name in table.numbers else pa.string()
        if name in table.times:
            kind = pa.timestamp("ms", tz=table.zone)
        fields.append((name, kind))
    return pa.schema(fields, metadata=dict(about_lines(table)))


def write_parquet(table: Table, pieces: Iterable[Piece]) -> Iterator[bytes]:
    """The file's bytes; of the rows only those of one group are held."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    outlet, schema = _Outlet(), schema_of(table)
    with pq.ParquetWriter(pa.PythonFile(outlet, mode="w"), schema, compression="zstd") as writer:
        group: list[pa.RecordBatch] = []
        for piece in pieces:
            group.append(piece.arrays(schema))
            if sum(batch.num_rows for batch in group) >= _GROUP:
                writer.write_table(pa.Table.from_batches(group, schema))
                group = []
            yield outlet.take()
        if group:
            writer.write_table(pa.Table.from_batches(group, schema))
    yield outlet.take()
