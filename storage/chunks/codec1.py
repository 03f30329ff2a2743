"""Chunks as the first format wrote them, read until the upgrade has put each in its new form.

The same header; behind it the crc32 of all the rest, then one zlib stream of: time steps, values, quality runs, check runs.
"""

import struct
import zlib
from typing import Final

import numpy as np

from hub.batch import Bytes, Floats, Ints
from hub.errors import CorruptRecord

VERSION: Final = 1
_HEADER: Final = struct.Struct("<BBBbIqqqq")
_CRC: Final = struct.Struct("<I")
_FLOAT: Final = 9
_POWERS: Final = 10.0 ** np.arange(7)


def decode(data: bytes) -> tuple[Ints, Floats, Bytes, Bytes]:
    """Time, value, quality and checks of a chunk.

    Raises:
        CorruptRecord: it is damaged.
    """
    try:
        _, time_width, value_width, exponent, n, t0, time_step, first, value_step = _HEADER.unpack_from(data)
        (crc,) = _CRC.unpack_from(data, _HEADER.size)
        payload = data[_HEADER.size + _CRC.size :]
        if not n or zlib.crc32(payload, zlib.crc32(data[: _HEADER.size])) != crc:
            raise CorruptRecord("a chunk is damaged")
        body = zlib.decompress(payload)
    except (struct.error, zlib.error) as error:
        raise CorruptRecord(f"not a chunk: {error}") from error
    time, at = _steps(body, 0, n, time_width, t0, time_step)
    if value_width == _FLOAT:
        value, at = _planes(body, at, n, 8).view("<f8").ravel(), at + 8 * n
    else:
        whole, at = _steps(body, at, n, value_width, first, value_step)
        value = whole / _POWERS[exponent]
    quality, at = _runs(body, at, n)
    checks, at = _runs(body, at, n)
    return time, value, quality, checks


def _planes(body: bytes, at: int, n: int, width: int) -> Bytes:
    return np.ascontiguousarray(np.frombuffer(body, np.uint8, n * width, at).reshape(width, n).T)


def _steps(body: bytes, at: int, n: int, width: int, first: int, least: int) -> tuple[Ints, int]:
    number = np.empty(n, np.int64)
    number[0] = first
    if width == 0:
        number[1:] = least
    else:
        number[1:] = _planes(body, at, n - 1, width).view(f"<u{width}").ravel()
        number[1:] += least
    return np.cumsum(number, out=number), at + width * (n - 1)


def _runs(body: bytes, at: int, n: int) -> tuple[Bytes, int]:
    (count,) = struct.unpack_from("<I", body, at)
    if not count:
        return np.zeros(n, np.uint8), at + 4
    begin = np.frombuffer(body, "<u4", count, at + 4).astype(np.int64)
    flag = np.frombuffer(body, np.uint8, count, at + 4 + 4 * count)
    return np.repeat(flag, np.diff(begin, append=n)), at + 4 + 5 * count
