"""Brokers in processes of their own, and paho clients that are waited for by condition."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.engines.waiting import wait_until

ROOT = Path(__file__).parents[3]
PROGRAM = """
import sys
from pathlib import Path
from ingest.broker import AllowAll, Limits, run_broker
run_broker(Path(sys.argv[1]), AllowAll(), port=int(sys.argv[2]), limits=Limits({limits}),
           ready=lambda broker: print(broker.port, flush=True))
"""


class BrokerProcess:
    """The embedded broker as a process; started again it keeps its port and its file."""

    def __init__(self, folder: Path, limits: str = "") -> None:
        self.port = 0
        self._file = folder / "mqtt.db"
        self._limits = limits
        self.start()

    def start(self) -> None:
        """Start and wait until it listens."""
        command = [sys.executable, "-c", PROGRAM.format(limits=self._limits), str(self._file), str(self.port)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def kill(self) -> None:
        """Kill -9."""
        self._process.kill()
        self._reap()

    def stop(self) -> int:
        """End it properly; its exit status."""
        self._process.terminate()
        return self._reap()

    def _reap(self) -> int:
        status = self._process.wait(20)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return status


class Client:
    """A paho client with what it was told."""

    def __init__(self, port: int, client_id: str, version: int, *, clean: bool = True, **more: Any) -> None:
        callback = CallbackAPIVersion.VERSION2
        protocol = MQTTProtocolVersion(version)
        if version == mqtt.MQTTv5:
            self.paho = mqtt.Client(callback, client_id, protocol=protocol)
        else:
            self.paho = mqtt.Client(callback, client_id, clean_session=clean, protocol=protocol)
        self.messages: list[mqtt.MQTTMessage] = []
        self.answers: list[Any] = []
        self.granted: list[int] = []
        self.present: bool | None = None
        self.paho.on_connect = self._connected
        self.paho.on_message = lambda _client, _data, message: self.messages.append(message)
        self.paho.on_subscribe = lambda _client, _data, _mid, codes, _props: self.granted.extend(c.value for c in codes)
        self.paho.on_disconnect = lambda _client, _data, _flags, code, _props: self.answers.append(code)
        for name, value in more.items():
            getattr(self.paho, name)(**value)
        arguments: dict[str, Any] = {}
        if version == mqtt.MQTTv5:
            properties: Any = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's own gap
            if not clean:
                properties.SessionExpiryInterval = 3600
            arguments = {"clean_start": clean, "properties": properties}
        self.paho.connect("127.0.0.1", port, 60, **arguments)
        self.paho.loop_start()
        wait_until(lambda: self.present is not None, what="a CONNACK")

    def _connected(self, _client: Any, _data: Any, flags: Any, code: Any, _properties: Any) -> None:
        self.answers.append(code)
        self.present = flags.session_present

    def subscribe(self, topic_filter: str, qos: int = 0, **more: Any) -> Self:
        """Subscribe and wait for the answer."""
        before = len(self.granted)
        self.paho.subscribe(topic_filter, qos, **more)
        wait_until(lambda: len(self.granted) > before, what="a SUBACK")
        return self

    def publish(self, topic: str, payload: bytes, qos: int = 1, **more: Any) -> None:
        """Publish and wait until the broker has it."""
        self.paho.publish(topic, payload, qos, **more).wait_for_publish(20)

    def expect(self, count: int, done: Callable[[], None] = lambda: None) -> list[bytes]:
        """The payloads, once there are `count` messages."""
        wait_until(lambda: len(self.messages) >= count, what=f"{count} messages")
        done()
        return [bytes(each.payload) for each in self.messages]

    def leave(self) -> None:
        """A proper goodbye."""
        self.paho.disconnect()
        self.paho.loop_stop()

    def vanish(self) -> None:
        """Cut the connection without a word."""
        self.paho.loop_stop()
        sock = self.paho.socket()
        if sock is not None:
            sock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()
