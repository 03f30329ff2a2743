"""Control packets to bytes."""

from typing import assert_never

from ingest.broker.packets import (
    V5,
    Ack,
    Auth,
    Connack,
    Connect,
    Disconnect,
    Packet,
    Ping,
    Publish,
    Suback,
    Subscribe,
    Subscription,
    Type,
    Unsuback,
    Unsubscribe,
)
from ingest.broker.properties import Properties, write_pairs, write_properties
from ingest.broker.wire import write_binary, write_text, write_varint

PINGRESP = b"\xd0\x00"


def encode(packet: Packet, version: int) -> bytes:
    """The bytes of any control packet."""
    match packet:
        case Publish():
            pairs = write_pairs(packet.properties) if packet.properties else b""
            return encode_publish(packet, pairs, version)
        case Ack():
            return _acknowledgement(packet, version)
        case Connect():
            return _frame(0x10, _connect(packet))
        case Connack():
            flags = bytes((packet.session_present, packet.code))
            return _frame(0x20, flags + _properties(packet.properties, version))
        case Subscribe():
            filters = b"".join(write_text(each.filter) + bytes((_options(each),)) for each in packet.subscriptions)
            return _frame(0x82, _head(packet.packet_id, packet.properties, version) + filters)
        case Unsubscribe():
            filters = b"".join(write_text(each) for each in packet.filters)
            return _frame(0xA2, _head(packet.packet_id, packet.properties, version) + filters)
        case Suback():
            return _frame(0x90, _head(packet.packet_id, packet.properties, version) + bytes(packet.codes))
        case Unsuback():
            return _frame(0xB0, _head(packet.packet_id, packet.properties, version) + bytes(packet.codes))
        case Ping():
            return PINGRESP if packet.response else b"\xc0\x00"
        case Disconnect():
            return _reasoned(0xE0, b"", packet.code, packet.properties) if version == V5 else b"\xe0\x00"
        case Auth():
            return _reasoned(0xF0, b"", packet.code, packet.properties)
        case _:
            assert_never(packet)


def encode_publish(packet: Publish, pairs: bytes, version: int) -> bytes:
    """A PUBLISH whose properties are already written as `pairs` (ignored before MQTT 5)."""
    head = 0x30 | packet.qos << 1 | packet.retain | packet.dup << 3
    topic = packet.topic.encode()
    lead = len(topic).to_bytes(2, "big") + topic
    if packet.qos:
        lead += packet.packet_id.to_bytes(2, "big")
    if version == V5:
        lead += write_varint(len(pairs)) + pairs
    return bytes((head,)) + write_varint(len(lead) + len(packet.payload)) + lead + packet.payload


def encode_ack(kind: Type, packet_id: int, code: int = 0, version: int = V5) -> bytes:
    """PUBACK, PUBREC, PUBREL or PUBCOMP without properties; a success has the same four bytes in both versions."""
    first = kind << 4 | (2 if kind is Type.PUBREL else 0)
    if code and version == V5:
        return bytes((first, 3, packet_id >> 8, packet_id & 0xFF, code))
    return bytes((first, 2, packet_id >> 8, packet_id & 0xFF))


def _acknowledgement(packet: Ack, version: int) -> bytes:
    if version != V5 or not packet.properties:
        return encode_ack(packet.type, packet.packet_id, packet.code, version)
    first = packet.type << 4 | (2 if packet.type is Type.PUBREL else 0)
    return _reasoned(first, packet.packet_id.to_bytes(2, "big"), packet.code, packet.properties)


def _reasoned(first: int, lead: bytes, code: int, properties: Properties) -> bytes:
    # MQTT 5, 3.4.2 and 3.14.2: code and properties may be left out when there is nothing to say.
    if properties:
        return _frame(first, lead + bytes((code,)) + write_properties(properties))
    return _frame(first, lead + bytes((code,)) if code else lead)


def _connect(packet: Connect) -> bytes:
    flags = packet.clean << 1
    tail = write_text(packet.client_id)
    if packet.will is not None:
        flags |= 0x04 | packet.will.qos << 3 | packet.will.retain << 5
        tail += _properties(packet.will.properties, packet.version)
        tail += write_text(packet.will.topic) + write_binary(packet.will.payload)
    if packet.user is not None:
        flags |= 0x80
        tail += write_text(packet.user)
    if packet.password is not None:
        flags |= 0x40
        tail += write_binary(packet.password)
    lead = write_text("MQTT") + bytes((packet.version, flags)) + packet.keep_alive.to_bytes(2, "big")
    return lead + _properties(packet.properties, packet.version) + tail


def _options(each: Subscription) -> int:
    return each.qos | each.no_local << 2 | each.retain_as_published << 3 | each.retain_handling << 4


def _head(packet_id: int, properties: Properties, version: int) -> bytes:
    return packet_id.to_bytes(2, "big") + _properties(properties, version)


def _properties(properties: Properties, version: int) -> bytes:
    return write_properties(properties) if version == V5 else b""


def _frame(first: int, body: bytes) -> bytes:
    return bytes((first,)) + write_varint(len(body)) + body
