"""One lasting session with the broker: connected again after every loss, subscribed again, never acknowledging too
early.
"""

import logging
import random
import select
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from hub.clock import Clock
from ingest.intake import Deliveries
from ingest.mqtt.address import BrokerAddress
from ingest.mqtt.bulk import BulkClient, BulkReading, usable
from ingest.mqtt.public import PublicReading
from ingest.mqtt.reading import Reading

KEEP_ALIVE: Final = 30
SESSION_SECONDS: Final = 7 * 86_400
"""How long an MQTT 5 broker keeps for us what comes while we are away."""
RECEIVE_MAXIMUM: Final = 4000
_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 30.0
_CONNECT_SECONDS: Final = 5.0
_QUIET_SECONDS: Final = 0.2
_LONGEST_CATCH_UP: Final = 30.0

_log: Final = logging.getLogger("hub.ingest.mqtt")


class Session:
    """Keeps one client connected and gives out what it reads; belongs to one thread.

    `forget` is called before each connection: packet ids of the one before may mean other messages from then on.
    """

    def __init__(
        self,
        address: BrokerAddress,
        filters: Sequence[str],
        client_id: str,
        clock: Clock,
        *,
        reader: Literal["bulk", "public"] = "bulk",
        protocol: Literal["auto", "5", "3.1.1"] = "auto",
        forget: Callable[[], None] = lambda: None,
        chance: random.Random | None = None,
    ) -> None:
        self._address = address
        self._filters = tuple(filters)
        self._client_id = client_id
        self._clock = clock
        self._kind, self._wrap = _choose(reader)
        self._forget = forget
        self._chance = chance or random.Random(client_id)  # noqa: S311 - spreads reconnects, guards nothing
        self._offered = protocol
        self._version = MQTTProtocolVersion.MQTTv311 if protocol == "3.1.1" else MQTTProtocolVersion.MQTTv5
        self._old_broker = False
        self._reading: Reading | None = None
        self._failures = 0
        self._next_attempt = 0.0
        self._connected_at: float | None = None
        self._last_message = 0.0
        self._caught_up = False
        self._closing = False
        self.connections = 0
        self.subscribed = False
        self.detail = "not connected yet"

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted us and the connection stands."""
        return self._connected_at is not None

    @property
    def protocol(self) -> str:
        """The protocol spoken now."""
        return "5" if self._version == MQTTProtocolVersion.MQTTv5 else "3.1.1"

    @property
    def caught_up(self) -> bool:
        """Whether what the broker kept while we were away has been read, so that silence now means silence."""
        if self._connected_at is None:
            return False
        now = self._clock.monotonic()
        if now - self._last_message >= _QUIET_SECONDS or now - self._connected_at >= _LONGEST_CATCH_UP:
            self._caught_up = True
        return self._caught_up

    def step(self, timeout: float, *, reading: bool = True) -> Deliveries:
        """Wait up to `timeout` seconds for messages and do what the connection needs; without `reading` nothing is
        read.
        """
        if self._reading is None or self._reading.client.socket() is None:
            self._down()
            self._connect(timeout)
            return Deliveries()
        client = self._reading.client
        if reading:
            result = _turn(client, self._reading, timeout)
        else:
            time.sleep(timeout)
            result = client.loop_write() if client.want_write() else MQTTErrorCode.MQTT_ERR_SUCCESS
            result = result or client.loop_misc()
        arrived = self._reading.drain()
        if arrived:
            self._last_message = self._clock.monotonic()
        if result:
            self._down()
        return arrived

    def acknowledge(self, tokens: Sequence[int]) -> None:
        """Tell the broker that it may forget these messages; they are durable."""
        if tokens and self._reading is not None and self.connected:
            self._reading.acknowledge(tokens)

    def close(self) -> None:
        """Say goodbye; the broker keeps the session."""
        if self._reading is None:
            return
        client = self._reading.client
        self._closing = True
        client.disconnect()
        deadline = self._clock.monotonic() + _CONNECT_SECONDS
        while client.want_write() and client.socket() is not None and self._clock.monotonic() < deadline:
            if _turn(client, self._reading, 0.05):
                break
        self._connected_at = None

    def _connect(self, timeout: float) -> None:
        wait = self._next_attempt - self._clock.monotonic()
        if wait > 0:
            time.sleep(min(wait, timeout))
            return
        self._failures += 1
        longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(self._failures, 10))
        self._next_attempt = self._clock.monotonic() + longest * self._chance.uniform(0.5, 1.0)
        # Packet ids belong to a connection: one of the old one could acknowledge another message on the new one.
        self._forget()
        self._reading = self._wrap(self._client())
        self._reading.forget()
        try:
            self._start(self._reading.client)
        except (OSError, ValueError) as error:
            self._trouble(f"{self._address.host}:{self._address.port} cannot be reached: {error}")

    def _client(self) -> Client:
        modern = self._version == MQTTProtocolVersion.MQTTv5
        client = self._kind(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            clean_session=None if modern else False,
            protocol=self._version,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        client.connect_timeout = _CONNECT_SECONDS
        if self._address.username is not None:
            client.username_pw_set(self._address.username, self._address.password)
        if self._address.tls:
            client.tls_set(ca_certs=None if self._address.ca_file is None else str(self._address.ca_file))
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        return client

    def _start(self, client: Client) -> None:
        if self._version != MQTTProtocolVersion.MQTTv5:
            client.connect(self._address.host, self._address.port, KEEP_ALIVE)
            return
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = SESSION_SECONDS
        properties.ReceiveMaximum = RECEIVE_MAXIMUM
        client.connect(self._address.host, self._address.port, KEEP_ALIVE, clean_start=False, properties=properties)

    def _on_connect(self, client: Client, _data: Any, flags: ConnectFlags, reason: ReasonCode, _more: Any) -> None:
        if reason.is_failure:
            self._trouble(f"the broker refuses us: {reason}")
            if str(reason) == "Unsupported protocol version":
                self._old_broker = True
                self._other_version()
            return
        self._connected_at = self._last_message = self._clock.monotonic()
        self._caught_up = False
        self._failures = 0
        self.connections += 1
        self.detail = f"connected, MQTT {self.protocol}"
        # QoS 1 is asked for: a message sent with QoS 2 comes as QoS 1, which is durable before it is acknowledged;
        # as QoS 2, paho would keep it in memory alone between PUBREC and PUBREL.
        if self._version == MQTTProtocolVersion.MQTTv5:
            options = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)
            client.subscribe([(topic_filter, options) for topic_filter in self._filters])
        else:
            client.subscribe([(topic_filter, 1) for topic_filter in self._filters])
        _log.info(
            "connected to %s:%d (session present: %s)", self._address.host, self._address.port, flags.session_present
        )

    def _on_disconnect(
        self, _client: Client, _data: Any, flags: DisconnectFlags, reason: ReasonCode, _more: Any
    ) -> None:
        if self._connected_at is None and not flags.is_disconnect_packet_from_server and "refuses" not in self.detail:
            # Ended without a word: brokers that know only 3.1.1 do so when they see MQTT 5.
            self._trouble("the broker ended the connection before it was accepted")
            self._other_version()
        elif self._connected_at is not None and not self._closing:
            self._trouble(f"disconnected: {reason}")
            if self._offered == "auto" and not self._old_broker:
                self._version = MQTTProtocolVersion.MQTTv5
        self._connected_at = None

    def _on_subscribe(self, _client: Client, _data: Any, _mid: int, reasons: Sequence[ReasonCode], _more: Any) -> None:
        refused = [topic for topic, reason in zip(self._filters, reasons, strict=False) if reason.is_failure]
        self.subscribed = not refused
        if refused:
            self._trouble(f"the broker refuses the subscription to {', '.join(refused)}")

    def _other_version(self) -> None:
        if self._offered != "auto":
            return
        modern = self._version == MQTTProtocolVersion.MQTTv5
        self._version = MQTTProtocolVersion.MQTTv311 if modern else MQTTProtocolVersion.MQTTv5

    def _down(self) -> None:
        self._connected_at = None
        self._caught_up = self.subscribed = False

    def _trouble(self, detail: str) -> None:
        if detail != self.detail:
            _log.warning("%s", detail)
        self.detail = detail


def _turn(client: Client, reading: Reading, timeout: float) -> MQTTErrorCode:
    """One round of reading, writing and keeping alive; paho's own `loop` writes to a wake-up socket for each packet."""
    sock: Any = client.socket()
    pending: Callable[[], int] | None = getattr(sock, "pending", None)
    hasty = pending is not None and pending() > 0
    try:
        readable, writable, _ = select.select(
            [sock], [sock] if client.want_write() else [], [], 0.0 if hasty else timeout
        )
    except (OSError, ValueError):
        readable, writable = [sock], []  # closed under us: reading says so in paho's own words
    result = MQTTErrorCode.MQTT_ERR_SUCCESS
    if readable or hasty:
        result = reading.read()
    if writable and not result:
        result = client.loop_write()
    return result or client.loop_misc()


def _choose(reader: Literal["bulk", "public"]) -> tuple[type[Client], Callable[[Client], Reading]]:
    if reader == "bulk":
        missing = usable()
        if not missing:
            return BulkClient, _bulk
        _log.warning("paho has changed (%s): messages are read one by one", missing)
    return Client, PublicReading


def _bulk(client: Client) -> Reading:
    assert isinstance(client, BulkClient)
    return BulkReading(client)
