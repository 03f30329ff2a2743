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

_POWERS: Final = 10 ** np.arange(3, -1, -1, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One series' rows of the stream `result`: time (n,) ms, value (n,); `field` when it was asked for."""

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


def _section(names: Sequence[str], body: bytes) -> Iterator[Table]:
    if b'"' in body:
        body = _unquoted(body)
    text = np.frombuffer(body, np.uint8)
    edges = np.flatnonzero((text == ord(",")) | (text == ord("\r"))).reshape(-1, len(names))
    column = {name: i for i, name in enumerate(names)}
    time = _times(text, edges[:, column["_time"] - 1] + 1, edges[:, column["_time"]])
    value = _floats(text, edges[:, column["_value"] - 1] + 1, edges[:, column["_value"]])
    begins = _tables(text, edges[:, column["table"] - 1] + 1, edges[:, column["table"]])
    for first, last in zip(begins.tolist(), [*begins[1:].tolist(), len(edges)], strict=True):
        words = [body[low + 1 : high].decode() for low, high in zip(edges[first, :-1], edges[first, 1:], strict=True)]
        word = dict(zip(names[1:], words, strict=True))
        yield Table(
            word["result"],
            word["station"],
            word["metric"],
            word.get("_field", ""),
            time[first:last],
            value[first:last],
        )


def _unquoted(body: bytes) -> bytes:
    """Foreign tags with commas or quotes: their commas are swapped for a character no tag of ours has."""
    rows = csv.reader(io.StringIO(body.decode(), newline=""))
    return "".join(",".join(cell.replace(",", "\x1f") for cell in row) + "\r\n" for row in rows if row).encode()


def _digits(text: Bytes, at: Ints, offsets: Sequence[int]) -> Ints:
    """The number written at each place in the digits at `offsets`."""
    digits = text[at[:, None] + np.array(offsets)].astype(np.int64) - ord("0")
    number: Ints = digits @ _POWERS[-len(offsets) :]
    return number


def _times(text: Bytes, start: Ints, end: Ints) -> Ints:
    """RFC 3339 in UTC, `2026-05-28T20:26:41.234Z`, to epoch ms; digits beyond the third are cut."""
    date = _digits(text, start, (0, 1, 2, 3)) * 12 + _digits(text, start, (5, 6)) - 1
    day = (date - 1970 * 12).astype("M8[M]").astype("M8[D]").astype(np.int64) + _digits(text, start, (8, 9)) - 1
    minute = _digits(text, start, (11, 12)) * 60 + _digits(text, start, (14, 15))
    time = ((day * 1440 + minute) * 60 + _digits(text, start, (17, 18))) * 1000
    for place, unit in ((20, 100), (21, 10), (22, 1)):
        there = np.flatnonzero(start + place < end - 1)
        time[there] += (text[start[there] + place].astype(np.int64) - ord("0")) * unit
    answer: Ints = time
    return answer


def _floats(text: Bytes, start: Ints, end: Ints) -> Floats:
    """The field from start to end of every line, as floats."""
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
