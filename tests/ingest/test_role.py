"""The parts as processes, on the embedded log: stopped kindly, killed under load, and the broker's refusals."""

import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from hub.batch import Batch, decode_batch
from hub.bus import Bus, Message
from hub.buses import open_bus
from hub.catalogue import Device, DevicePut, encode_change
from hub.dead_letter import decode_dead_letter
from hub.health import read_health
from hub.secret import hash_secret
from hub.topics import CATALOGUE, DEAD_LETTERS, OBSERVATIONS, topics
from tests.engines import Mosquitto
from tests.engines.ports import free_port
from tests.engines.waiting import wait_until
from tests.ingest.publisher import Publisher
from tests.ingest.rig import STATION, TOPIC, Row, rows_of

ROOT = Path(__file__).parents[2]
OTHER = "water-bureau/water/w2"


def prepare(data: Path, mqtt_url: str) -> None:
    """A data folder with topics, two devices and a hub.toml."""
    with open_bus("embedded://", data) as bus:
        bus.ensure_topics(topics(1))
        devices = [Device(station, secret_hash=hash_secret("secret")) for station in (STATION, OTHER)]
        bus.append([Message(CATALOGUE, b"", encode_change(DevicePut(device))) for device in devices])
    settings = f'[hub]\ndata = "{data}"\n[engines]\nmqtt = "{mqtt_url}"\n[ingest]\nfuture_ms = 1000000000000\n'
    (data / "hub.toml").write_text(settings)


Process = subprocess.Popen[bytes]
Start = Callable[[str, Path], Process]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts parts of a hub; what still runs when the test ends is ended with it."""
    started: list[Process] = []

    def begin(part: str, data: Path) -> Process:
        where = ("--config", str(data)) if data.suffix == ".toml" else ("--data", str(data))
        command = [sys.executable, "-m", "hub.roles", part, *where]
        started.append(subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()
        if process.stdin:
            process.stdin.close()


def up(data: Path, part: str, process: Process) -> None:
    """Wait until this very process says that it is well."""

    def well() -> bool:
        health = read_health(data).get(part)
        return health is not None and health.pid == process.pid and health.ok

    wait_until(well, 30, f"{part} is well")


def batches(bus: Bus) -> list[Batch]:
    consumer = bus.consumer(None, [OBSERVATIONS])
    found: list[Batch] = []
    while records := consumer.poll(0):
        found += [decode_batch(record.value or b"") for record in records]
    consumer.close()
    return found


def stored(bus: Bus) -> list[Row]:
    return [row for batch in batches(bus) for row in rows_of(batch)]


@pytest.mark.timeout(120)
def test_two_processes_share_the_devices_by_filters(mosquitto: Mosquitto, tmp_path: Path, start: Start) -> None:
    prepare(tmp_path, mosquitto.url)
    settings = (tmp_path / "hub.toml").read_text()
    for number, station in enumerate((STATION, OTHER)):
        config = tmp_path / f"ingest-{number}.toml"
        config.write_text(f'{settings}client_id = "half-{number}"\nfilters = ["hub/{station}/#"]\n')
        up(tmp_path, "ingest", start("ingest", config))
    publishers = [
        Publisher(mosquitto.port, f"hub/{station}/telemetry", f"p-{station[-2:]}") for station in (STATION, OTHER)
    ]
    for publisher in publishers:
        publisher.send(range(500))
    for publisher in publishers:
        publisher.wait(500, 30)
        publisher.close()
    with open_bus("embedded://", tmp_path) as bus:
        wait_until(lambda: len(stored(bus)) >= 2 * len({row.name for row in stored(bus)}) * 500, 30, "all are stored")
        halves = {(batch.source, station) for batch in batches(bus) for station in batch.stations}
    assert halves == {("half-0", STATION), ("half-1", OTHER)}


@pytest.mark.timeout(120)
def test_killed_under_load_nothing_is_lost(mosquitto: Mosquitto, tmp_path: Path, start: Start) -> None:
    prepare(tmp_path, mosquitto.url)
    chance = random.Random(7)
    count = 20_000
    ingest = start("ingest", tmp_path)
    up(tmp_path, "ingest", ingest)
    publisher = Publisher(mosquitto.port, TOPIC, "p-killed")
    for first in range(0, count, 4000):
        publisher.send(range(first, first + 4000))
        taken = first + chance.randrange(500, 3500)
        publisher.wait(taken)
        if first < 12_000:
            ingest.send_signal(signal.SIGKILL)
            ingest.wait()
            ingest = start("ingest", tmp_path)
    publisher.wait(count, 60)
    publisher.close()
    with open_bus("embedded://", tmp_path) as bus:
        wait_until(
            lambda: len({row.value for row in stored(bus) if row.name == "level"}) == count, 60, "all are stored"
        )
        ingest.terminate()
        assert ingest.wait(20) == 0
        rows = Counter(stored(bus))
        assert {row.value for row in rows if row.name == "level"} == set(range(count))
        # A repetition is the same row again, never another one.
        assert len(rows) == 2 * count


@pytest.mark.timeout(60)
def test_a_kind_stop_flushes_and_says_goodbye(mosquitto: Mosquitto, tmp_path: Path, start: Start) -> None:
    prepare(tmp_path, mosquitto.url)
    ingest = start("ingest", tmp_path)
    up(tmp_path, "ingest", ingest)
    publisher = Publisher(mosquitto.port, TOPIC, "p-kind")
    publisher.send(range(300))
    publisher.wait(300)
    publisher.close()
    with open_bus("embedded://", tmp_path) as bus:
        wait_until(lambda: len(stored(bus)) >= 600, 20)
        ingest.terminate()
        assert ingest.wait(20) == 0
        assert read_health(tmp_path) == {}
        again = start("ingest", tmp_path)
        up(tmp_path, "ingest", again)
        again.terminate()
        assert again.wait(20) == 0
        assert len(stored(bus)) == 600


@pytest.mark.timeout(60)
def test_the_embedded_broker_refuses_another_devices_topic(tmp_path: Path, start: Start) -> None:
    port = free_port()
    prepare(tmp_path, f"embedded://127.0.0.1:{port}")
    parts = {part: start(part, tmp_path) for part in ("broker", "ingest")}
    for part, process in parts.items():
        up(tmp_path, part, process)
    device = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="w1")
    device.username_pw_set(STATION, "secret")
    device.connect("127.0.0.1", port)
    device.loop_start()
    wait_until(device.is_connected, 10)
    device.publish(TOPIC, b'{"values":{"ph":7}}', qos=1)
    device.publish(f"hub/{OTHER}/telemetry", b'{"values":{"ph":1}}', qos=1)
    with open_bus("embedded://", tmp_path) as bus:
        consumer = bus.consumer(None, [DEAD_LETTERS])
        letters = [decode_dead_letter(record.value or b"") for record in consumer.poll(20)]
        assert [(letter.reason, letter.topic) for letter in letters] == [("not_allowed", f"hub/{OTHER}/telemetry")]
        assert STATION in letters[0].detail
        wait_until(lambda: {row.station for row in stored(bus)} == {STATION}, 20)
    device.disconnect()
    device.loop_stop()
    for process in parts.values():
        process.terminate()
    assert [process.wait(20) for process in parts.values()] == [0, 0]


@pytest.mark.timeout(60)
def test_a_wrong_password_does_not_connect_to_the_embedded_broker(tmp_path: Path, start: Start) -> None:
    port = free_port()
    prepare(tmp_path, f"embedded://127.0.0.1:{port}")
    broker = start("broker", tmp_path)
    up(tmp_path, "broker", broker)
    assert not accepted(port, STATION, "wrong")
    assert not accepted(port, "hub", "wrong")
    assert accepted(port, STATION, "secret")
    broker.terminate()
    assert broker.wait(20) == 0


def accepted(port: int, user: str, password: str) -> bool:
    """Whether the broker lets this user in."""
    answers: list[bool] = []
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="visitor")
    client.username_pw_set(user, password)
    client.on_connect = lambda _c, _u, _f, reason, _p: answers.append(not reason.is_failure)
    client.connect("127.0.0.1", port)
    client.loop_start()
    wait_until(lambda: answers, 10)
    client.disconnect()
    client.loop_stop()
    return answers[0]
