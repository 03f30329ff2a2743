"""A device's side of the wire: QoS 1 messages that are sent again until they are acknowledged."""

import json
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from tests.engines.waiting import wait_until
from tests.ingest.rig import NOW


class Publisher:
    """Publishes readings numbered in their value; ask `acknowledged` what the broker has taken."""

    def __init__(self, port: int, topic: str, client_id: str = "publisher") -> None:
        self._topic = topic
        self._numbers: dict[int, int] = {}
        self._done: set[int] = set()
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=False)
        self.client.max_inflight_messages_set(200)
        self.client.reconnect_delay_set(1, 1)
        self.client.on_publish = self._on_publish
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        wait_until(self.client.is_connected, 10)

    def send(self, numbers: range, qos: int = 1) -> None:
        """Publish one reading per number."""
        for number in numbers:
            payload = json.dumps({"ts": NOW + number, "values": {"ph": 7.0, "level": number}}).encode()
            self._numbers[self.client.publish(self._topic, payload, qos=qos).mid] = number

    @property
    def acknowledged(self) -> set[int]:
        """The numbers that the broker has taken; at most 65 535 of them, since packet ids come round."""
        return {self._numbers[mid] for mid in self._done.copy() if mid in self._numbers}

    def wait(self, count: int, seconds: float = 30) -> None:
        """Wait until the broker has taken `count` readings."""
        wait_until(lambda: len(self.acknowledged) >= count, seconds, f"{count} acknowledged")

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def _on_publish(self, _client: Any, _data: Any, mid: int, _reason: Any, _more: Any) -> None:
        self._done.add(mid)
