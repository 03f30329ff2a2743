"""The body of a frame in HEX/BCD coding (SL 651-2014, 6.6.3): bytes to a `Message` and back."""

from collections.abc import Callable
from typing import Final

from ingest.field.session import ProtocolError
from ingest.protocols.sl651.message import (
    Asked,
    Bulk,
    Element,
    Item,
    Manual,
    Message,
    Observed,
    Photo,
    Series,
    Site,
    Span,
    Tail,
)

REPORTS: Final = frozenset((*range(0x30, 0x3B), 0x44))
"""Functions whose stations carry the letter of their kind (tables 28-49, 55)."""
EVEN: Final = frozenset((0x31, 0x38))
TAILS: Final = frozenset((0x45, 0x4C, 0x4D, 0x4E, 0x4F, 0x50))
KNOWN: Final = frozenset((*range(0x2F, 0x3B), *range(0x40, 0x52)))
"""The functions of annex B; the others are reserved or users' own."""
ASKING: Final = frozenset((0x38, 0x3A, 0x41, 0x43, 0x47, 0x48))
"""Functions that name elements going down, without data (tables 44, 48, 52, 61, 63)."""

STEP: Final = "04"
_CODES: Final = tuple(f"{guide:02X}" for guide in range(256))
_HEAD: Final = 8
_TIME, _SITE, _MANUAL, _PHOTO, _BULK, _OWN = 0xF0, 0xF1, 0xF2, 0xF3, 0xFD, 0xFF
_TIME_MARK, _SITE_MARK = b"\xf0\xf0", b"\xf1\xf1"
_FIXED: Final = {_TIME: 0xF0, _SITE: 0xF1, _MANUAL: 0xF2, _PHOTO: 0xF3, _BULK: 0xF6}
"""Guides whose second byte defines nothing (annex C, notes a to f)."""
_REST: Final[dict[int, Callable[[bytes], Item]]] = {_MANUAL: Manual, _PHOTO: Photo, _BULK: Bulk}
"""Guides after which all that follows is their data."""
_WHOLE_LENGTH: Final = "0E"
"""Among the parameters the one whose definition byte is all length (table D.1, 14)."""


def decode_body(body: bytes, function: int, *, up: bool = True) -> Message:
    """What a whole body says.

    Raises:
        ProtocolError: bad_length, bad_format, bad_value or unsupported.
    """
    if len(body) < _HEAD:
        raise ProtocolError(
            "bad_length", f"body of {len(body)} bytes: serial number and time sent take 8 (SL 651-2014, table 24)"
        )
    if function not in KNOWN:
        raise ProtocolError("unsupported", f"function {function:02X}H: reserved or a user's own (SL 651-2014, annex B)")
    sent = _digits(body[2:8], "time sent", "6.6.2.5")
    items = _items_up(body, function) if up else _items_down(body, function)
    return Message(int.from_bytes(body[:2]), sent, tuple(items))


def _items_up(body: bytes, function: int) -> list[Item]:
    items: list[Item] = []
    at, end = _HEAD, len(body)
    while at < end:
        guide = body[at]
        if guide < _TIME or guide not in _FIXED:
            element, at = _element(body, at, function)
            items.append(element)
            if element.code == STEP and function in EVEN and at < end:
                items.append(_series(body, at))
                return items
            continue
        if at + 1 < end and body[at + 1] != _FIXED[guide]:
            raise ProtocolError(
                "bad_format",
                f"{guide:02X}{body[at + 1]:02X}: expected {guide:02X}{_FIXED[guide]:02X} (SL 651-2014, annex C, notes a to f)",
            )
        if guide == _TIME:
            items.append(Observed(_digits(_take(body, at + 2, 5), "time observed", "6.6.2.8")))
            at += 7
        elif guide == _SITE:
            site, at = _site(body, at, function)
            items.append(site)
            if function in TAILS and at < end:
                items.append(Tail(body[at:]))
                return items
        else:
            items.append(_REST[guide](body[at + 2 :]))
            return items
    return items


def _items_down(body: bytes, function: int) -> list[Item]:
    items: list[Item] = []
    at, end = _HEAD, len(body)
    if body[at : at + 2] == _SITE_MARK:
        items.append(Site(_take(body, at + 2, 5).hex()))
        at += 7
    if at == end:
        return items
    if function in TAILS:
        return [*items, Tail(body[at:])]
    if function == 0x38:
        span = _digits(_take(body, at, 8), "time span", "table 44")
        step, at = _element(body, at + 8, function)
        items += [Span(span[:8], span[8:]), step]
    while at < end:
        if function in ASKING:
            asked, at = _asked(body, at)
            items.append(asked)
        else:
            element, at = _element(body, at, function)
            items.append(element)
    return items


def _site(body: bytes, at: int, function: int) -> tuple[Site, int]:
    station = _take(body, at + 2, 5).hex()
    at += 7
    if function not in REPORTS or at >= len(body) or body[at : at + 2] == _TIME_MARK:
        return Site(station), at
    return Site(station, chr(body[at])), at + 1


def _element(body: bytes, at: int, function: int) -> tuple[Element, int]:
    asked, start = _asked(body, at)
    length = asked.definition if asked.code == _WHOLE_LENGTH and function in (0x40, 0x41) else asked.definition >> 3
    stop = start + length
    if stop > len(body):
        raise ProtocolError(
            "bad_length",
            f"element {asked.code}H: {length} bytes by its definition, {len(body) - start} are left (SL 651-2014, table 26)",
        )
    return Element(asked.code, asked.definition, body[start:stop]), stop


def _asked(body: bytes, at: int) -> tuple[Asked, int]:
    own = body[at] == _OWN
    start = at + 2 + own
    if start > len(body):
        raise ProtocolError(
            "bad_length", f"element {body[at]:02X}H at the end of the body without a definition (SL 651-2014, table 26)"
        )
    return Asked(f"FF{body[at + 1]:02X}" if own else _CODES[body[at]], body[start - 1]), start


def _series(body: bytes, at: int) -> Series:
    asked, start = _asked(body, at)
    size, left = asked.definition >> 3, len(body) - start
    if not size or left % size:
        raise ProtocolError(
            "bad_length",
            f"series of {asked.code}H: {left} bytes are no whole number of values of {size} (SL 651-2014, 6.6.4.4)",
        )
    return Series(asked.code, asked.definition, body[start:])


def _take(body: bytes, at: int, length: int) -> bytes:
    if at + length > len(body):
        raise ProtocolError("bad_length", f"body ends {at + length - len(body)} bytes early (SL 651-2014, table 24)")
    return body[at : at + length]


def _digits(data: bytes, what: str, clause: str) -> str:
    digits = data.hex()
    if not digits.isdecimal():
        raise ProtocolError("bad_value", f"{what} {digits}: expected BCD digits (SL 651-2014, {clause})")
    return digits


def encode_body(message: Message) -> bytes:
    """The body's bytes.

    Raises:
        ProtocolError: bad_value when an item has no HEX/BCD form or a field cannot be sent.
    """
    return message.serial.to_bytes(2) + bytes.fromhex(message.sent) + b"".join(map(_bytes_of, message.items))


def _bytes_of(item: Item) -> bytes:
    match item:
        case Element(code, definition, data) | Series(code, definition, data):
            return bytes.fromhex(code) + bytes((definition,)) + data
        case Asked(code, definition):
            return bytes.fromhex(code) + bytes((definition,))
        case Observed(time):
            return _TIME_MARK + bytes.fromhex(time)
        case Site(station, kind):
            return _SITE_MARK + bytes.fromhex(station) + kind.encode("latin-1")
        case Span(start, end):
            return bytes.fromhex(start + end)
        case Manual(data):
            return b"\xf2\xf2" + data
        case Photo(data):
            return b"\xf3\xf3" + data
        case Bulk(data):
            return b"\xfd\xf6" + data
        case Tail(data):
            return data
        case _:
            raise ProtocolError("bad_value", f"{type(item).__name__}: has no HEX/BCD form (SL 651-2014, 6.6.3)")
