"""Messages as people read them: the fields of `hub decode`, the texts of commands' answers, frames with their secrets blotted out."""

from typing import Any, Final

from ingest.field.session import Decoded, ProtocolError
from ingest.protocols.jt808.active import Active, facts_of, read_active
from ingest.protocols.jt808.bcd_time import to_epoch
from ingest.protocols.jt808.findings import standing
from ingest.protocols.jt808.frame import Frame, parse_frame, unescape, write_frame
from ingest.protocols.jt808.location import Location
from ingest.protocols.jt808.message import Message, read_message
from ingest.protocols.jt808.observations import observed
from ingest.protocols.jt808.parameters import SECRETS, named
from ingest.protocols.jt808.readings import doubt

_FLAG: Final = b"\x7e"
_SECRET: Final = frozenset({0x0102, 0x8100, 0x0104, 0x8103})
"""Messages that carry an authentication code or a network password."""


def decoded(data: bytes) -> Decoded:
    """What `hub decode` says of the bytes of one line, usually one frame; of several glued ones, each."""
    try:
        frames = _frames(data)
        messages = [(frame, _message(frame)) for frame in frames]
        fields = [fields_of(frame, message) for frame, message in messages]
        observations = [row for _, message in messages if message is not None for row in observed(message)]
    except ProtocolError as error:
        return Decoded(False, reason=error.reason, detail=error.detail)
    if len(fields) == 1:
        return Decoded(True, {**fields[0], "frames": 1}, observations)
    return Decoded(True, {"frames": len(fields), "each": fields, "check": "ok"}, observations)


def _frames(data: bytes) -> list[Frame]:
    """The frames in the bytes; noise before the first flag is passed over, as on a connection."""
    _, *pieces = data.split(_FLAG)
    if not pieces:
        raise ProtocolError("bad_format", "frame: no flag 0x7E (4.4.1)")
    if pieces.pop():
        raise ProtocolError("incomplete", "frame: no closing flag 0x7E (4.4.1)")
    if not pieces:
        raise ProtocolError("incomplete", "frame: one flag 0x7E and nothing behind it (4.4.1)")
    pieces = [piece for piece in pieces if piece]
    if not pieces:
        raise ProtocolError("bad_length", "frame: nothing between the flags (4.4.1)")
    for piece in pieces:
        unescape(piece)
    return [parse_frame(piece) for piece in pieces]


def _message(frame: Frame) -> Message | None:
    if frame.header.encrypted:
        raise ProtocolError("unsupported", f"body: enciphered (bits {frame.header.flags >> 10 & 7:03b}) (4.4.3)")
    if frame.header.split:
        return None
    message = read_message(frame)
    for location in locations_of(message):
        to_epoch(location.time)
    return message


def locations_of(message: Message) -> list[Location]:
    """The reports a message carries."""
    if "location" in message.values and isinstance(message.values["location"], Location):
        return [message.values["location"]]
    return list(message.values.get("locations", ()))


def fields_of(frame: Frame, message: Message | None) -> dict[str, Any]:
    """A frame by the names of its parts; one package of several shows its body as it is."""
    header = frame.header
    fields: dict[str, Any] = {
        "id": f"0x{header.id:04x}",
        "ver": header.version is not None,
        "sub": header.split,
        "body_len": len(frame.body),
        "phone": header.phone,
        "serial": header.serial,
    }
    if header.version is not None:
        fields["version"] = header.version
    if message is None:
        return fields | {"total": header.total, "number": header.number, "body": frame.body.hex(), "check": "ok"}
    fields |= shown_values(message.values)
    if header.id in (0x0100, 0x0702, 0x0802):
        fields["edition"] = message.edition
    if "locations" in message.values:
        fields["details"] = [_details(location) for location in message.values["locations"]]
    elif reports := locations_of(message):
        fields |= _details(reports[0])
    return fields | {"check": "ok"}


def shown_values(values: dict[str, Any]) -> dict[str, Any]:
    """The values of a body as JSON takes them; ids in hexadecimal."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        match name, value:
            case "reply_id", int():
                found[name] = f"0x{value:04x}"
            case "parameters", list():
                found[name] = named(value)
            case _, Location():
                found[name] = _location(value)
            case _, str():
                found[name] = _plain(value)
            case _, list():
                found[name] = [shown_values(item) if isinstance(item, dict) else _location(item) for item in value]
            case _:
                found[name] = value
    return found


def _plain(text: str) -> str:
    return "".join("\ufffd" if 0xD800 <= ord(sign) < 0xE000 else sign for sign in text.strip("\0"))


def _location(location: Location) -> dict[str, Any]:
    lon, lat = location.degrees()
    return {
        "alarm": f"0x{location.alarm:08x}",
        "status": f"0x{location.status:08x}",
        "lat": lat,
        "lon": lon,
        "alt_m": location.altitude,
        "speed_kmh": location.speed / 10,
        "direction": location.heading,
        "time_gmt8": f"20{location.time.hex()}",
        "items": [{"id": f"0x{item:02x}", "len": len(value), "hex": value.hex()} for item, value in location.items],
    }


def _details(location: Location) -> dict[str, Any]:
    """What the bits and items mean; nothing where there is nothing to say."""
    found: dict[str, Any] = {"alarms": [alarm.type for alarm in standing(location)]}
    if why := doubt(*location.degrees()):
        found["flags"] = [why]
    if location.tail:
        found["tail"] = location.tail.hex()
    if actives := [active for item, value in location.items if (active := read_active(item, value)) is not None]:
        found["active"] = [_active(active) for active in actives]
    return found


def _active(active: Active) -> dict[str, Any]:
    return {
        "item": f"0x{active.item:02x}",
        "id": active.id,
        "state": active.state,
        "type": active.kind,
        "level": active.level,
        "words": [alarm.type for alarm in active.alarms],
        "speed": active.speed,
        "altitude": active.altitude,
        "lat": active.lat / 1e6,
        "lon": active.lon / 1e6,
        "time_gmt8": f"20{active.time.hex()}",
        "terminal": _plain(active.mark.terminal),
        "alarm_time": active.mark.time.hex(),
        "alarm_number": active.mark.number,
        "attachments": active.mark.attachments,
        **facts_of(active),
    }


def masked(data: bytes) -> bytes:
    """The bytes of frames with authentication codes and network passwords blotted out; what cannot be read stays as it is."""
    return _FLAG.join(map(_masked, data.split(_FLAG)))


def _masked(piece: bytes) -> bytes:
    try:
        frame = parse_frame(piece)
        if frame.header.id not in _SECRET or frame.header.split:
            return piece
        message = read_message(frame)
        return write_frame(Frame(frame.header, _blotted(frame, message)))[1:-1]
    except ProtocolError:
        return piece


def _blotted(frame: Frame, message: Message) -> bytes:
    body = frame.body
    secrets = [message.values.get("auth", "")]
    secrets = [text.encode("gb18030", "surrogateescape") for text in secrets if text]
    secrets += [bytes.fromhex(item["value"]) for item in message.values.get("parameters", ()) if item["id"] in SECRETS]
    for secret in secrets:
        body = body.replace(secret, b"*" * len(secret)) if secret else body
    return body
