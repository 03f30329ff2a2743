"""Reading through paho's public interface alone: the reference, and what is used when paho's inside has changed."""

from collections.abc import Sequence
from typing import Any, Final

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode

from ingest.intake import Deliveries
from ingest.mqtt.reading import QOS_BITS, note

_MOST_AT_ONCE: Final = 500


class PublicReading:
    """One callback per message, one call per acknowledgement."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.filled = False
        self._arrived = Deliveries()
        client.on_message = self._on_message

    def drain(self) -> Deliveries:
        """The messages since the last call, in the order in which they came."""
        arrived, self._arrived = self._arrived, Deliveries()
        return arrived

    def read(self) -> MQTTErrorCode:
        """The socket has something: paho reads one packet at a time, so ask again while that brings messages."""
        for _ in range(_MOST_AT_ONCE):
            before = len(self._arrived)
            result = self.client.loop_read()
            if result or len(self._arrived) == before:
                return result
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def acknowledge(self, tokens: Sequence[int]) -> None:
        """Tell the broker that it may forget these messages."""
        for token in tokens:
            self.client.ack(token & 0xFFFF, token >> QOS_BITS)

    def forget(self) -> None:
        """A new connection begins: nobody may acknowledge the old one's messages."""
        self._arrived.tokens = [0] * len(self._arrived)

    def _on_message(self, _client: Client, _userdata: Any, message: MQTTMessage) -> None:
        note(self._arrived, message)
