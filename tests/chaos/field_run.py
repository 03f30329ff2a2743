"""Faults for the part `field` under load, and the count of what its devices were promised."""

import json
import math
import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hub.alert import decode_transition
from hub.batch import decode_batch
from hub.event import decode_event
from hub.topics import ALERTS, EVENTS, OBSERVATIONS
from tests.chaos.field_devices import RINGING, Devices, Flood, Key
from tests.chaos.field_parts import FieldParts
from tests.chaos.run import FIGURES
from tests.chaos.verdict import Verdict
from tests.engines import wait_until

PATIENCE: Final = 60.0
GARBAGE: Final = {
    "hj212": b"##9999" + b"##0100QN=" * 7000,
    "jt808": b"\x7e" + b"\x02\x00\x7e\x7d" * 16_000,
    "sl651": b"\x7e\x7e\x01\x00\x12" * 13_000,
}
"""Almost frames: the dearest thing to look into."""

_CODES: Final = "w0"
"""How factors begin that have no name here: the hub converts their values."""

Point = tuple[str, str, int]


@dataclass
class FieldWorld:
    """What faults act on; `done` tells what was done, `mark` what the devices' clocks showed when the last kill was over."""

    parts: FieldParts
    devices: Devices
    chance: random.Random
    done: list[str] = field(default_factory=list)
    mark: dict[str, int] = field(default_factory=dict)

    def last(self, least: float, most: float) -> None:
        """Let a random time pass: the moment of a fault, not a wait for anything."""
        threading.Event().wait(self.chance.uniform(least, most))

    def answers_go_on(self) -> None:
        """Every device has a record answered that it makes from now on."""
        marks = self.devices.marks()
        wait_until(lambda: self.devices.answered_since(marks), PATIENCE, "every device is answered")


FieldFault = Callable[[FieldWorld], None]


def kill_field(times: int, between: tuple[float, float]) -> FieldFault:
    """Kill -9 the part again and again: some time after it could be called again."""

    def strike(world: FieldWorld) -> None:
        for _ in range(times):
            world.parts.kill("field")
            world.parts.wait_ready()
            world.last(*between)
        world.mark = world.devices.marks()
        world.done.append(f"field killed {times} times")

    return strike


def bus_away(seconds: float) -> FieldFault:
    """Somebody else holds the log's file: nothing can be appended, and nothing may be answered."""

    def strike(world: FieldWorld) -> None:
        with closing(sqlite3.connect(world.parts.log_of(OBSERVATIONS), timeout=PATIENCE, isolation_level=None)) as link:
            link.execute("BEGIN IMMEDIATE")
            # What was answered just before is told within a second or so.
            world.last(2.5, 2.5)
            before = len(world.devices.told.answered)
            world.last(seconds, seconds)
            assert len(world.devices.told.answered) == before, "a record was answered that is on no disk"
            link.execute("ROLLBACK")
        world.done.append(f"bus away for {seconds + 2.5:g} s")

    return strike


def flooded(world: FieldWorld) -> None:
    """Each listener is flooded with what is almost a frame; everybody else is answered meanwhile (stations speak too seldom to wait for)."""
    floods = [Flood(place, GARBAGE[name]) for name, place in world.parts.places.items()]
    try:
        wait_until(lambda: all(flood.sent > len(GARBAGE["hj212"]) for flood in floods), PATIENCE, "the flood comes")
        marks = {name: mark for name, mark in world.devices.marks().items() if "/water/" not in name}
        wait_until(lambda: world.devices.answered_since(marks), PATIENCE, "every device is answered all the same")
    finally:
        for flood in floods:
            flood.end()
    world.done.append(f"flooded with {sum(flood.sent for flood in floods) >> 10} KB")


@contextmanager
def a_field_world(folder: Path, seed: int) -> Iterator[FieldWorld]:
    """Parts that are well, with their devices, which do not call yet."""
    devices = Devices()
    parts = FieldParts(folder, devices.register)
    try:
        parts.wait_ready()
        yield FieldWorld(parts, devices, random.Random(seed))
    finally:
        devices.close()
        parts.end()


def run_field(world: FieldWorld, faults: Sequence[FieldFault]) -> Verdict:
    """Load, faults, calm, verdict; the figures are told at the end of the test run."""
    begun = time.monotonic()
    world.devices.start(world.parts.places)
    first = dict.fromkeys(world.devices.marks(), 0)
    wait_until(lambda: world.devices.answered_since(first), PATIENCE, "every device is answered")
    for fault in faults:
        fault(world)
    world.answers_go_on()
    world.devices.close()
    verdict = _judge(world)
    verdict.figures["seconds"] = round(time.monotonic() - begun)
    told = {"size": "field protocols", "done": ", ".join(world.done), **verdict.figures}
    FIGURES.append(json.dumps(told, ensure_ascii=False))
    return verdict


def _judge(world: FieldWorld) -> Verdict:
    verdict, told = Verdict(), world.devices.told
    wait_until(lambda: not _missing(world), PATIENCE, f"everything answered is stored; not: {_missing(world)[:5]}")
    stored = Counter({point: len(values) for point, values in _points(world).items()})
    verdict.figures |= {"records answered": len(told.answered), "values stored": stored.total()}
    verdict.find("values doubled", (f"{point}: {count} times" for point, count in stored.items() if count > 1))
    given_up = world.devices.given_up()
    never = {key for key in told.unanswered - given_up if key[1] < world.mark.get(key[0], 0)}
    verdict.figures |= {"given up by their stations": len(given_up), "still on their way": len(told.unanswered)}
    verdict.find("records that never came again", map(str, sorted(never)))
    sent = told.answered.keys() | told.unanswered | given_up
    strange = {(station, time_) for station, name, time_ in stored if "/water/" not in station} - sent
    verdict.find("records that nobody sent", map(str, sorted(strange)))
    verdict.figures["rows on the bus again"] = _again(world)
    _judge_alerts(verdict, world)
    return verdict


def _missing(world: FieldWorld) -> list[str]:
    """Values that were answered and are not in the store, or differ there."""
    stored, missing = _points(world), []
    for (station, time_), truths in dict(world.devices.told.answered).items():
        for name in truths[0]:
            meant = [value for truth in truths if isinstance(value := truth[name], float)]
            kept = stored.get((station, name, time_), [])
            same = any(math.isclose(one, other, abs_tol=1e-6) for one in meant for other in kept)
            if meant and not same and not name.startswith(_CODES):
                missing.append(f"{station} {name} at {time_}: {meant} answered, {kept} in the store")
    return missing


def _points(world: FieldWorld) -> dict[Point, list[float]]:
    found: dict[Point, list[float]] = {}
    for points in world.parts.stored():
        place = points.series.station, points.series.property
        for time_, value in zip(points.time.tolist(), points.value.tolist(), strict=True):
            found.setdefault((*place, time_), []).append(value)
    return found


def _again(world: FieldWorld) -> int:
    rows: Counter[tuple[Key, tuple[str, ...]]] = Counter()
    for record in world.parts.read(OBSERVATIONS):
        batch = decode_batch(record.value or b"")
        for block in batch.blocks:
            keys = zip(block.station.tolist(), block.time.tolist(), strict=True)
            rows.update(((batch.stations[number], time_), tuple(block.properties)) for number, time_ in keys)
    return rows.total() - len(rows)


def _judge_alerts(verdict: Verdict, world: FieldWorld) -> None:
    said = [decode_transition(record.value or b"") for record in world.parts.read(ALERTS)]
    steps = Counter((each.id, each.n) for each in said)
    alerts = Counter((each.target.station(), each.rule.removeprefix("event:")) for each in said if each.n == 1)
    findings = [decode_event(record.value or b"") for record in world.parts.read(EVENTS)]
    verdict.figures |= {"findings": sum(each.kind == "finding" for each in findings), "alerts": alerts.total()}
    verdict.find("alerts said twice", (f"{key}: {count}" for key, count in steps.items() if count > 1))
    verdict.find("alerts that rang again", (f"{key}: {count}" for key, count in alerts.items() if count > 1))
    verdict.find("alarms without an alert", map(str, sorted(RINGING - alerts.keys())))
