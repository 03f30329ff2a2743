"""Frames out of a stream of bytes: split, glued, with rubbish between them, and never more kept than one frame may hold."""

import re
from typing import Final, NamedTuple

from ingest.field.session import ProtocolError
from ingest.protocols.sl651.wire import (
    ASCII_HEAD,
    HEX_HEAD,
    HEX_START,
    SOH,
    STARTS,
    Frame,
    ascii_length_of,
    length_of,
    parse,
)

LONGEST: Final = 32_767 + 17
"""Bytes of the longest frame: an M3 packet going up with a length of 15 bits."""

_RUBBISH: Final = 1024
"""Bytes that are no frame and go into one piece."""

_START: Final = re.compile(rb"\x7e\x7e|\x01[0-9A-Fa-f]")
_ASCII_HEAD: Final = re.compile(rb"\x01[0-9A-Fa-f]{0,22}")


class Piece(NamedTuple):
    """One frame with its bytes, or bytes that are none and why."""

    raw: bytes
    frame: Frame | None = None
    error: ProtocolError | None = None


class Framer:
    """Keeps what has come of the next frame, and looks again only when enough has come to tell more."""

    __slots__ = ("_kept", "_wanted")

    def __init__(self) -> None:
        self._kept = bytearray()
        self._wanted = 0

    def __len__(self) -> int:
        return len(self._kept)

    def feed(self, data: bytes) -> list[Piece]:
        """What is whole now, in order; rubbish comes in pieces of its own, with their reason."""
        if self._kept:
            self._kept += data
            if len(self._kept) < self._wanted:
                return []
            data = bytes(self._kept)
        pieces: list[Piece] = []
        at = self._wanted = 0
        while at < len(data):
            start = _begin(data, at)
            if start > at and start >= len(data) - 1 and start - at < _RUBBISH:
                self._wanted = 1
                break
            if start > at:
                pieces.append(_rubbish(data[at:start]))
                at = start
                continue
            stop = _end(data, at)
            if stop > len(data):
                self._wanted = stop - at
                break
            at = _cut(data, at, stop, pieces)
        self._kept = bytearray(data[at:])
        return pieces

    def drop(self) -> Piece | None:
        """Give up on what has come of a frame."""
        raw, self._kept, self._wanted = bytes(self._kept), bytearray(), 0
        if not raw:
            return None
        if _begin(raw, 0):
            return _rubbish(raw)
        return Piece(
            raw,
            error=ProtocolError("incomplete", f"{len(raw)} bytes of a frame, and then no more (SL 651-2014, 6.3.2.1)"),
        )


def _begin(data: bytes, at: int) -> int:
    """Where the next frame may begin; the end of the data where none does."""
    while (found := _START.search(data, at)) is not None:
        if _plausible(data, found.start()):
            return found.start()
        at = found.start() + 1
    # A start may be cut in two.
    return len(data) - 1 if data[-1:] in (HEX_START[:1], SOH) else len(data)


def _plausible(data: bytes, at: int) -> bool:
    if data[at] == HEX_START[0]:
        return at + HEX_HEAD > len(data) or data[at + HEX_HEAD - 1] in STARTS
    head = data[at : at + ASCII_HEAD]
    if len(head) == ASCII_HEAD and head[-1] not in STARTS:
        return False
    return _ASCII_HEAD.fullmatch(head[: ASCII_HEAD - 1]) is not None


def _end(data: bytes, at: int) -> int:
    """Where the frame ends, or its header where that is not whole yet. A header that cannot be is as long as itself."""
    head, measure = (HEX_HEAD, length_of) if data[at] == HEX_START[0] else (ASCII_HEAD, ascii_length_of)
    if at + head > len(data):
        return at + head
    try:
        return at + measure(data[at : at + head])
    except ProtocolError:
        return at + head


def _cut(data: bytes, at: int, stop: int, pieces: list[Piece]) -> int:
    """One frame, or its refusal; then the next frame may have begun inside, where the length field was what was wrong."""
    raw = data[at:stop]
    try:
        pieces.append(Piece(raw, parse(raw)))
    except ProtocolError as error:
        inside = _inside(data, at + 2, stop)
        pieces.append(Piece(data[at:inside], error=error))
        return inside
    return stop


def _inside(data: bytes, at: int, stop: int) -> int:
    """Where a frame begins before `stop`; `stop` where none does."""
    while (found := _START.search(data, at, stop)) is not None:
        place = found.start()
        if _plausible(data, place) and place + HEX_HEAD <= len(data):
            return place
        at = place + 1
    return stop


def _rubbish(raw: bytes) -> Piece:
    return Piece(
        raw,
        error=ProtocolError(
            "bad_format", f"{len(raw)} bytes before a frame start: expected 7E7E or 01 (SL 651-2014, table 11)"
        ),
    )
