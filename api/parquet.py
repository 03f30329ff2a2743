"""Apache Parquet, written: one row group per 50 000 rows, plain encoding, gzip pages; numbers are DOUBLE, the rest UTF-8 text, all optional.

Layout: the format's own description (parquet.thrift 2.10); metadata in Thrift's compact protocol. Enough for every reader, and no dependency of 170 MB.
"""

import gzip
import struct
from collections.abc import Mapping, Sequence
from typing import IO, Final

import numpy as np

_MAGIC: Final = b"PAR1"
_GROUP: Final = 50_000

# Field types of the compact protocol.
_I32: Final = 5
_I64: Final = 6
_BINARY: Final = 8
_LIST: Final = 9
_STRUCT: Final = 12
_SHORT_LIST: Final = 15

# parquet.thrift: Type, FieldRepetitionType, ConvertedType, Encoding, CompressionCodec, PageType.
_DOUBLE: Final = 5
_BYTE_ARRAY: Final = 6
_OPTIONAL: Final = 1
_UTF8: Final = 0
_PLAIN: Final = 0
_RLE: Final = 3
_GZIP: Final = 2
_DATA_PAGE: Final = 0

Row = Sequence[str | float | int | bool | None]


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _text(value: str) -> bytes:
    data = value.encode()
    return _varint(len(data)) + data


def _list(kind: int, items: Sequence[bytes]) -> bytes:
    size = len(items)
    head = bytes([size << 4 | kind]) if size < _SHORT_LIST else bytes([0xF0 | kind]) + _varint(size)
    return head + b"".join(items)


def _struct(*fields: tuple[int, int, bytes]) -> bytes:
    """A struct of (field id, type, encoded value), ids rising by less than 16."""
    out, last = bytearray(), 0
    for number, kind, value in fields:
        out.append((number - last) << 4 | kind)
        out += value
        last = number
    out.append(0)
    return bytes(out)


def _int(value: int) -> bytes:
    return _varint(value << 1 if value >= 0 else (-value << 1) - 1)


class ParquetWriter:
    """Writes rows under named columns to `file`; `about` goes into the footer as key-value metadata."""

    def __init__(
        self, file: IO[bytes], columns: Sequence[str], numbers: frozenset[str], about: Mapping[str, str]
    ) -> None:
        self._file = file
        self._columns = columns
        self._numbers = numbers
        self._about = about
        self._rows: list[Row] = []
        self._count = 0
        self._groups: list[bytes] = []
        self._place = file.write(_MAGIC)

    def write(self, rows: Sequence[Row]) -> None:
        """Take more rows."""
        self._rows.extend(rows)
        while len(self._rows) >= _GROUP:
            self._write_group(self._rows[:_GROUP])
            del self._rows[:_GROUP]

    def close(self) -> None:
        """Write what is left and the footer; the file itself stays open."""
        if self._rows:
            self._write_group(self._rows)
        schema = [_struct((4, _BINARY, _text("rows")), (5, _I32, _int(len(self._columns))))]
        schema += [self._element(name) for name in self._columns]
        about = [_struct((1, _BINARY, _text(key)), (2, _BINARY, _text(value))) for key, value in self._about.items()]
        footer = _struct(
            (1, _I32, _int(1)),
            (2, _LIST, _list(_STRUCT, schema)),
            (3, _I64, _int(self._count)),
            (4, _LIST, _list(_STRUCT, self._groups)),
            (5, _LIST, _list(_STRUCT, about)),
            (6, _BINARY, _text("streamwarden")),
        )
        self._file.write(footer + struct.pack("<I", len(footer)) + _MAGIC)

    def _element(self, name: str) -> bytes:
        if name in self._numbers:
            return _struct((1, _I32, _int(_DOUBLE)), (3, _I32, _int(_OPTIONAL)), (4, _BINARY, _text(name)))
        kind = ((1, _I32, _int(_BYTE_ARRAY)), (3, _I32, _int(_OPTIONAL)), (4, _BINARY, _text(name)))
        return _struct(*kind, (6, _I32, _int(_UTF8)))

    def _write_group(self, rows: Sequence[Row]) -> None:
        chunks = [self._write_column(place, name, rows) for place, name in enumerate(self._columns)]
        columns = [chunk for chunk, _ in chunks]
        size = sum(size for _, size in chunks)
        group = _struct((1, _LIST, _list(_STRUCT, columns)), (2, _I64, _int(size)), (3, _I64, _int(len(rows))))
        self._groups.append(group)
        self._count += len(rows)

    def _write_column(self, place: int, name: str, rows: Sequence[Row]) -> tuple[bytes, int]:
        number = name in self._numbers
        cells = [row[place] for row in rows]
        page = _levels(cells) + (_doubles(cells) if number else _strings(cells))
        packed = gzip.compress(page, 3, mtime=0)
        data = _struct(
            (1, _I32, _int(len(rows))), (2, _I32, _int(_PLAIN)), (3, _I32, _int(_RLE)), (4, _I32, _int(_RLE))
        )
        sizes = ((2, _I32, _int(len(page))), (3, _I32, _int(len(packed))))
        header = _struct((1, _I32, _int(_DATA_PAGE)), *sizes, (5, _STRUCT, data))
        start = self._place
        self._place += self._file.write(header + packed)
        raw, stored = len(header) + len(page), len(header) + len(packed)
        meta = _struct(
            (1, _I32, _int(_DOUBLE if number else _BYTE_ARRAY)),
            (2, _LIST, _list(_I32, [_int(_PLAIN), _int(_RLE)])),
            (3, _LIST, _list(_BINARY, [_text(name)])),
            (4, _I32, _int(_GZIP)),
            (5, _I64, _int(len(rows))),
            (6, _I64, _int(raw)),
            (7, _I64, _int(stored)),
            (9, _I64, _int(start)),
        )
        return _struct((2, _I64, _int(start)), (3, _STRUCT, meta)), raw


def _levels(cells: Sequence[object]) -> bytes:
    """Which cells are there, one bit each, as one bit-packed run with its length before it."""
    present = np.packbits(np.array([cell is not None for cell in cells], np.uint8), bitorder="little").tobytes()
    run = _varint(len(present) << 1 | 1) + present
    return struct.pack("<I", len(run)) + run


def _doubles(cells: Sequence[object]) -> bytes:
    return np.array([cell for cell in cells if cell is not None], "<f8").tobytes()


def _strings(cells: Sequence[object]) -> bytes:
    texts = [str(cell).encode() for cell in cells if cell is not None]
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)
