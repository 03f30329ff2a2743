"""Publishing to a broker as devices do: QoS 1, a bounded window, sent again after a reconnect until acknowledged."""

import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from hub.errors import HubError
from simulators.message import Outgoing

_WINDOW: Final = 500

PASSWORD_VARIABLE: Final = "HUB_BROKER_PASSWORD"  # noqa: S105 - a name, so that the password shows in no process list


class BrokerRefused(HubError):
    """The broker does not take this user or password."""


@dataclass(frozen=True, slots=True)
class BrokerUrl:
    """`mqtt://user:password@host:port`, or `mqtts://` for TLS; user and password percent-encoded."""

    host: str
    port: int
    tls: bool = False
    user: str | None = None
    password: str | None = None

    @classmethod
    def parse(cls, url: str) -> Self:
        """The parts of a broker URL.

        Raises:
            ValueError: another scheme, or no host.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname:
            raise ValueError(f"{url!r}: expected mqtt://[USER:PASSWORD@]HOST[:PORT] or mqtts://...")
        tls = parts.scheme == "mqtts"
        user = unquote(parts.username) if parts.username else None
        password = unquote(parts.password) if parts.password else None
        return cls(parts.hostname, parts.port or (8883 if tls else 1883), tls, user, password)


class Publisher:
    """One connection for many devices (a gateway); `on_acknowledged` is called once a message has its PUBACK."""

    def __init__(self, url: BrokerUrl, client_id: str, on_acknowledged: Callable[[Outgoing], None]) -> None:
        self._url = url
        self._on_acknowledged = on_acknowledged
        self._pending: dict[int, Outgoing] = {}
        self._early: set[int] = set()
        self._changed = threading.Condition()
        self._connected = False
        self._refused = ""
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=False)
        self._client.max_inflight_messages_set(_WINDOW)
        self._client.reconnect_delay_set(1, 8)
        if url.user is not None:
            self._client.username_pw_set(url.user, url.password)
        if url.tls:
            self._client.tls_set_context(ssl.create_default_context())
        self._client.on_connect = self._connect
        self._client.on_disconnect = self._disconnect
        self._client.on_publish = self._published

    def start(self, timeout: float = 30.0) -> None:
        """Connect; returns once connected.

        Raises:
            BrokerRefused: wrong user or password.
            TimeoutError: no broker answered within `timeout` seconds.
        """
        self._client.connect_async(self._url.host, self._url.port, keepalive=30)
        self._client.loop_start()
        with self._changed:
            self._changed.wait_for(lambda: self._connected or bool(self._refused), timeout)
        if self._refused:
            raise BrokerRefused(
                f"{self._url.host}:{self._url.port} refused {self._url.user or 'anonymous'}: {self._refused}"
            )
        if not self._connected:
            raise TimeoutError(f"no MQTT broker answered at {self._url.host}:{self._url.port} in {timeout:g} s")

    def send(self, message: Outgoing) -> None:
        """Publish; waits while the window of unacknowledged messages is full."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._pending) < _WINDOW)
        info = self._client.publish(message.topic, message.payload, qos=1, retain=message.retain)
        with self._changed:
            if info.mid in self._early:
                self._early.discard(info.mid)
                self._on_acknowledged(message)
            else:
                self._pending[info.mid] = message

    def drain(self, timeout: float) -> list[Outgoing]:
        """Wait for what is on its way; the messages that were not acknowledged in time."""
        with self._changed:
            self._changed.wait_for(lambda: not self._pending, timeout)
            return list(self._pending.values())

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()

    def _connect(self, _client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        with self._changed:
            self._connected = not reason.is_failure
            self._refused = str(reason) if reason.is_failure else ""
            self._changed.notify_all()

    def _disconnect(self, *_: Any) -> None:
        self._connected = False

    def _published(self, _client: mqtt.Client, _data: Any, mid: int, _reason: Any, _properties: Any) -> None:
        with self._changed:
            message = self._pending.pop(mid, None)
            # The PUBACK may overtake `publish` returning the message id.
            if message is None:
                self._early.add(mid)
            else:
                self._on_acknowledged(message)
            self._changed.notify_all()
