"""The peers the hub is measured against: Telegraf to a file, and Telegraf to InfluxDB, as their makers' own defaults set them."""

from collections.abc import Callable
from pathlib import Path
from typing import Self

import httpx

from benchmarks.processes import Meter
from tests.engines import InfluxDB, Mosquitto, Server, wait_until

_FIELD = "values_ph"
_QUIET_CORES = 0.03


class Telegraf(Server):
    """Telegraf reading telemetry from a broker; to `out.lp` in its folder unless given another output."""

    script = "telegraf"

    @classmethod
    def beside(cls, broker: Mosquitto, output: str | None = None) -> Self:
        """A started one that reads from `broker`; `output` is TOML."""
        folder = broker.folder / "telegraf"
        folder.mkdir()
        server = cls(broker.port, folder)
        if output is not None:
            (folder / "telegraf.conf").write_text(_INPUT.format(port=broker.port) + output)
        server.start()
        return server

    @property
    def lines(self) -> "Lines":
        """What it has written to its file."""
        return Lines(self.folder / "out.lp")


class Lines:
    """Counts a file's lines, reading only what has grown."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._place = self._count = 0

    def count(self) -> int:
        """Lines so far."""
        if self._path.exists():
            with self._path.open("rb") as file:
                file.seek(self._place)
                while data := file.read(1 << 20):
                    self._place += len(data)
                    self._count += data.count(b"\n")
        return self._count


def influx_output(influx: InfluxDB) -> str:
    """The part of telegraf.conf that writes to this server."""
    return (
        f'[[outputs.influxdb_v2]]\n  urls = ["{influx.http_url}"]\n  token = "{influx.token}"\n'
        f'  organization = "{influx.org}"\n  bucket = "{influx.bucket}"\n'
    )


def influx_messages(influx: InfluxDB) -> int:
    """How many messages InfluxDB holds, by one value of each."""
    query = (
        f'from(bucket: "{influx.bucket}") |> range(start: 0, stop: 2100-01-01T00:00:00Z) '
        f'|> filter(fn: (r) => r._field == "{_FIELD}") |> count() |> group() |> sum()'
    )
    answer = httpx.post(
        f"{influx.http_url}/api/v2/query",
        params={"org": influx.org},
        headers={"Authorization": f"Token {influx.token}", "Accept": "application/csv"},
        json={"query": query, "type": "flux"},
        trust_env=False,
        timeout=60,
    ).raise_for_status()
    rows = [line.split(",") for line in answer.text.replace("\r", "").split("\n") if line]
    return int(rows[1][rows[0].index("_value")]) if len(rows) > 1 else 0


def wait_quiet(pids: dict[str, int], seconds: float = 120.0) -> None:
    """Wait until these processes together rest for longer than a flush interval: what they were given is done."""
    wait_until(_rest(pids), seconds, f"{', '.join(pids)} to come to rest")


def _rest(pids: dict[str, int]) -> Callable[[], bool]:
    meters = [Meter(pids)]

    def resting() -> bool:
        if meters[0].seconds < 1.5:
            return False
        busy = sum(meters[0].spent().values()) / meters[0].seconds
        meters[0] = Meter(pids)
        return busy < _QUIET_CORES

    return resting


_INPUT = """\
[agent]
  flush_interval = "1s"
  metric_batch_size = 1000
  metric_buffer_limit = 100000
  omit_hostname = true

[[inputs.mqtt_consumer]]
  servers = ["tcp://127.0.0.1:{port}"]
  topics = ["hub/+/+/+/telemetry"]
  qos = 1
  client_id = "telegraf"
  persistent_session = true
  max_undelivered_messages = 1000
  data_format = "json"
  json_time_key = "ts"
  json_time_format = "2006-01-02T15:04:05.999Z07:00"

"""
