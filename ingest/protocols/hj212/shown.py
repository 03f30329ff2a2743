"""One frame as `hub decode` shows it, without a register."""

import math
import re
from typing import Final

from hub.catalogue import Catalogue, Device
from hub.model import QUALITY_LETTERS
from ingest.codec import Entry, Taken
from ingest.field.session import Decoded, ProtocolError
from ingest.protocols.hj212.checksum import checksum
from ingest.protocols.hj212.cipher import unseal
from ingest.protocols.hj212.content import as_object, read_items
from ingest.protocols.hj212.frame import Broken, Frame, Framer, judge_unfinished
from ingest.protocols.hj212.packet import Packet, parse_packet
from ingest.protocols.hj212.readings import DATA, Reader
from ingest.protocols.hj212.words import COMMANDS

_ANYBODY: Final = Entry(Device("any/source/any"), Catalogue())
_FOREVER: Final = 1 << 62


def decode_frame(data: bytes) -> Decoded:
    """The first frame in the bytes, how many there are, and the observations of all; or why one is refused."""
    framer = Framer()
    found: list[Frame | Broken] = framer.feed(data)
    if framer.unfinished:
        found.append(judge_unfinished(framer.unfinished))
    if not found:
        return Decoded(ok=False, reason="bad_format", detail="no frame: ## is missing (6.3.1)")
    fields: dict[str, object] = {}
    observations: list[dict[str, object]] = []
    try:
        for frame in found:
            packet, taken = _read(frame)
            if not fields and isinstance(frame, Frame):
                fields = _fields(frame, packet)
            observations += _observations(taken)
            if taken.refusals:
                fields["refused"] = [f"{refused.reason}: {refused.detail}" for refused in taken.refusals]
    except ProtocolError as error:
        return Decoded(ok=False, reason=error.reason, detail=error.detail)
    return Decoded(ok=True, fields={**fields, "frames": len(found)}, observations=observations)


def _read(frame: Frame | Broken) -> tuple[Packet, Taken]:
    if isinstance(frame, Broken):
        raise ProtocolError(frame.reason, frame.detail)
    if frame.check != "hj212":
        computed = checksum(frame.segment)
        raise ProtocolError("bad_crc", f"check {frame.given} is CRC-16/MODBUS; annex A gives {computed:04X}")
    packet = unseal(parse_packet(frame.segment), "")
    if packet.cn not in COMMANDS:
        raise ProtocolError("unsupported", f"CN={packet.cn} is no command of the standard (table 5)")
    if packet.cn not in DATA or packet.pnum > 1:
        return packet, Taken()
    reader = Reader()
    taken = reader.read(packet, _ANYBODY, reader.dialect(_ANYBODY), _FOREVER)
    wrong = [refused for refused in taken.refusals if refused.reason != "unknown_property"]
    if wrong and not taken.readings:
        raise ProtocolError("bad_value", wrong[0].detail)
    return packet, taken


def _fields(frame: Frame, packet: Packet) -> dict[str, object]:
    head = (item.strip().partition("=") for item in re.split("[;,]", packet.head()))
    return {
        **{name: value for name, _, value in head if name},
        "CP": _content(packet),
        "crc_given": frame.given,
        "crc_computed": f"{checksum(frame.segment):04X}",
        "length_field": len(frame.segment),
        "length_actual": len(frame.segment),
    }


def _content(packet: Packet) -> object:
    try:
        return as_object(read_items(packet.cp))
    except ProtocolError:
        if packet.pnum > 1:  # a part may end anywhere
            return {"part": packet.cp}
        raise


def _observations(taken: Taken) -> list[dict[str, object]]:
    return [
        {"property": name, "time": reading.time, "value": value} | ({"quality": QUALITY_LETTERS[code]} if code else {})
        for reading in taken.readings
        for name, value, code in zip(
            reading.names, reading.values, reading.quality or (0,) * len(reading.names), strict=True
        )
        if not math.isnan(value)
    ]
