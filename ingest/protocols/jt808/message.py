"""A whole message: frame to values and back. What is unknown keeps its bytes."""

from typing import Any

import msgspec

from ingest.protocols.jt808.frame import Frame, Header
from ingest.protocols.jt808.layout import read_body, write_body
from ingest.protocols.jt808.location import read_location, write_location
from ingest.protocols.jt808.messages import BODIES, edition_of

POSITION = 0x0200


class Message(msgspec.Struct, frozen=True, gc=False):
    """A message whose body was read; `values` by the names of its parts, `{"body": hex}` where nobody knows the id."""

    header: Header
    edition: int
    values: dict[str, Any]


def read_message(frame: Frame) -> Message:
    """What a frame says that is not one package of several.

    Raises:
        ProtocolError: bad_length, bad_value.
    """
    header, body = frame.header, frame.body
    if header.id == POSITION:
        return Message(header, header.edition, {"location": read_location(body)})
    edition = edition_of(header.id, header.version, body)
    parts = BODIES.get(header.id)
    return Message(header, edition, {"body": body.hex()} if parts is None else read_body(parts, body, edition))


def write_message(message: Message) -> Frame:
    """The frame of a message.

    Raises:
        ProtocolError: bad_value.
    """
    header = message.header
    if header.id == POSITION:
        return Frame(header, write_location(message.values["location"]))
    parts = BODIES.get(header.id)
    if parts is None:
        return Frame(header, bytes.fromhex(message.values["body"]))
    return Frame(header, write_body(parts, message.values, message.edition))
