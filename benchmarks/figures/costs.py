"""What a message, a batch, a value and a rule cost each part in CPU: the figures that docs/scaling.md multiplies.

A part's CPU is taken as a sum of products: batches times what a batch costs, values times what a value costs, and so on. Runs that
differ in one thing only, full or small batches, rules or none, full speed or spaced, give the factors.
"""

from contextlib import closing
from typing import Final, NamedTuple

import numpy as np

from benchmarks import fleet
from benchmarks.figures.faust_values import ROWS, RULES_PER_STREAM, Source
from benchmarks.hub_process import Hub, Plan
from benchmarks.processes import Meter
from benchmarks.publisher import Load
from benchmarks.result import Result, Say, Scale
from hub.buses import open_bus
from hub.rule import Rule
from tests.engines import Mosquitto

SMALL: Final = 25
"""Messages of a small batch: 50 ms of 500 messages/s."""

SLOW: Final = 500
_WORKERS: Final = ("rules", "series")


class Run(NamedTuple):
    """CPU seconds of the rules and of the series for so many batches and values."""

    batches: int
    values: int
    rules: float
    series: float


def run(scale: Scale, say: Say) -> list[Result]:
    """One row for each part; there is nothing to reach."""
    batches = scale.pick(500, 3000)
    plain = _fed((), [(batches, ROWS)], say)[0]
    full, small = _fed(fleet.four_rules(), [(batches, ROWS), (batches, SMALL)], say)
    return [_ingest(scale, say), _rules(plain, full, small), _series(full, small)]


def _fed(rules: tuple[Rule, ...], feeds: list[tuple[int, int]], say: Say) -> list[Run]:
    """Both consumers of the bus, fed with batches of a size each; the first batches, which teach them the stations, are not counted."""
    with Hub(Plan(rules=rules, parts=_WORKERS)) as hub, closing(open_bus("embedded://", hub.data)) as bus:
        source = Source(bus, 1)
        passed = source.feed(20) // fleet.VALUES
        hub.wait_passed(passed, 60)
        found = []
        for batches, rows in feeds:
            meter = Meter(hub.pids())
            values = source.feed(batches, rows)
            passed += values // fleet.VALUES
            hub.wait_passed(passed, 120)
            spent = meter.spent()
            found.append(Run(batches, values, spent["rules"], spent["series"]))
            say(
                f"{batches} batches of {rows}, {len(rules)} rules: {spent['rules']:.2f} s rules, {spent['series']:.2f} s series"
            )
        return found


def _ingest(scale: Scale, say: Say) -> Result:
    """From full speed, where a batch holds 500 messages, and from evenly spaced messages, where it holds 50 ms of them."""
    broker = Mosquitto.launch()
    try:
        with Hub(Plan(mqtt=broker.url, parts=("ingest",))) as hub:
            runs = []
            passed = 0
            for messages, rate in ((2000, SLOW), (scale.pick(50_000, 200_000), 0), (scale.pick(5_000, 15_000), SLOW)):
                before, meter = hub.counters("ingest").get("batches", 0), Meter(hub.pids())
                with Load(broker.port, messages, rate=rate) as load:
                    load.finish()
                passed += messages
                hub.wait_passed(passed, 120)
                appended = hub.counters("ingest")["batches"] - before
                runs.append((messages, appended, meter.spent()["ingest"]))
                say(
                    f"{messages} messages at {rate or 'full speed'}: {runs[-1][2]:.2f} s ingest, {appended:.0f} batches"
                )
    finally:
        broker.wipe()
    (messages, batches, quick), (slow_messages, slow_batches, slow) = runs[1:]
    message, batch = np.linalg.solve([[messages, batches], [slow_messages, slow_batches]], [quick, slow]) * 1e6
    return _row("ingest", f"{message:.1f} us a message of {fleet.VALUES} values, {batch:.0f} us a batch")


def _rules(plain: Run, full: Run, small: Run) -> Result:
    batch, value = _per_batch_and_value(
        (full.batches, full.values, full.rules), (small.batches, small.values, small.rules)
    )
    rule = (full.rules - plain.rules) / full.values / RULES_PER_STREAM
    bare = value - rule * RULES_PER_STREAM
    return _row(
        "rules", f"{batch * 1e6:.0f} us a batch, {bare * 1e9:.0f} ns a value, {rule * 1e9:.0f} ns a rule on a value"
    )


def _series(full: Run, small: Run) -> Result:
    batch, value = _per_batch_and_value(
        (full.batches, full.values, full.series), (small.batches, small.values, small.series)
    )
    return _row("series", f"{batch * 1e6:.0f} us a batch, {value * 1e9:.0f} ns a value")


def _per_batch_and_value(full: tuple[int, int, float], small: tuple[int, int, float]) -> tuple[float, float]:
    """CPU seconds of a batch and of a value that explain both runs."""
    batch, value = np.linalg.solve([full[:2], small[:2]], [full[2], small[2]])
    return float(batch), float(value)


def _row(part: str, measured: str) -> Result:
    return Result(figure=f"CPU costs of {part}", reach="-", measured=measured, verdict="")
