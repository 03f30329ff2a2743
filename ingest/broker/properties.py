"""MQTT 5 properties (section 2.2.2): which exist, where they may stand, how they are written.

Properties are kept as pairs in the order they came, so that what is passed on is passed on untouched.
"""

from enum import IntEnum
from typing import Literal

from ingest.broker.errors import MalformedPacket, PacketError
from ingest.broker.reasons import Reason
from ingest.broker.wire import Reader, write_binary, write_text, write_varint

Value = int | str | bytes | tuple[str, str]
Properties = tuple[tuple[int, Value], ...]
Shape = Literal["byte", "two", "four", "varint", "text", "binary", "pair"]

WILL = 0  # the will inside a CONNECT has a property list of its own; 0 is no packet type


class Property(IntEnum):
    """MQTT 5, table 2-4."""

    PAYLOAD_FORMAT = 1
    MESSAGE_EXPIRY = 2
    CONTENT_TYPE = 3
    RESPONSE_TOPIC = 8
    CORRELATION_DATA = 9
    SUBSCRIPTION_ID = 11
    SESSION_EXPIRY = 17
    ASSIGNED_CLIENT_ID = 18
    SERVER_KEEP_ALIVE = 19
    AUTHENTICATION_METHOD = 21
    AUTHENTICATION_DATA = 22
    REQUEST_PROBLEM = 23
    WILL_DELAY = 24
    REQUEST_RESPONSE = 25
    RESPONSE_INFORMATION = 26
    SERVER_REFERENCE = 28
    REASON_STRING = 31
    RECEIVE_MAXIMUM = 33
    TOPIC_ALIAS_MAXIMUM = 34
    TOPIC_ALIAS = 35
    MAXIMUM_QOS = 36
    RETAIN_AVAILABLE = 37
    USER_PROPERTY = 38
    MAXIMUM_PACKET_SIZE = 39
    WILDCARD_AVAILABLE = 40
    SUBSCRIPTION_ID_AVAILABLE = 41
    SHARED_AVAILABLE = 42


_ACKS = (4, 5, 6, 7, 9, 11, 14, 15)
# Property -> (shape, packet types it may stand in): MQTT 5, table 2-4.
TABLE: dict[int, tuple[Shape, frozenset[int]]] = {
    1: ("byte", frozenset((3, WILL))),
    2: ("four", frozenset((3, WILL))),
    3: ("text", frozenset((3, WILL))),
    8: ("text", frozenset((3, WILL))),
    9: ("binary", frozenset((3, WILL))),
    11: ("varint", frozenset((3, 8))),
    17: ("four", frozenset((1, 2, 14))),
    18: ("text", frozenset((2,))),
    19: ("two", frozenset((2,))),
    21: ("text", frozenset((1, 2, 15))),
    22: ("binary", frozenset((1, 2, 15))),
    23: ("byte", frozenset((1,))),
    24: ("four", frozenset((WILL,))),
    25: ("byte", frozenset((1,))),
    26: ("text", frozenset((2,))),
    28: ("text", frozenset((2, 14))),
    31: ("text", frozenset((2, *_ACKS))),
    33: ("two", frozenset((1, 2))),
    34: ("two", frozenset((1, 2))),
    35: ("two", frozenset((3,))),
    36: ("byte", frozenset((2,))),
    37: ("byte", frozenset((2,))),
    38: ("pair", frozenset((1, 2, 3, 8, 10, WILL, *_ACKS))),
    39: ("four", frozenset((1, 2))),
    40: ("byte", frozenset((2,))),
    41: ("byte", frozenset((2,))),
    42: ("byte", frozenset((2,))),
}
_NEVER_ZERO = frozenset(
    (Property.SUBSCRIPTION_ID, Property.RECEIVE_MAXIMUM, Property.MAXIMUM_PACKET_SIZE, Property.TOPIC_ALIAS)
)
_WIDTH = {"byte": 1, "two": 2, "four": 4}


def read_properties(reader: Reader, packet: int) -> Properties:
    """The property list of a packet of type `packet` (or `WILL`)."""
    size = reader.varint()
    if not size:
        return ()
    inner_end = reader.pos + size
    if size > reader.left:
        raise MalformedPacket("property length runs past the packet")
    pairs: list[tuple[int, Value]] = []
    seen: set[int] = set()
    while reader.pos < inner_end:
        name = reader.varint()
        shape, places = TABLE.get(name, (None, frozenset()))
        if shape is None:
            raise MalformedPacket(f"property {name} does not exist")
        repeatable = name == Property.USER_PROPERTY or (name == Property.SUBSCRIPTION_ID and packet == 3)
        if packet not in places or (name in seen and not repeatable):
            raise PacketError(f"property {name} may not stand here, or twice")
        seen.add(name)
        pairs.append((name, _read_value(reader, name, shape)))
    if reader.pos != inner_end:
        raise MalformedPacket("a property runs past the property length")
    return tuple(pairs)


def _read_value(reader: Reader, name: int, shape: Shape) -> Value:
    value: Value
    if shape == "pair":
        return reader.text(), reader.text()
    if shape == "text":
        return reader.text()
    if shape == "binary":
        return reader.binary()
    value = reader.varint() if shape == "varint" else reader.number(_WIDTH[shape])
    if shape == "byte" and value > 1:
        raise PacketError(f"property {name} must be 0 or 1")
    if value == 0 and name in _NEVER_ZERO:
        alias = name == Property.TOPIC_ALIAS
        raise PacketError(f"property {name} must not be 0", Reason.TOPIC_ALIAS_INVALID if alias else None)
    return value


def write_pairs(properties: Properties) -> bytes:
    """The pairs without their length."""
    return b"".join(bytes((name,)) + _write_value(TABLE[name][0], value) for name, value in properties)


def write_properties(properties: Properties) -> bytes:
    """The property list with its length."""
    pairs = write_pairs(properties)
    return write_varint(len(pairs)) + pairs


def _write_value(shape: Shape, value: Value) -> bytes:
    if isinstance(value, tuple):
        return write_text(value[0]) + write_text(value[1])
    if isinstance(value, str):
        return write_text(value)
    if isinstance(value, bytes):
        return write_binary(value)
    return write_varint(value) if shape == "varint" else value.to_bytes(_WIDTH[shape], "big")


def number(properties: Properties, name: int, default: int) -> int:
    """The value of an integer property, or `default` where it is absent."""
    for key, value in properties:
        if key == name and isinstance(value, int):
            return value
    return default
