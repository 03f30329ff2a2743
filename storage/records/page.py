"""Pages that stay right while rows are added: a cursor is the sort key of the last row, not a count."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from hub.errors import BadQuery

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, and the cursor of the rows that follow; None at the end."""

    items: list[T]
    next: str | None = None


def encode_cursor(*key: str | int) -> str:
    """The cursor after a row with this sort key."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def decode_cursor(cursor: str, *kinds: type) -> list[str | int]:
    """The sort key in a cursor, whose parts are of the types `kinds`.

    Raises:
        BadQuery: not a cursor of ours.
    """
    try:
        raw = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        key: list[str | int] = msgspec.json.decode(raw, type=list[str | int])
    except (ValueError, binascii.Error, msgspec.DecodeError):
        key = []
    if [type(part) for part in key] != list(kinds):
        raise BadQuery("cursor", "the `next` of an earlier answer")
    return key


def check_limit(limit: int, most: int = 1000) -> int:
    """`limit` when it can be one.

    Raises:
        BadQuery: not 1 to `most`.
    """
    if not 1 <= limit <= most:
        raise BadQuery("limit", f"1 to {most}")
    return limit


def paged(rows: list[T], limit: int, cursor_of: Callable[[T], str]) -> Page[T]:
    """The page of up to `limit` rows, out of `limit + 1` that were asked for."""
    if len(rows) <= limit:
        return Page(rows)
    return Page(rows[:limit], cursor_of(rows[limit - 1]))
