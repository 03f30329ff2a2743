"""The parts that devices of field protocols need, each a process that the test starts, kills and starts again; and a look into what they keep."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import tomli_w

from hub.bus import Record
from hub.buses import embedded_folder, open_bus
from hub.catalogue import Device
from hub.clock import SystemClock
from hub.config import load_settings
from hub.health import read_health
from storage import open_series
from storage.records import open_records
from storage.records.register import put_devices
from storage.series import Points, Select
from tests.engines import free_port, wait_until

PARTS: Final = ("field", "rules", "series")
PROTOCOLS: Final = ("hj212", "jt808", "sl651")
READY_WITHIN: Final = 60.0
AGES: Final = (0, 4_102_444_800_000)
_BUS: Final = "embedded://"
_PAGE: Final = 50_000


class FieldParts:
    """A hub in `folder` that listens for every field protocol, everything embedded."""

    def __init__(self, folder: Path, devices: Sequence[Device]) -> None:
        self._folder, self._data = folder, folder / "data"
        self._data.mkdir()
        self.places = {name: ("127.0.0.1", free_port()) for name in PROTOCOLS}
        self._config = folder / "hub.toml"
        self._config.write_text(tomli_w.dumps(self._settings()))
        self._register(devices)
        with self._spawn("prepare") as prepared:
            assert prepared.wait(READY_WITHIN) == 0, self._output
        self._processes = {part: self._spawn(part) for part in PARTS}

    def kill(self, part: str) -> None:
        """Kill -9 a part and start it again."""
        process = self._processes[part]
        process.send_signal(signal.SIGKILL)
        process.communicate()
        self._processes[part] = self._spawn(part)

    def wait_ready(self) -> None:
        """Wait until every part says that it is well."""
        wait_until(self._ready, READY_WITHIN, f"every part is well; {self._output}")

    def says(self, part: str) -> str:
        """What a part says is wrong with it."""
        health = read_health(self._data).get(part)
        return "" if health is None or health.ok else health.detail

    def end(self) -> None:
        """End every part."""
        for process in self._processes.values():
            process.kill()
            process.communicate()

    def log_of(self, topic: str) -> Path:
        """The file of a topic of the bus."""
        return embedded_folder(_BUS, self._data) / f"{topic}.log.db"

    def read(self, topic: str) -> list[Record]:
        """Everything on a topic as it is now."""
        found: list[Record] = []
        with open_bus(_BUS, self._data) as bus:
            end = bus.ends(topic).get(0, 0)
            with closing(bus.consumer(None, [topic])) as consumer:
                while not found or found[-1].offset + 1 < end:
                    if not (records := consumer.poll(1.0)):
                        break
                    found += records
        return found

    def stored(self) -> list[Points]:
        """Every point of the series store."""
        found: list[Points] = []
        cursor: str | None = None
        with closing(open_series(_BUS, self._data, readonly=True)) as store:
            while True:
                page = store.raw(Select(), *AGES, _PAGE, cursor)
                found += page.points
                cursor = page.next
                if cursor is None:
                    return found

    def _ready(self) -> bool:
        health = read_health(self._data)
        for part, process in self._processes.items():
            assert process.poll() is None, f"{part} ended: {self._output}"
            if part not in health or not health[part].ok or health[part].pid != process.pid:
                return False
        return True

    @property
    def _output(self) -> str:
        return (self._folder / "output").read_text(errors="replace")[-3000:]

    def _settings(self) -> dict[str, object]:
        listen = {name: f"{host}:{port}" for name, (host, port) in self.places.items()}
        return {
            "hub": {"data": str(self._data), "rules": str(self._folder / "rules")},
            "engines": {"mqtt": "mqtt://127.0.0.1:1", "bus": _BUS},
            "field": {"listen": listen},
        }

    def _register(self, devices: Sequence[Device]) -> None:
        settings = load_settings(self._config)
        with closing(open_records(settings.engines.records, self._data)) as records:
            records.migrate()
            with records.begin() as tx:
                put_devices(tx, devices, actor="chaos", at=SystemClock().now())

    def _spawn(self, part: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "hub.roles", part, "--config", str(self._config)]
        with (self._folder / "output").open("ab") as output:
            return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=output, env=dict(os.environ))
