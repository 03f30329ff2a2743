"""Server-sent events as bytes (WHATWG HTML, section 9.2), and who may see each."""

from dataclasses import dataclass
from typing import Any, Final

import msgspec

TYPES: Final = ("alert", "incident", "latest", "health", "dead_letter", "reset")
HEARTBEAT: Final = b": heartbeat\n\n"


@dataclass(frozen=True, slots=True)
class Event:
    """One event ready to be sent. `department` None: only for those who see all, "" for everybody."""

    type: str
    department: str | None
    data: bytes


def event(type_: str, body: bytes, department: str | None, seq: int | None = None) -> Event:
    """The event with `body`, JSON on one line; `seq` is where a listener that saw it goes on."""
    head = b"" if seq is None else b"id: %d\n" % seq
    return Event(type_, department, head + b"event: " + type_.encode() + b"\ndata: " + body + b"\n\n")


def department_of(type_: str, body: dict[str, Any]) -> str | None:
    """Whose the event is, None where the body does not say; then only those who see all departments get it."""
    place: object = body.get("target") or body
    if isinstance(place, dict) and isinstance(place.get("department"), str):
        return str(place["department"])
    for name in ("station", "device", "topic"):
        if isinstance(word := body.get(name), str) and word:
            return word.removeprefix("hub/").split("/", 1)[0] or None
    return "" if type_ == "health" else None


_decoder: Final = msgspec.json.Decoder(dict[str, Any])


def from_feed(seq: int, type_: str, text: str, health: bytes) -> Event:
    """A row of the feed as an event. A row of `health` tells of one station; its event is the whole of `health`, and that."""
    body = _decoder.decode(text)
    department = department_of(type_, body)
    if type_ == "health":
        body = {**_decoder.decode(health), "station": body}
    return event(type_, msgspec.json.encode(body), department, seq)
