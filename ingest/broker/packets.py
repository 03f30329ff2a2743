"""The control packets of MQTT 3.1.1 and 5 as values; bytes are made in `encoding` and read in `decoding`."""

from enum import IntEnum

from msgspec import Struct

from ingest.broker.properties import Properties

V311 = 4
V5 = 5


class Type(IntEnum):
    """Control packet types: MQTT 5, table 2-1."""

    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    PUBREC = 5
    PUBREL = 6
    PUBCOMP = 7
    SUBSCRIBE = 8
    SUBACK = 9
    UNSUBSCRIBE = 10
    UNSUBACK = 11
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14
    AUTH = 15


class Will(Struct, frozen=True):
    """What the broker publishes for a client that is lost."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    properties: Properties = ()


class Connect(Struct, frozen=True):
    """A client's first packet; `keep_alive` in seconds, 0 = off."""

    version: int
    client_id: str
    clean: bool = True
    keep_alive: int = 0
    will: Will | None = None
    user: str | None = None
    password: bytes | None = None
    properties: Properties = ()


class Connack(Struct, frozen=True):
    """The answer to a CONNECT; `code` is a return code (3.1.1) or a reason code (5)."""

    code: int
    session_present: bool = False
    properties: Properties = ()


class Publish(Struct):
    """A message; `packet_id` is 0 at QoS 0."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    dup: bool = False
    packet_id: int = 0
    properties: Properties = ()


class Ack(Struct, frozen=True):
    """PUBACK, PUBREC, PUBREL or PUBCOMP, told apart by `type`."""

    type: Type
    packet_id: int
    code: int = 0
    properties: Properties = ()


class Subscription(Struct, frozen=True, array_like=True):
    """One topic filter with its options; `identifier` 0 = none."""

    filter: str
    qos: int = 0
    no_local: bool = False
    retain_as_published: bool = False
    retain_handling: int = 0
    identifier: int = 0


class Subscribe(Struct, frozen=True):
    """A request for topics."""

    packet_id: int
    subscriptions: tuple[Subscription, ...]
    properties: Properties = ()


class Suback(Struct, frozen=True):
    """One code per filter: the granted QoS, or a refusal."""

    packet_id: int
    codes: tuple[int, ...]
    properties: Properties = ()


class Unsubscribe(Struct, frozen=True):
    """A request to be sent these topics no more."""

    packet_id: int
    filters: tuple[str, ...]
    properties: Properties = ()


class Unsuback(Struct, frozen=True):
    """One code per filter; none in 3.1.1."""

    packet_id: int
    codes: tuple[int, ...] = ()
    properties: Properties = ()


class Ping(Struct, frozen=True):
    """PINGREQ, or PINGRESP where `response`."""

    response: bool = False


class Disconnect(Struct, frozen=True):
    """The last packet of a connection."""

    code: int = 0
    properties: Properties = ()


class Auth(Struct, frozen=True):
    """Enhanced authentication; understood, never offered."""

    code: int = 0
    properties: Properties = ()


Packet = Connect | Connack | Publish | Ack | Subscribe | Suback | Unsubscribe | Unsuback | Ping | Disconnect | Auth
