"""A reader of Parquet for tests: the format's own description read the other way round, sharing nothing with the writer."""

import gzip
import struct
from io import BytesIO
from typing import Any

Fields = dict[int, Any]


class _Compact:
    """Thrift's compact protocol: a struct becomes a dictionary by field id."""

    def __init__(self, data: bytes) -> None:
        self.stream = BytesIO(data)

    def struct(self) -> Fields:
        found: Fields = {}
        last = 0
        while head := self.stream.read(1)[0]:
            delta, kind = head >> 4, head & 15
            last = last + delta if delta else self._zigzag()
            found[last] = self._value(kind)
        return found

    def _value(self, kind: int) -> Any:
        if kind in (5, 6):
            return self._zigzag()
        if kind == 8:
            return self.stream.read(self._varint()).decode()
        if kind == 9:
            head = self.stream.read(1)[0]
            size = head >> 4 if head >> 4 != 15 else self._varint()
            return [self._value(head & 15) for _ in range(size)]
        assert kind == 12
        return self.struct()

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.stream.read(1)[0]
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    def _zigzag(self) -> int:
        value = self._varint()
        return value >> 1 ^ -(value & 1)


def read_parquet(data: bytes) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The rows of a file and its metadata."""
    assert (data[:4], data[-4:]) == (b"PAR1", b"PAR1")
    (length,) = struct.unpack("<I", data[-8:-4])
    footer = _Compact(data[-8 - length : -8]).struct()
    names = [element[4] for element in footer[2][1:]]
    assert footer[2][0][5] == len(names)
    rows: list[dict[str, Any]] = []
    for group in footer[4]:
        columns = [_column(data, chunk[3], group[3]) for chunk in group[1]]
        rows += [dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True)]
    assert len(rows) == footer[3]
    return rows, {pair[1]: pair[2] for pair in footer[5]}


def _column(data: bytes, meta: Fields, count: int) -> list[Any]:
    page = data[meta[9] : meta[9] + meta[7]]
    reader = _Compact(page)
    header = reader.struct()
    assert (header[1], header[5][1], header[5][2], meta[5]) == (0, count, 0, count)
    body = gzip.decompress(page[reader.stream.tell() :])
    assert (len(body), len(page) - reader.stream.tell()) == (header[2], header[3])
    (length,) = struct.unpack_from("<I", body)
    run = _Compact(body[4 : 4 + length])
    groups = run._varint() >> 1
    bits = run.stream.read(groups)
    present = [bool(bits[place // 8] >> place % 8 & 1) for place in range(count)]
    values = iter(_values(body[4 + length :], meta[1], sum(present)))
    return [next(values) if there else None for there in present]


def _values(body: bytes, kind: int, count: int) -> list[Any]:
    if kind == 5:
        return list(struct.unpack(f"<{count}d", body))
    found, place = [], 0
    for _ in range(count):
        (length,) = struct.unpack_from("<I", body, place)
        found.append(body[place + 4 : place + 4 + length].decode())
        place += 4 + length
    assert place == len(body)
    return found
