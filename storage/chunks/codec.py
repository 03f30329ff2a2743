"""One chunk: values of one series in time order, as bytes.

A header, the crc32 of all the rest, and the planes of: time steps (absent when regular), values, quality runs, check runs (absent when all are
0), preceded by their lengths. Values that are decimals are kept as whole numbers (value = whole / 10^exponent, exact to the last bit), as
steps; others as they are. Of each step what exceeds the least one is kept; the first number's is 0, so planes are as long as the chunk.
Many chunks are written, and read (`decode.py`), together: what numpy takes to begin would else be most of the work.
"""

import struct
import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from hub.batch import Bytes, Floats, Ints
from storage.chunks.planes import pack, runs, split
from storage.columns import Order

VERSION: Final = 2
HEADER: Final = struct.Struct("<BBBbBIqqqq")
"""version, width of time steps (0: regular), width of values, exponent, which flags there are, n, first time, least step, first whole, least step"""
CRC: Final = struct.Struct("<I")

FLOAT: Final = 9  # the "width" of values that are no decimals
POWERS: Final = (10.0 ** np.arange(7)).tolist()
_EXACT: Final = 2.0**53
QUALITY: Final = 1
CHECKS: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """Values of one series in time order: time (n,) ms, value (n,), quality (n,) codes, checks (n,) bits."""

    time: Ints
    value: Floats
    quality: Bytes
    checks: Bytes

    def __len__(self) -> int:
        return len(self.time)


NOTHING: Final = Values(np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint8), np.empty(0, np.uint8))


def encode(values: Values) -> bytes:
    """The bytes of a chunk of at least one value."""
    return encode_all(values, np.array([0, len(values)]))[0]


def encode_all(values: Values, edges: Order, *, deflate_from: int = 0) -> list[bytes]:
    """The bytes of many chunks, each of at least one value: chunk i is of the values from edges[i] to edges[i + 1].

    Chunks of fewer than `deflate_from` values are left as they are: to deflate what will soon be merged is not worth its time.
    """
    begin = edges[:-1]
    exponent, whole = _decimals(values.value, edges)
    time = _Steps.of(values.time, edges)
    number = _Steps.of(whole, edges)
    flags = np.minimum(np.bitwise_or.reduceat(values.quality, begin), 1) * QUALITY
    flags |= np.minimum(np.bitwise_or.reduceat(values.checks, begin), 1) * CHECKS
    starts = zip(exponent, flags.tolist(), values.time[begin].tolist(), whole[begin].tolist(), strict=True)
    done = []
    for i, ((first, last), (power, flag, t0, w0)) in enumerate(zip(pairwise(edges.tolist()), starts, strict=True)):
        if power < 0:
            width, least, planes = FLOAT, 0, split(values.value[first:last].view(np.int64), 8)
        else:
            width, least, planes = number.width[i], number.least[i], number.planes(i, first, last)
        planes = time.planes(i, first, last) + planes
        planes += [runs(column[first:last]) for bit, column in _flag_columns(values) if flag & bit]
        head = HEADER.pack(
            VERSION, time.width[i], width, max(power, 0), flag, last - first, t0, time.least[i], w0, least
        )
        done.append(_sealed(head, planes, deflate=last - first >= deflate_from))
    return done


def _flag_columns(values: Values) -> tuple[tuple[int, Bytes], tuple[int, Bytes]]:
    return (QUALITY, values.quality), (CHECKS, values.checks)


def _sealed(head: bytes, planes: list[bytes], *, deflate: bool) -> bytes:
    packed = [pack(plane) if deflate else (len(plane), plane) for plane in planes]
    lengths = struct.pack(f"<{len(packed)}I", *(length for length, _ in packed))
    payload = b"".join((lengths, *(data for _, data in packed)))
    return head + CRC.pack(zlib.crc32(payload, zlib.crc32(head))) + payload


@dataclass(frozen=True, slots=True)
class _Steps:
    """Numbers of many chunks as steps: of each chunk the least, and the width of what exceeds it (0: nothing does)."""

    least: list[int]
    width: list[int]
    excess: Ints

    @classmethod
    def of(cls, number: Ints, edges: Order) -> "_Steps":
        begin = edges[:-1]
        step = np.zeros(len(number), np.int64)
        np.subtract(number[1:], number[:-1], out=step[1:])
        # A chunk's first number has no step: the next one's stands for it, which changes neither extreme.
        step[begin] = np.where(np.diff(edges) > 1, step[np.minimum(begin + 1, len(step) - 1)], 0)
        least, most = np.minimum.reduceat(step, begin), np.maximum.reduceat(step, begin)
        widths = [_width(high - low) for low, high in zip(least.tolist(), most.tolist(), strict=True)]
        excess = step - np.repeat(least, np.diff(edges))
        excess[begin] = 0
        return cls(least.tolist(), widths, excess)

    def planes(self, i: int, first: int, last: int) -> list[bytes]:
        """The planes of chunk i."""
        return split(self.excess[first:last], self.width[i])


def _width(most: int) -> int:
    return (most.bit_length() + 7) // 8


def _decimals(value: Floats, edges: Order) -> tuple[list[int], Ints]:
    """For each chunk the least exponent with which all its values are exact decimals, -1 when there is none; and the whole numbers."""
    begin, size = edges[:-1], np.diff(edges)
    exponent = np.full(len(begin), -1)
    whole = np.zeros(len(value), np.int64)
    with np.errstate(over="ignore", invalid="ignore"):  # far too large for a decimal is told by what comes of it
        for place, power in enumerate(POWERS):
            missing = exponent < 0
            first = value[begin[missing]]
            if not (np.rint(first * power) / power == first).any():
                continue
            scaled = np.rint(value * power)
            exact = (scaled / power == value) & (np.abs(scaled) < _EXACT)
            fits = missing & np.logical_and.reduceat(exact, begin)
            if fits.all():
                return [place] * len(begin), scaled.astype(np.int64)
            if fits.any():
                exponent[fits] = place
                mine = np.repeat(fits, size)
                whole[mine] = scaled[mine]
            if (exponent >= 0).all():
                break
    return exponent.tolist(), whole
