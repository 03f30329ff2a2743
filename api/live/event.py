"""Server-sent events as bytes (WHATWG HTML, section 9.2), and who may see each."""

from dataclasses import dataclass
from typing import Final

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


def department_of(type_: str, body: object) -> str | None:
    """Whose the event is, None where the body does not say."""
    if not isinstance(body, dict):
        return None
    target = body.get("target")
    if isinstance(target, dict) and isinstance(target.get("department"), str):
        return str(target["department"])
    if isinstance(body.get("department"), str):
        return str(body["department"])
    if isinstance(body.get("device"), str) and type_ == "dead_letter":
        return body["device"].split("/", 1)[0] or None
    return "" if type_ == "health" else None


_decoder: Final = msgspec.json.Decoder()


def from_feed(seq: int, type_: str, text: str) -> Event:
    """A row of the feed as an event; its body is sent as it was stored."""
    body = text.encode()
    if b"\n" in body or b"\r" in body:
        body = msgspec.json.encode(_decoder.decode(body))
    return event(type_, body, department_of(type_, _decoder.decode(body)), seq)
