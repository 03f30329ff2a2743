"""InfluxDB 2: one server, one bucket, written by our engine; asked by our engine, and by Flux as its own users ask."""

import time
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.history.data import DAY, SERIES
from benchmarks.history.load import HOUR, SID, Answer, Load, sids, top
from benchmarks.history.peers.engine import bytes_in
from benchmarks.history.peers.ours import OfStore
from benchmarks.history.questions import FIVE, HUNDRED, LIMIT, ONE, TWO_HUNDRED
from benchmarks.peers import wait_quiet
from benchmarks.processes import cpu_seconds
from storage import open_series
from storage.influx import flux, place_of
from storage.influx.server import Server
from storage.influx.table import Table, parse
from storage.series import Incoming
from tests.engines import InfluxDB

_SETTLED_S: Final = 600
_VALID: Final = 'r._field == "vv"'
_P95: Final = '(column, tables=<-) => tables |> quantile(q: 0.95, method: "exact_mean", column: column)'
_SHANGHAI: Final = 16 * HOUR
"""Days of Shanghai begin at 16:00 UTC."""


class OurInflux(OfStore):
    """Our engine on a server and bucket of its own."""

    name = "our engine on InfluxDB"
    settings = (
        "the InfluxDB beside, through our engine: five thousand lines a request, times in ms, fields `v`, `q`, `c`, and `vv` where valid",
        "percentiles and exceedances are reckoned by the hub from the raw values it fetches",
    )

    def __init__(self) -> None:
        self.server = InfluxDB.launch()
        self.bucket = self.server.new_bucket()
        self.url = self.server.bucket_url(self.bucket)
        super().__init__(open_series(self.url, Path(), token=self.server.token))

    def finish(self) -> None:
        wait_quiet({"influxdb": self.server.pid}, _SETTLED_S)

    def cpu(self) -> float:
        return time.process_time() + cpu_seconds(self.server.pid)

    def size(self) -> int:
        return bytes_in(self.server.folder / "engine")

    def close(self) -> None:
        super().close()
        self.server.wipe()


class Flux:
    """The same bucket, asked in Flux; it writes nothing of its own."""

    name = "InfluxDB 2.9.1"
    settings = (
        "built from its sources, as it comes; a write is in its log on disk when it is answered; written by our engine",
        (
            "asked in Flux: each aggregate has its own `from()`, days are windows of 24 h from 16:00 UTC (never a location, which is slow), "
            'percentiles `quantile(method: "exact_mean")` in windows; answers are parsed by our parser; the latest values are looked up in the last day'
        ),
    )
    most: int | None = None

    def __init__(self, ours: OurInflux) -> None:
        self._ours = ours
        self._server = Server(place_of(ours.url, ours.server.token), time.sleep, timeout_ms=300_000)

    def write(self, batch: Incoming) -> None:
        raise NotImplementedError("our engine writes its bucket")

    def finish(self) -> None:
        self._ours.finish()

    def fill(self, load: Load) -> None:
        raise NotImplementedError("our engine writes its bucket")

    def cpu(self) -> float:
        return self._ours.cpu()

    def size(self) -> int:
        return self._ours.size()

    def _rows(self, where: list[str], start: int, end: int) -> str:
        return flux.source(self._ours.bucket, start, end, where)

    def _ask(self, *streams: str) -> list[Table]:
        return list(parse(self._server.ask("\n".join(streams))))

    def latest(self, start: int, end: int) -> Answer:
        found = {name: np.full(SERIES, np.nan) for name in ("time", "value")}
        rows = self._rows(['r._field == "v"'], end - DAY, end)
        for table in self._ask(flux.stream(rows, "latest", "last()")):
            sid = _sid(table)
            found["time"][sid], found["value"][sid] = table.time[-1], table.value[-1]
        return found

    def raw(self, start: int, end: int) -> Answer:
        where = flux.selected(ONE)
        flags = [*where, 'r._field == "q" or r._field == "c"', "r._value != 0"]
        tables = self._ask(
            flux.stream(self._rows([*where, 'r._field == "v"'], start, end), "v"),
            flux.stream(self._rows(flags, start, end), "f", field=True),
        )
        (values,) = (table for table in tables if table.result == "v")
        answer = {"time": values.time.astype(np.float64), "value": values.value}
        for name, field in (("quality", "q"), ("checks", "c")):
            answer[name] = np.zeros(len(values.time))
            for table in tables:
                if table.result == "f" and table.field == field:
                    answer[name][np.searchsorted(values.time, table.time)] = table.value
        return answer

    def hours(self, start: int, end: int) -> Answer:
        rows = self._rows([*flux.selected(ONE), _VALID], start, end)
        functions = {name: _P95 if name == "p95" else name for name in FIVE}
        streams = [flux.stream(rows, name, flux.stepwise(fn, HOUR)) for name, fn in functions.items()]
        found = {table.result: table for table in self._ask(*streams)}
        answer = {"start": found["mean"].time.astype(np.float64)}
        return answer | {name: found[name].value for name in FIVE}

    def days(self, start: int, end: int) -> Answer:
        rows = self._rows([*flux.selected(HUNDRED), _VALID], start, end)
        streams = [
            flux.stream(rows, name, flux.stepwise(fn, DAY, _SHANGHAI)) for name, fn in (("mean", "mean"), ("p95", _P95))
        ]
        found = {(table.result, _sid(table)): table.value for table in self._ask(*streams)}
        return {name: np.concatenate([found[name, sid] for sid in sids(HUNDRED)]) for name in ("mean", "p95")}

    def exceedances(self, start: int, end: int) -> Answer:
        rows = self._rows([*flux.selected(TWO_HUNDRED), _VALID, f"r._value > {LIMIT}"], start, end)
        tables = self._ask(flux.stream(rows, "count", "count()", time=False))
        found = {_sid(table): int(table.value.sum()) for table in tables}
        return top({sid: found.get(sid, 0) for sid in sids(TWO_HUNDRED)})

    def close(self) -> None:
        self._server.close()


def _sid(table: Table) -> int:
    return SID[table.station, table.property]
