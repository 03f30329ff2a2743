"""The session with a real broker: both ways of reading, both protocols, reconnects, refusals, a bus that is away."""

import asyncio
import json
import ssl
import subprocess
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Literal, Self

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from hub.clock import SystemClock
from hub.secret import hash_secret
from hub.settings import IngestSection
from ingest.broker import AllowAll, Broker
from ingest.intake import Intake
from ingest.mqtt.address import BrokerAddress, broker_address
from ingest.mqtt.session import Session
from ingest.register import Register
from ingest.role import take_in
from tests.engines import Mosquitto
from tests.engines.waiting import wait_until
from tests.ingest.publisher import Publisher
from tests.ingest.rig import NOW, TOPIC, Rig

Way = Literal["bulk", "public"]
Protocol = Literal["auto", "5", "3.1.1"]
Start = Callable[[Mapping[str, str]], Mosquitto]


class Taking:
    """A rig fed by a session on a thread."""

    def __init__(self, address: BrokerAddress, client_id: str, way: Way = "bulk", protocol: Protocol = "auto") -> None:
        self.rig = Rig(partitions=1)
        clock = SystemClock()
        register = Register(self.rig.ledger)
        self.intake = Intake(self.rig.bus, register, IngestSection(future_ms=10**12), clock, source="s")
        self.session = Session(
            address, ["hub/+/+/+/#"], client_id, clock, reader=way, protocol=protocol, forget=self.intake.forget_tokens
        )
        self._stop = threading.Event()
        self._thread = threading.Thread(target=take_in, args=(self.session, self.intake, self._stop))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(20)
        self.session.close()

    def numbers(self) -> list[int]:
        """The readings on the bus, with repetitions."""
        return [int(row.value or 0) for row in self.rig.rows() if row.name == "level"]


@pytest.fixture
def broker(start_mosquitto: Start) -> Mosquitto:
    return start_mosquitto({})


def address(broker: Mosquitto) -> BrokerAddress:
    return broker_address(broker.url, "hub", None)


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
@pytest.mark.parametrize("way", ["bulk", "public"])
def test_messages_of_every_qos_arrive(mosquitto: Mosquitto, way: Way, protocol: Protocol) -> None:
    name = f"{way}-{protocol}"
    with Taking(address(mosquitto), name, way, protocol) as taking:
        wait_until(lambda: taking.session.subscribed, 10)
        publisher = Publisher(mosquitto.port, TOPIC, f"p-{name}")
        for qos in (0, 1, 2):
            publisher.send(range(qos * 100, qos * 100 + 100), qos)
        publisher.wait(300)
        wait_until(lambda: set(taking.numbers()) == set(range(300)), 10)
        assert taking.session.protocol == protocol
        publisher.close()


def test_what_comes_while_we_are_away_is_kept(mosquitto: Mosquitto) -> None:
    with Taking(address(mosquitto), "away") as taking:
        wait_until(lambda: taking.session.subscribed, 10)
    publisher = Publisher(mosquitto.port, TOPIC, "p-away")
    publisher.send(range(500))
    publisher.wait(500)
    publisher.close()
    with Taking(address(mosquitto), "away") as taking:
        wait_until(lambda: len(set(taking.numbers())) == 500, 10)


def test_a_broker_that_restarts(broker: Mosquitto) -> None:
    with Taking(address(broker), "restart") as taking:
        wait_until(lambda: taking.session.subscribed, 10)
        publisher = Publisher(broker.port, TOPIC, "p-restart")
        publisher.send(range(200))
        publisher.wait(200)
        broker.restart()
        wait_until(lambda: taking.session.connections >= 2, 20)
        publisher.send(range(200, 400))
        publisher.wait(400)
        wait_until(lambda: set(taking.numbers()) == set(range(400)), 20)
        publisher.close()


@pytest.mark.parametrize("way", ["bulk", "public"])
def test_a_bus_that_is_away_pushes_back_and_loses_nothing(broker: Mosquitto, way: Way) -> None:
    with Taking(address(broker), "pushed", way) as taking:
        wait_until(lambda: taking.session.subscribed, 10)
        taking.rig.bus.available = False
        publisher = Publisher(broker.port, TOPIC, "p-pushed")
        publisher.send(range(6000))
        publisher.wait(6000)
        wait_until(lambda: taking.intake.stalled, 10)
        # An MQTT 5 broker sends no more than our Receive Maximum before it is acknowledged.
        wait_until(lambda: taking.intake.counters.received >= 2000, 10)
        assert taking.intake.counters.received <= 4000
        taking.rig.bus.available = True
        wait_until(lambda: set(taking.numbers()) == set(range(6000)), 30)
        assert not taking.intake.stalled
        publisher.close()


def test_ticks_say_that_we_are_connected(broker: Mosquitto) -> None:
    with Taking(address(broker), "ticks") as taking:
        wait_until(lambda: len(taking.rig.batches()) >= 2, 10)
        broker.stop()
        wait_until(lambda: not taking.session.connected, 10)
        count = len(taking.rig.batches())
        wait_until(lambda: "cannot be reached" in taking.session.detail, 10)
        assert len(taking.rig.batches()) <= count + 1
        broker.start()
        wait_until(lambda: len(taking.rig.batches()) > count + 1, 40)


def test_wrong_credentials_are_told(start_mosquitto: Start) -> None:
    closed = start_mosquitto({"passwords": f"hub:{hash_secret('right')}\n"})
    with Taking(replace(address(closed), username="hub", password="wrong"), "denied") as taking:
        wait_until(lambda: "refuses us" in taking.session.detail, 10)
        assert not taking.session.connected
    with Taking(replace(address(closed), username="hub", password="right"), "denied") as taking:
        wait_until(lambda: taking.session.connected, 10)


def test_addresses() -> None:
    assert broker_address("mqtts://me@h", "hub", "p") == BrokerAddress("h", 8883, True, "me", "p")
    assert broker_address("embedded://127.0.0.1:1999", "hub", "p").port == 1999
    assert broker_address("mqtt://h", "hub", None).username is None
    with pytest.raises(Exception, match=r"engines\.mqtt"):
        broker_address("http://h", "hub", None)


@pytest.mark.parametrize("way", ["bulk", "public"])
def test_a_broker_behind_tls(tmp_path: Path, way: Way) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", *request.split(), *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with EmbeddedBroker(tmp_path / "broker.db", context) as port:
        place = BrokerAddress("localhost", port, tls=True, ca_file=certificate)
        with Taking(place, "tls", way) as taking:
            wait_until(lambda: taking.session.subscribed, 10)
            device = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="p-tls")
            device.tls_set(str(certificate))
            device.connect("localhost", port)
            device.loop_start()
            # Larger than one TLS record, so that a read leaves decrypted bytes that select does not see.
            members = [{"ts": NOW + number, "values": {"level": number}} for number in range(3000)]
            for _ in range(5):
                device.publish(TOPIC, json.dumps(members).encode(), qos=1)
            wait_until(lambda: len(taking.numbers()) == 15_000, 20)
            device.disconnect()
            device.loop_stop()


class EmbeddedBroker:
    """The hub's own broker on a thread, open to all; entered, it gives its port."""

    def __init__(self, path: Path, context: ssl.SSLContext) -> None:
        self._path, self._context = path, context
        self._port: Future[int] = Future()
        self._stop: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def __enter__(self) -> int:
        self._thread.start()
        return self._port.result(10)

    def __exit__(self, *_: object) -> None:
        assert self._stop is not None
        loop, stop = self._stop
        loop.call_soon_threadsafe(stop.set)
        self._thread.join(10)

    async def _run(self) -> None:
        stop = asyncio.Event()
        self._stop = asyncio.get_running_loop(), stop
        async with Broker(self._path, AllowAll(), port=0, ssl_context=self._context) as broker:
            self._port.set_result(broker.port)
            await stop.wait()
