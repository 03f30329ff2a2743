"""The hub under test: real processes started as an operator starts them, 500 stations registered, rules in force."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx
import tomli_w

from benchmarks import fleet
from hub.catalogue import Device
from hub.clock import SystemClock
from hub.config import load_settings
from hub.health import read_health
from hub.rule import Rule
from storage import open_series
from storage.records import open_records
from storage.records.access import create_token
from storage.records.register import put_devices
from storage.records.rules import put_rule
from storage.series import Every, Select
from tests.engines import free_port, wait_until

WORKERS: Final = ("ingest", "rules", "series", "serve")
"""The processes whose CPU is the hub's."""

_ACTOR: Final = "bench"
_START_SECONDS: Final = 60.0
_AGES: Final = (0, 4_102_444_800_000)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a hub under test is: its broker's and bus's URLs, rules, the parts to run, its register, where field protocols are listened for."""

    mqtt: str = "mqtt://127.0.0.1:1"
    bus: str = "embedded://"
    rules: tuple[Rule, ...] = ()
    parts: tuple[str, ...] = WORKERS
    reader: str = "bulk"
    protocol: str = "auto"
    webhook: str | None = None
    secret: str = ""
    devices: Callable[[], list[Device]] = fleet.devices
    listen: Mapping[str, str] = field(default_factory=dict)


class HubFailed(RuntimeError):
    """A part of the hub under test ended; the text is its last words."""


class Hub:
    """A hub in a folder of its own, which goes with it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.folder = Path(tempfile.mkdtemp(prefix="streamwarden-bench-"))
        self.data = self.folder / "data"
        self.port = free_port()
        self.token = ""
        self._config = self.folder / "hub.toml"
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        try:
            self._prepare()
            self.start()
        except BaseException:
            self.wipe()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wipe()

    @property
    def http(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def client(self) -> httpx.Client:
        """A client that may do everything."""
        # No proxy of the environment may stand between us and our own server.
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.Client(base_url=self.http, headers=headers, trust_env=False, timeout=30)

    def start(self) -> None:
        """Prepare it and start its parts, as `hub up` does, and wait until every part says that it is well.

        Raises:
            HubFailed: a part ended.
        """
        if self._spawn("prepare").wait():
            raise HubFailed(self._output())
        self._processes = [self._spawn(part) for part in self.plan.parts]
        wait_until(self._ready, _START_SECONDS, f"the parts {', '.join(self.plan.parts)} of the hub")

    def stop(self) -> None:
        """End it as an operator would; its data stays."""
        for process in self._processes:
            process.send_signal(signal.SIGTERM)
        for process in self._processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.clear()

    def wipe(self) -> None:
        """End it and delete its folder; `BENCH_KEEP` in the environment keeps the folder for a look."""
        self.stop()
        if "BENCH_KEEP" not in os.environ:
            shutil.rmtree(self.folder, ignore_errors=True)

    def pids(self) -> dict[str, int]:
        """The process of each running part."""
        return dict(zip(self.plan.parts, (process.pid for process in self._processes), strict=True))

    def passed(self) -> int:
        """Messages of 8 values that every part has done with since it started; a second old at most."""
        counts = [self._count(part) for part in self.plan.parts if part != "serve"]
        return min(counts, default=0)

    def wait_passed(self, messages: int, seconds: float) -> None:
        """Wait until every part has done with this many messages."""
        what = f"{messages} messages through {', '.join(self.plan.parts)}"
        wait_until(lambda: self.passed() >= messages, seconds, what)

    def stored(self) -> int:
        """Values in the series store, counted one by one by a reader of our own."""
        with closing(open_series("embedded://", self.data, readonly=True)) as store:
            found = store.windows(Select(), *_AGES, Every(1, "y"), ["count_all"], "UTC")
            return sum(int(series.columns["count_all"].sum()) for series in found)

    def counters(self, part: str) -> Mapping[str, float]:
        """What a part counts of itself."""
        health = read_health(self.data).get(part)
        return health.counters if health is not None else {}

    def _count(self, part: str) -> int:
        counters = self.counters(part)
        return int(counters.get("values", 0)) // fleet.VALUES

    def _ready(self) -> bool:
        if any(process.poll() is not None for process in self._processes):
            raise HubFailed(self._output())
        health = read_health(self.data)
        pids = self.pids()
        told = [part for part in self.plan.parts if part != "serve"]
        well = all(part in health and health[part].ok and health[part].pid == pids.get(part) for part in told)
        return well and ("serve" not in self.plan.parts or self._answers())

    def _answers(self) -> bool:
        try:
            return self.client.get("/v1/health/live").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def _output(self) -> str:
        """The last lines of what its parts have written."""
        return " ".join((self.folder / "output").read_text(errors="replace").splitlines()[-3:])

    def _spawn(self, part: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "hub.roles", part, "--config", str(self._config)]
        environment = {**os.environ, "BENCH_WEBHOOK": self.plan.secret}
        with (self.folder / "output").open("ab") as output:
            return subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=output, stderr=output, env=environment, start_new_session=True
            )

    def _prepare(self) -> None:
        self.data.mkdir()
        self._config.write_text(tomli_w.dumps(self._settings()))
        settings = load_settings(self._config)
        at = SystemClock().now()
        with closing(open_records(settings.engines.records, self.data)) as records:
            records.migrate()
            with records.begin() as tx:
                put_devices(tx, self.plan.devices(), actor=_ACTOR, at=at)
                for rule in self.plan.rules:
                    put_rule(tx, rule, actor=_ACTOR, at=at)
                _, self.token = create_token(tx, _ACTOR, "admin", actor=_ACTOR, at=at)

    def _settings(self) -> dict[str, Any]:
        notify: dict[str, Any] = {}
        if self.plan.webhook:
            secret = {"env": "BENCH_WEBHOOK"}
            notify = {"notify": {"webhooks": [{"name": "bench", "url": self.plan.webhook, "secret": secret}]}}
        return {
            "hub": {"district": fleet.DEPARTMENT, "data": str(self.data), "rules": str(self.folder / "rules")},
            "engines": {"mqtt": self.plan.mqtt, "bus": self.plan.bus},
            "ingest": {"reader": self.plan.reader, "protocol": self.plan.protocol},
            "serve": {"listen": f"127.0.0.1:{self.port}"},
            "field": {"listen": dict(self.plan.listen)},
            **notify,
        }
