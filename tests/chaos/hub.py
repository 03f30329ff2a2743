"""A hub of real processes under `hub up`, and an independent look into its bus, its series and its records."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import httpx
import tomli_w

from hub.bus import Bus, Record
from hub.buses import open_bus
from hub.config import load_settings
from hub.health import read_health
from hub.roles import parts_of
from hub.settings import Settings
from storage import open_series
from storage.records import Records, open_records
from storage.series import Every, Select, SeriesStore
from tests.chaos.district import DEPARTMENT, District, Load
from tests.chaos.receiver import Receiver
from tests.chaos.size import PASSWORD, Size
from tests.engines import free_port, wait_until

READY_WITHIN: Final = 180.0
AGES: Final = (0, 4_102_444_800_000)
_GATEWAY: Final = f"{DEPARTMENT}/source/simulator"
_STALL: Final = Path(__file__).parent / "stall"
_SIGNING: Final = "whsec_c2VjcmV0LW9mLXRoZS10ZXN0cw=="


class Hub:
    """One hub in `folder`; its data may lie elsewhere (on a disk that can be filled)."""

    def __init__(
        self, folder: Path, size: Size, district: District, receiver: Receiver, data: Path | None = None
    ) -> None:
        self.folder, self.size, self.district = folder, size, district
        self.data = data or folder / "data"
        self.data.mkdir(exist_ok=True)
        self._port = free_port()
        self._config = folder / "hub.toml"
        self._config.write_text(tomli_w.dumps(self._settings(receiver)))
        self.settings: Settings = load_settings(self._config)
        self.parts = parts_of(self.settings)
        district.write(folder)
        self._gateway_secret = self._register()
        self._supervisor = self._spawn("up")

    def load(self, seed: int) -> Load:
        """The district begins to publish."""
        host, password = self.size.broker, None
        if self.size.login:
            host, password = f"{_GATEWAY.replace('/', '%2F')}@{host}", self._gateway_secret
        return Load(self.folder, f"mqtt://{host}", password, seed=seed, speed=self.district.speed)

    # what happens to it

    def pid(self, part: str) -> int | None:
        """The process of a part, None while it does not run."""
        for pid in _children(self._supervisor.pid):
            if part in _command(pid):
                return pid
        return None

    def running(self, part: str) -> int:
        """The process of a part, waiting until it runs."""
        assert self._supervisor.poll() is None, f"`hub up` ended with {self._supervisor.poll()}: {self.output}"
        pid = wait_until(lambda: self.pid(part), READY_WITHIN, f"the part {part} runs")
        assert pid is not None
        return pid

    def signal(self, part: str, number: signal.Signals) -> int:
        """Send a part's process a signal; which process that was."""
        pid = self.running(part)
        os.kill(pid, number)
        return pid

    def wait_ready(self) -> None:
        """Wait until every part runs and says that it is well."""
        wait_until(self.ready, READY_WITHIN, f"every part is well; {self.output}")

    def ready(self) -> bool:
        """Whether every part runs and says that it is well."""
        health = read_health(self.data)
        pids = {part: self.pid(part) for part in self.parts}
        well = all(part in health and health[part].ok and health[part].pid == pid for part, pid in pids.items())
        return well and self._answers()

    def end(self) -> None:
        """Stop it as an operator would; kill what does not listen."""
        self._supervisor.send_signal(signal.SIGTERM)
        try:
            self._supervisor.wait(20)
        except subprocess.TimeoutExpired:
            self._supervisor.kill()
            self._supervisor.wait()
        if self._supervisor.stdin is not None:
            self._supervisor.stdin.close()

    @property
    def output(self) -> str:
        """What the supervisor and its parts said on their screens, the end of it."""
        return (self.folder / "output").read_text(errors="replace")[-3000:]

    # what it holds

    @contextmanager
    def bus(self) -> Iterator[Bus]:
        """Its bus."""
        with open_bus(self.settings.engines.bus, self.data) as bus:
            yield bus

    @contextmanager
    def records(self) -> Iterator[Records]:
        """Its records."""
        url = self.settings.engines.records.replace("hub@", f"hub:{PASSWORD}@")
        with closing(open_records(url, self.data)) as records:
            yield records

    @contextmanager
    def store(self) -> Iterator[SeriesStore]:
        """Its series, as a reader."""
        found = open_series(self.settings.engines.series, self.data, readonly=True, token=self.size.series_token)
        with closing(found) as store:
            yield store

    def stored(self) -> int:
        """How many values the series hold."""
        with self.store() as store:
            found = store.windows(Select(), *AGES, Every(1, "y"), ["count_all"], "UTC")
        return sum(int(series.columns["count_all"].sum()) for series in found)

    def transitions(self) -> int:
        """How many transitions of alerts the records hold."""
        with self.records() as records, records.read() as tx:
            return int(tx.exec_driver_sql("SELECT count(*) FROM alert_transition").scalar_one())

    def read(self, topic: str) -> list[Record]:
        """Everything on a topic up to its end as it is now."""
        with self.bus() as bus:
            ends = {place: end for place, end in bus.ends(topic).items() if end}
            found: list[Record] = []
            with closing(bus.consumer(None, [topic])) as consumer:
                while ends:
                    for record in consumer.poll(1.0):
                        found.append(record)
                        if record.offset + 1 >= ends.get(record.partition, 1 << 62):
                            del ends[record.partition]
        return found

    # how it is made

    def _settings(self, receiver: Receiver) -> dict[str, object]:
        webhook = {"name": "centre", "url": receiver.url, "secret": {"env": "CHAOS_SIGNING"}}
        return {
            "hub": {"district": DEPARTMENT, "data": str(self.data), "rules": str(self.folder / "rules")},
            "engines": dict(self.size.engines),
            # Event time runs ahead of the clock; that is the load's doing and no fault.
            "ingest": {"future_ms": 86_400_000},
            "serve": {"listen": f"127.0.0.1:{self._port}"},
            # Every target its own incident: a storm would be one, and this counts each.
            "incidents": {"storm": 1000},
            # Short waits, and more of them than the longest outage here can use up.
            "notify": {"timeout": 1.5, "backoff": [0.2, 0.5, *[1.0] * 600], "webhooks": [webhook]},
        }

    def _register(self) -> str:
        self._command("devices", "import", str(self.folder / "stations.csv"), "--secrets", str(self.folder / "secrets"))
        if not self.size.login:
            return ""
        said = self._command("devices", "add", _GATEWAY, "--gateway", "--json")
        return str(json.loads(said)["secret"])

    def _command(self, *words: str) -> str:
        command = [sys.executable, "-m", "hub", *words, "--config", str(self._config)]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _spawn(self, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "hub", *words, "--config", str(self._config)]
        with (self.folder / "output").open("ab") as output:
            return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=output, env=self._environment)

    @property
    def _environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(_STALL), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
        return {**os.environ, **self.size.secrets, "CHAOS_SIGNING": _SIGNING, "PYTHONPATH": path}

    def _answers(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self._port}/v1/health/live", timeout=2, trust_env=False).is_success
        except httpx.TransportError:
            return False


def _children(pid: int) -> list[int]:
    try:
        return [
            int(child) for task in Path(f"/proc/{pid}/task").glob("*/children") for child in task.read_text().split()
        ]
    except OSError:
        return []


def _command(pid: int) -> list[str]:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return []
    return words if "hub.roles" in words else []
