"""What a QoS 1 message costs the embedded broker, in and out, with a durable subscriber.

    python -m benchmarks.embedded_broker [--messages 100000] [--window 1000] [--rate 0] [--backlog] [--mosquitto]

Publisher and subscriber are raw sockets with packets made beforehand, each a process of its own; the figures are the
broker process's alone, from /proc: CPU microseconds per message (in and out together), resident memory.
"""

import argparse
import multiprocessing
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from ingest.broker import AllowAll, Broker, run_broker
from ingest.broker.encoding import encode, encode_ack
from ingest.broker.packets import V311, Connect, Publish, Suback, Subscribe, Subscription, Type
from ingest.broker.stream import PacketStream

PAYLOAD = (
    b'{"ts":1767225600000,"values":{"ph":7.31,"do":6.2,"turbidity":12.5,"conductivity":431,'
    b'"temperature":18.4,"nh3_n":0.31,"tp":0.08,"tn":1.9},"seq":%07d}'
)
STATIONS = 2000
TICK = os.sysconf("SC_CLK_TCK")


class Use(NamedTuple):
    """What a process has used: CPU seconds, resident megabytes."""

    cpu: float
    resident: float


def use(pid: int) -> Use:
    """Read /proc."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return Use((int(fields[11]) + int(fields[12])) / TICK, int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6)


def broker_process(folder: str, answer: Connection) -> None:
    """The embedded broker, on a free port."""

    def ready(broker: Broker) -> None:
        answer.send(broker.port)

    run_broker(Path(folder) / "mqtt.db", AllowAll(), port=0, ready=ready)


def open_client(port: int, client_id: str, *, clean: bool) -> socket.socket:
    """A connected raw client."""
    client = socket.create_connection(("127.0.0.1", port))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.sendall(encode(Connect(V311, client_id, clean), V311))
    if client.recv(4)[3] != 0:
        raise ConnectionRefusedError(client_id)
    return client


def subscribe(port: int, count: int, ready: Connection) -> None:
    """A durable subscriber: acknowledges each read in one write, ends after `count` messages."""
    client = open_client(port, "bench-subscriber", clean=False)
    client.sendall(encode(Subscribe(1, (Subscription("hub/#", 1),)), V311))
    stream = PacketStream()
    seen = 0
    while seen < count:
        packets = stream.feed(client.recv(262_144))
        if any(isinstance(each, Suback) for each in packets):
            ready.send(True)
        messages = [each for each in packets if isinstance(each, Publish)]
        client.sendall(b"".join(encode_ack(Type.PUBACK, each.packet_id) for each in messages))
        seen += sum(not each.dup for each in messages)
    ready.send(True)


def publish(port: int, count: int, window: int, rate: int) -> None:
    """A publisher with at most `window` unacknowledged messages; `rate` a second, 0 = as fast as acknowledged."""
    client = open_client(port, "bench-publisher", clean=True)
    packets = [
        encode(Publish(f"hub/d/water/s{n % STATIONS}/telemetry", PAYLOAD % n, 1, packet_id=n % 65_535 + 1), V311)
        for n in range(count)
    ]
    sent = acked = 0
    begun = time.perf_counter()
    while acked < count:
        allowed = min(count, acked + window)
        if rate:
            allowed = min(allowed, int((time.perf_counter() - begun) * rate) + 1)
        if allowed > sent:
            client.sendall(b"".join(packets[sent:allowed]))
            sent = allowed
        if sent > acked:
            acked += len(client.recv(262_144)) // 4  # on loopback an acknowledgement is not cut in practice
        else:
            time.sleep(0.001)


def measure(name: str, port: int, pid: int, wanted: argparse.Namespace) -> None:
    """One run; prints one line."""
    here, there = multiprocessing.Pipe()
    subscriber = multiprocessing.Process(target=subscribe, args=(port, wanted.messages, there))
    subscriber.start()
    here.recv()
    publisher = multiprocessing.Process(target=publish, args=(port, wanted.messages, wanted.window, wanted.rate))
    publisher.start()
    idle = use(pid)
    begun = time.perf_counter()
    here.recv()
    took = time.perf_counter() - begun
    busy = use(pid)
    publisher.join()
    subscriber.join()
    cpu = (busy.cpu - idle.cpu) / wanted.messages * 1e6
    print(
        f"{name}: {wanted.messages / took:,.0f} messages/s in and out, {cpu:.1f} us CPU per message, "
        f"{(busy.cpu - idle.cpu) / took:.0%} of a core, resident {idle.resident:.0f} MB idle, "
        f"{busy.resident:.0f} MB after"
    )


def backlog(port: int, pid: int, wanted: argparse.Namespace) -> None:
    """Publish while the durable subscriber is away, then let it come back; prints one line."""
    open_subscriber = open_client(port, "bench-subscriber", clean=False)
    open_subscriber.sendall(encode(Subscribe(1, (Subscription("hub/#", 1),)), V311))
    open_subscriber.recv(5)
    open_subscriber.close()
    begun = time.perf_counter()
    publisher = multiprocessing.Process(target=publish, args=(port, wanted.messages, wanted.window, wanted.rate))
    publisher.start()
    publisher.join()
    queued = time.perf_counter() - begun
    resident = use(pid).resident
    here, there = multiprocessing.Pipe()
    begun = time.perf_counter()
    subscriber = multiprocessing.Process(target=subscribe, args=(port, wanted.messages, there))
    subscriber.start()
    here.recv()
    here.recv()
    drained = time.perf_counter() - begun
    subscriber.join()
    print(
        f"backlog of {wanted.messages}: taken at {wanted.messages / queued:,.0f}/s, resident {resident:.0f} MB; "
        f"drained at {wanted.messages / drained:,.0f}/s, resident {use(pid).resident:.0f} MB"
    )


def embedded(wanted: argparse.Namespace) -> None:
    """Measure the embedded broker."""
    with tempfile.TemporaryDirectory() as folder:
        here, there = multiprocessing.Pipe()
        broker = multiprocessing.Process(target=broker_process, args=(folder, there))
        broker.start()
        try:
            port, pid = here.recv(), broker.pid or 0
            measure("embedded", port, pid, wanted)
            if wanted.backlog:
                backlog(port, pid, wanted)
        finally:
            broker.terminate()
            broker.join()


def mosquitto(wanted: argparse.Namespace) -> None:
    """Measure Mosquitto, which acknowledges from memory, beside it."""
    program = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin")
    if program is None:
        sys.exit("mosquitto is not installed")
    with socket.socket() as probe, tempfile.TemporaryDirectory() as folder:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        config = Path(folder) / "mosquitto.conf"
        config.write_text(
            f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_inflight_messages 1000\n"
            f"max_queued_messages 0\npersistence true\npersistence_location {folder}/\n"
        )
        server = subprocess.Popen([program, "-c", str(config)], stderr=subprocess.DEVNULL)
        try:
            wait_for(port)
            measure("mosquitto", port, server.pid, wanted)
        finally:
            server.terminate()
            server.wait()


def wait_for(port: int) -> None:
    """Until somebody listens; at most ten seconds."""
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(port)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--messages", type=int, default=100_000)
    arguments.add_argument("--window", type=int, default=1000)
    arguments.add_argument("--rate", type=int, default=0, help="messages a second; 0 = as fast as acknowledged")
    arguments.add_argument("--backlog", action="store_true", help="also with the subscriber away")
    arguments.add_argument("--mosquitto", action="store_true", help="measure Mosquitto too")
    asked = arguments.parse_args()
    embedded(asked)
    if asked.mosquitto:
        mosquitto(asked)
