"""The small interface behind which the two ways of reading stand."""

from collections.abc import Sequence
from typing import Protocol

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode

from ingest.intake import Deliveries

QOS_BITS = 16


def token_of(mid: int, qos: int) -> int:
    """What acknowledges a message: its packet id and its QoS in one number, 0 when nobody waits for it."""
    return qos << QOS_BITS | mid if qos else 0


class Reading(Protocol):
    """A paho client and how its messages come out of it; both ways bring the same messages from any stream of bytes."""

    @property
    def client(self) -> Client:
        """The client that keeps the connection."""

    @property
    def filled(self) -> bool:
        """Whether the last read may have left more in the socket."""

    def drain(self) -> Deliveries:
        """The messages since the last call, in the order in which they came."""

    def read(self) -> MQTTErrorCode:
        """The socket has something: read it."""

    def acknowledge(self, tokens: Sequence[int]) -> None:
        """Tell the broker that it may forget these messages."""

    def forget(self) -> None:
        """A new connection begins: half packets of the old one are dropped, and nobody may acknowledge its messages."""


def note(arrived: Deliveries, message: MQTTMessage) -> None:
    """Append a message as paho's public path gives it."""
    try:
        topic = message.topic.encode()
    except UnicodeDecodeError:
        topic = b"\xff"  # no UTF-8, so no device's topic either
    if message.retain or message.properties is not None:
        properties = dict(getattr(message.properties, "UserProperty", ()))
        arrived.extras[len(arrived)] = (properties, message.retain)
    arrived.topics.append(topic)
    arrived.payloads.append(bytes(message.payload))
    arrived.tokens.append(token_of(message.mid, message.qos))
