"""One chunk: values of one series in time order, as bytes.

A header, then one zlib stream of: time steps (absent when regular), values, quality runs, check runs. Values that are decimals are kept as
whole numbers (value = whole / 10^exponent, exact to the last bit), as steps; others as they are. Numbers wider than a byte are shuffled, all
first bytes before all second ones, which is what lets zlib at its quickest level see how alike they are.
"""

import struct
import zlib
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hub.batch import Bytes, Floats, Ints
from hub.errors import CorruptRecord

VERSION: Final = 1
_HEADER: Final = struct.Struct("<BBBbIqqqq")
_CRC: Final = struct.Struct("<I")
"""version, width of time steps (0: regular), width of values, exponent, n, first time, least step, first whole, least step;
then the crc32 of all the rest"""

_FLOAT: Final = 9  # the "width" of values that are no decimals
_EXPONENTS: Final = 7
_POWERS: Final = 10.0 ** np.arange(_EXPONENTS)
_EXACT: Final = 2.0**53
_PROBE: Final = 32


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """Values of one series in time order: time (n,) ms, value (n,), quality (n,) codes, checks (n,) bits."""

    time: Ints
    value: Floats
    quality: Bytes
    checks: Bytes

    def __len__(self) -> int:
        return len(self.time)


def encode(values: Values) -> bytes:
    """The bytes of a chunk of at least one value."""
    n = len(values)
    time_step, time_width, times = _steps(values.time)
    exponent, whole = _decimals(values.value)
    if whole is None:
        first, value_step, value_width, body = 0, 0, _FLOAT, _shuffled(values.value.astype("<f8", copy=False), 8)
    else:
        first = int(whole[0])
        value_step, value_width, body = _steps(whole)
    payload = zlib.compress(b"".join((times, body, _runs(values.quality), _runs(values.checks))), 1)
    head = _HEADER.pack(
        VERSION, time_width, value_width, exponent, n, int(values.time[0]), time_step, first, value_step
    )
    return head + _CRC.pack(zlib.crc32(payload, zlib.crc32(head))) + payload


def decode(data: bytes) -> Values:
    """The values of a chunk.

    Raises:
        CorruptRecord: not a chunk, or damaged.
    """
    try:
        version, time_width, value_width, exponent, n, t0, time_step, first, value_step = _HEADER.unpack_from(data)
        (crc,) = _CRC.unpack_from(data, _HEADER.size)
        payload = memoryview(data)[_HEADER.size + _CRC.size :]
        if version != VERSION or zlib.crc32(payload, zlib.crc32(data[: _HEADER.size])) != crc:
            raise CorruptRecord("a chunk is damaged or of an unknown version")
        body = zlib.decompress(payload)
    except (struct.error, zlib.error) as error:
        raise CorruptRecord(f"not a chunk: {error}") from error
    time, at = _read_steps(body, 0, n, time_width, t0, time_step)
    if value_width == _FLOAT:
        value, at = _unshuffled(body, at, n, 8).view("<f8").ravel(), at + 8 * n
    else:
        whole, at = _read_steps(body, at, n, value_width, first, value_step)
        value = whole / _POWERS[exponent]
    quality, at = _read_runs(body, at, n)
    checks, at = _read_runs(body, at, n)
    return Values(time, value, quality, checks)


def _decimals(value: Floats) -> tuple[int, Ints | None]:
    """The least exponent with which all values are exact decimals, and the whole numbers; (0, None) when there is none."""
    with np.errstate(over="ignore", invalid="ignore"):  # far too large for a decimal is told by what comes of it
        probe = value[:_PROBE] * _POWERS[:, None]
        fits = (np.rint(probe) / _POWERS[:, None] == value[:_PROBE]).all(axis=1)
        for exponent in np.flatnonzero(fits).tolist():
            whole = np.rint(value * _POWERS[exponent])
            if max(-whole.min(), whole.max()) < _EXACT and bool((whole / _POWERS[exponent] == value).all()):
                return exponent, whole.astype(np.int64)
    return 0, None


def _steps(number: Ints) -> tuple[int, int, bytes]:
    """The least step between neighbours, the width of what exceeds it (0: nothing does), and that as bytes."""
    if len(number) < 2:
        return 0, 0, b""
    step = number[1:] - number[:-1]
    least, most = int(step.min()), int(step.max())
    width = _width(most - least)
    if width == 0:
        return least, 0, b""
    return least, width, _shuffled((step - least).astype(f"<u{width}"), width)


def _width(most: int) -> int:
    for width in (0, 1, 2, 4):
        if most < 1 << (8 * width):
            return width
    return 8


def _shuffled(number: NDArray[np.generic], width: int) -> bytes:
    data: bytes = number.view(np.uint8).reshape(-1, width).T.tobytes()
    return data


def _unshuffled(body: bytes, at: int, n: int, width: int) -> Bytes:
    shuffled = np.frombuffer(body, np.uint8, n * width, at)
    return np.ascontiguousarray(shuffled.reshape(width, n).T)


def _read_steps(body: bytes, at: int, n: int, width: int, first: int, least: int) -> tuple[Ints, int]:
    number = np.empty(n, np.int64)
    number[0] = first
    if width == 0:
        number[1:] = least
    else:
        number[1:] = _unshuffled(body, at, n - 1, width).view(f"<u{width}").ravel()
        number[1:] += least
    return np.cumsum(number, out=number), at + width * (n - 1)


def _runs(flag: Bytes) -> bytes:
    """Runs of equal flags: their count, where each begins, their flags; no run when all are 0."""
    if not flag.any():
        return b"\0\0\0\0"
    begin = np.concatenate(([0], np.flatnonzero(flag[1:] != flag[:-1]) + 1)).astype("<u4")
    data: bytes = struct.pack("<I", len(begin)) + begin.tobytes() + flag[begin].tobytes()
    return data


def _read_runs(body: bytes, at: int, n: int) -> tuple[Bytes, int]:
    (count,) = struct.unpack_from("<I", body, at)
    if not count:
        return np.zeros(n, np.uint8), at + 4
    begin = np.frombuffer(body, "<u4", count, at + 4).astype(np.int64)
    flag = np.frombuffer(body, np.uint8, count, at + 4 + 4 * count)
    return np.repeat(flag, np.diff(begin, append=n)), at + 4 + 5 * count
