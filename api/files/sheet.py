"""XLSX: written to a file of its own first, because a workbook's directory stands at its end; several sheets where one is too short."""

import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Final, Self

import xlsxwriter

from api.files.table import Piece, Row, Table, about_lines
from api.problem import invalid

SHEET_ROWS: Final = 1_000_000
"""Rows of one sheet; Excel's own bound is 1 048 576."""

MOST_ROWS: Final = 5 * SHEET_ROWS
"""Rows of one workbook: more is a file that no spreadsheet opens."""

_PIECE: Final = 1 << 18


def write_xlsx(table: Table, pieces: Iterable[Piece]) -> Iterator[bytes]:
    """The file's bytes, and b"" now and then while it is being made.

    Raises:
        Problem: `invalid-parameter` where a workbook cannot hold so many rows.
    """
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile(dir=folder) as file:
        with _Book(file, table, folder) as book:
            for piece in pieces:
                for row in piece.rows():
                    book.add(row)
                yield b""
            book.close()
        file.seek(0)
        while block := file.read(_PIECE):
            yield block


class _Book:
    """A workbook; when its block is left before `close`, nothing of it stays."""

    def __init__(self, file: IO[bytes], table: Table, folder: str) -> None:
        options = {"constant_memory": True, "tmpdir": folder, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(file, {**options, "nan_inf_to_errors": True})
        self._table = table
        self._count = self._place = 0
        self._sheet = self._fresh()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._book.fileclosed:
            # Else it would write itself when it is collected.
            self._book.fileclosed = True
            for sheet in self._book.worksheets():
                sheet.row_data_fh.close()

    def _fresh(self) -> "xlsxwriter.worksheet.Worksheet":
        sheet = self._book.add_worksheet()
        sheet.write_row(0, 0, self._table.columns)
        sheet.freeze_panes(1, 0)
        self._place = 1
        return sheet

    def add(self, row: Row) -> None:
        self._count += 1
        if self._count > MOST_ROWS:
            raise invalid("format", f"csv or parquet: XLSX holds at most {MOST_ROWS} rows; or a shorter period")
        if self._place >= SHEET_ROWS:
            self._sheet = self._fresh()
        self._sheet.write_row(self._place, 0, row)
        self._place += 1

    def close(self) -> None:
        about = self._book.add_worksheet("about")
        for place, line in enumerate(about_lines(self._table)):
            about.write_row(place, 0, line)
        self._book.close()
