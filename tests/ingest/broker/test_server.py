"""The broker on real sockets and a real disk: killed, full, stopped, crowded, and kept waiting."""

import asyncio
import contextlib
import resource
import socket
import sqlite3
import ssl
import subprocess
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import paho.mqtt.client as mqtt
import pytest

from ingest.broker import AllowAll, Broker, Limits
from ingest.broker.encoding import encode
from ingest.broker.packets import (
    V5,
    V311,
    Ack,
    Connack,
    Connect,
    Disconnect,
    Packet,
    Ping,
    Publish,
    Subscribe,
    Subscription,
    Type,
    Will,
)
from ingest.broker.reasons import Reason
from ingest.broker.stream import PacketStream
from tests.engines.waiting import wait_until
from tests.ingest.broker.rig import message
from tests.ingest.broker.running import BrokerProcess, Client

T = TypeVar("T")
OPENED: list[asyncio.StreamWriter] = []


async def close_all() -> None:
    """Close the test's own ends."""
    while OPENED:
        writer = OPENED.pop()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


class Raw:
    """A client of bare bytes, inside the broker's own loop."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, version: int) -> None:
        self.reader, self.writer, self.version = reader, writer, version
        self.stream = PacketStream(version)
        self.waiting: list[Packet] = []
        OPENED.append(writer)

    @classmethod
    async def connect(cls, port: int, connect: Connect) -> "Raw":
        """A connection that has sent its CONNECT."""
        raw = cls(*await asyncio.open_connection("127.0.0.1", port), connect.version)
        raw.say(connect)
        return raw

    def say(self, *packets: Packet) -> None:
        """Send."""
        self.writer.write(b"".join(encode(each, self.version) for each in packets))

    async def hear(self) -> Packet | None:
        """The next packet; None at the end of the connection."""
        while not self.waiting:
            data = await asyncio.wait_for(self.reader.read(65_536), 30)
            if not data:
                return None
            self.waiting += self.stream.feed(data)
        return self.waiting.pop(0)

    def close(self) -> None:
        """Away."""
        self.writer.close()


def on_broker(folder: Path, work: Callable[[Broker], Awaitable[T]], limits: Limits | None = None) -> T:
    """Run `work` beside a broker in one loop."""

    async def both() -> T:
        async with Broker(folder / "mqtt.db", AllowAll(), port=0, limits=limits) as broker:
            try:
                return await work(broker)
            finally:
                await close_all()

    return asyncio.run(both())


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition in the loop, at most half a minute."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - the condition is the broker's own, it has no event
            await asyncio.sleep(0.005)


def test_a_stop_says_why_and_keeps_wills_and_sessions(tmp_path: Path) -> None:
    async def first(broker: Broker) -> Raw:
        hub = await Raw.connect(broker.port, Connect(V311, "hub", clean=False))
        hub.say(Subscribe(1, (Subscription("#", 1),)))
        await hub.hear()
        await hub.hear()
        hub.close()
        device = await Raw.connect(broker.port, Connect(V5, "device", will=Will("d/status", b"offline", 1)))
        assert isinstance(await device.hear(), Connack)
        return device

    async def stopped(folder: Path) -> Packet | None:
        async with Broker(folder / "mqtt.db", AllowAll(), port=0) as broker:
            device = await first(broker)
        said = await device.hear()
        await close_all()
        return said

    async def later(broker: Broker) -> Packet | None:
        hub = await Raw.connect(broker.port, Connect(V311, "hub", clean=False))
        assert await hub.hear() == Connack(0, session_present=True)
        return await hub.hear()

    assert asyncio.run(stopped(tmp_path)) == Disconnect(Reason.SERVER_SHUTTING_DOWN)
    found = on_broker(tmp_path, later)
    assert isinstance(found, Publish)
    assert found.payload == b"offline"


def test_a_silent_client_is_ended_after_one_and_a_half_keep_alives(tmp_path: Path) -> None:
    async def work(broker: Broker) -> None:
        client = await Raw.connect(broker.port, Connect(V5, "a", keep_alive=1))
        assert isinstance(await client.hear(), Connack)
        assert await client.hear() == Disconnect(Reason.KEEP_ALIVE_TIMEOUT)
        assert await client.hear() is None
        assert broker.health().counters.keep_alive_timeouts == 1

    on_broker(tmp_path, work)


def test_who_says_nothing_or_is_one_too_many_is_closed(tmp_path: Path) -> None:
    async def work(broker: Broker) -> None:
        silent = Raw(*await asyncio.open_connection("127.0.0.1", broker.port), V311)
        await until(lambda: broker.health().connections == 1)
        crowd = Raw(*await asyncio.open_connection("127.0.0.1", broker.port), V311)
        assert await crowd.hear() is None
        assert await silent.hear() is None

    on_broker(tmp_path, work, Limits(max_connections=1, connect_timeout=0.1))


def test_a_packet_over_the_bound_closes_with_its_reason(tmp_path: Path) -> None:
    async def work(broker: Broker) -> None:
        client = await Raw.connect(broker.port, Connect(V5, "a"))
        assert isinstance(await client.hear(), Connack)
        client.say(message("a", b"x" * 5000, 1, 1))
        assert await client.hear() == Disconnect(Reason.PACKET_TOO_LARGE)

    on_broker(tmp_path, work, Limits(max_packet=2000))


def test_a_client_that_does_not_read_keeps_its_queue_and_loses_only_quality_0(tmp_path: Path) -> None:
    total = 3000

    async def work(broker: Broker) -> None:
        hub = await Raw.connect(broker.port, Connect(V311, "hub", clean=False))
        hub.say(Subscribe(1, (Subscription("q/#", 1),)))
        await hub.hear()
        await hub.hear()
        # The kernel must not swallow what the client leaves: its buffer would else grow to megabytes.
        hub.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32_768)
        hub.writer.transport.pause_reading()  # type: ignore[attr-defined]  # typeshed: WriteTransport
        writer = await Raw.connect(broker.port, Connect(V311, "writer"))
        await writer.hear()
        for n in range(total):
            writer.say(message("q/1", b"%d " % n + b"x" * 6000, 1, n + 1))
        for _ in range(total):
            assert isinstance(await writer.hear(), Ack)
        # Those that come before the hub's socket is full still go out: some are lost, and only what was not is heard.
        said = 0
        async with asyncio.timeout(60):
            while broker.health().counters.dropped_slow < 50:
                said += 1
                writer.say(message("q/0", b"zero"), Ping())
                assert await writer.hear() == Ping(response=True)
        hub.writer.transport.resume_reading()  # type: ignore[attr-defined]  # typeshed: WriteTransport
        wanted, zeros = 0, 0
        while wanted < total or zeros < said - 50:
            found = await hub.hear()
            assert isinstance(found, Publish)
            if found.topic == "q/0":
                zeros += 1
                continue
            assert int(found.payload.split()[0]) == wanted
            wanted += 1
            hub.say(Ack(Type.PUBACK, found.packet_id))
        assert (wanted, zeros) == (total, said - 50)
        await until(lambda: broker.health().queued_bytes == 0)

    limits = Limits(write_buffer=20_000, inflight_bytes=100_000_000, inflight=20_000, queue_memory=2_000_000)
    on_broker(tmp_path, work, limits)


class Flood(threading.Thread):
    """Publishes numbers at QoS 1 until told to stop; remembers which of them were acknowledged, over reconnections."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port = port
        self.acked: set[int] = set()
        self.ended = threading.Event()
        self._next = 0

    def run(self) -> None:
        """Connect, publish, and after each loss again; what was not acknowledged is sent again."""
        owed: list[int] = []
        while not self.ended.is_set():
            try:
                with socket.create_connection(("127.0.0.1", self.port), 5) as link:
                    owed = self._serve(link, owed)
            except OSError:
                self.ended.wait(0.02)

    def _serve(self, link: socket.socket, owed: list[int]) -> list[int]:
        stream, open_numbers = PacketStream(), dict[int, int]()
        link.sendall(encode(Connect(V311, "flood"), V311))
        # The server is killed in the middle: what was not acknowledged is sent again.
        with contextlib.suppress(OSError):
            while not self.ended.is_set():
                while len(open_numbers) < 200:
                    number = owed.pop(0) if owed else self._fresh()
                    pid = number % 60_000 + 1
                    open_numbers[pid] = number
                    link.sendall(encode(message("n", b"%d" % number, 1, pid), V311))
                data = link.recv(65_536)
                if not data:
                    break
                for each in stream.feed(data):
                    if isinstance(each, Ack):
                        self.acked.add(open_numbers.pop(each.packet_id))
        return sorted({*open_numbers.values(), *owed})

    def wait_for_more(self, count: int) -> None:
        """Until `count` more messages are acknowledged."""
        wanted = len(self.acked) + count
        wait_until(lambda: len(self.acked) > wanted, what=f"{count} more acknowledgements")

    def _fresh(self) -> int:
        self._next += 1
        return self._next


def test_killed_under_load_no_acknowledged_message_is_lost(tmp_path: Path) -> None:
    broker = BrokerProcess(tmp_path)
    Client(broker.port, "hub", mqtt.MQTTv311, clean=False).subscribe("n", 1).leave()
    flood = Flood(broker.port)
    flood.start()
    for _ in range(3):
        flood.wait_for_more(500)
        broker.kill()
        broker.start()
    flood.wait_for_more(500)
    flood.ended.set()
    flood.join(10)
    broker.kill()
    broker.start()
    with Client(broker.port, "hub", mqtt.MQTTv311, clean=False) as hub:
        assert hub.present
        wait_until(lambda: flood.acked <= {int(each.payload) for each in list(hub.messages)}, what="all acknowledged")
    broker.stop()


def test_a_full_disk_makes_publishers_wait_and_ends_by_itself(tmp_path: Path) -> None:
    broker = BrokerProcess(tmp_path)
    Client(broker.port, "hub", mqtt.MQTTv5, clean=False).subscribe("n", 1).leave()
    with Client(broker.port, "writer", mqtt.MQTTv5) as writer:
        used = max(each.stat().st_size for each in tmp_path.iterdir())
        _, hard = resource.prlimit(broker.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(broker.pid, resource.RLIMIT_FSIZE, (used, hard))
        waiting = [writer.paho.publish("n", b"%d" % n + b"x" * 10_000, 1) for n in range(20)]
        with pytest.raises(AssertionError):
            wait_until(waiting[-1].is_published, deadline=1.0)
        resource.prlimit(broker.pid, resource.RLIMIT_FSIZE, (hard, hard))
        wait_until(lambda: all(each.is_published() for each in waiting), what="acknowledgements")
    with Client(broker.port, "hub", mqtt.MQTTv5, clean=False) as hub:
        assert [int(each.rstrip(b"x")) for each in hub.expect(20)] == list(range(20))
    broker.stop()


def test_tls_is_a_context_given_in(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    made += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*made, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(certificate, key)
    theirs = ssl.create_default_context(cafile=str(certificate))

    async def work() -> None:
        async with Broker(tmp_path / "mqtt.db", AllowAll(), port=0, ssl_context=ours) as broker:
            streams = await asyncio.open_connection("127.0.0.1", broker.port, ssl=theirs, server_hostname="localhost")
            client = Raw(*streams, V5)
            client.say(Connect(V5, "a"), Subscribe(1, (Subscription("a", 1),)), message("a", b"x" * 500_000, 1, 1))
            assert isinstance(await client.hear(), Connack)
            await client.hear()
            heard = [await client.hear(), await client.hear()]
            assert sorted(type(each).__name__ for each in heard) == ["Ack", "Publish"]
            await close_all()

    asyncio.run(work())


def test_two_brokers_do_not_share_a_file(tmp_path: Path) -> None:
    async def work(_broker: Broker) -> None:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            async with Broker(tmp_path / "mqtt.db", AllowAll(), port=0):
                pass

    on_broker(tmp_path, work)


class Broken:
    """A register that cannot be read."""

    def authenticate(self, client_id: str, user: str | None, password: bytes | None) -> bool:
        raise KeyError(user)

    def may_publish(self, user: str | None, topic: str) -> bool:
        return True

    def may_subscribe(self, user: str | None, topic_filter: str) -> bool:
        return True


def test_a_check_that_fails_lets_nobody_in(tmp_path: Path) -> None:
    async def work() -> None:
        async with Broker(tmp_path / "mqtt.db", Broken(), port=0) as broker:
            client = await Raw.connect(broker.port, Connect(V5, "a", user="u"))
            client.say(message("a"))
            assert await client.hear() == Connack(Reason.BAD_CREDENTIALS)
            assert await client.hear() is None
            await close_all()

    asyncio.run(work())
