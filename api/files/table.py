"""What a file is made of: named columns, and pieces of rows that can be had as tuples, as lines of CSV or as Arrow arrays."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from hub.model import QUALITY_LETTERS, Check

if TYPE_CHECKING:
    import pyarrow as pa

Cell = str | float | int | bool | None
Row = tuple[Cell, ...]

_RISKY: Final = ("=", "+", "@", "\t", "\r")
"""A text cell that begins so would be run as a formula by a spreadsheet."""


class Piece(Protocol):
    """Some rows; each form of file takes them as it likes best."""

    def rows(self) -> Iterable[Row]:
        """As tuples of cells."""

    def lines(self) -> str:
        """As lines of CSV (RFC 4180)."""

    def arrays(self, schema: "pa.Schema") -> "pa.RecordBatch":
        """As columns of that schema."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows in pieces under named columns; `numbers` are the columns that hold numbers, `times` those that are instants
    in Parquet, `name` begins the file's name.
    """

    name: str
    columns: tuple[str, ...]
    chunks: "Iterable[list[Row] | Piece]"
    zone: str
    numbers: frozenset[str] = frozenset()
    unit: str = ""
    times: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rows:
    """A piece of plain tuples."""

    given: Sequence[Row]

    def rows(self) -> Sequence[Row]:
        """The tuples themselves."""
        return self.given

    def lines(self) -> str:
        """Each cell quoted where it has to be, and defused where a spreadsheet would run it."""
        return written(tuple(map(_safe, row)) for row in self.given)

    def arrays(self, schema: "pa.Schema") -> "pa.RecordBatch":
        """Column by column."""
        import pyarrow as pa

        columns = [
            pa.array([_plain(row[place], field.type) for row in self.given], field.type)
            for place, field in enumerate(schema)
        ]
        return pa.record_batch(columns, schema=schema)


def pieces_of(table: Table) -> "Iterable[Piece]":
    """The table's rows, lists of tuples wrapped."""
    for chunk in table.chunks:
        yield Rows(chunk) if isinstance(chunk, list) else chunk


def written(rows: Iterable[Iterable[Cell]]) -> str:
    """Rows as CSV; lines end as RFC 4180 section 2 has them."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue()


def about_lines(table: Table) -> list[tuple[str, str]]:
    """What a reader of the file must know: the zone of its times, its units, the letters and words of its flags."""
    return [
        ("zone", table.zone),
        ("time", "RFC 3339 with the zone's offset; a window is labelled by its start, ranges are half-open"),
        ("unit", table.unit or "column unit, UCUM"),
        ("quality", "HJ 212 letter, empty where the device gave none: " + " ".join(filter(None, QUALITY_LETTERS))),
        ("checks", "the hub's own checks: " + " ".join(Check((1 << 6) - 1).words())),
    ]


def _safe(cell: Cell) -> Cell:
    if isinstance(cell, str) and cell.startswith(_RISKY):
        return "'" + cell
    return cell


def _plain(cell: Cell, kind: "pa.DataType") -> object:
    import pyarrow as pa

    if cell is None:
        return None
    return float(cell) if pa.types.is_floating(kind) else str(cell)
