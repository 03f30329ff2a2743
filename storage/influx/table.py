"""The server's CSV answer as arrays: times and values are parsed by columns, the tags once for each table.

An answer is sections with a header line each; all lines of a section have the same fields, so commas form a matrix.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hub.batch import Bytes, Floats, Ints
from hub.errors import StoreUnavailable

Words = NDArray[np.uint64]

_POWERS: Final = 10 ** np.arange(18, dtype=np.int64)
_MOST_DIGITS: Final = 16
_EXACT: Final = 1 << 53
_DOT: Final = (ord(".") - ord("0")) % 256


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One series' rows of the stream `result`: time (n,) ms, value (n,) when it was asked for, as station, property and field."""

    result: str
    station: str
    property: str
    field: str
    time: Ints
    value: Floats


def parse(answer: bytes) -> Iterator[Table]:
    """The tables of an answer, in its order.

    Raises:
        StoreUnavailable: the server broke off with an error.
    """
    for section in answer.split(b"\r\n\r\n"):
        head, _, body = section.strip(b"\r\n").partition(b"\r\n")
        names = head.decode().split(",")
        if "error" in names:
            raise StoreUnavailable(f"InfluxDB: {body.decode(errors='replace')}")
        if body:
            yield from _section(names, body + b"\r\n")


def tagged(answer: bytes) -> Iterator[Table]:
    """The tables of an answer that are of series as we write them; another writer's of the same bucket are none of ours.

    Raises:
        StoreUnavailable: the server broke off with an error.
    """
    return (table for table in parse(answer) if table.property and table.station.count("/") == 2)


def _section(names: Sequence[str], body: bytes) -> Iterator[Table]:
    if b'"' in body:
        body = _unquoted(body)
    text = np.frombuffer(body, np.uint8)
    edges = np.flatnonzero((text == ord(",")) | (text == ord("\r"))).reshape(-1, len(names))
    column = {name: i for i, name in enumerate(names)}
    value = _floats(text, edges[:, column["_value"] - 1] + 1, edges[:, column["_value"]])
    time = np.zeros(len(edges), np.int64)
    if "_time" in column:
        time = _times(text, edges[:, column["_time"] - 1] + 1, edges[:, column["_time"]])
    begins = _tables(text, edges[:, column["table"] - 1] + 1, edges[:, column["table"]])
    for first, last in zip(begins.tolist(), [*begins[1:].tolist(), len(edges)], strict=True):
        words = [body[low + 1 : high].decode() for low, high in zip(edges[first, :-1], edges[first, 1:], strict=True)]
        word = dict(zip(names[1:], words, strict=True))
        yield Table(
            word["result"],
            word.get("station", ""),
            word.get("metric", ""),
            word.get("_field", ""),
            time[first:last],
            value[first:last],
        )


def _unquoted(body: bytes) -> bytes:
    """Foreign tags with commas or quotes: their commas are swapped for a character no tag of ours has."""
    rows = csv.reader(io.StringIO(body.decode(), newline=""))
    return "".join(",".join(cell.replace(",", "\x1f") for cell in row) + "\r\n" for row in rows if row).encode()


def _times(text: Bytes, start: Ints, end: Ints) -> Ints:
    """RFC 3339 in UTC, `2026-05-28T20:26:41.234Z`, to epoch ms; digits beyond the third are cut."""
    words = _words(text)
    year, clock, second = words[start], words[start + 8], words[start + 12]
    # Rows come by time, so the date is worked out where it changes only.
    new = np.flatnonzero((year[1:] != year[:-1]) | ((clock[1:] ^ clock[:-1]) & 0xFFFF).astype(bool)) + 1
    first = np.concatenate(([0], new))
    month = (_two(year[first], 0) * 100 + _two(year[first], 2)) * 12 + _two(year[first], 5) - 1
    date = (month - 1970 * 12).astype("M8[M]").astype("M8[D]").astype(np.int64) + _two(clock[first], 0) - 1
    day = np.repeat(date, np.diff(first, append=len(start)))
    time = (((day * 24 + _two(clock, 3)) * 60 + _two(clock, 6)) * 60 + _two(second, 5)) * 1000
    for place, unit in ((20, 100), (21, 10), (22, 1)):
        there = np.flatnonzero(start + place < end - 1)
        time[there] += (text[start[there] + place].astype(np.int64) - ord("0")) * unit
    answer: Ints = time
    return answer


def _words(text: Bytes) -> Words:
    """The eight bytes that begin at each place, as one number."""
    return np.ndarray(len(text) - 7, "<u8", text.data, strides=(1,))


def _two(word: Words, place: int) -> Ints:
    """The number whose two digits are the bytes of a word from `place`."""
    ten, one = ((word >> np.uint64(8 * at)).astype(np.int64) & 15 for at in (place, place + 1))
    number: Ints = ten * 10 + one
    return number


def _floats(text: Bytes, start: Ints, end: Ints) -> Floats:
    """The field from start to end of every line, as floats: decimals of up to 15 digits by columns of digits, others one by one.

    Both give the float nearest to what is written: a whole number below 2^53 over a power of ten is rounded once.
    """
    negative = text[start] == ord("-")
    length = end - start - negative
    whole, point = np.zeros(len(start), np.int64), np.zeros(len(start), np.int64)
    odd = length > _MOST_DIGITS
    for place in range(min(int(length.max()), _MOST_DIGITS)):
        digit = np.where(length > place, text[end - 1 - place], ord("0")) - np.uint8(ord("0"))
        dots = digit == _DOT
        if dots.any():
            point[dots] = place + 1
            digit[dots] = 0
        odd |= digit > 9
        whole += np.multiply(digit, _POWERS[place], dtype=np.int64)
    before, after = np.divmod(whole, _POWERS[point])
    scale = _POWERS[np.maximum(point - 1, 0)]
    whole = before * scale + after
    value: Floats = np.where(negative, -1.0, 1.0) * whole / scale
    odd |= whole >= _EXACT
    if odd.any():
        value[odd] = _odd_floats(text, start[odd], end[odd])
    return value


def _odd_floats(text: Bytes, start: Ints, end: Ints) -> Floats:
    """Such as 1e-07 or 0.30000000000000004."""
    mark = np.zeros(len(text) + 1, np.int8)
    mark[start] = 1
    mark[end + 1] -= 1
    inside = np.cumsum(mark[:-1], dtype=np.int8).astype(bool)
    fields = text[inside]
    fields[np.cumsum(end + 1 - start) - 1] = ord(",")
    value: Floats = np.fromstring(fields.tobytes(), np.float64, sep=",")
    return value


def _tables(text: Bytes, start: Ints, end: Ints) -> NDArray[np.intp]:
    """The first line of each table."""
    number = _floats(text, start, end)
    return np.concatenate(([0], np.flatnonzero(number[1:] != number[:-1]) + 1))
