"""One frame of SL 651-2014 on the wire: bytes to a `Frame` and back, in HEX/BCD (tables 20-23) and ASCII (tables 16-19) coding."""

import re
from typing import Final

import msgspec

from ingest.field.session import ProtocolError
from ingest.protocols.sl651.crc import crc16

HEX_START: Final = b"\x7e\x7e"
SOH: Final = b"\x01"
STX, ETX, EOT, ENQ, ACK, NAK, SYN, ETB, ESC = 0x02, 0x03, 0x04, 0x05, 0x06, 0x15, 0x16, 0x17, 0x1B
STARTS: Final = (STX, SYN)
ENDS: Final = frozenset((ETX, ETB, ENQ, EOT, ACK, NAK, ESC))

HEX_HEAD, ASCII_HEAD = 14, 24
"""Bytes from the start of a frame through its STX or SYN."""
HEX_TAIL, ASCII_TAIL = 3, 5
"""The end character and the check."""
_DOWN: Final = 8
_LONGEST_BODY: Final = 4095
_LONGEST_PACKET: Final = 0x7FFF
_HEX_DIGITS: Final = re.compile(rb"[0-9A-Fa-f]+")


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One frame. `station` is the address as 10 and `password` as 4 hexadecimal digits, small letters; `start` is STX or SYN, `end` the end character.

    `total` and `number` count the packets of a split message (start SYN); `ascii` tells the coding, which holds for `body` too.
    """

    centre: int
    station: str
    password: str
    function: int
    up: bool
    end: int
    body: bytes
    start: int = STX
    total: int = 0
    number: int = 0
    ascii: bool = False


def parse(raw: bytes) -> Frame:
    """The one frame that these bytes are.

    Raises:
        ProtocolError: bad_format, incomplete, bad_length or bad_crc.
    """
    if raw[:2] == HEX_START:
        return _parse_hex(raw)
    if raw[:1] == SOH:
        return _parse_ascii(raw)
    raise ProtocolError("bad_format", f"frame start {raw[:2].hex()}: expected 7E7E or 01 (SOH) (SL 651-2014, table 11)")


def length_of(head: bytes) -> int:
    """Bytes of the whole HEX frame that begins with these 14.

    Raises:
        ProtocolError: bad_format or bad_length.
    """
    start, field = head[13], int.from_bytes(head[11:13])
    if start not in STARTS:
        raise ProtocolError(
            "bad_format", f"text start {start:02X}: expected 02 (STX) or 16 (SYN) (SL 651-2014, table 20)"
        )
    return HEX_HEAD + _body_length(field, start) + HEX_TAIL


def ascii_length_of(head: bytes) -> int:
    """Bytes of the whole ASCII frame that begins with these 24.

    Raises:
        ProtocolError: bad_format or bad_length.
    """
    if head[23] not in STARTS or not _HEX_DIGITS.fullmatch(head[1:23]):
        raise ProtocolError(
            "bad_format", "header: expected 22 hexadecimal digits, then STX or SYN (SL 651-2014, table 16)"
        )
    return ASCII_HEAD + _body_length(int(head[19:23], 16), head[23], packets=6) + ASCII_TAIL


def _body_length(field: int, start: int, packets: int = 3) -> int:
    """The length field's own 12 bits; an M3 packet going up may use 15 (table 22 allows FFFF, but the top bit is the direction)."""
    direction, length = field >> 12, field & 0xFFF
    if direction not in (0, _DOWN):
        if start != SYN or direction > _DOWN:
            raise ProtocolError(
                "bad_length", f"length {field:04X}: direction 0 or 8 and at most 4095 bytes (SL 651-2014, table 20)"
            )
        length = field
    if length < (packets if start == SYN else 0):
        raise ProtocolError(
            "bad_length", f"length {length}: an M3 packet holds its count and number (SL 651-2014, table 22)"
        )
    return length


def _parse_hex(raw: bytes) -> Frame:
    if len(raw) < HEX_HEAD + HEX_TAIL:
        raise ProtocolError(
            "incomplete", f"{len(raw)} bytes: a frame has at least {HEX_HEAD + HEX_TAIL} (SL 651-2014, table 20)"
        )
    _check_length(raw, length_of(raw), HEX_TAIL)
    sent, computed = int.from_bytes(raw[-2:]), crc16(raw[:-2])
    if sent != computed:
        raise _wrong_check(sent, computed)
    start, end, up = raw[13], raw[-3], raw[11] >> 4 != _DOWN
    if end not in ENDS:
        raise _wrong_end(end)
    head = raw[:10].hex()
    station, centre = (head[6:16], raw[2]) if up else (head[4:14], raw[7])
    if start == STX:
        return Frame(centre, station, head[16:20], raw[10], up, end, raw[14:-3])
    counts = int.from_bytes(raw[14:17])
    return Frame(centre, station, head[16:20], raw[10], up, end, raw[17:-3], SYN, *_packets(counts))


def _parse_ascii(raw: bytes) -> Frame:
    if len(raw) < ASCII_HEAD + ASCII_TAIL:
        raise ProtocolError(
            "incomplete",
            f"{len(raw)} bytes: an ASCII frame has at least {ASCII_HEAD + ASCII_TAIL} (SL 651-2014, table 16)",
        )
    _check_length(raw, ascii_length_of(raw), ASCII_TAIL)
    counts = raw[24:30] if raw[23] == SYN else b"0"
    if not _HEX_DIGITS.fullmatch(raw[-4:] + counts):
        raise ProtocolError("bad_format", "check or packet count: expected hexadecimal digits (SL 651-2014, table 18)")
    sent, computed = int(raw[-4:], 16), crc16(raw[:-4])
    if sent != computed:
        raise _wrong_check(sent, computed)
    if raw[-5] not in ENDS:
        raise _wrong_end(raw[-5])
    head = raw[:ASCII_HEAD].decode().lower()
    up = head[19] != "8"
    station, centre = (head[3:13], head[1:3]) if up else (head[1:11], head[11:13])
    body, packets = (raw[24:-5], (0, 0)) if raw[23] == STX else (raw[30:-5], _packets(int(counts, 16)))
    return Frame(
        int(centre, 16), station, head[13:17], int(head[17:19], 16), up, raw[-5], body, raw[23], *packets, ascii=True
    )


def _packets(counts: int) -> tuple[int, int]:
    total, number = counts >> 12, counts & 0xFFF
    if not 1 <= number <= total:
        raise ProtocolError(
            "bad_value", f"packet {number} of {total}: numbers run from 1 to the total (SL 651-2014, table 22)"
        )
    return total, number


def _check_length(raw: bytes, expected: int, tail: int) -> None:
    if len(raw) == expected:
        return
    detail = f"{len(raw)} bytes where the length field says {expected} (SL 651-2014, table 20)"
    # Whole by its own check, the length field is what is wrong; otherwise bytes are still to come.
    check = crc16(raw[: 1 - tail])
    whole = raw[1 - tail :] == check.to_bytes(2) or raw[1 - tail :].upper() == f"{check:04X}".encode()
    raise ProtocolError("bad_length" if whole or len(raw) > expected else "incomplete", detail)


def _wrong_check(sent: int, computed: int) -> ProtocolError:
    swapped = " (low byte first)" if sent == (computed >> 8 | (computed & 0xFF) << 8) else ""
    return ProtocolError(
        "bad_crc", f"check {sent:04X}{swapped}, expected {computed:04X}, high byte first (SL 651-2014, table 11)"
    )


def _wrong_end(end: int) -> ProtocolError:
    return ProtocolError(
        "bad_format", f"end character {end:02X}: expected ETX, ETB, ENQ, ACK, NAK, EOT or ESC (SL 651-2014, 6.2.2)"
    )


def build(frame: Frame) -> bytes:
    """The frame's bytes.

    Raises:
        ProtocolError: bad_value when a field cannot be sent.
    """
    packets = frame.start == SYN
    length = len(frame.body) + packets * (6 if frame.ascii else 3)
    wide = packets and frame.up and not frame.ascii
    if length > (_LONGEST_PACKET if wide else _LONGEST_BODY):
        raise ProtocolError("bad_value", f"a body of {length} bytes, at most {_LONGEST_BODY} (SL 651-2014, table 20)")
    direction = 0 if frame.up else _DOWN << 12
    centre, station = f"{frame.centre:02x}", frame.station
    head = (
        (centre + station if frame.up else station + centre)
        + frame.password
        + f"{frame.function:02x}{direction | length:04x}"
    )
    counts = f"{frame.total << 12 | frame.number:06x}" if packets else ""
    if frame.ascii:
        text = (
            SOH
            + head.upper().encode()
            + bytes((frame.start,))
            + counts.upper().encode()
            + frame.body
            + bytes((frame.end,))
        )
        return text + f"{crc16(text):04X}".encode()
    data = (
        HEX_START
        + bytes.fromhex(head)
        + bytes((frame.start,))
        + bytes.fromhex(counts)
        + frame.body
        + bytes((frame.end,))
    )
    return data + crc16(data).to_bytes(2)
