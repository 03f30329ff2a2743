"""Reading PUBLISH packets in bulk: one large read, one walk over it, one packet of acknowledgements.

paho keeps CONNECT, SUBSCRIBE, keep-alive, TLS and writing. Only the reading is replaced, which needs names that paho
does not promise: `usable` looks for them before anyone relies on them, and the version is pinned. Whatever is not an
ordinary PUBLISH goes to paho's own packet handler, malformed ones too.
"""

import inspect
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.exception import MQTTException
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ingest.intake import Deliveries
from ingest.mqtt.reading import QOS_BITS, note

READ_BYTES: Final = 262_144
COALESCE: Final = 0.01
"""Seconds to wait before a read, so that it brings more than one message."""

_METHODS: Final = ("_sock_recv", "_packet_handle", "_packet_queue", "_loop_rc_handle")
_ATTRIBUTES: Final = ("_in_packet", "_sock", "_protocol", "_last_bytes_received", "_msgtime_mutex")
_PACKET_KEYS: Final = {
    "command", "have_remaining", "remaining_count", "remaining_mult", "remaining_length", "packet", "to_process", "pos",
}  # fmt: skip
_PUBACK: Final = 0x40
_ONE_QOS1: Final = 1 << QOS_BITS
_LONGEST_HEAD: Final = 4
_NO_PROPERTIES: Final[Mapping[str, str]] = MappingProxyType({})


def usable() -> str:
    """Empty when paho's inside is as it is expected, else what is missing."""
    client = BulkClient.probe()
    missing = [name for name in _METHODS if not callable(getattr(Client, name, None))]
    missing += [name for name in _ATTRIBUTES if not hasattr(client, name)]
    if not missing and set(client._in_packet) != _PACKET_KEYS:  # noqa: SLF001 - what this function is for
        missing.append("the keys of _in_packet")
    queue = inspect.signature(getattr(Client, "_packet_queue", usable)).parameters
    if list(queue)[1:5] != ["command", "packet", "mid", "qos"]:
        missing.append("the arguments of _packet_queue")
    return ", ".join(missing)


class BulkClient(Client):
    """A paho client whose `loop_read` reads much at once."""

    arrived: Deliveries
    filled = False
    coalesce = COALESCE
    waited = 0.0
    _rest = b""

    @classmethod
    def probe(cls) -> "BulkClient":
        """A client that connects nowhere."""
        return cls(CallbackAPIVersion.VERSION2, client_id="probe")

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """Read what is there and take its packets apart."""
        if self._sock is None:
            return MQTTErrorCode.MQTT_ERR_NO_CONN
        self.waited = 0.0 if self.filled else self.coalesce
        if self.waited:
            time.sleep(self.waited)
        try:
            data = self._read()
        except BlockingIOError:
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        except OSError:
            return self._loop_rc_handle(MQTTErrorCode.MQTT_ERR_CONN_LOST)
        if not data:
            return self._loop_rc_handle(MQTTErrorCode.MQTT_ERR_CONN_LOST)
        with self._msgtime_mutex:
            self._last_bytes_received = time.monotonic()
        result = self.feed(data)
        return self._loop_rc_handle(result) if result else result

    def _read(self) -> bytes:
        data = self._sock_recv(READ_BYTES)
        pending: Callable[[], int] | None = getattr(self._sock, "pending", None)
        if pending is not None:  # TLS gives one record at a time, and select does not see those already decrypted
            pieces = [data]
            size = len(data)
            while data and size < READ_BYTES and pending():
                data = self._sock_recv(READ_BYTES)
                pieces.append(data)
                size += len(data)
            data = b"".join(pieces)
        self.filled = len(data) >= READ_BYTES
        return data

    def feed(self, data: bytes) -> MQTTErrorCode:
        """Take the packets in `data` and in what was left of the last one apart."""
        if self._rest:
            data = self._rest + data
        place, result = self._walk(data)
        self._rest = data[place:]
        return result

    def _walk(self, data: bytes) -> tuple[int, MQTTErrorCode]:
        arrived = self.arrived
        topics, payloads, tokens = arrived.topics.append, arrived.payloads.append, arrived.tokens.append
        modern = self._protocol == MQTTProtocolVersion.MQTTv5
        place, end = 0, len(data)
        while end - place >= 2:
            head, length, body = data[place], data[place + 1], place + 2
            if length > 127 and body < end and data[body] < 128:
                length = length & 0x7F | data[body] << 7
                body += 1
            elif length > 127:
                length, body = _long_length(data, place + 1)
                if length == _MALFORMED:
                    return place, MQTTErrorCode.MQTT_ERR_PROTOCOL
                if length == _CUT:
                    break
            after = body + length
            if after > end:
                break
            if head & 0xF4 == 0x30 and length > 2:  # PUBLISH of QoS 0 or 1
                start = body + 2
                stop = start + (data[body] << 8 | data[body + 1])
                payload = stop + (head & 2)
                plain = stop > start and payload <= after and (not modern or (payload < after and data[payload] == 0))
                if plain and not head & 1:
                    topics(data[start:stop])
                    payloads(data[payload + modern : after])
                    tokens(_ONE_QOS1 | data[stop] << 8 | data[stop + 1] if head & 2 else 0)
                    place = after
                    continue
            result = self._handle(head, data[body:after])
            if result:
                return after, result
            place = after
        return place, MQTTErrorCode.MQTT_ERR_SUCCESS

    def _handle(self, head: int, body: bytes) -> MQTTErrorCode:
        if head & 0xF4 == 0x30 and self._protocol == MQTTProtocolVersion.MQTTv5 and self._note_modern(head, body):
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        self._in_packet = _packet(head, body)
        try:
            return self._packet_handle()
        except MQTTException:
            return MQTTErrorCode.MQTT_ERR_PROTOCOL
        finally:
            self._in_packet = _packet(0, b"")

    def _note_modern(self, head: int, body: bytes) -> bool:
        """Take a well-formed MQTT 5 PUBLISH with properties or the retained flag; False leaves it to paho."""
        stop = 2 + int.from_bytes(body[:2])
        place = stop + (head & 2)
        if len(body) <= place:
            return False
        length, start = _long_length(body, place) if body[place] > 127 else (body[place], place + 1)
        if length < 0 or start + length > len(body):
            return False
        properties = _user_properties(body[place : start + length]) if length else _NO_PROPERTIES
        if properties is None:
            return False
        arrived = self.arrived
        if properties or head & 1:
            arrived.extras[len(arrived)] = (properties, bool(head & 1))
        arrived.topics.append(body[2:stop])
        arrived.payloads.append(body[start + length :])
        arrived.tokens.append(_ONE_QOS1 | int.from_bytes(body[stop : stop + 2]) if head & 2 else 0)
        return True

    def forget(self) -> None:
        """Drop the half packet of an old connection."""
        self._rest = b""
        self.filled = False

    def send_acks(self, mids: Sequence[int]) -> None:
        """One write with a PUBACK for each packet id."""
        packets = bytearray(b"\x40\x02\0\0" * len(mids))
        packets[2::4] = bytes([mid >> 8 for mid in mids])
        packets[3::4] = bytes([mid & 0xFF for mid in mids])
        self._packet_queue(_PUBACK, packets, 0, 0)


class BulkReading:
    """Many messages per read, many acknowledgements per write."""

    def __init__(self, client: BulkClient) -> None:
        self.client = client
        client.arrived = Deliveries()
        client.on_message = self._on_message

    @property
    def filled(self) -> bool:
        """Whether the last read may have left more in the socket."""
        return self.client.filled

    def drain(self) -> Deliveries:
        """The messages since the last call, in the order in which they came."""
        arrived, self.client.arrived = self.client.arrived, Deliveries()
        arrived.waited = self.client.waited
        return arrived

    def read(self) -> MQTTErrorCode:
        """The socket has something: read all of it at once."""
        return self.client.loop_read()

    def acknowledge(self, tokens: Sequence[int]) -> None:
        """Tell the broker that it may forget these messages."""
        mids = [token & 0xFFFF for token in tokens if token >> QOS_BITS == 1]
        if mids and self.client.is_connected():
            self.client.send_acks(mids)
        for token in tokens:
            if token >> QOS_BITS != 1:
                self.client.ack(token & 0xFFFF, token >> QOS_BITS)

    def forget(self) -> None:
        """A new connection begins: half packets are dropped, and nobody may acknowledge the old one's messages."""
        self.client.forget()
        self.client.arrived.tokens = [0] * len(self.client.arrived)

    def _on_message(self, _client: Client, _userdata: Any, message: MQTTMessage) -> None:
        note(self.client.arrived, message)


_CUT: Final = -1
_MALFORMED: Final = -2


def _long_length(data: bytes, place: int) -> tuple[int, int]:
    """A variable byte integer (MQTT 5, 1.5.5) and where it ends; `_CUT` or `_MALFORMED` instead of a length."""
    value = 0
    for step in range(_LONGEST_HEAD):
        if place + step >= len(data):
            return _CUT, place
        byte = data[place + step]
        value |= (byte & 0x7F) << 7 * step
        if byte < 0x80:
            return value, place + step + 1
    # A fourth byte that still continues is malformed at once; waiting for a fifth would change nothing.
    return _MALFORMED, place


@lru_cache(maxsize=1024)
def _user_properties(raw: bytes) -> Mapping[str, str] | None:
    try:
        properties, _ = Properties(PacketTypes.PUBLISH).unpack(raw)  # type: ignore[no-untyped-call]
    except (MQTTException, ValueError, KeyError, IndexError, struct.error):
        return None
    return MappingProxyType(dict(getattr(properties, "UserProperty", ())))


def _packet(head: int, body: bytes) -> Any:
    return {
        "command": head,
        "have_remaining": int(bool(head)),
        "remaining_count": [],
        "remaining_mult": 1,
        "remaining_length": len(body),
        "packet": bytearray(body),
        "to_process": 0,
        "pos": 0,
    }
