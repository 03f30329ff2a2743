"""Bytes <-> packets: what is written is read back, however the stream is cut, and nothing else is let in."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.broker import properties as props
from ingest.broker.encoding import encode
from ingest.broker.errors import MalformedPacket, PacketError, PacketTooLarge, UnsupportedVersion
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
from ingest.broker.properties import WILL, Properties, Property, Value
from ingest.broker.reasons import Reason
from ingest.broker.stream import PacketStream
from ingest.broker.wire import MAX_VARINT, Reader, write_varint

text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
topic = st.text(st.characters(exclude_characters="\0+#", exclude_categories=["Cs"]), min_size=1, max_size=12)
packet_id = st.integers(1, 65_535)
qos = st.integers(0, 2)
code = st.integers(0, 255)
VALUES: dict[str, st.SearchStrategy[Value]] = {
    "byte": st.integers(0, 1),
    "two": st.integers(1, 65_535),
    "four": st.integers(1, 2**32 - 1),
    "varint": st.integers(1, MAX_VARINT),
    "text": text,
    "binary": st.binary(max_size=12),
    "pair": st.tuples(text, text),
}


def properties(packet: int) -> st.SearchStrategy[Properties]:
    """Property lists that may stand in a packet; user properties more than once, in any place."""
    names = [name for name, (_, places) in props.TABLE.items() if packet in places]
    one = st.sampled_from(names).flatmap(lambda name: st.tuples(st.just(name), VALUES[props.TABLE[name][0]]))
    user = Property.USER_PROPERTY
    unique = st.lists(one, max_size=5, unique_by=lambda pair: pair[0] if pair[0] != user else id(pair))
    return unique.map(tuple)


@st.composite
def packets(draw: st.DrawFn, version: int) -> Packet:
    """Any packet of a protocol version."""

    def listed(kind: int) -> Properties:
        return draw(properties(kind)) if version == V5 else ()

    kind = Type(draw(st.integers(1, 15 if version == V5 else 14)))
    match kind:
        case Type.CONNECT:
            will = Will(draw(topic), draw(st.binary()), draw(qos), draw(st.booleans()), listed(WILL))
            user = draw(st.none() | text)
            password = draw(st.none() | st.binary(max_size=9)) if user is not None or version == V5 else None
            chosen = draw(st.sampled_from((None, will)))
            seconds = draw(st.integers(0, 65_535))
            return Connect(version, draw(text), draw(st.booleans()), seconds, chosen, user, password, listed(kind))
        case Type.CONNACK:
            return Connack(draw(code), draw(st.booleans()), listed(kind))
        case Type.PUBLISH:
            level = draw(qos)
            pid = draw(packet_id) if level else 0
            dup = bool(level) and draw(st.booleans())
            return Publish(draw(topic), draw(st.binary()), level, draw(st.booleans()), dup, pid, listed(kind))
        case Type.PUBACK | Type.PUBREC | Type.PUBREL | Type.PUBCOMP:
            return Ack(kind, draw(packet_id), draw(code) if version == V5 else 0, listed(kind))
        case Type.SUBSCRIBE:
            found = listed(kind)
            identifier = props.number(found, Property.SUBSCRIPTION_ID, 0)
            flags = st.booleans() if version == V5 else st.just(False)
            handling = st.integers(0, 2) if version == V5 else st.just(0)
            one = st.builds(Subscription, text, qos, flags, flags, handling, st.just(identifier))
            return Subscribe(draw(packet_id), tuple(draw(st.lists(one, min_size=1, max_size=4))), found)
        case Type.UNSUBSCRIBE:
            filters = draw(st.lists(text, min_size=1, max_size=4))
            return Unsubscribe(draw(packet_id), tuple(filters), listed(kind))
        case Type.SUBACK:
            return Suback(draw(packet_id), tuple(draw(st.lists(code, max_size=4))), listed(kind))
        case Type.UNSUBACK:
            return Unsuback(draw(packet_id), tuple(draw(st.lists(code, max_size=4))), listed(kind))
        case Type.DISCONNECT:
            return Disconnect(draw(code), listed(kind)) if version == V5 else Disconnect()
        case Type.AUTH:
            return Auth(draw(code), listed(kind))
        case _:
            return Ping(kind is Type.PINGRESP)


def same_version(found: list[Packet], version: int) -> list[Packet]:
    return [each for each in found if not isinstance(each, Connect) or each.version == version]


@pytest.mark.parametrize("version", [V311, V5])
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_what_is_written_is_read_back_however_the_stream_is_cut(version: int, data: st.DataObject) -> None:
    wanted = data.draw(st.lists(packets(version), min_size=1, max_size=6))
    stream = b"".join(encode(each, version) for each in wanted)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    reader = PacketStream(version)
    found: list[Packet] = []
    for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += reader.feed(stream[start:stop])
    assert reader.error is None
    assert found == wanted


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_byte_at_a_time_gives_the_same_as_all_at_once(data: st.DataObject) -> None:
    stream = data.draw(st.binary(max_size=60)) + encode(data.draw(packets(V5)), V5)
    whole, slowly = PacketStream(V5), PacketStream(V5)
    found = whole.feed(stream)
    one_by_one = [each for byte in stream for each in slowly.feed(bytes((byte,)))]
    assert one_by_one == found
    assert (slowly.error is None) == (whole.error is None)


@given(st.integers(0, MAX_VARINT))
def test_variable_byte_integers(value: int) -> None:
    written = write_varint(value)
    assert Reader(written, 0, len(written)).varint() == value


VECTORS = [  # bytes written by hand from the standards' figures
    (V311, "101000044d51545404020 03c000461626364", Connect(V311, "abcd", True, 60)),
    (V311, "20020100", Connack(0, True)),
    (V311, "3009 0003612f62 68656c6c", Publish("a/b", b"hell")),
    (V311, "3d0a 0003612f62 000a 6869 21", Publish("a/b", b"hi!", 2, True, True, 10)),
    (V5, "320f 0003612f62 000a 05 0200000e10 6869", Publish("a/b", b"hi", 1, packet_id=10, properties=((2, 3600),))),
    (V5, "4003 000a 97", Ack(Type.PUBACK, 10, 0x97)),
    (V5, "8209 000a 02 0b07 0001 61 2d", Subscribe(10, (Subscription("a", 1, True, True, 2, 7),), ((11, 7),))),
    (V5, "e0028b00", Disconnect(0x8B)),
]


@pytest.mark.parametrize(("version", "written", "packet"), VECTORS)
def test_known_bytes(version: int, written: str, packet: Packet) -> None:
    reader = PacketStream(version)
    assert reader.feed(bytes.fromhex(written.replace(" ", ""))) == [packet]
    assert reader.error is None


BAD = [
    (V311, "0000", MalformedPacket, Reason.MALFORMED),  # type 0
    (V311, "f000", MalformedPacket, Reason.MALFORMED),  # AUTH came with MQTT 5
    (V311, "800400010000", MalformedPacket, Reason.MALFORMED),  # SUBSCRIBE without its flag
    (V311, "82020001", PacketError, Reason.PROTOCOL_ERROR),  # SUBSCRIBE without a filter
    (V311, "36050001610001", MalformedPacket, Reason.MALFORMED),  # QoS 3
    (V311, "38030001 61", MalformedPacket, Reason.MALFORMED),  # a repeated QoS 0
    (V311, "3205 0001 61 0000", MalformedPacket, Reason.MALFORMED),  # packet identifier 0
    (V311, "3004 0002 612b", MalformedPacket, Reason.TOPIC_NAME_INVALID),  # wildcard in a name
    (V311, "3003 0001 ff", MalformedPacket, Reason.MALFORMED),  # not UTF-8
    (V311, "3003 0005 61", MalformedPacket, Reason.MALFORMED),  # topic runs past the packet
    (V311, "30ffffffff7f", MalformedPacket, Reason.MALFORMED),  # five length bytes
    (V311, "30ffffff7f", PacketTooLarge, Reason.PACKET_TOO_LARGE),  # 256 MB announced
    (V311, "100c00044d5154540302003c0000", UnsupportedVersion, Reason.UNSUPPORTED_VERSION),
    (V311, "100e00064d51497364700302003c0000", UnsupportedVersion, Reason.UNSUPPORTED_VERSION),  # MQTT 3.1
    (V311, "100c00044d5154540403003c0000", MalformedPacket, Reason.MALFORMED),  # reserved connect flag
    (V5, "3006 0001 61 02 0102", PacketError, Reason.PROTOCOL_ERROR),  # payload format 2
    (V5, "3006 0001 61 02 2a00", PacketError, Reason.PROTOCOL_ERROR),  # a property of CONNACK
    (V5, "3005 0001 61 01 7f", MalformedPacket, Reason.MALFORMED),  # no such property
    (V5, "3008 0001 61 04 01000101", PacketError, Reason.PROTOCOL_ERROR),  # twice
    (V5, "3007 0001 61 03 230000", PacketError, Reason.TOPIC_ALIAS_INVALID),  # alias 0
    (V5, "3003 0000 00", PacketError, Reason.PROTOCOL_ERROR),  # no topic, no alias
    (V5, "3005 0001 61 8000", MalformedPacket, Reason.MALFORMED),  # a longer varint than needed
]


@pytest.mark.parametrize(("version", "written", "error", "reason"), BAD)
def test_bad_bytes_have_a_reason(version: int, written: str, error: type[PacketError], reason: Reason) -> None:
    reader = PacketStream(version)
    good = encode(Ping(), version)
    assert reader.feed(good + bytes.fromhex(written.replace(" ", "")) + good) == [Ping()]
    assert isinstance(reader.error, error)
    assert reader.error.reason == reason
    assert reader.feed(good) == []


def test_a_packet_at_the_bound_is_taken_and_one_byte_more_is_not() -> None:
    fits = encode(Publish("a", b"x" * 50), V311)
    reader = PacketStream(max_packet=len(fits))
    assert len(reader.feed(fits)) == 1
    reader.feed(encode(Publish("a", b"x" * 51), V311))
    assert isinstance(reader.error, PacketTooLarge)


def test_a_hundred_thousand_byte_strings_raise_nothing() -> None:
    chance = random.Random(7)
    seeds = [bytes.fromhex(written.replace(" ", "")) for _, written, _ in VECTORS]
    for n in range(100_000):
        if n % 2:
            data = bytearray(chance.choice(seeds))
            for _ in range(chance.randint(1, 4)):
                data[chance.randrange(len(data))] = chance.randrange(256)
        else:
            data = bytearray(chance.randbytes(chance.randint(2, 24)))
            data[1] = min(data[1], len(data) - 2)
        reader = PacketStream(chance.choice((V311, V5)))
        reader.feed(bytes(data))
        assert reader.error is None or isinstance(reader.error, PacketError)
