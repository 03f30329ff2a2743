"""A hub's bus and records with the patrol as a real process, and cameras that look at the simulated river."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import cv2

from hub.bus import Bus, Message, Record
from hub.buses import open_bus
from hub.catalogue import Device
from hub.clock import SystemClock
from hub.event import DeviceEvent, decode_event
from hub.pictures import Source
from hub.topics import EVENTS, FRAMES, topics
from simulators.river.river import River
from simulators.river.scene import Traffic, scene
from simulators.river.setup import camera_config
from storage.records import Records, open_records
from storage.records.patrol import cameras
from storage.records.register import put_device
from tests.engines import wait_until
from vision.camera import write_camera

CAMERA = "zhenhai/camera/C01"
START = SystemClock().now() // 60_000 * 60_000 - 120_000
"""Of now: the bus gives up pictures that are older than a few hours."""

DRAWN = 1_795_400_100_000
"""When the river was that the pictures show: what goes by depends on the moment, and here there is debris."""

EVERY = 500
_SCENE = scene("quay", "calm", Traffic(debris=200), width=480, height=270)


def config(station: str = CAMERA) -> bytes:
    """The set-up of a camera on the river."""
    return write_camera(camera_config(_SCENE, station))


@cache
def film(count: int) -> tuple[bytes, ...]:
    """Pictures of the river with what drifts by, two a second."""
    river = River(_SCENE, 3, DRAWN)
    return tuple(cv2.imencode(".jpg", river.frame(DRAWN + place * EVERY)[0])[1].tobytes() for place in range(count))


class Rig:
    """One data folder; the role is started and killed as often as a test likes."""

    def __init__(self, data: Path, settings: str = "") -> None:
        self.data = data
        (data / "hub.toml").write_text(f'[hub]\ndistrict = "zhenhai"\ndata = "."\n\n[patrol]\n{settings}\n')
        self.bus: Bus = open_bus("embedded://", data)
        self.bus.ensure_topics(topics(1))
        self.records: Records = open_records("sqlite:///hub.db", data)
        self.records.migrate()
        self.process: subprocess.Popen[bytes] | None = None

    def camera(self, station: str, source: Source | None = None, body: bytes | None = None) -> None:
        """Register a camera and set it up."""
        with self.records.begin() as tx:
            put_device(tx, Device(station), actor="test", at=START)
            drawn = config(station) if body is None else body
            cameras.put(tx, station, drawn.decode(), source or Source(), actor="test", at=START)

    def start(self) -> None:
        """Start the role."""
        command = [sys.executable, "-m", "hub.roles", "patrol", "--data", str(self.data)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self._end(10)

    def stop(self) -> None:
        """End it as an operator would."""
        if self.process is not None:
            self.process.terminate()
            self._end(60)

    def _end(self, patience: float) -> None:
        assert self.process is not None
        self.process.wait(patience)
        if self.process.stdin is not None:
            self.process.stdin.close()

    def close(self) -> None:
        """End everything."""
        self.kill()
        self.records.close()
        self.bus.close()

    def send(self, data: bytes, place: int, station: str = CAMERA) -> None:
        """One picture of a camera, as ingest puts it on the bus."""
        time = b"%d" % (START + place * EVERY)
        headers: Mapping[str, bytes] = {"time": time, "received": time}
        self.bus.append([Message(FRAMES, station.encode(), data, time=START + place * EVERY, headers=headers)])

    def health(self) -> dict[str, float]:
        """What the role last said it counted."""
        try:
            counters: dict[str, float] = json.loads((self.data / "health" / "patrol.json").read_text())["counters"]
        except (OSError, ValueError):
            return {}
        return counters

    def committed(self) -> int:
        """How many pictures are done with for good."""
        return self.bus.committed("hub-patrol", FRAMES).get(0, 0)

    def until_committed(self, count: int, deadline: float = 60.0) -> None:
        """Wait until so many pictures are done with."""
        wait_until(
            lambda: self.committed() >= count, deadline, f"{count} pictures; {self.committed()}, {self.health()}"
        )

    def told(self) -> list[DeviceEvent]:
        """Everything on the topic of events."""
        consumer = self.bus.consumer(None, [EVENTS])
        found = list(_read(consumer.poll(0.1) for _ in range(100)))
        consumer.close()
        return found

    def workers(self) -> list[int]:
        """The role's worker processes."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        pids = [int(pid) for path in children for pid in path.read_text().split()]
        return [pid for pid in pids if b"patrol.worker" in _command(pid)]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _read(polls: Iterator[list[Record]]) -> Iterator[DeviceEvent]:
    for records in polls:
        if not records:
            return
        for record in records:
            yield decode_event(record.value or b"")
