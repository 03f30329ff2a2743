"""`event`: a finding the device made itself."""

from typing import Any, Final

from hub.errors import Refused
from hub.event import DeviceEvent
from hub.model import LEVELS
from ingest.codec import Arrival, Entry, Taken
from ingest.document import mapping, number, objects, read_json, shown, text
from ingest.times import time_of

MESSAGE: Final = "event"
KINDS: Final = None

_MILDEST: Final = 4
_LONGEST_TYPE: Final = 64
_LONGEST_TEXT: Final = 2000
_MOST_VALUES: Final = 200

Scalar = float | str | bool | None


def decode(arrival: Arrival, entry: Entry) -> Taken:
    """The findings of one message, oldest first.

    Raises:
        Refused: the payload is not JSON of this shape.
    """
    members = objects(read_json(arrival.payload))
    taken = Taken()
    for place, raw in enumerate(members):
        where = f"[{place}] " if len(members) > 1 else ""
        try:
            taken.events.append(_read(mapping(raw, "event"), arrival, entry, taken, where))
        except Refused as refused:
            taken.refuse(refused.reason, where + refused.detail)
    taken.events.sort(key=lambda event: event.time)
    return taken


def _read(member: dict[str, Any], arrival: Arrival, entry: Entry, taken: Taken, where: str) -> DeviceEvent:
    type_ = text(member.get("type"), "type", _LONGEST_TYPE)
    level = member.get("level", _MILDEST)
    if isinstance(level, bool) or level not in LEVELS:
        raise Refused("bad_value", f"level: expected 1 (worst) to 4, got {shown(level)}")
    words = member.get("text") or ""
    if words:
        words = text(words, "text", _LONGEST_TEXT)
    time, assumed = time_of(member.get("ts"), arrival, entry)
    values = _values(member.get("values"), taken, where)
    return DeviceEvent("finding", entry.station, time, arrival.received, type_, int(level), words, values, assumed)


def _values(raw: Any, taken: Taken, where: str) -> dict[str, Scalar]:
    kept: dict[str, Scalar] = {}
    values = {} if raw is None else mapping(raw, "values")
    if len(values) > _MOST_VALUES:
        raise Refused("too_large", f"values: {len(values)} entries, at most {_MOST_VALUES} are taken")
    for name, value in values.items():
        try:
            if value is None or isinstance(value, bool):
                kept[name] = value
            elif isinstance(value, str):
                kept[name] = text(value, name, _LONGEST_TEXT) if value else ""
            else:
                kept[name] = number(value, name)
        except Refused as refused:
            taken.refuse(refused.reason, where + refused.detail)
    return kept
