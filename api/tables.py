"""Answers as files: the same rows as CSV, XLSX or Parquet, streamed, each saying zone, unit and flags."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import IO, Final

import xlsxwriter
from starlette.responses import Response, StreamingResponse

from api.formats import CSV, PARQUET, XLSX, Format
from api.parquet import ParquetWriter
from hub.model import QUALITY_LETTERS, Check

Cell = str | float | int | bool | None
Chunk = list[tuple[Cell, ...]]

SHEET_ROWS: Final = 1_000_000
"""Rows of one sheet; Excel's own bound is 1 048 576."""

_PIECE: Final = 1 << 16
_RISKY: Final = ("=", "+", "@", "\t", "\r")
"""A text cell that begins so would be run as a formula by a spreadsheet."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows in chunks under named columns; `numbers` are the columns that hold numbers, `name` begins the file's name."""

    name: str
    columns: tuple[str, ...]
    chunks: Iterable[Chunk]
    zone: str
    numbers: frozenset[str] = frozenset()
    unit: str = ""


def table_response(table: Table, form: Format) -> Response:
    """The table as a file of that form; its first rows are read before the answer begins, so that a failure is still a problem."""
    chunks = iter(table.chunks)
    first = next(chunks, [])
    rows = chain([first], chunks)
    writers = {CSV.name: _csv, XLSX.name: _xlsx, PARQUET.name: _parquet}
    body = writers[form.name](table, rows)
    media = form.media_type + ("; charset=utf-8; header=present" if form is CSV else "")
    headers = {"Content-Disposition": f'attachment; filename="{table.name}.{form.ending}"', "Vary": "Accept"}
    return StreamingResponse(body, headers=headers, media_type=media)


def _csv(table: Table, chunks: Iterable[Chunk]) -> Iterator[bytes]:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")  # RFC 4180 section 2
    writer.writerow(table.columns)
    for chunk in chunks:
        writer.writerows([tuple(map(_safe, row)) for row in chunk])
        if buffer.tell() >= _PIECE:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _safe(cell: Cell) -> Cell:
    if isinstance(cell, str) and cell.startswith(_RISKY):
        return "'" + cell
    return cell


def _xlsx(table: Table, chunks: Iterable[Chunk]) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as file:
        _write_workbook(file, table, chunks)
        yield from _pieces(file)


def _write_workbook(file: IO[bytes], table: Table, chunks: Iterable[Chunk]) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, {**options, "nan_inf_to_errors": True})
    rows = chain.from_iterable(chunks)
    count = SHEET_ROWS
    sheet = None
    for row in chain(rows, [None]):
        if sheet is None or count >= SHEET_ROWS:
            sheet, count = book.add_worksheet(), 1
            sheet.write_row(0, 0, table.columns)
            sheet.freeze_panes(1, 0)
        if row is not None:
            sheet.write_row(count, 0, row)
            count += 1
    about = book.add_worksheet("about")
    for place, line in enumerate(about_lines(table)):
        about.write_row(place, 0, line)
    book.close()


def about_lines(table: Table) -> list[tuple[str, str]]:
    """What a reader of the file must know: the zone of its times, its units, the letters and words of its flags."""
    return [
        ("zone", table.zone),
        ("time", "RFC 3339 with the zone's offset; a window is labelled by its start, ranges are half-open"),
        ("unit", table.unit or "column unit, UCUM"),
        ("quality", "HJ 212 letter, empty where the device gave none: " + " ".join(filter(None, QUALITY_LETTERS))),
        ("checks", "the hub's own checks: " + " ".join(Check((1 << 6) - 1).words())),
    ]


def _parquet(table: Table, chunks: Iterable[Chunk]) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as file:
        writer = ParquetWriter(file, table.columns, table.numbers, dict(about_lines(table)))
        for chunk in chunks:
            writer.write(chunk)
        writer.close()
        yield from _pieces(file)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(_PIECE):
        yield piece
