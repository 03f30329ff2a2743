"""The series store alone: `python -m benchmarks.series [--short]`.

1 000 series (200 stations of 5 properties) each 15 minutes, for a year in the whole run: 35 M values of three decimals in batches of 5 000, oldest
first, as they come from the bus.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import httpx
import numpy as np

from benchmarks.result import Result, Say, Scale, judged, missing, percentile, spread, table
from hub.batch import Block
from hub.series_index import SeriesIndex
from storage import open_series
from storage.chunks import ChunkStore
from storage.columns import of_batches
from storage.influx.lines import LineBuilder
from storage.series import Every, Incoming, Select, SeriesStore
from tests.engines import InfluxDB

STATIONS: Final = tuple(f"district/water/w{i:03}" for i in range(200))
PROPERTIES: Final = ("ph", "do", "nh3_n", "tp", "turbidity")
SERIES: Final = len(STATIONS) * len(PROPERTIES)
STEP_MS: Final = 900_000
STEPS_A_BATCH: Final = 5
T0: Final = 1_798_732_800_000
"""2027-01-01 in Shanghai."""

DAY: Final = 86_400_000
ZONE: Final = "Asia/Shanghai"
ALL: Final = Select()
ONE: Final = Select("district", "water", "w017", ("do",))
HUNDRED: Final = Select("district", "water", None, ("do",))


def run(scale: Scale, say: Say) -> list[Result]:
    """The embedded engine, then ours on InfluxDB."""
    rows = [_lines()]
    with tempfile.TemporaryDirectory(prefix="series-") as folder:
        store = ChunkStore(Path(folder))
        rows += _write(store, scale.pick(2_000, 35_040), say)
        rows += _read(store, T0 + scale.pick(2_000, 35_040) * STEP_MS, say)
        store.close()
    if why := InfluxDB.missing():
        return [*rows, missing("InfluxDB engine: write / raw HTTP", ">= 0.8", why)]
    return [*rows, *_influx(scale, say)]


def batches(steps: int, seed: int = 1) -> Iterator[Incoming]:
    """The load: every series wanders slowly and trembles."""
    chance = np.random.default_rng(seed)
    level = np.full(SERIES, 50.0)
    station = np.tile(np.arange(len(STATIONS), dtype=np.uint32), STEPS_A_BATCH)
    for first in range(0, steps, STEPS_A_BATCH):
        walk = level + np.cumsum(chance.normal(0, 0.02, (STEPS_A_BATCH, SERIES)), axis=0)
        level = walk[-1]
        value = (walk + chance.normal(0, 0.2, walk.shape)).round(3).reshape(-1, len(PROPERTIES))
        times = np.repeat(T0 + np.arange(first, first + STEPS_A_BATCH) * STEP_MS, len(STATIONS))
        yield Incoming(STATIONS, (Block(PROPERTIES, station, times, value),))


def _write(store: ChunkStore, steps: int, say: Say) -> list[Result]:
    spent, waited = [], []
    for batch in batches(steps):
        cpu, clock = time.process_time(), time.perf_counter()
        store.write([batch])
        spent.append(time.process_time() - cpu)
        waited.append((time.perf_counter() - clock) * 1000)
    cpu = time.process_time()
    store.writer.seal_all()
    values, tenth = steps * SERIES, max(1, len(spent) // 10)
    rate = values / (sum(spent) + time.process_time() - cpu)
    ratio = sum(spent[:tenth]) / sum(spent[-tenth:])
    size = store.health().size / values
    say(f"{values} values written, {rate:.0f} a core-second")
    name = f"chunk store, {values / 1e6:.0f} M values: "
    writes = f"a write of 5 000: p50 {percentile(waited, 0.5):.1f}, p99 {percentile(waited, 0.99):.1f}, max {max(waited):.0f} ms"
    return [
        _row(f"{name}durable write, sealing included, values a core-second", 300_000, rate, ".0f", notes=(writes,)),
        _row(f"{name}rate of the last tenth / the first", 0.8, ratio, ".2f"),
        _row(f"{name}bytes a value, all included", 4, size, ".2f", most=True),
    ]


def _read(store: SeriesStore, end: int, say: Say) -> list[Result]:
    year = max(T0, end - 365 * DAY)
    five, two = ("mean", "min", "max", "count", "p95"), ("mean", "p95")
    middle = year + (end - year) // 2
    stations = tuple(f"district/water/w{i:03}" for i in range(100))
    select = [Select("district", "water", station.split("/")[2], ("do",)) for station in stations]
    questions: list[tuple[str, float, int, Callable[[], object]]] = [
        ("latest of 1 000 series", 5, 100, lambda: store.latest(ALL)),
        ("24 h raw of one series", 2, 200, lambda: store.raw(ONE, middle, middle + DAY, 1000)),
        ("the last 24 h raw of one series", 2, 200, lambda: store.raw(ONE, end - DAY, end, 1000)),
        (
            "a year of hours, 5 aggregates, one series",
            10,
            50,
            lambda: store.windows(ONE, year, end, Every(1, "h"), five, ZONE),
        ),
        (
            "a year of days, mean and p95, 100 series",
            600,
            5,
            lambda: [store.windows(one, year, end, Every(1, "d"), two, ZONE) for one in select],
        ),
    ]
    rows = []
    for name, reach, times, ask in questions:
        taken = _taken(ask, times)
        say(f"{name}: {spread(taken, '.2f')} ms")
        note = f"median (range): {spread(taken, '.2f')} ms"
        rows.append(
            _row(f"chunk store: {name}, ms p95", reach, percentile(taken, 0.95), ".2f", most=True, notes=(note,))
        )
    return rows


def _taken(ask: Callable[[], object], times: int) -> list[float]:
    ask()
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - begun) * 1000)
    return taken


def _lines() -> Result:
    index = SeriesIndex()
    rows = of_batches(index, batches(20))
    builder = LineBuilder(index)
    builder.block(rows)
    begun = time.process_time()
    for _ in range(20):
        builder.block(rows)
    rate = 20 * len(rows) / (time.process_time() - begun)
    return _row("InfluxDB engine: lines built a core-second", 500_000, rate, ".0f")


def _influx(scale: Scale, say: Say) -> list[Result]:
    server = InfluxDB.launch()
    try:
        ours, raw = _influx_write(server, scale.pick(200, 2_000), say)
        store = open_series(server.url, Path(), token=server.token)
        end = T0 + scale.pick(200, 2_000) * STEP_MS
        some = Select("district", "water", None, ("do",))
        many = scale.pick(200, 500) * len(STATIONS)
        asked = _taken(
            lambda: store.windows(some, T0, T0 + many // len(STATIONS) * STEP_MS, Every(1, "d"), ["p95"], ZONE), 3
        )
        hours = _taken(lambda: store.windows(ONE, T0, end, Every(1, "h"), ("mean", "min", "max", "count"), ZONE), 10)
        store.close()
    finally:
        server.wipe()
    return [
        _row(
            "InfluxDB engine: write / raw HTTP", 0.8, ours / raw, ".2f", notes=(f"{ours:.0f} and {raw:.0f} values/s",)
        ),
        _shown(f"InfluxDB engine: daily p95 of 200 series, {many} raw rows, ms", asked),
        _shown(f"InfluxDB engine: {(end - T0) // 3_600_000} hours of one series by the server's hours, ms", hours),
    ]


def _influx_write(server: InfluxDB, steps: int, say: Say) -> tuple[float, float]:
    """Values a second of our engine, and of bare POSTs of lines built beforehand, alternated."""
    index = SeriesIndex()
    builder = LineBuilder(index)
    load = list(batches(steps))
    bodies = [builder.block(of_batches(index, [batch])) for batch in load]
    store = open_series(server.url, Path(), token=server.token)
    spent = {"ours": 0.0, "raw": 0.0}
    headers = {"Authorization": f"Token {server.token}"}
    with httpx.Client(base_url=server.http_url, headers=headers, trust_env=False, timeout=60) as http:
        query = {"org": server.org, "bucket": server.new_bucket(), "precision": "ms"}
        for batch, body in zip(load, bodies, strict=True):
            begun = time.perf_counter()
            store.write([batch])
            between = time.perf_counter()
            http.post("/api/v2/write", params=query, content=body).raise_for_status()
            spent["ours"] += between - begun
            spent["raw"] += time.perf_counter() - between
    store.close()
    values = steps * SERIES
    say(f"InfluxDB: ours {values / spent['ours']:.0f}, raw {values / spent['raw']:.0f} values/s")
    return values / spent["ours"], values / spent["raw"]


def _row(
    name: str, reach: float, measured: float, form: str, *, most: bool = False, notes: tuple[str, ...] = ()
) -> Result:
    holds = measured <= reach if most else measured >= reach
    sign = "<=" if most else ">="
    return Result(
        figure=name, reach=f"{sign} {reach}", measured=f"{measured:{form}}", verdict=judged(holds), notes=notes
    )


def _shown(name: str, taken: list[float]) -> Result:
    return Result(figure=name, reach="-", measured=spread(taken, ".0f"), verdict="shown")


def main() -> None:
    """Take the figures and print them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.series", description=__doc__)
    parser.add_argument("--short", action="store_true", help="2 M values instead of 35 M")
    results = run(Scale(short=parser.parse_args().short), lambda sentence: print(sentence, flush=True))
    print(f"\n{table(results)}")
    for result in results:
        for note in result.notes:
            print(f"{result.figure}: {note}")


if __name__ == "__main__":
    main()
