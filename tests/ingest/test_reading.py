"""Both ways of reading bring the same messages from any stream of bytes, wherever it is cut."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

from ingest.mqtt.bulk import BulkClient, BulkReading, usable
from ingest.mqtt.public import PublicReading
from ingest.mqtt.reading import Reading, token_of

OLD, NEW = MQTTProtocolVersion.MQTTv311, MQTTProtocolVersion.MQTTv5
Seen = tuple[bytes, bytes, int, dict[str, str], bool]


class Pieces:
    """A socket that gives prepared pieces, then nothing for now, and remembers what was sent."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = [piece for piece in pieces if piece]
        self.sent = bytearray()
        self.closed = False

    def recv(self, size: int) -> bytes:
        if not self._pieces:
            raise BlockingIOError
        piece = self._pieces.pop(0)
        if len(piece) > size:
            self._pieces.insert(0, piece[size:])
        return piece[:size]

    def send(self, data: bytes) -> int:
        self.sent += data
        return len(data)

    def close(self) -> None:
        self.closed = True

    @property
    def empty(self) -> bool:
        return not self._pieces


def make(way: str, protocol: MQTTProtocolVersion, sock: Pieces) -> Reading:
    options: dict[str, Any] = {
        "client_id": "t",
        "protocol": protocol,
        "manual_ack": True,
        "reconnect_on_failure": False,
    }
    if way == "bulk":
        client = BulkClient(CallbackAPIVersion.VERSION2, **options)
        client.coalesce = 0.0
        reading: Reading = BulkReading(client)
    else:
        client = Client(CallbackAPIVersion.VERSION2, **options)  # type: ignore[assignment]
        reading = PublicReading(client)
    reading.client._sock = sock  # type: ignore[assignment]
    return reading


def read(way: str, protocol: MQTTProtocolVersion, pieces: list[bytes]) -> tuple[list[Seen], bool, bytes]:
    """The messages, whether the connection was dropped, and what was sent."""
    sock = Pieces(pieces)
    reading = make(way, protocol, sock)
    result = MQTTErrorCode.MQTT_ERR_SUCCESS
    while not sock.empty and not result:
        result = reading.read()
    arrived = reading.drain()
    seen = []
    for place in range(len(arrived)):
        properties, retained = arrived.extras.get(place, ({}, False))
        seen.append((arrived.topics[place], arrived.payloads[place], arrived.tokens[place], dict(properties), retained))
    return seen, bool(result), bytes(sock.sent)


def variable(number: int) -> bytes:
    out = bytearray()
    while True:
        number, byte = divmod(number, 128)
        out.append(byte | (128 if number else 0))
        if not number:
            return bytes(out)


def text(words: str) -> bytes:
    return len(words.encode()).to_bytes(2) + words.encode()


@st.composite
def publishes(draw: st.DrawFn, protocol: MQTTProtocolVersion) -> bytes:
    qos = draw(st.sampled_from([0, 1, 1, 1, 2]))
    head = 0x30 | qos << 1 | draw(st.booleans()) | draw(st.booleans()) << 3
    body = text(draw(st.text(st.characters(codec="utf-8", exclude_characters="\0+#"), min_size=1, max_size=20)))
    if qos:
        body += draw(st.integers(1, 65535)).to_bytes(2)
    if protocol == NEW:
        body += draw(properties())
    body += draw(st.one_of(st.binary(max_size=40), st.binary(min_size=130, max_size=300)))
    packet = bytes([head]) + variable(len(body)) + body
    if qos == 2:
        packet += b"\x62\x02" + body[2 + int.from_bytes(body[:2]) :][:2]
    return packet


@st.composite
def properties(draw: st.DrawFn) -> bytes:
    found = b""
    for kind in draw(
        st.lists(st.sampled_from(["user", "expiry", "type", "correlation", "format"]), max_size=4, unique=True)
    ):
        match kind:
            case "user":
                found += b"\x26" + text("ts") + text(draw(st.text("0123456789", max_size=70)))
                found += b"\x26" + text("other") + text("x" * draw(st.sampled_from([0, 1, 150])))
            case "expiry":
                found += b"\x02" + draw(st.integers(0, 2**32 - 1)).to_bytes(4)
            case "type":
                found += b"\x03" + text("image/jpeg")
            case "correlation":
                found += b"\x09\0\2" + draw(st.binary(min_size=2, max_size=2))
            case _:
                found += b"\x01\1"
    return variable(len(found)) + found


SPOILT = [
    b"\x32\x01\x00",  # shorter than its own header
    b"\x32\x03\x00\x05a",  # the topic is longer than the packet
    b"\x32\x02\x00\x00",
    b"\x36\x05\x00\x01a\x00\x01",  # QoS 3
    b"\x32\xff\xff\xff\xff\x01",  # a length of five bytes
    b"\xf0\x00",  # AUTH, or reserved
    b"\x31\x00",
]


@st.composite
def streams(draw: st.DrawFn, protocol: MQTTProtocolVersion) -> tuple[bytes, list[bytes]]:
    """A stream with pings between messages, perhaps ended by a malformed packet, and the same stream in pieces."""
    packets = draw(st.lists(st.one_of(publishes(protocol), st.just(b"\xd0\x00")), max_size=8))
    stream = b"".join(packets) + draw(st.sampled_from([b"", b"", *SPOILT]))
    cuts = sorted(draw(st.sets(st.integers(0, len(stream)), max_size=12)))
    return stream, [stream[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True)]


@pytest.mark.parametrize("protocol", [OLD, NEW])
def test_any_cut_gives_the_same(protocol: MQTTProtocolVersion) -> None:
    @settings(max_examples=80, deadline=None)
    @given(streams(protocol))
    def check(case: tuple[bytes, list[bytes]]) -> None:
        stream, pieces = case
        expected = read("public", protocol, [stream])
        assert read("public", protocol, pieces) == expected
        assert read("bulk", protocol, [stream]) == expected
        assert read("bulk", protocol, pieces) == expected

    check()


@pytest.mark.parametrize("spoilt", SPOILT)
@pytest.mark.parametrize("protocol", [OLD, NEW])
@pytest.mark.parametrize("way", ["bulk", "public"])
def test_a_malformed_packet_drops_the_connection_after_the_good_ones(
    way: str, protocol: MQTTProtocolVersion, spoilt: bytes
) -> None:
    good = b"\x32\x07\0\1t\0\7" + (b"\0x" if protocol == NEW else b"xy")
    seen, dropped, _ = read(way, protocol, [good + spoilt])
    assert dropped
    assert [token for _, _, token, _, _ in seen] == [token_of(7, 1)]


@pytest.mark.parametrize("way", ["bulk", "public"])
def test_acknowledgements(way: str) -> None:
    sock = Pieces([])
    reading = make(way, OLD, sock)
    reading.client._state = type(reading.client._state).MQTT_CS_CONNECTED
    reading.acknowledge([token_of(1, 1), token_of(0x1234, 1), token_of(9, 2)])
    assert bytes(sock.sent) == b"\x40\x02\0\x01\x40\x02\x12\x34\x70\x02\0\x09"


@pytest.mark.parametrize("way", ["bulk", "public"])
def test_a_new_connection_drops_half_packets_and_tokens(way: str) -> None:
    packet = b"\x32\x07\0\1t\0\7xy"
    sock = Pieces([packet + packet[:5]])
    reading = make(way, OLD, sock)
    reading.read()
    reading.forget()
    arrived = reading.drain()
    assert (arrived.payloads, arrived.tokens) == ([b"xy"], [0])
    fresh = make(way, OLD, Pieces([packet]))
    fresh.forget()
    fresh.read()
    assert fresh.drain().tokens == [token_of(7, 1)]


def test_bulk_survives_a_large_stream_in_small_cuts() -> None:
    chance = random.Random(1)
    packets = []
    for number in range(2000):
        body = b"\0\1t" + (number + 1).to_bytes(2) + b"x" * chance.randrange(0, 400)
        packets.append(b"\x32" + variable(len(body)) + body)
    stream, pieces, place = b"".join(packets), [], 0
    while place < len(stream):
        size = chance.randrange(1, 5000)
        pieces.append(stream[place : place + size])
        place += size
    seen, dropped, _ = read("bulk", OLD, pieces)
    assert not dropped
    assert [token & 0xFFFF for _, _, token, _, _ in seen] == list(range(1, 2001))


def test_paho_is_as_the_bulk_reader_expects() -> None:
    assert usable() == ""
