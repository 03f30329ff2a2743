"""One frame: 7E | header | body | XOR | 7E, escaped (JT/T 808-2013, 4.4; 2019 has another header, told by bit 14).

`parse_frame` takes what stands between two flags. What is read can be written again byte for byte, reserved bits included.
"""

from functools import reduce
from operator import xor
from struct import Struct
from typing import Final
from zlib import crc32

import msgspec

from ingest.field.session import ProtocolError

FLAG: Final = 0x7E
MOST_BODY: Final = 0x3FF
MOST_FRAME: Final = 2 * (21 + MOST_BODY + 1)
"""Bytes between two flags when every byte had to be escaped; nothing longer can be a frame."""

_SPLIT: Final = 0x2000
_VERSIONED: Final = 0x4000
_OLD: Final = Struct(">HH6sH")
_NEW: Final = Struct(">HHB10sH")
_PACKAGE: Final = Struct(">HH")
_SHORTEST: Final = _OLD.size + 1


class Header(msgspec.Struct, frozen=True, gc=False):
    """What a frame says of itself. `phone` are its BCD digits, zeros included; `version` is None before 2019.

    `total` and `number` (from 1) are 0 where the message is not split; `flags` are encryption bits 12-10 and the reserved bit 15 as they came.
    """

    id: int
    phone: str
    serial: int
    version: int | None = None
    total: int = 0
    number: int = 0
    flags: int = 0

    @property
    def split(self) -> bool:
        """Whether the body is one of several packages."""
        return bool(self.total or self.number)

    @property
    def encrypted(self) -> bool:
        """Whether the body is enciphered (001: RSA; the others are reserved)."""
        return bool(self.flags & 0x1C00)

    @property
    def edition(self) -> int:
        """The year of the standard as far as the header tells: 2019, or 2013 for anything before."""
        return 2013 if self.version is None else 2019


class Frame(msgspec.Struct, frozen=True, gc=False):
    """A header and the bytes of the body."""

    header: Header
    body: bytes

    @property
    def key(self) -> int:
        """What a repetition of the frame has in common with it: id, serial number, package and the body's CRC-32."""
        header = self.header
        return header.id << 64 | header.serial << 48 | header.number << 32 | crc32(self.body)


def parse_frame(between: bytes) -> Frame:
    """The frame whose escaped bytes stand between two flags.

    Raises:
        ProtocolError: bad_format, bad_crc or bad_length.
    """
    data = unescape(between) if b"\x7d" in between else between
    if len(data) < _SHORTEST:
        raise ProtocolError("bad_length", f"frame: {len(data)} bytes, the shortest has {_SHORTEST} (4.4.3)")
    if reduce(xor, data):
        raise ProtocolError("bad_crc", f"check: 0x{data[-1]:02X}, XOR is 0x{reduce(xor, data[:-1]):02X} (4.4.4)")
    message, props = _PACKAGE.unpack_from(data)
    version = None
    if props & _VERSIONED:
        if len(data) <= _NEW.size:
            raise ProtocolError("bad_length", f"frame: {len(data)} bytes, a header of 2019 alone has 17 (4.4.3)")
        _, _, version, phone, serial = _NEW.unpack_from(data)
        start = _NEW.size
    else:
        _, _, phone, serial = _OLD.unpack_from(data)
        start = _OLD.size
    total = number = 0
    if props & _SPLIT:
        if len(data) < start + _PACKAGE.size + 1:
            raise ProtocolError("bad_length", "frame: no room for the package item that bit 13 announces (4.4.3)")
        total, number = _PACKAGE.unpack_from(data, start)
        start += _PACKAGE.size
        if not 1 <= number <= total:
            raise ProtocolError("bad_value", f"package: number {number} of {total} (4.4.3)")
    body = data[start:-1]
    if len(body) != props & MOST_BODY:
        raise ProtocolError("bad_length", f"body: {props & MOST_BODY} bytes declared, {len(body)} carried (4.4.3)")
    return Frame(Header(message, phone.hex(), serial, version, total, number, props & 0x9C00), body)


def write_frame(frame: Frame) -> bytes:
    """The frame's bytes on the wire, flags included.

    Raises:
        ProtocolError: bad_value; the body is too long, or the phone number does not fit its field.
    """
    header, body = frame.header, frame.body
    width = 12 if header.version is None else 20
    if len(body) > MOST_BODY:
        raise ProtocolError("bad_value", f"body: {len(body)} bytes, at most {MOST_BODY} fit one frame")
    try:
        phone = bytes.fromhex(header.phone.zfill(width))
    except ValueError:
        phone = b""
    if len(phone) != width // 2:
        raise ProtocolError("bad_value", f"phone {header.phone!r}: expected at most {width} digits")
    props = len(body) | header.flags | (_SPLIT if header.split else 0)
    if header.version is None:
        head = _OLD.pack(header.id, props, phone, header.serial)
    else:
        head = _NEW.pack(header.id, props | _VERSIONED, header.version, phone, header.serial)
    if header.split:
        head += _PACKAGE.pack(header.total, header.number)
    data = head + body
    data += reduce(xor, data).to_bytes()
    return b"\x7e" + data.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02") + b"\x7e"


def unescape(between: bytes) -> bytes:
    """The bytes that were meant: 7D 02 is 7E, 7D 01 is 7D (4.4.2).

    Raises:
        ProtocolError: bad_format, 7D before anything else.
    """
    first, *pieces = between.split(b"\x7d")
    out = bytearray(first)
    for piece in pieces:
        match piece[:1]:
            case b"\x01":
                out.append(0x7D)
            case b"\x02":
                out.append(0x7E)
            case b"":
                raise ProtocolError("bad_format", "escape: 0x7D with nothing behind it (4.4.2)")
            case other:
                raise ProtocolError("bad_format", f"escape: 0x7D 0x{other.hex()}, expected 01 or 02 (4.4.2)")
        out += piece[1:]
    return bytes(out)
