"""Pages of raw values over many series, oldest first: by time, then station, then property.

The cursor names the last value given, so a page is right whatever was written in between.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hub.batch import Ints
from hub.errors import BadQuery
from storage.columns import Order, valid
from storage.select import check_range
from storage.series import Page, Points, Select, Series

Read = Callable[[int, int], Sequence[Points]]
"""All values of the selected series in [start, end), each series in time order."""
First = Callable[[int, int], int]
"""A time in [start, end] before which, from `start` on, none of the selected series has a value."""

_FIRST_SPAN: Final = 48 * 3_600_000
_LEAST_SPAN: Final = 300_000


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last value given: its time and series."""

    time: int
    station: str
    property: str

    def encode(self) -> str:
        """The cursor as text that callers only hand back."""
        text = f"{self.time}|{self.station}|{self.property}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> "Cursor":
        """The cursor in `text`.

        Raises:
            BadQuery: not one of ours.
        """
        try:
            plain = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), b"-_", validate=True).decode()
            time, station, name = plain.split("|")
            cursor = cls(int(time), station, name)
        except (ValueError, binascii.Error) as error:
            raise BadQuery("cursor", "the `next` of an earlier page") from error
        if not -(1 << 62) < cursor.time < 1 << 62:
            raise BadQuery("cursor", "the `next` of an earlier page")
        return cursor


def check_page(start: int, end: int, limit: int) -> None:
    """Whether a page can be asked so.

    Raises:
        BadQuery: it cannot.
    """
    check_range(start, end)
    if limit < 1:
        raise BadQuery("limit", "at least 1")


def page(
    read: Read,
    series: int,
    select: Select,
    start: int,
    end: int,
    limit: int,
    cursor: str | None,
    first: First | None = None,
) -> Page:
    """The page after `cursor`; reads spans of time, each as long as the one before suggests, until it has enough.

    `series` is about how many are selected: the more, the shorter the first span. With `first`, nothing is read of a time when nothing was.

    Raises:
        BadQuery: a range, limit or cursor that cannot be.
    """
    check_page(start, end, limit)
    after = Cursor.decode(cursor) if cursor is not None else None
    low = start if after is None else max(start, after.time)
    span, held, pieces = max(_LEAST_SPAN, _FIRST_SPAN // max(1, series)), 0, []
    while low < end and held <= limit:
        high = min(low + span, end)
        piece = [_wanted(points, select.valid_only, after) for points in read(low, high)]
        pieces += piece
        found = sum(len(points.time) for points in piece)
        held += found
        low = first(high, end) if first is not None and not found else high
        # Where it was led there are values, though perhaps none that is wanted.
        span = 2 * span if low > high else _next_span(span, found, limit + 1 - held)
    return cut(joined(pieces), limit)


def _next_span(span: int, found: int, missing: int) -> int:
    return span * 8 if found == 0 else max(_LEAST_SPAN, min(span * 8, span * missing * 5 // (found * 4)))


def _wanted(points: Points, valid_only: bool, after: Cursor | None) -> Points:
    keep = np.ones(len(points.time), bool)
    if after is not None and (points.series.station, points.series.property) <= (after.station, after.property):
        keep &= points.time > after.time
    if valid_only:
        keep &= valid(points.quality, points.checks)
    return points if keep.all() else taken(points, keep)


def taken(points: Points, index: "Order | slice | np.ndarray[tuple[int], np.dtype[np.bool_]]") -> Points:
    """The points at `index`."""
    columns = (points.time[index], points.value[index], points.quality[index], points.checks[index])
    return Points(points.series, *columns, points.left_out)


def joined(pieces: Sequence[Points]) -> list[Points]:
    """Pieces of the same series put together in the order given; empty ones are left out."""
    parts: dict[Series, list[Points]] = {}
    for piece in pieces:
        if len(piece.time):
            parts.setdefault(piece.series, []).append(piece)
    return [group[0] if len(group) == 1 else _concatenated(group) for group in parts.values()]


def _concatenated(group: list[Points]) -> Points:
    return Points(
        group[0].series,
        np.concatenate([part.time for part in group]),
        np.concatenate([part.value for part in group]),
        np.concatenate([part.quality for part in group]),
        np.concatenate([part.checks for part in group]),
    )


def cut(found: list[Points], limit: int) -> Page:
    """The first `limit` values over all series."""
    found = sorted(found, key=lambda points: (points.series.station, points.series.property))
    total = sum(len(points.time) for points in found)
    if total <= limit:
        return Page(tuple(found), None)
    time: Ints = np.concatenate([points.time for points in found])
    rank = np.repeat(np.arange(len(found)), [len(points.time) for points in found])
    first = np.lexsort((rank, time))[:limit]
    kept = np.bincount(rank[first], minlength=len(found))
    last = found[int(rank[first[-1]])].series
    following = Cursor(int(time[first[-1]]), last.station, last.property).encode()
    return Page(tuple(taken(points, slice(0, int(n))) for points, n in zip(found, kept, strict=True) if n), following)
