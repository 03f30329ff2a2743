"""Our InfluxDB engine: `python -m benchmarks.history.influx [--short]`.

What it writes and reads are the history figures' own readings. By itself it starts a server and keeps the water stations' dissolved oxygen
only, 100 series; the whole bench gives `read` a server that holds all.
"""

import argparse
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import httpx
import numpy as np

from benchmarks.history.data import DAY, STATIONS, STEP, T0, YEAR, ZONE, Source
from benchmarks.result import Result, Say, Scale, judged, missing, percentile, spread, table
from hub.batch import Block, Floats
from hub.series_index import SeriesIndex
from storage import open_series
from storage.columns import of_batches
from storage.influx import flux, place_of
from storage.influx.lines import LineBuilder
from storage.influx.server import Server
from storage.influx.table import parse
from storage.series import Every, Incoming, Select, SeriesStore
from tests.engines import InfluxDB

HUNDRED: Final = Select("bureau", "water", None, ("do",))
ONE: Final = Select("bureau", "water", "w017", ("do",))
ROWS: Final = 100_000
_BATCHES_A_FIGURE: Final = 20


def run(scale: Scale, say: Say) -> list[Result]:
    """All figures on a server of their own."""
    rows = [lines()]
    if why := InfluxDB.missing():
        return [*rows, missing("InfluxDB engine: write / raw HTTP", ">= 0.8", why)]
    server = InfluxDB.launch()
    try:
        rows.append(write(server, scale.pick(500_000, 2_000_000), say))
        bucket = server.new_bucket()
        with closing(open_series(server.bucket_url(bucket), Path(), token=server.token)) as store:
            end = T0 + scale.pick(30 * DAY, YEAR)
            begun = time.perf_counter()
            for batch in thinned(Source().batches((end - T0) // STEP * len(STATIONS) * 5)):
                store.write([batch])
            say(f"100 series written in {time.perf_counter() - begun:.0f} s")
            rows += read(server, bucket, store, end, say)
    finally:
        server.wipe()
    return rows


def lines() -> Result:
    """Building lines, one core."""
    index = SeriesIndex()
    columns = of_batches(index, Source().batches(_BATCHES_A_FIGURE * 5000))
    builder = LineBuilder(index)
    builder.block(columns)
    rates = []
    for _ in range(_BATCHES_A_FIGURE):
        begun = time.process_time()
        builder.block(columns)
        rates.append(len(columns) / (time.process_time() - begun))
    note = f"median (range): {spread(rates, '.0f')}"
    return _row("InfluxDB engine: lines built a core-second", 500_000, sum(rates) / len(rates), ".0f", notes=(note,))


def write(server: InfluxDB, readings: int, say: Say) -> Result:
    """Our writes beside bare POSTs of lines built beforehand, alternated; each has a bucket of its own."""
    index = SeriesIndex()
    builder = LineBuilder(index)
    store = open_series(server.bucket_url(server.new_bucket()), Path(), token=server.token)
    ours, raw = 0.0, 0.0
    headers = {"Authorization": f"Token {server.token}"}
    query = {"org": server.org, "bucket": server.new_bucket(), "precision": "ms"}
    with (
        closing(store),
        httpx.Client(base_url=server.http_url, headers=headers, trust_env=False, timeout=60) as http,
    ):
        for batch in Source().batches(readings):
            body = builder.block(of_batches(index, [batch]))
            begun = time.perf_counter()
            store.write([batch])
            between = time.perf_counter()
            http.post("/api/v2/write", params=query, content=body).raise_for_status()
            ours += between - begun
            raw += time.perf_counter() - between
    say(f"InfluxDB: ours {readings / ours:.0f}, raw {readings / raw:.0f} readings/s")
    note = f"{readings / ours:.0f} and {readings / raw:.0f} readings/s"
    return _row("InfluxDB engine: write / raw HTTP", 0.8, raw / ours, ".2f", notes=(note,))


def read(server: InfluxDB, bucket: str, store: SeriesStore, end: int, say: Say) -> list[Result]:
    """Questions to a bucket that holds the readings up to `end`, HUNDRED at least; the year is the last one there is."""
    start = max(T0, end - YEAR)
    asked: list[tuple[str, float, int, Callable[[], object]]] = [
        (
            "100 000 rows of the server to numpy, asking included",
            0,
            5,
            lambda: list(store.scan(HUNDRED, start, start + ROWS // 100 * STEP)),
        ),
        (
            "daily mean + p95 of 100 series",
            4000,
            5,
            lambda: store.windows(HUNDRED, start, end, Every(1, "d"), ("mean", "p95"), ZONE),
        ),
        ("daily mean of 100 series", 0, 5, lambda: store.windows(HUNDRED, start, end, Every(1, "d"), ("mean",), ZONE)),
        (
            "hourly mean, min, max, count of one series",
            0,
            5,
            lambda: store.windows(ONE, start, end, Every(1, "h"), ("mean", "min", "max", "count"), ZONE),
        ),
        ("24 h raw of one series", 0, 20, lambda: store.raw(ONE, end - DAY, end, 1000)),
        ("latest of all series", 0, 20, lambda: store.latest(Select())),
    ]
    rows = [to_numpy(server, bucket, start)]
    for name, reach, times, ask in asked:
        taken = _taken(ask, times)
        say(f"InfluxDB, {(end - start) / DAY:.0f} days, {name}: {spread(taken, '.0f')} ms")
        figure = f"InfluxDB engine: {name}, {(end - start) / DAY:.0f} days, ms"
        if reach:
            rows.append(
                _row(f"{figure} p95", reach, percentile(taken, 0.95), ".0f", most=True, notes=(spread(taken, ".0f"),))
            )
        else:
            rows.append(Result(figure=figure, reach="-", measured=spread(taken, ".0f"), verdict=""))
    return rows


def to_numpy(server: InfluxDB, bucket: str, start: int) -> Result:
    """What the client does with an answer of 100 000 rows, or of all there are."""
    parse_it = _parsing(server, bucket, start)
    parsed = _taken(parse_it, 20)
    cpu = time.process_time()
    rows = max(len(parse_it()) for _ in range(5))
    note = f"median (range), ms: {spread(parsed, '.0f')}; {(time.process_time() - cpu) * 200:.0f} ms of CPU"
    name = f"InfluxDB engine: {rows} rows to numpy, ms p95"
    return _row(name, 150, percentile(parsed, 0.95), ".0f", most=True, notes=(note,))


def thinned(batches: Iterable[Incoming]) -> Iterator[Incoming]:
    """HUNDRED's readings only, many batches at a time."""
    held: list[Block] = []
    for batch in batches:
        held += [_column(block, block.properties.index("do")) for block in batch.blocks if "do" in block.properties]
        if len(held) == _BATCHES_A_FIGURE:
            yield Incoming(STATIONS, tuple(held))
            held = []
    if held:
        yield Incoming(STATIONS, tuple(held))


def _column(block: Block, place: int) -> Block:
    flags = [None if flag is None else flag[:, place : place + 1] for flag in (block.quality, block.checks)]
    return Block((block.properties[place],), block.station, block.time, block.value[:, place : place + 1], *flags)


def _parsing(server: InfluxDB, bucket: str, start: int) -> Callable[[], Floats]:
    asker = Server(place_of(server.bucket_url(bucket), server.token), time.sleep)
    rows = flux.source(bucket, start, start + ROWS // 100 * STEP, [*flux.selected(HUNDRED), 'r._field == "v"'])
    answer = asker.ask(flux.stream(rows, "v"))
    asker.close()
    return lambda: np.concatenate([one.value for one in parse(answer)])


def _taken(ask: Callable[[], object], times: int) -> list[float]:
    ask()
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - begun) * 1000)
    return taken


def _row(
    name: str, reach: float, measured: float, form: str, *, most: bool = False, notes: tuple[str, ...] = ()
) -> Result:
    holds = measured <= reach if most else measured >= reach
    sign = "<=" if most else ">="
    return Result(
        figure=name, reach=f"{sign} {reach:g}", measured=f"{measured:{form}}", verdict=judged(holds), notes=notes
    )


def main() -> None:
    """Take the figures and print them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history.influx", description=__doc__)
    parser.add_argument("--short", action="store_true", help="30 days instead of a year")
    results = run(Scale(short=parser.parse_args().short), lambda sentence: print(sentence, flush=True))
    print(f"\n{table(results)}")
    for result in results:
        for note in result.notes:
            print(f"{result.figure}: {note}")


if __name__ == "__main__":
    main()
