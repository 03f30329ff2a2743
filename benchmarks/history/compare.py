"""Years of readings in six engines: the same readings, the same questions, one run; writes benchmarks/HISTORY.md.

`make bench ARGS="--only history"`: 1 000 series each 15 minutes for `--days`, a year unless told otherwise. All engines write, one after the other, then all
are open while they are asked in turn. An answer that is not the plain one to 1e-9 is no answer. Rates are by CPU, ours for the engine and its server's.
"""

import importlib.util
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.history import influx, page
from benchmarks.history.data import BATCH, YEAR
from benchmarks.history.disturbed import killed, read_beside
from benchmarks.history.kills import Toll, tolls
from benchmarks.history.load import Answer, Load, a_day, difference, plain_answers
from benchmarks.history.peers.engine import Engine
from benchmarks.history.peers.ours import Chunks
from benchmarks.history.web import hours_over_http
from benchmarks.processes import load_average
from benchmarks.result import Result, Say, Scale, judged, percentile
from hub.clock import SystemClock
from tests.engines import InfluxDB

_YEAR_DAYS: Final = 365
_ROWS_MOST: Final = 5_000_000
_ROUNDS: Final = 5
_PATIENCE_S: Final = 20.0
_WEB_REACH: Final = 25.0


@dataclass(frozen=True)
class Asked:
    """A question: its name in the answers, in words, within how many ms 95 of 100 answers of ours must come, how often it is asked."""

    name: str
    words: str
    reach: float
    times: int

    def ask(self, engine: Engine, load: Load) -> Answer:
        """The engine's answer."""
        span = a_day(load.start, load.end) if self.name == "raw" else (load.start, load.end)
        ask: Callable[[int, int], Answer] = getattr(engine, self.name)
        return ask(*span)


ASKED: Final = (
    Asked("latest", "latest of 1 000 series", 5, 100),
    Asked("raw", "24 h raw of one series", 2, 200),
    Asked("hours", "hourly mean, min, max, count, p95 of one series", 10, 50),
    Asked("days", "daily mean + p95 of 100 series", 600, 10),
    Asked("exceedances", "top-10 exceedance of 200 series", 250, 10),
)


@dataclass
class Written:
    """What writing came to: readings a core-second and a second, the last tenth's rate by the first's, bytes a reading."""

    readings: int
    core_rate: float
    rate: float
    last_by_first: float
    each: float


@dataclass
class Timed:
    """How long an engine's answers took, ms, and its CPU in all; `wrong` says why they do not count."""

    wrong: str = ""
    waited: list[float] = field(default_factory=list)
    core: float = 0.0

    def show(self) -> str:
        """p50 / p95 and CPU an answer."""
        if self.wrong:
            return "wrong"
        if not self.waited:
            return "-"
        p50, p95 = (_number(percentile(self.waited, share)) for share in (0.5, 0.95))
        return f"{p50} / {p95} ({_number(self.core / len(self.waited))})"


def run(scale: Scale, say: Say) -> list[Result]:
    """Write, ask, disturb, and write the page."""
    begun = time.monotonic()
    load = Load(scale.days)
    say(f"{load.readings} readings, {load.days} days; load average {load_average()}")
    with ExitStack() as stack, tempfile.TemporaryDirectory(prefix="history-") as name:
        comparison = _Comparison(load, Path(name), stack, say)
        comparison.write()
        comparison.ask()
        rows = [*comparison.rows(), *comparison.disturbed(scale), *comparison.influx_rows(scale)]
    minutes = (time.monotonic() - begun) / 60
    page.write(rows, comparison.engines, comparison.absent, load, minutes)
    return [row.result() for row in rows]


class _Comparison:
    def __init__(self, load: Load, folder: Path, stack: ExitStack, say: Say) -> None:
        self._load, self._folder, self._stack, self._say = load, folder, stack, say
        self._judging = load.days >= _YEAR_DAYS
        self.chunks = Chunks(folder / "chunks")
        self.engines: list[Engine] = [self.chunks]
        self.absent: dict[str, str] = {}
        self._server: InfluxDB | None = None
        self._bucket = ""
        self._written: dict[str, Written] = {}
        self._timed: dict[tuple[str, str], Timed] = {}
        stack.callback(self.chunks.close)

    def _open(self) -> Iterator[Engine]:
        """The peers that are to be had here, one after the other."""
        from benchmarks.history.peers.rows import Rows
        from benchmarks.history.peers.victoria import Victoria, VictoriaServer

        yield Rows(self._folder / "rows", _ROWS_MOST)
        if importlib.util.find_spec("duckdb"):
            from benchmarks.history.peers.duck import Duck

            yield Duck(self._folder / "duck")
        else:
            self.absent["DuckDB"] = "the package duckdb is not installed"
        if why := VictoriaServer.missing():
            self.absent["VictoriaMetrics"] = why
        else:
            # Whole years back, so that days and seasons stay what they are.
            ahead = self._load.end - SystemClock().now()
            yield Victoria(max(0, -(-ahead // YEAR)) * YEAR)
        if why := InfluxDB.missing():
            self.absent["InfluxDB"] = why
        else:
            yield from self._open_influx()

    def _open_influx(self) -> Iterator[Engine]:
        from benchmarks.history.peers.influxdb import Flux, OurInflux

        ours = OurInflux()
        self._server, self._bucket = ours.server, ours.bucket
        yield ours
        self.engines.append(self._kept(Flux(ours)))

    def _kept(self, engine: Engine) -> Engine:
        self._stack.callback(engine.close)
        return engine

    def write(self) -> None:
        """Each engine gets the readings in order of arrival."""
        self._write(self.chunks)
        for engine in self._open():
            self.engines.append(self._kept(engine))
            self._write(engine)
        self._load.batches.clear()

    def _write(self, engine: Engine) -> None:
        found = self._written[engine.name] = _written(engine, self._load, self._say)
        self._say(
            f"{engine.name}: {found.core_rate:.0f} readings a core-second, {found.rate:.0f} a second, "
            f"last tenth / first {found.last_by_first:.2f}, {found.each:.2f} bytes each"
        )
        if engine.most is not None and engine.most < self._load.readings:
            engine.fill(self._load)

    def ask(self) -> None:
        """Hold every answer to the plain one, then ask the engines in turn."""
        right = dict(plain_answers(self._load))
        for asked in ASKED:
            for engine in self.engines:
                wrong = difference(asked.ask(engine, self._load), right[asked.name])
                self._timed[asked.name, engine.name] = Timed(wrong)
                if wrong:
                    self._say(f"WRONG: {engine.name}, {asked.words}: {wrong}")
            for _ in range(_ROUNDS):
                for engine in self.engines:
                    _ask(asked, engine, self._load, self._timed[asked.name, engine.name])
            shown = (f"{engine.name} {self._timed[asked.name, engine.name].show()}" for engine in self.engines)
            self._say(f"{asked.words}: {'; '.join(shown)}")

    def rows(self) -> list["page.Row"]:
        """What was written and asked."""
        ours = self._written[self.chunks.name]
        rows = [
            self._row(
                "durable write incl. sealing, readings a core-second (a second)",
                ">= 300 000",
                {name: f"{one.core_rate:.0f} ({one.rate:.0f})" for name, one in self._written.items()},
                ours.core_rate >= 300_000,
                self._shares(),
            ),
            self._row(
                "rate of the last tenth / the first",
                ">= 0.8",
                {name: f"{one.last_by_first:.2f}" for name, one in self._written.items()},
                ours.last_by_first >= 0.8,
            ),
            self._row(
                "bytes a reading, all included",
                "<= 4",
                {name: f"{one.each:.2f}" for name, one in self._written.items()},
                ours.each <= 4,
            ),
        ]
        for asked in ASKED:
            cells = {engine.name: self._timed[asked.name, engine.name] for engine in self.engines}
            mine = cells[self.chunks.name]
            notes = tuple(f"{name}: {one.wrong}" for name, one in cells.items() if one.wrong)
            rows.append(
                self._row(
                    f"{asked.words}, ms p50 / p95 (CPU)",
                    f"p95 <= {asked.reach:g}",
                    {name: one.show() for name, one in cells.items()},
                    not mine.wrong and percentile(mine.waited, 0.95) <= asked.reach,
                    notes,
                )
            )
        return rows

    def _shares(self) -> tuple[str, ...]:
        return tuple(
            f"{name}: the first {one.readings / 1e6:g} M of {self._load.readings / 1e6:g} M readings"
            for name, one in self._written.items()
            if one.readings < self._load.readings
        )

    def _row(self, what: str, goal: str, cells: dict[str, str], holds: bool, notes: tuple[str, ...] = ()) -> "page.Row":
        return page.Row(what, goal, cells, judged(holds) if self._judging else "", notes)

    def disturbed(self, scale: Scale) -> list["page.Row"]:
        """The chunk store beside a writer, killed, and over HTTP."""
        self._say("the chunk store over HTTP")
        answer, spent, core = hours_over_http(self.chunks.folder, self._load.start, self._load.end)
        wrong = difference(answer, dict(plain_answers(self._load))["hours"])
        web = Timed(wrong, spent, core * len(spent))
        aside = self._folder / "aside"
        shutil.copytree(self.chunks.folder, aside)
        beside, ended = read_beside(aside, self._load.end, scale.pick(2, 10), self._say), killed(aside, self._say)
        kills = scale.pick(3, 50)
        self._say(f"{kills} kills in writing and in sealing each")
        found = tolls(kills)
        return [
            self._only(f"HTTP `/v1/series`, {self._load.days} days of hours, one series, ms p50 / p95 (CPU)")(
                f"p95 <= {_WEB_REACH:g}",
                web.show(),
                not wrong and percentile(spent, 0.95) <= _WEB_REACH,
                (wrong,) * bool(wrong),
            ),
            self._only(beside.figure)(beside.reach, beside.measured, beside.verdict == "met", beside.notes),
            self._only(ended.figure)(ended.reach, ended.measured, ended.verdict == "met", ended.notes),
            self._only(f"{kills} kills in writing, {kills} in sealing: lost; doubled; longest reopening, s")(
                "0; 0; <= 2",
                f"{sum(one.lost for one in found.values())}; {sum(one.doubled for one in found.values())}; "
                f"{max(one.longest for one in found.values()):.2f}",
                all(not (one.lost or one.doubled) and one.longest <= 2 for one in found.values()),
                tuple(_told(form, one) for form, one in found.items()),
            ),
        ]

    def _only(self, what: str) -> Callable[[str, str, bool, tuple[str, ...]], "page.Row"]:
        return lambda goal, measured, holds, notes: self._row(what, goal, {self.chunks.name: measured}, holds, notes)

    def influx_rows(self, scale: Scale) -> list["page.Row"]:
        """Our InfluxDB engine's own figures."""
        if self._server is None:
            return []
        name = "our engine on InfluxDB"
        taken = [
            influx.lines(),
            influx.write(self._server, scale.pick(200_000, 1_000_000), self._say),
            influx.to_numpy(self._server, self._bucket, self._load.start),
        ]
        rows = [
            self._row(one.figure, one.reach, {name: one.measured}, one.verdict == "met", one.notes) for one in taken
        ]
        days = self._timed["days", name]
        holds = not days.wrong and percentile(days.waited, 0.95) <= 4000
        what = "InfluxDB engine: daily mean + p95 of 100 series, ms p50 / p95 (CPU)"
        return [*rows, self._row(what, "p95 <= 4000", {name: days.show()}, holds)]


def _written(engine: Engine, load: Load, say: Say) -> Written:
    count = len(load.batches) if engine.most is None else min(len(load.batches), engine.most // BATCH)
    borders = {count * tenth // 10: tenth for tenth in range(1, 11)}
    say(f"{engine.name}: writing {count * BATCH / 1e6:g} M readings")
    begun, marks = time.perf_counter(), [engine.cpu()]
    for i, batch in enumerate(load.batches[:count], 1):
        engine.write(batch)
        if i in borders:
            marks.append(engine.cpu())
            if borders[i] in (3, 6, 9):
                say(f"{engine.name}: {borders[i] * 10} %, {time.perf_counter() - begun:.0f} s")
    engine.finish()
    core, waited = engine.cpu() - marks[0], time.perf_counter() - begun
    readings = count * BATCH
    last_by_first = (marks[1] - marks[0]) / max(marks[-1] - marks[-2], 1e-9)
    return Written(readings, readings / core, readings / waited, last_by_first, engine.size() / readings)


def _ask(asked: Asked, engine: Engine, load: Load, timed: Timed) -> None:
    """A fifth of the times; an engine that has used its patience up is not asked again, once it has answered."""
    if timed.wrong or sum(timed.waited) > _PATIENCE_S * 1000:
        return
    core, first = engine.cpu(), time.perf_counter()
    for _ in range(max(1, asked.times // _ROUNDS)):
        begun = time.perf_counter()
        asked.ask(engine, load)
        timed.waited.append((time.perf_counter() - begun) * 1000)
        if time.perf_counter() - first > _PATIENCE_S:
            break
    timed.core += (engine.cpu() - core) * 1000


def _told(form: str, toll: Toll) -> str:
    return (
        f"{form}: {toll.kills} kills, of which {toll.met} met the writer at work; {toll.lost} lost, {toll.doubled} doubled, "
        f"opened and answered in at most {toll.longest:.2f} s"
    )


def _number(value: float) -> str:
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"
