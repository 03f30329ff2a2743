"""Bytes to control packets: one function per packet type, each refusing what the standard forbids."""

from collections.abc import Callable

from ingest.broker.errors import MalformedPacket, PacketError, UnsupportedVersion
from ingest.broker.packets import (
    V5,
    V311,
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
    Will,
)
from ingest.broker.properties import WILL, Properties, Property, number, read_properties
from ingest.broker.reasons import Reason
from ingest.broker.wire import Reader


def decode(first: int, data: bytes, start: int, stop: int, version: int) -> Packet:
    """The packet whose first byte is `first` and whose body is `data[start:stop]`."""
    kind = first >> 4
    if kind == 3:
        return decode_publish(first, data, start, stop, version)
    # MQTT 5, table 2-2: reserved flags; PUBREL, SUBSCRIBE and UNSUBSCRIBE carry 0010.
    if first & 0x0F != (2 if kind in (6, 8, 10) else 0) or kind == 0:
        raise MalformedPacket(f"first byte {first:#04x} is reserved")
    reader = Reader(data, start, stop)
    packet = _READERS[kind](reader, Type(kind), version)
    reader.finish()
    return packet


def decode_publish(first: int, data: bytes, start: int, stop: int, version: int) -> Publish:
    """A PUBLISH; written out flat because nearly every packet is one."""
    qos = first >> 1 & 3
    if qos == 3 or (first & 0x08 and not qos):
        raise MalformedPacket("PUBLISH with QoS 3, or a repeated one at QoS 0")
    pos = start + 2
    end = pos + int.from_bytes(data[start:pos], "big")
    packet_id = 0
    try:
        topic = data[pos:end].decode()
    except UnicodeDecodeError as error:
        raise MalformedPacket("topic is not UTF-8") from error
    if qos:
        packet_id = int.from_bytes(data[end : end + 2], "big")
        end += 2
        if not packet_id:
            raise MalformedPacket("packet identifier 0")
    if end > stop or pos > stop:
        raise MalformedPacket("PUBLISH ends early")
    if "+" in topic or "#" in topic or "\0" in topic:
        raise MalformedPacket("topic name holds a wildcard or a null character", Reason.TOPIC_NAME_INVALID)
    properties: Properties = ()
    if version == V5:
        reader = Reader(data, end, stop)
        properties = read_properties(reader, Type.PUBLISH)
        end = reader.pos
    if not topic and not number(properties, Property.TOPIC_ALIAS, 0):
        raise PacketError("PUBLISH without a topic", None if version == V5 else Reason.TOPIC_NAME_INVALID)
    return Publish(topic, data[end:stop], qos, bool(first & 1), bool(first & 8), packet_id, properties)


def _properties(reader: Reader, kind: Type, version: int) -> Properties:
    return read_properties(reader, kind) if version == V5 else ()


def _packet_id(reader: Reader) -> int:
    packet_id = reader.number(2)
    if not packet_id:
        raise MalformedPacket("packet identifier 0")
    return packet_id


def _connect(reader: Reader, _kind: Type, _version: int) -> Connect:
    name, version, flags = reader.text(), reader.number(1), 0
    if (name, version) == ("MQIsdp", 3) or (name == "MQTT" and version not in (V311, V5)):
        reader.rest()
        raise UnsupportedVersion(version)
    if name != "MQTT":
        raise MalformedPacket(f"protocol name {name[:16]!r}")
    flags = reader.number(1)
    if flags & 1 or (flags >> 3 & 3) == 3 or (not flags & 0x04 and flags & 0x38):
        raise MalformedPacket(f"connect flags {flags:#04x}")
    if version == V311 and flags & 0xC0 == 0x40:
        raise MalformedPacket("a password without a user name")
    keep_alive = reader.number(2)
    properties = _properties(reader, Type.CONNECT, version)
    client_id = reader.text()
    will = _will(reader, flags, version) if flags & 0x04 else None
    user = reader.text() if flags & 0x80 else None
    password = reader.binary() if flags & 0x40 else None
    return Connect(version, client_id, bool(flags & 2), keep_alive, will, user, password, properties)


def _will(reader: Reader, flags: int, version: int) -> Will:
    properties = read_properties(reader, WILL) if version == V5 else ()
    topic, payload = reader.text(), reader.binary()
    if not topic or "+" in topic or "#" in topic:
        raise MalformedPacket("will topic is empty or holds a wildcard", Reason.TOPIC_NAME_INVALID)
    return Will(topic, payload, flags >> 3 & 3, bool(flags & 0x20), properties)


def _connack(reader: Reader, kind: Type, version: int) -> Connack:
    flags, code = reader.number(1), reader.number(1)
    if flags > 1:
        raise MalformedPacket("connect acknowledge flags")
    return Connack(code, bool(flags), _properties(reader, kind, version))


def _ack(reader: Reader, kind: Type, version: int) -> Ack:
    packet_id = _packet_id(reader)
    if version != V5 or not reader.left:
        return Ack(kind, packet_id)
    code = reader.number(1)
    return Ack(kind, packet_id, code, read_properties(reader, kind) if reader.left else ())


def _subscribe(reader: Reader, kind: Type, version: int) -> Subscribe:
    packet_id = _packet_id(reader)
    properties = _properties(reader, kind, version)
    identifier = number(properties, Property.SUBSCRIPTION_ID, 0)
    found = []
    while reader.left:
        topic_filter, options = reader.text(), reader.number(1)
        handling = options >> 4 & 3
        if options & 3 == 3 or options & (0xC0 if version == V5 else 0xFC):
            raise MalformedPacket(f"subscription options {options:#04x}")
        if handling == 3:
            raise PacketError("retain handling 3")
        found.append(
            Subscription(topic_filter, options & 3, bool(options & 4), bool(options & 8), handling, identifier)
        )
    if not found:
        raise PacketError("SUBSCRIBE without a topic filter")
    return Subscribe(packet_id, tuple(found), properties)


def _unsubscribe(reader: Reader, kind: Type, version: int) -> Unsubscribe:
    packet_id = _packet_id(reader)
    properties = _properties(reader, kind, version)
    filters = []
    while reader.left:
        filters.append(reader.text())
    if not filters:
        raise PacketError("UNSUBSCRIBE without a topic filter")
    return Unsubscribe(packet_id, tuple(filters), properties)


def _suback(reader: Reader, kind: Type, version: int) -> Suback:
    packet_id = _packet_id(reader)
    properties = _properties(reader, kind, version)
    return Suback(packet_id, tuple(reader.rest()), properties)


def _unsuback(reader: Reader, kind: Type, version: int) -> Unsuback:
    packet_id = _packet_id(reader)
    properties = _properties(reader, kind, version)
    return Unsuback(packet_id, tuple(reader.rest()), properties)


def _ping(_reader: Reader, kind: Type, _version: int) -> Ping:
    return Ping(kind is Type.PINGRESP)


def _disconnect(reader: Reader, kind: Type, version: int) -> Disconnect:
    if version != V5 or not reader.left:
        return Disconnect()
    code = reader.number(1)
    return Disconnect(code, read_properties(reader, kind) if reader.left else ())


def _auth(reader: Reader, kind: Type, version: int) -> Auth:
    if version != V5:
        raise MalformedPacket("packet type 15 came with MQTT 5")
    if not reader.left:
        return Auth()
    code = reader.number(1)
    return Auth(code, read_properties(reader, kind) if reader.left else ())


_READERS: dict[int, Callable[[Reader, Type, int], Packet]] = {
    1: _connect,
    2: _connack,
    4: _ack,
    5: _ack,
    6: _ack,
    7: _ack,
    8: _subscribe,
    9: _suback,
    10: _unsubscribe,
    11: _unsuback,
    12: _ping,
    13: _ping,
    14: _disconnect,
    15: _auth,
}
