"""VictoriaMetrics: one node, over HTTP.

It has no flags, and its functions know no conditions on other series. So valid values are the metric `v`; a value that is not valid, or that has any flag, is
`f`, with the codes `q` and `c` beside it. A valid one with a flag is in both.
"""

import http.client
import time
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
import numpy as np

from benchmarks.history.data import DAY, SERIES, STEPS_A_BATCH
from benchmarks.history.load import HOUR, KEYS, SID, Answer, Load, columns_of, sids, top
from benchmarks.history.peers.engine import bytes_in
from benchmarks.history.questions import FIVE, HUNDRED, LIMIT, ONE, TWO_HUNDRED
from benchmarks.peers import wait_quiet
from benchmarks.processes import cpu_seconds
from hub.batch import Bytes, Floats, Ints
from storage.columns import valid
from storage.series import Incoming, Select
from tests.engines import Server

_encode: Final = msgspec.json.Encoder().encode
_PERCENTILE: Final = 'label_set(quantile_over_time(0.95, {rows}[{window}]), "rollup", "p95")'
_ROLLUPS: Final = {"mean": "avg_over_time", "min": "min_over_time", "max": "max_over_time", "count": "count_over_time"}


class VictoriaServer(Server):
    """Its process."""

    script = "victoriametrics"


class Victoria:
    """A server of its own. Its times lie `back` ms before the load's, because it takes none of the future."""

    name = "VictoriaMetrics"
    most: int | None = None

    def __init__(self, back: int) -> None:
        self._server = VictoriaServer.launch()
        self._back = back
        self._http = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=300)
        self._names = [_named("v", *key) for key in KEYS]
        self.settings = (
            "of Debian, as it comes, but that it keeps 100 years",
            f"it drops what lies in the future, so its readings lie {back // DAY} days earlier",
            "a write is answered before it is on disk, and no setting of this version makes it wait: what a kill takes, is lost",
            "written as JSON lines, one a series with all its times of a batch (`/api/v1/import`), which took less CPU than its other endpoints",
            "it has no flags: valid values are one metric, values with flags another, their codes two more",
            "asked without its cache of answers (`nocache=1`); the latest values are looked up in the last day",
        )

    def write(self, batch: Incoming) -> None:
        self._ask("POST", "/api/v1/import", self._lines(batch))

    def _lines(self, batch: Incoming) -> bytes:
        rows = columns_of(batch)
        good = valid(rows.quality, rows.checks)
        # Rows come block by block, in each step by step.
        series, times, value, whole = (
            column.reshape(len(batch.blocks), STEPS_A_BATCH, -1).swapaxes(0, 1).reshape(STEPS_A_BATCH, SERIES)
            for column in (rows.series, rows.time - self._back, rows.value, good)
        )
        at = times[:, 0].astype(np.int64)
        plain = np.flatnonzero(whole.all(axis=0))
        texts = _encode(np.ascontiguousarray(value[:, plain].T).tolist())[2:-2].split(b"],[")
        end = b'],"timestamps":' + _encode(at.tolist()) + b"}\n"
        lines = [self._names[sid] + text + end for sid, text in zip(series[0, plain].tolist(), texts, strict=True)]
        for place in np.flatnonzero(~whole.all(axis=0)).tolist():
            there = whole[:, place]
            if there.any():
                name = self._names[int(series[0, place])]
                lines.append(_line(name, value[there, place], at[there]))
        for i in np.flatnonzero(rows.quality | rows.checks).tolist():
            key = KEYS[int(rows.series[i])]
            when = rows.time[i : i + 1] - self._back
            for metric, column in (("f", rows.value), ("q", rows.quality), ("c", rows.checks)):
                lines.append(_line(_named(metric, *key), column[i : i + 1], when))
        return b"".join(lines)

    def finish(self) -> None:
        self._ask("GET", "/internal/force_flush")
        wait_quiet({self._server.script: self._server.pid})

    def fill(self, load: Load) -> None:
        raise NotImplementedError("all readings were written in order of arrival")

    def cpu(self) -> float:
        return time.process_time() + cpu_seconds(self._server.pid)

    def size(self) -> int:
        return bytes_in(self._server.folder / "data")

    def _ask(self, verb: str, path: str, body: bytes | None = None, **words: object) -> bytes:
        where = f"{path}?{urlencode(words)}" if words else path
        head = {}
        if path.endswith(("query", "query_range")):
            head = {"Content-Type": "application/x-www-form-urlencoded"}
            where, body = path, urlencode(words).encode()
        try:
            self._http.request(verb, where, body, head)
            answer = self._http.getresponse()
        except (http.client.HTTPException, OSError):
            # It closes a connection that rested for a minute.
            self._http.close()
            self._http.request(verb, where, body, head)
            answer = self._http.getresponse()
        data = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"VictoriaMetrics: {answer.status} {data[:300].decode(errors='replace')}")
        return data

    def _range(self, asked: str, start: int, end: int, step: int) -> list[tuple[dict[str, str], Any, Any]]:
        """Of each series found: labels, the windows' starts (ms) and values; windows end a millisecond before they are looked at."""
        at = start + step - 1 - self._back
        answer = self._ask(
            "POST",
            "/api/v1/query_range",
            query=asked,
            start=f"{at / 1000:.3f}",
            end=f"{(end - 1 - self._back) / 1000:.3f}",
            step=f"{step}ms",
            nocache=1,
        )
        found = []
        for one in _result(answer):
            times, values = zip(*one["values"], strict=True)
            number = np.rint((np.array(times) * 1000 - at) / step)
            found.append((one["metric"], start + number * step, np.array(values, np.float64)))
        return found

    def _instant(self, asked: str, end: int) -> list[tuple[dict[str, str], float]]:
        at = f"{(end - 1 - self._back) / 1000:.3f}"
        found = _result(self._ask("POST", "/api/v1/query", query=asked, time=at, nocache=1))
        return [(one["metric"], float(one["value"][1])) for one in found]

    def latest(self, start: int, end: int) -> Answer:
        found = {"time": np.full(SERIES, -np.inf), "value": np.full(SERIES, np.nan)}
        rows = '{__name__=~"v|f"}[1d]'
        times = {
            _place(labels): value for labels, value in self._instant(f"tlast_over_time({rows}) keep_metric_names", end)
        }
        for labels, value in self._instant(f"last_over_time({rows})", end):
            at, sid = times[_place(labels)] * 1000 + self._back, _sid(labels)
            if at > found["time"][sid]:
                found["time"][sid], found["value"][sid] = at, value
        return found

    def raw(self, start: int, end: int) -> Answer:
        match = _rows(ONE, '__name__=~"v|f|q|c"')
        words: dict[str, Any] = {"match[]": match}
        words |= {"start": (start - self._back) / 1000, "end": (end - 1 - self._back) / 1000}
        data = self._ask("GET", "/api/v1/export", **words)
        found = {one["metric"]["__name__"]: one for one in map(msgspec.json.decode, data.splitlines())}
        value = {
            t: v
            for name in ("v", "f")
            if name in found
            for t, v in zip(found[name]["timestamps"], found[name]["values"], strict=True)
        }
        times = np.array(sorted(value), np.float64)
        answer = {"time": times + self._back, "value": np.array([value[t] for t in times.tolist()])}
        for name, metric in (("quality", "q"), ("checks", "c")):
            answer[name] = np.zeros(len(times))
            if metric in found:
                answer[name][np.searchsorted(times, found[metric]["timestamps"])] = found[metric]["values"]
        return answer

    def hours(self, start: int, end: int) -> Answer:
        rows = _rows(ONE)
        names = ", ".join(f'"{name}"' for name in _ROLLUPS.values())
        asked = f"union(aggr_over_time(({names}), {rows}[1h]), {_PERCENTILE.format(rows=rows, window='1h')})"
        found = {
            labels.get("rollup", ""): (times, values) for labels, times, values in self._range(asked, start, end, HOUR)
        }
        answer = {"start": found["avg_over_time"][0]}
        return answer | {name: found[_ROLLUPS.get(name, name)][1] for name in FIVE}

    def days(self, start: int, end: int) -> Answer:
        rows = _rows(HUNDRED)
        asked = f'union(label_set(avg_over_time({rows}[1d]), "rollup", "mean"), {_PERCENTILE.format(rows=rows, window="1d")})'
        found = {(labels["rollup"], _sid(labels)): values for labels, _, values in self._range(asked, start, end, DAY)}
        return {name: np.concatenate([found[name, sid] for sid in sids(HUNDRED)]) for name in ("mean", "p95")}

    def exceedances(self, start: int, end: int) -> Answer:
        asked = f"count_gt_over_time({_rows(TWO_HUNDRED)}[{end - start}ms], {LIMIT})"
        found = {_sid(labels): int(value) for labels, value in self._instant(asked, end)}
        return top({sid: found.get(sid, 0) for sid in sids(TWO_HUNDRED)})

    def close(self) -> None:
        self._http.close()
        self._server.wipe()


def _named(metric: str, station: str, name: str) -> bytes:
    return b'{"metric":%b,"values":[' % _encode({"__name__": metric, "station": station, "property": name})


def _line(begin: bytes, values: Floats | Bytes, times: Ints) -> bytes:
    return begin + _encode(values.tolist())[1:-1] + b'],"timestamps":' + _encode(times.tolist()) + b"}\n"


def _rows(select: Select, metric: str = '__name__="v"') -> str:
    station = f',station="{select.department}/{select.kind}/{select.device}"' if select.device else ""
    return f'{{{metric},property=~"{"|".join(select.properties)}"{station}}}'


def _result(answer: bytes) -> Any:
    return msgspec.json.decode(answer)["data"]["result"]


def _sid(labels: dict[str, str]) -> int:
    return SID[labels["station"], labels["property"]]


def _place(labels: dict[str, str]) -> tuple[str, int]:
    return labels.get("__name__", ""), _sid(labels)
