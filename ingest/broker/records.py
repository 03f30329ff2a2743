"""What the broker remembers: messages, queue entries, sessions. All of it is written to disk as it stands here."""

import msgspec
from msgspec import Struct

from ingest.broker.packets import Publish, Subscription, Will
from ingest.broker.properties import Properties, Property, number, write_pairs

ENTRY_OVERHEAD = 64  # bytes charged to a session's quota beside topic, payload and properties

_NOT_PASSED_ON = (Property.MESSAGE_EXPIRY, Property.TOPIC_ALIAS, Property.SUBSCRIPTION_ID, Property.WILL_DELAY)


class Message(Struct, frozen=True, array_like=True):
    """A message on its way; `properties` are written pairs, `expires` epoch milliseconds (0 = never)."""

    topic: str
    payload: bytes
    properties: bytes = b""
    expires: int = 0

    @property
    def size(self) -> int:
        """Bytes charged to a queue that holds it."""
        return len(self.topic) + len(self.payload) + len(self.properties) + ENTRY_OVERHEAD


class Entry(Struct, array_like=True):
    """One message in one session's queue; `seq` counts up from 1 within the session and never repeats."""

    seq: int
    qos: int
    retain: bool
    identifiers: tuple[int, ...]
    message: Message


class Retained(Struct, frozen=True, array_like=True):
    """The last retained message of a topic."""

    message: Message
    qos: int


class Testament(Struct, frozen=True, array_like=True):
    """A will as it will be published; `delay` in milliseconds."""

    message: Message
    qos: int
    retain: bool
    delay: int = 0
    lifetime: int = 0  # message expiry in milliseconds from the moment it is published; 0 = none


class SessionRecord(Struct, frozen=True, array_like=True):
    """A persistent session; `expiry` in seconds (None = never), `left` = epoch ms of the disconnection."""

    key: int
    client_id: str
    expiry: int | None
    left: int
    subscriptions: tuple[Subscription, ...] = ()


class Progress(Struct, frozen=True, array_like=True):
    """How far a session is: all entries up to `low` and those in `done` are delivered, those in `released` wait for
    PUBCOMP, `received` are packet ids of QoS 2 messages taken from the client and not yet released.
    """

    low: int = 0
    sent: int = 0
    done: tuple[int, ...] = ()
    released: tuple[int, ...] = ()
    received: tuple[int, ...] = ()


ENCODER = msgspec.msgpack.Encoder()
ENTRIES = msgspec.msgpack.Decoder(list[Entry])
PROGRESS = msgspec.msgpack.Decoder(Progress)
RETAINED = msgspec.msgpack.Decoder(Retained)
SESSION = msgspec.msgpack.Decoder(SessionRecord)
TESTAMENT = msgspec.msgpack.Decoder(Testament)


def message_of(packet: Publish, now: int) -> Message:
    """The message of a PUBLISH taken at `now` (epoch ms)."""
    if not packet.properties:
        return Message(packet.topic, packet.payload)
    lifetime = number(packet.properties, Property.MESSAGE_EXPIRY, -1)
    expires = 0 if lifetime < 0 else now + lifetime * 1000
    return Message(packet.topic, packet.payload, write_pairs(_passed_on(packet.properties)), expires)


def testament_of(will: Will) -> Testament:
    """What a CONNECT's will means."""
    message = Message(will.topic, will.payload, write_pairs(_passed_on(will.properties)))
    delay = number(will.properties, Property.WILL_DELAY, 0) * 1000
    lifetime = number(will.properties, Property.MESSAGE_EXPIRY, 0) * 1000
    return Testament(message, will.qos, will.retain, delay, lifetime)


def _passed_on(properties: Properties) -> Properties:
    return tuple(pair for pair in properties if pair[0] not in _NOT_PASSED_ON)
