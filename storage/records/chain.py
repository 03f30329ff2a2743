"""Hash chains: each row of a log carries the hash of itself and of the row before, so a changed byte anywhere shows."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

START: Final = "0" * 64
"""What stands before the first row."""


def link(prev: str, fields: Sequence[object]) -> str:
    """The hash of a row: SHA-256 over the hash before and the fields as compact JSON."""
    return hashlib.sha256(prev.encode() + msgspec.json.encode(list(fields))).hexdigest()


def first_bad(rows: Iterable[tuple[Sequence[object], str, str]], head: str | None = None) -> int | None:
    """The position of the first row (fields, prev_hash, hash) that does not fit, None when all do.

    `head` is the last hash as it was kept elsewhere: rows cut off at the end show as the position after the last.
    """
    prev, count = START, 0
    for position, (fields, said_prev, said) in enumerate(rows):
        if said_prev != prev or said != link(prev, fields):
            return position
        prev, count = said, position + 1
    return count if head is not None and head != prev else None
