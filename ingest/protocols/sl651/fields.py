"""One frame in plain fields, as `hub decode` shows it and as answers to commands are told."""

import math
from typing import Final

from ingest.field.session import ProtocolError
from ingest.protocols.sl651.elements import ELEMENTS
from ingest.protocols.sl651.message import (
    Asked,
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
    Word,
    WordSeries,
)
from ingest.protocols.sl651.values import bcd
from ingest.protocols.sl651.wire import SYN, Frame

BASIC: Final = frozenset((0x40, 0x41, 0x49))
PASSWORD: Final = "03"  # noqa: S105 - the guide of the parameter, not its value
RUNNING: Final = frozenset((0x42, 0x43))
_UNSIGNED: Final = frozenset((*(f"{code:02X}" for code in range(1, 0x0C)), "0D", "0E", "0F"))
"""Parameters of table D.1 that are no BCD numbers."""


def header_of(frame: Frame) -> dict[str, object]:
    """The frame's own fields; the check is told by who has the bytes."""
    packets = frame.start == SYN
    width = (6 if frame.ascii else 3) * packets
    shown: dict[str, object] = {
        "centre": frame.centre,
        "station": frame.station,
        "password": frame.password,
        "func": f"{frame.function:02X}H",
        "up": frame.up,
        "body_len": len(frame.body) + width,
        "start": f"{frame.start:02X}",
        "end": f"{frame.end:02X}",
    }
    if packets:
        shown |= {"total": frame.total, "number": frame.number}
    return shown


def body_of(message: Message, function: int) -> dict[str, object]:
    """What the body says; of several stations or times the first, all elements in their order."""
    shown: dict[str, object] = {"serial": message.serial, "sent": f"20{message.sent}"}
    elements: list[dict[str, object]] = []
    for item in message.items:
        match item:
            case Site(station, kind):
                shown.setdefault("addr", station)
                if kind:
                    shown.setdefault("class", kind)
            case Observed(time):
                shown.setdefault("obs", time)
            case Span(start, end):
                shown |= {"from": start, "to": end}
            case Manual(text):
                shown["manual"] = manual_text(text)
            case Photo(data):
                shown["picture_bytes"] = len(data)
            case Tail(data):
                shown |= tail_of(data, function)
            case _:
                elements += _elements(item, function)
    if message.items:
        shown["elements"] = elements
    return shown


def without_secrets(shown: dict[str, object], function: int) -> dict[str, object]:
    """The fields with the station's password blotted out (table D.1, 3)."""
    elements = shown.get("elements")
    if function not in BASIC or not isinstance(elements, list):
        return shown
    blotted = [{**element, "value": "****"} if element["id"] == PASSWORD else element for element in elements]
    return {**shown, "elements": blotted}


def _elements(item: Item, function: int) -> list[dict[str, object]]:
    match item:
        case Element(code, definition, data):
            return [{"id": code, "value": shown_value(code, definition, data, function)}]
        case Series(code, definition, data):
            size = definition >> 3
            parts = [data[at : at + size] for at in range(0, len(data), size)]
            values = [shown_value(code, definition, part, function) for part in parts]
            return [{"id": code, "value": values[0] if len(values) == 1 else values}]
        case Asked(code, _):
            return [{"id": code}]
        case Word(name, text):
            return [{"id": name, "value": text} if text else {"id": name}]
        case WordSeries(names, texts):
            return [{"id": name, "value": list(texts[place :: len(names)])} for place, name in enumerate(names)]
        case _:
            return []


def shown_value(code: str, definition: int, data: bytes, function: int) -> object:
    """A number, None where missing, or the bytes as small hexadecimal digits where they are no BCD."""
    unsigned = code in _UNSIGNED if function in BASIC else function not in RUNNING and _is_binary(code)
    if unsigned or not data:
        return data.hex()
    try:
        value = bcd(data, definition & 7)
    except ProtocolError:
        return data.hex()
    if isinstance(value, str):
        return data.hex()
    return None if math.isnan(value) else value


def _is_binary(code: str) -> bool:
    row = ELEMENTS.get(code)
    return row is not None and row.form in ("rain", "level", "word")


def manual_text(text: bytes) -> str:
    """What a person keyed in; Chinese stations write GB 18030 where it is not UTF-8."""
    try:
        return text.decode().strip()
    except UnicodeDecodeError:
        return text.decode("gb18030", errors="replace").strip()


def tail_of(data: bytes, function: int) -> dict[str, object]:
    """What a function puts at the end of its body in a form of its own; as hexadecimal digits where it is not of that form."""
    match function:
        case 0x45 if data and data[0] == len(data) - 1:
            return {"version": data[1:].decode("ascii", errors="replace")}
        case 0x4C | 0x4D if data and data[0] == len(data) - 1:
            word = "pumps" if function == 0x4C else "valves"
            return {word: [bool(byte >> bit & 1) for byte in data[1:] for bit in range(8)]}
        case 0x4E if data and len(data) == 1 + -(-data[0] // 8) + 2 * data[0]:
            return _gates(data)
        case 0x4F if data in (b"\xff", b"\x00"):
            return {"quota": data == b"\xff"}
        case 0x50 if len(data) == 64:
            return {
                "events": {f"ERC{place + 1}": int.from_bytes(data[2 * place : 2 * place + 2]) for place in range(32)}
            }
        case _:
            return {"data": data.hex()}


def _gates(data: bytes) -> dict[str, object]:
    count, start = data[0], 1 + -(-data[0] // 8)
    states = [bool(data[1 + gate // 8] >> gate % 8 & 1) for gate in range(count)]
    heights = [data[start + 2 * gate : start + 2 * gate + 2].hex() for gate in range(count)]
    return {"gates": states, "openings_cm": [int(height) if height.isdecimal() else None for height in heights]}
