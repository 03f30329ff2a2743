"""Which single byte of a file was changed: its CRC-32 alone tells the place, and its SHA-256 proves it.

A CRC is linear: what one changed byte does to it depends only on the change and on how many bytes follow, so going back from the end, the place
is where the remaining difference is one that a single byte can make.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 8 << 20
"""Larger files are named, but not searched: each byte is a step."""

_POLYNOMIAL: Final = 0xEDB88320  # ISO 3309, reflected, as in zip


def _table() -> list[int]:
    table = []
    for number in range(256):
        value = number
        for _ in range(8):
            value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return table


_TABLE: Final = _table()
_BY_TOP: Final = {value >> 24: number for number, value in enumerate(_TABLE)}
_SINGLE: Final = {value: number for number, value in enumerate(_TABLE) if number}


@dataclass(frozen=True, slots=True)
class Changed:
    """The byte at `offset` was `was` when the file was made."""

    offset: int
    was: int


def changed_byte(
    pieces: Callable[[], Iterable[bytes]], size: int, crc: int, due_crc: int, sound: Callable[[Iterable[bytes]], bool]
) -> Changed | None:
    """The byte whose change explains the difference of the CRCs and whose mending makes the file `sound`; None when no single one does."""
    difference = crc ^ due_crc
    if not difference or size > MOST_BYTES:
        return None
    for back in range(size):
        flip = _SINGLE.get(difference)
        if flip is not None:
            offset = size - 1 - back
            mended = list(_mended(pieces(), offset, flip))
            if sound(piece for piece, _ in mended):
                return Changed(offset, next(byte for _, byte in mended if byte is not None))
        index = _BY_TOP[difference >> 24]
        difference = (difference ^ _TABLE[index]) << 8 & 0xFFFFFFFF | index
    return None


def _mended(pieces: Iterable[bytes], offset: int, flip: int) -> Iterable[tuple[bytes, int | None]]:
    """The pieces with the byte turned back, and which byte that is."""
    begin = 0
    for piece in pieces:
        place = offset - begin
        begin += len(piece)
        if 0 <= place < len(piece):
            was = piece[place] ^ flip
            yield piece[:place] + bytes([was]) + piece[place + 1 :], was
        else:
            yield piece, None
