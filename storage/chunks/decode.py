"""Reading chunks: what `codec.py` wrote, many at a time, one after the other."""

import struct
import zlib
from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import Final, NamedTuple

import numpy as np

from hub.batch import Bytes, Floats, Ints
from hub.errors import CorruptRecord
from storage.chunks import codec1
from storage.chunks.codec import CHECKS, CRC, FLOAT, HEADER, POWERS, QUALITY, VERSION, Values
from storage.chunks.planes import Plane, join, put_runs, unpack

_BODY: Final = HEADER.size + CRC.size


class _Chunk(NamedTuple):
    """The header's words, and the planes that are there."""

    size: int
    time: tuple[int, int]
    number: tuple[int, int]
    exponent: int
    width: int
    time_planes: list[Plane]
    planes: list[Plane]
    flags: dict[int, Plane]


def decode(data: bytes) -> Values:
    """The values of a chunk.

    Raises:
        CorruptRecord: not a chunk, or damaged.
    """
    return decode_all([data])


def decode_all(blobs: Sequence[bytes]) -> Values:
    """The values of one or more chunks, one after the other.

    Raises:
        CorruptRecord: one is not a chunk, or damaged.
    """
    if any(data[:1] == bytes((codec1.VERSION,)) for data in blobs):
        return joined([_old(data) for data in blobs])
    try:
        chunks = [_opened(data) for data in blobs]
        edges = np.cumsum([0, *(chunk.size for chunk in chunks)])
        return Values(
            _numbers([chunk.time_planes for chunk in chunks], [chunk.time for chunk in chunks], edges),
            _values(chunks, edges),
            _flags(chunks, QUALITY, edges),
            _flags(chunks, CHECKS, edges),
        )
    except (struct.error, zlib.error, ValueError) as error:
        raise CorruptRecord(f"not a chunk: {error}") from error


def _old(data: bytes) -> Values:
    return Values(*codec1.decode(data)) if data[:1] == bytes((codec1.VERSION,)) else decode(data)


def joined(parts: Sequence[Values]) -> Values:
    """Parts one after the other."""
    if len(parts) == 1:
        return parts[0]
    return Values(
        np.concatenate([part.time for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.quality for part in parts]),
        np.concatenate([part.checks for part in parts]),
    )


def _opened(data: bytes) -> _Chunk:
    version, time_width, width, exponent, flags, count, t0, time_step, first, step = HEADER.unpack_from(data)
    (crc,) = CRC.unpack_from(data, HEADER.size)
    payload = memoryview(data)[_BODY:]
    if version != VERSION or not count or zlib.crc32(payload, zlib.crc32(data[: HEADER.size])) != crc:
        raise CorruptRecord("a chunk is damaged or of an unknown version")
    bits = [bit for bit in (QUALITY, CHECKS) if flags & bit]
    stored = min(width, 8)
    lengths = struct.unpack_from(f"<{time_width + stored + len(bits)}I", payload)
    planes = unpack(payload, lengths)
    body, rest = planes[: time_width + stored], planes[time_width + stored :]
    for plane in body:
        if len(plane) != count:
            raise CorruptRecord("a chunk's planes are not of its length")
    of_flags = dict(zip(bits, rest, strict=True)) if rest else {}
    return _Chunk(
        count, (t0, time_step), (first, step), exponent, width, body[:time_width], body[time_width:], of_flags
    )


def _numbers(planes: list[list[Plane]], starts: list[tuple[int, int]], edges: Ints) -> Ints:
    """Of each chunk, numbers that begin with the first of `starts` and go on by the least step, its second, and what its planes add."""
    step = np.zeros(int(edges[-1]), np.int64)
    _fill(step, planes, edges)
    if len(starts) == 1:
        first, least = starts[0]
        step += least
        step[0] = first
        return np.cumsum(step, out=step)
    size = np.diff(edges)
    step += np.repeat(np.array([least for _, least in starts]), size)
    number = np.cumsum(step, out=step)
    number += np.repeat(np.array([first for first, _ in starts]) - number[edges[:-1]], size)
    return number


def _fill(target: Ints, planes: list[list[Plane]], edges: Ints) -> None:
    """Put the numbers of each chunk's planes in their place; neighbours of one width are put together as bytes."""
    for width, group in groupby(range(len(planes)), key=lambda i: len(planes[i])):
        same = list(group)
        if width:
            columns = [b"".join(planes[i][j] for i in same) for j in range(width)]
            join(columns, target[edges[same[0]] : edges[same[-1] + 1]])


def _values(chunks: list[_Chunk], edges: Ints) -> Floats:
    if all(chunk.width != FLOAT for chunk in chunks):
        return _decimals(chunks, edges)
    value = np.empty(int(edges[-1]))
    for chunk, (first, last) in zip(chunks, pairwise(edges.tolist()), strict=True):
        if chunk.width == FLOAT:
            join(chunk.planes, value[first:last].view(np.int64))
        else:
            value[first:last] = _decimals([chunk], np.array([0, chunk.size]))
    return value


def _decimals(chunks: list[_Chunk], edges: Ints) -> Floats:
    whole = _numbers([chunk.planes for chunk in chunks], [chunk.number for chunk in chunks], edges)
    power = [POWERS[chunk.exponent] for chunk in chunks]
    value: Floats = whole / (power[0] if len(set(power)) == 1 else np.repeat(np.array(power), np.diff(edges)))
    return value


def _flags(chunks: list[_Chunk], bit: int, edges: Ints) -> Bytes:
    flag = np.zeros(int(edges[-1]), np.uint8)
    for chunk, (first, last) in zip(chunks, pairwise(edges.tolist()), strict=True):
        if bit in chunk.flags:
            put_runs(chunk.flags[bit], flag[first:last])
    return flag
