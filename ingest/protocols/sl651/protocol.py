"""SL 651-2014 as the gateway and the command line see it."""

import math
import re
from typing import Final

from hub.catalogue import Catalogue, Device
from hub.errors import Refused
from hub.model import QUALITY_LETTERS
from ingest.codec import Entry
from ingest.field.session import Decoded, FieldSession, Line, ProtocolError
from ingest.protocols.sl651.asking import WORDS
from ingest.protocols.sl651.fields import BASIC, body_of, header_of
from ingest.protocols.sl651.memory import Memory
from ingest.protocols.sl651.message import Message
from ingest.protocols.sl651.readings import taken_of
from ingest.protocols.sl651.session import Sl651Session
from ingest.protocols.sl651.sorting import whole
from ingest.protocols.sl651.taking import MANUAL, MEASURED, Place, values_in
from ingest.protocols.sl651.wire import ETX, HEX_START, SOH, Frame, parse

_NEVER: Final = 1 << 62
_BLOT: Final = b"*"
_HEX_PASSWORDS: Final = re.compile(rb"\x03\x10..", re.DOTALL)
_ASCII_PASSWORDS: Final = re.compile(rb"(?<= )03 [0-9A-Fa-f]{4}(?= )")


class Sl651:
    """Remembers stations over their connections: what they sent last, their alarms, whether they stay on line."""

    name = "sl651"
    commands = WORDS

    def __init__(self) -> None:
        self._memory = Memory()

    def open(self, line: Line, now: int) -> FieldSession:
        """A session for a connection that was just made; frames that are taken again are no duplicates of themselves."""
        return Sl651Session(Memory() if line.trusted else self._memory, line)

    def decode(self, data: bytes) -> Decoded:
        """One whole frame, without register and without state."""
        try:
            return _explained(parse(data), data)
        except ProtocolError as error:
            return Decoded(ok=False, reason=error.reason, detail=error.detail)

    def masked(self, data: bytes) -> bytes:
        """The frame with its password blotted out, and those its body holds where a function carries them (40H, 41H, 49H)."""
        if data[:2] == HEX_START and len(data) > 14:
            body = _HEX_PASSWORDS.sub(b"\x03\x10**", data[14:]) if data[10] in BASIC else data[14:]
            return data[:8] + 2 * _BLOT + data[10:14] + body
        if data[:1] == SOH and len(data) > 24:
            basic = data[17:19].isdigit() and int(data[17:19], 16) in BASIC
            body = _ASCII_PASSWORDS.sub(b"03 ****", data[24:]) if basic else data[24:]
            return data[:13] + 4 * _BLOT + data[17:24] + body
        return data


def _explained(frame: Frame, data: bytes) -> Decoded:
    check = data[-4:].decode() if frame.ascii else data[-2:].hex()
    fields = header_of(frame) | {"crc": check.upper(), "body_len_ok": True}
    if frame.total > 1:
        # Only the first packet has the serial number and the times; the values are whole when all packets are.
        return Decoded(ok=True, fields=fields | (_first_packet(frame) if frame.number == 1 else {}))
    message = whole(frame)
    fields |= body_of(message, frame.function)
    return Decoded(ok=True, fields=fields, observations=_observations(message, frame))


def _first_packet(frame: Frame) -> dict[str, object]:
    """What the first packet tells before the message is whole."""
    head = Frame(
        frame.centre,
        frame.station,
        frame.password,
        frame.function,
        frame.up,
        ETX,
        _whole_head(frame),
        ascii=frame.ascii,
    )
    return {name: value for name, value in body_of(whole(head), frame.function).items() if name != "elements"}


def _whole_head(frame: Frame) -> bytes:
    """The groups before the first element: serial number, time sent, station, kind, time observed."""
    if frame.ascii:
        found = re.match(rb".{16}(?:ST \w{10} (?:\w )?)?(?:TT \d{10} )?", frame.body, re.DOTALL)
        return found[0] if found else frame.body
    at = 8
    if frame.body[at : at + 2] == b"\xf1\xf1":
        at += 8
    return frame.body[: at + 7] if frame.body[at : at + 2] == b"\xf0\xf0" else frame.body[:at]


def _observations(message: Message, frame: Frame) -> list[dict[str, object]]:
    if frame.function not in MEASURED | MANUAL or not frame.up:
        return []
    place = Place(frame.function, frame.station, None, 0, _NEVER)
    wrong: list[Refused] = []
    found = []
    for address, values in values_in(message, place, wrong).items():
        entry = Entry(Device(f"any/water/{address}", auto_properties=True), Catalogue())
        for reading in taken_of(values, entry, place.sent(message), _NEVER).readings:
            letters = reading.quality or (0,) * len(reading.names)
            for name, value, letter in zip(reading.names, reading.values, letters, strict=True):
                if not math.isnan(value):
                    flag = {"quality": QUALITY_LETTERS[letter]} if letter else {}
                    found.append({"property": name, "time": reading.time, "value": value, **flag})
    return found
