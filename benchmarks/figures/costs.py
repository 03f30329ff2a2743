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


DISTRICT: Final = (1400, 11_000)
"""Messages and values a second of 2 000 stations each 5 s, 1 000 vehicles each second, 200 cameras each 2 s."""

PROVINCE: Final = 100
"""Districts in a province."""

FLUSHES: Final = 20
"""Most batches a second of a partition that is not full: one each 50 ms."""


class Costs(NamedTuple):
    """CPU seconds of a part for a message, a batch, a value, and a rule on a value."""

    message: float = 0.0
    batch: float = 0.0
    value: float = 0.0
    rule: float = 0.0

    def cores(self, messages: float, values: float, batches: float) -> float:
        """How many cores the part needs for so many a second, with four rules on each datastream."""
        return messages * self.message + batches * self.batch + values * (self.value + RULES_PER_STREAM * self.rule)


class Run(NamedTuple):
    """CPU seconds of the rules and of the series for so many batches and values."""

    batches: int
    values: int
    rules: float
    series: float


def run(scale: Scale, say: Say) -> list[Result]:
    """One row for each part and one for each plan; there is nothing to reach."""
    batches = scale.pick(500, 3000)
    plain = _fed((), [(batches, ROWS)], say)[0]
    full, small = _fed(fleet.four_rules(), [(batches, ROWS), (batches, SMALL)], say)
    costs = {"ingest": _ingest(scale, say), "rules": _rules(plain, full, small), "series": _series(full, small)}
    return [*(_row(part, cost) for part, cost in costs.items()), *_plans(costs)]


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


def _ingest(scale: Scale, say: Say) -> Costs:
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
    message, batch = np.linalg.solve([[messages, batches], [slow_messages, slow_batches]], [quick, slow])
    return Costs(message=float(message), batch=float(batch))


def _rules(plain: Run, full: Run, small: Run) -> Costs:
    batch, value = _solved((full.batches, full.values, full.rules), (small.batches, small.values, small.rules))
    rule = (full.rules - plain.rules) / full.values / RULES_PER_STREAM
    return Costs(batch=batch, value=value - rule * RULES_PER_STREAM, rule=rule)


def _series(full: Run, small: Run) -> Costs:
    batch, value = _solved((full.batches, full.values, full.series), (small.batches, small.values, small.series))
    return Costs(batch=batch, value=value)


def _solved(full: tuple[int, int, float], small: tuple[int, int, float]) -> tuple[float, float]:
    """CPU seconds of a batch and of a value that explain both runs."""
    batch, value = np.linalg.solve([full[:2], small[:2]], [full[2], small[2]])
    return float(batch), float(value)


def _row(part: str, cost: Costs) -> Result:
    words = [
        f"{cost.message * 1e6:.1f} us a message of {fleet.VALUES} values" if cost.message else "",
        f"{cost.batch * 1e6:.0f} us a batch",
        f"{cost.value * 1e9:.0f} ns a value" if cost.value else "",
        f"{cost.rule * 1e9:.0f} ns a rule on a value" if cost.rule else "",
    ]
    return Result(figure=f"CPU cost of {part}", reach="-", measured=", ".join(filter(None, words)), verdict="")


def _plans(costs: dict[str, Costs]) -> list[Result]:
    messages, values = DISTRICT
    plans = {
        "a district on one machine, 20 batches a second": (messages, values, FLUSHES),
        f"{PROVINCE} districts, full batches": (messages * PROVINCE, values * PROVINCE, messages * PROVINCE / ROWS),
    }
    found = []
    for name, plan in plans.items():
        cores = {part: cost.cores(*plan) for part, cost in costs.items()}
        each = ", ".join(f"{part} {share:.2f}" for part, share in cores.items())
        note = f"{plan[0]} messages/s, {plan[1]} values/s, 4 rules a datastream: a product of the costs above, not a measurement"
        text = f"{sum(cores.values()):.2f} cores ({each})"
        found.append(Result(figure=f"reckoned: {name}", reach="-", measured=text, verdict="", notes=(note,)))
    return found
