"""Bytes that are alike, packed: all first bytes of some numbers, all second bytes, and so on, each deflated where that gains something.

First bytes of what an instrument trembles by are noise: they stay as they are, which costs nothing to read; second bytes deflate to half.
Runs and frequencies are all that is looked for (`Z_RLE`): nearer to what numbers have in common than repeated strings, and quicker.
"""

import struct
import zlib
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from hub.batch import Bytes, Ints

Plane = bytes | memoryview
_COUNT: Final = struct.Struct("<I")
_FEW: Final = 16
_DEFLATED: Final = 1 << 31
_WORTH: Final = 0.92
_NOISE_BITS: Final = 7.3
_SHORT: Final = 64


def pack(plane: bytes) -> tuple[int, bytes]:
    """The plane as it is kept, and its length with a mark when it is deflated."""
    if len(plane) < _SHORT or not _is_noise(plane):
        stream = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_RLE)
        deflated = stream.compress(plane) + stream.flush()
        if len(deflated) < _WORTH * len(plane):
            return len(deflated) | _DEFLATED, deflated
    return len(plane), plane


def _is_noise(plane: bytes) -> bool:
    """Whether the bytes are as frequent as those of noise; their entropy with the correction of Miller and Madow for few bytes."""
    count = np.bincount(np.frombuffer(plane, np.uint8))
    count = count[count > 0]
    n = len(plane)
    bits = np.log2(n) - (count * np.log2(count)).sum() / n + 0.72 * (len(count) - 1) / n
    return bool(bits > _NOISE_BITS)


def unpack(data: memoryview, marks: Sequence[int]) -> list[Plane]:
    """The planes that lie behind the table of their marked lengths.

    Raises:
        zlib.error: one cannot be inflated.
    """
    planes: list[Plane] = []
    at = 4 * len(marks)
    for mark in marks:
        end = at + (mark & ~_DEFLATED)
        planes.append(zlib.decompress(data[at:end], -zlib.MAX_WBITS) if mark & _DEFLATED else data[at:end])
        at = end
    return planes


def split(number: Ints, width: int) -> list[bytes]:
    """The `width` planes of numbers that are not negative and fit, lowest bytes first."""
    columns = number.astype("<i8", copy=False).view(np.uint8).reshape(-1, 8)
    return [columns[:, i].tobytes() for i in range(width)]


def join(planes: Sequence[Plane], target: Ints) -> None:
    """Put the numbers whose planes these are into `target`; there is at least one plane, and each is as long."""
    target[:] = np.frombuffer(planes[-1], np.uint8)
    for plane in planes[-2::-1]:
        target <<= 8
        target |= np.frombuffer(plane, np.uint8)


def runs(flag: Bytes) -> bytes:
    """Runs of equal flags: their count, where each begins, their flags."""
    begin = np.concatenate(([0], np.flatnonzero(flag[1:] != flag[:-1]) + 1)).astype("<u4")
    data: bytes = _COUNT.pack(len(begin)) + begin.tobytes() + flag[begin].tobytes()
    return data


def put_runs(data: Plane, target: Bytes) -> None:
    """Put the flags that the runs tell of into `target`, which holds zeros.

    Raises:
        struct.error: the runs are not whole.
    """
    (count,) = _COUNT.unpack_from(data)
    if count <= _FEW:
        begins = (*struct.unpack_from(f"<{count}I", data, 4), len(target))
        for flag, (begin, end) in zip(bytes(data[4 + 4 * count :]), pairwise(begins), strict=True):
            if flag:
                target[begin:end] = flag
        return
    edge = np.empty(count + 1, np.int64)
    edge[:-1] = np.frombuffer(data, "<u4", count, 4)
    edge[-1] = len(target)
    target[:] = np.repeat(np.frombuffer(data, np.uint8, count, 4 + 4 * count), edge[1:] - edge[:-1])
