"""CSV files in blocks of whole lines: read in columns where every line is as it should be, line by line where one is not."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv

from hub.errors import ConfigError, Fault
from ingest.imports.faults import Faults
from ingest.imports.mapping import FileMapping
from ingest.imports.sheet import Piece, Sheet

_BLOCK: Final = 8 << 20
_LONGEST: Final = 1 << 20
"""Bytes of a line beyond which a file is none of lines."""


class CommaFile:
    """A CSV file as its mapping reads it."""

    def __init__(self, path: Path, mapping: FileMapping) -> None:
        """Read its header.

        Raises:
            ConfigError: it cannot be read, or has no line of names where the mapping says.
        """
        self._path = path
        self._mapping = mapping
        try:
            self.size = path.stat().st_size
            with path.open("rb") as file:
                self.names = self._header(file)
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise ConfigError(
                [Fault(str(path), 0, "", f"cannot be read as {mapping.encoding} CSV: {error}")]
            ) from error

    def pieces(self, columns: Sequence[str]) -> Iterator[Piece]:
        """The rows, block after block, with these columns."""
        with self._path.open("rb") as file:
            line = 1 + self._skip(file)
            while block := file.read(_BLOCK):
                block += file.readline(_LONGEST)
                yield self._piece(block, line, columns, file.tell())
                line += block.count(b"\n")

    def _header(self, file: BinaryIO) -> tuple[str, ...]:
        """The names of the columns: those of the header, or their numbers from 1 on."""
        mapping = self._mapping
        lines = [file.readline(_LONGEST) for _ in range(mapping.header_rows or 1)]
        which = (mapping.names_row or mapping.header_rows or 1) - 1
        if not lines[which].strip():
            raise ConfigError([Fault(str(self._path), which + 1, "", "expected the names of the columns here")])
        cells = self._split(lines[which].removeprefix(b"\xef\xbb\xbf"))
        if not mapping.header_rows:
            return tuple(str(number) for number in range(1, len(cells) + 1))
        return tuple(_unique([cell.strip() for cell in cells]))

    def _skip(self, file: BinaryIO) -> int:
        for _ in range(self._mapping.header_rows):
            file.readline(_LONGEST)
        return self._mapping.header_rows

    def _split(self, line: bytes) -> list[str]:
        text = line.decode(self._mapping.encoding).rstrip("\r\n")
        return next(csv.reader([text], delimiter=self._mapping.delimiter), [])

    def _piece(self, block: bytes, line: int, columns: Sequence[str], done: int) -> Piece:
        faults = Faults()
        count = block.count(b"\n") + (not block.endswith(b"\n"))
        table = self._quickly(block, columns)
        if table is not None and table.num_rows == count:
            arrays = {name: table.column(name).combine_chunks() for name in columns}
            return Piece(Sheet(arrays, np.arange(line, line + count)), faults, done)
        return Piece(self._carefully(block, line, columns, faults), faults, done)

    def _quickly(self, block: bytes, columns: Sequence[str]) -> "pa.Table | None":
        """The block as columns of text, None where a line is not as it should be."""
        try:
            if self._mapping.encoding != "utf-8":
                block = block.decode(self._mapping.encoding).encode()
            return pyarrow.csv.read_csv(
                io.BytesIO(block),
                pyarrow.csv.ReadOptions(column_names=list(self.names), block_size=len(block) + 1),
                pyarrow.csv.ParseOptions(delimiter=self._mapping.delimiter),
                pyarrow.csv.ConvertOptions(
                    column_types={name: pa.string() for name in columns}, include_columns=list(columns)
                ),
            )
        except (pa.ArrowInvalid, UnicodeDecodeError):
            return None

    def _carefully(self, block: bytes, line: int, columns: Sequence[str], faults: Faults) -> Sheet:
        """Line by line; blank lines are passed over, lines that are none of ours are named."""
        rows: list[list[str]] = []
        lines: list[int] = []
        for number, raw in enumerate(block.splitlines(), line):
            try:
                cells = self._split(raw)
            except (UnicodeDecodeError, csv.Error):
                faults.add(number, "", raw[:40], f"text in {self._mapping.encoding} (`encoding` in the mapping)")
                continue
            if not "".join(cells).strip():
                continue
            if len(cells) != len(self.names):
                faults.add(number, "", f"{len(cells)} columns", f"{len(self.names)} columns as in the header")
                continue
            rows.append(cells)
            lines.append(number)
        places = [self.names.index(name) for name in columns]
        arrays = {
            name: pa.array([row[place] for row in rows], pa.string())
            for name, place in zip(columns, places, strict=True)
        }
        return Sheet(arrays, np.array(lines, np.int64))


def _unique(names: list[str]) -> Iterator[str]:
    """Each name once: a second `x` is `x#2`, an empty one its number."""
    seen: dict[str, int] = {}
    for number, name in enumerate(names, 1):
        plain = name or f"#{number}"
        seen[plain] = seen.get(plain, 0) + 1
        yield plain if seen[plain] == 1 else f"{plain}#{seen[plain]}"
