"""The embedded engine as its history grows: `python -m benchmarks --only curve`, or `python -m benchmarks.history.curve` alone.

One store grows to 10^6, 10^7, 35 M (a year of 1 000 series each 15 minutes) and 10^8 readings; at each size it is asked, and at 35 M it is read
beside a writer and killed. Rates are readings a core-second, sealing and merging included, from batches of columns; the generator's own time is not counted.
"""

import argparse
import shutil
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.history.data import BATCH, T0, Source
from benchmarks.history.disturbed import killed, read_beside
from benchmarks.history.questions import QUESTIONS, taken, year_before
from benchmarks.result import Result, Say, Scale, judged, median, percentile, spread, table
from storage.chunks import ChunkStore
from storage.series import Incoming

SIZES: Final = (1_000_000, 10_000_000, 35_040_000, 100_000_000)
SHORT: Final = (1_000_000, 3_000_000)
YEARLY: Final = 35_040_000
_FAR: Final = (
    "10^10 readings are 1 000 series for 285 years, or 285 000 series for one. What a reading costs does not grow with the history: it is "
    "written to the log, sealed and merged once. A question reads the chunks it is about, so one series answers as it does here. What grows "
    "is what is for all series: the latest values, and a segment, which waits for 64 values a series: at 285 000 series 18 M unsealed values, "
    "some 500 MB in each process that reads. So one file serves some ten thousand series; beyond, one hub a district, or InfluxDB."
)


class Writes(NamedTuple):
    """What every write took so far: core-seconds, and ms of waiting."""

    core: list[float]
    waited: list[float]


def run(scale: Scale, say: Say) -> list[Result]:
    """Grow a store and ask it on the way."""
    rows: list[Result] = []
    sizes = SHORT if scale.short else SIZES
    source, writes = Source(), Writes([], [])
    with tempfile.TemporaryDirectory(prefix="history-") as name:
        folder, aside = Path(name, "store"), Path(name, "aside")
        for size in sizes:
            store = ChunkStore(folder)
            for batch in source.batches(size - len(writes.core) * BATCH):
                _timed(store, batch, writes)
            rows += [*_written(store, writes, size, say), *_asked(store, source.reached, size, say)]
            store.close()
            if size == YEARLY or (scale.short and size == sizes[-1]):
                shutil.copytree(folder, aside)
                rows += [read_beside(aside, source.reached, scale.pick(2, 10), say), killed(aside, say)]
                shutil.rmtree(aside)
    return [*rows, _far(rows)]


def _timed(store: ChunkStore, batch: Incoming, writes: Writes) -> None:
    cpu, clock = time.process_time(), time.perf_counter()
    store.write([batch])
    writes.core.append(time.process_time() - cpu)
    writes.waited.append((time.perf_counter() - clock) * 1000)


def _written(store: ChunkStore, writes: Writes, size: int, say: Say) -> list[Result]:
    core, tenth = writes.core, max(1, len(writes.core) // 10)
    rate, last = len(core) * BATCH / sum(core), tenth * BATCH / sum(core[-tenth:])
    ratio = sum(core[:tenth]) / sum(core[-tenth:])
    held = store.health().size / size
    note = (
        f"of the last tenth {last:.0f}; a write of {BATCH}: p50 {median(writes.waited):.1f}, "
        f"p99 {percentile(writes.waited, 0.99):.1f}, longest {max(writes.waited):.0f} ms"
    )
    say(f"{size:.2e} readings: {rate:.0f} a core-second, {note}; {held:.2f} bytes each")
    return [
        _row(size, "durable writes, readings a core-second", 300_000, rate, ".0f", note=note),
        _row(size, "rate of the last tenth / the first", 0.8, ratio, ".2f"),
        _row(size, "bytes a reading, all included", 4, held, ".2f", most=True),
    ]


def _asked(store: ChunkStore, end: int, size: int, say: Say) -> list[Result]:
    rows = []
    start = year_before(T0, end)
    for question in QUESTIONS:
        spent = taken(partial(question.ask, store, start, end), question.times)
        say(f"{size:.2e} readings, {question.name}: {spread(spent, '.2f')} ms")
        note = f"median (range): {spread(spent, '.2f')} ms"
        rows.append(
            _row(size, f"{question.name}, ms p95", question.reach, percentile(spent, 0.95), ".2f", most=True, note=note)
        )
    return rows


def _far(rows: list[Result]) -> Result:
    """What ten thousand million readings would need, by what was measured here."""
    last = {row.figure.split(": ", 1)[-1]: float(row.measured) for row in rows if row.figure.startswith("history, ")}
    rate, each = last["durable writes, readings a core-second"], last["bytes a reading, all included"]
    days = 10**10 / rate / 86_400
    return Result(
        figure="10^10 readings, reckoned from the largest size measured",
        reach="-",
        measured=f"{each * 10:.0f} GB, {days * 24:.1f} core-hours to write",
        verdict="",
        notes=(_FAR,),
    )


def _row(
    size: int, name: str, reach: float, measured: float, form: str, *, most: bool = False, note: str = ""
) -> Result:
    # The goals are for a year; smaller sizes are there for the curve.
    judgeable = size >= YEARLY
    holds = measured <= reach if most else measured >= reach
    return Result(
        figure=f"history, {size / 1e6:.0f} M readings: {name}",
        reach=f"{'<=' if most else '>='} {reach}" if judgeable else "-",
        measured=f"{measured:{form}}",
        verdict=judged(holds) if judgeable else "",
        notes=(note,) if note else (),
    )


def main() -> None:
    """Take the figures and print them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history.curve", description=__doc__)
    parser.add_argument("--short", action="store_true", help="up to 3 M readings only")
    results = run(Scale(short=parser.parse_args().short), lambda sentence: print(sentence, flush=True))
    print(f"\n{table(results)}")


if __name__ == "__main__":
    main()
