"""One run: a hub, a load, faults in seeded order, calm, and the verdict."""

import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hub.bus import Bus
from hub.topics import ALERTS, ALERTS_GROUP, OBSERVATIONS, RULES_GROUP, SERIES_GROUP
from tests.chaos.district import District
from tests.chaos.faults import Fault, World
from tests.chaos.hub import Hub
from tests.chaos.receiver import Receiver
from tests.chaos.size import Size
from tests.chaos.truth import Truth
from tests.chaos.verdict import Verdict, judge
from tests.engines import wait_until

FIGURES: Final[list[str]] = []
"""One line of JSON for each run of this session."""

_WARM: Final = 200
"""Messages that are acknowledged before the first fault: the hub is at work then."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done in a run: faults, a random time between them (seconds, least and most), how long settling may take."""

    district: District
    faults: Sequence[Fault]
    seed: int
    between: tuple[float, float]
    settle_within: float = 120.0


@contextmanager
def a_world(folder: Path, size: Size, plan: Plan, data: Path | None = None) -> Iterator[World]:
    """A hub that is well, with its receiver."""
    chance = random.Random(plan.seed)
    receiver = Receiver(random.Random(chance.random()))
    hub = Hub(folder, size, plan.district, receiver, data)
    try:
        hub.wait_ready()
        yield World(hub, receiver, chance)
    finally:
        hub.end()
        receiver.end()


def run(world: World, plan: Plan) -> Verdict:
    """Load, faults, calm, verdict; the figures are told at the end of the test run."""
    begun = time.monotonic()
    load = world.hub.load(plan.seed)
    try:
        wait_until(lambda: load.acknowledged() > _WARM or not load.alive, 60, "the load runs")
        for fault in plan.faults:
            fault(world)
            world.last(*plan.between)
        world.hub.wait_ready()
        load.end()
    finally:
        load.kill()
    loaded = time.monotonic()
    world.truth = Truth.read(load.truth)
    late = settle(world.hub, world.truth, plan.settle_within)
    verdict = judge(world.hub, world.receiver, world.truth)
    verdict.figures |= {"load_seconds": round(loaded - begun), "settled_in_seconds": round(time.monotonic() - loaded)}
    verdict.find("things not settled in time", late)
    FIGURES.append(_figures(world, verdict))
    return verdict


def settle(hub: Hub, truth: Truth, within: float) -> list[str]:
    """Wait until everything has come to rest, looking twice a second; what has not within so many seconds."""
    deadline, late = time.monotonic() + within, []
    with hub.bus() as bus:
        for done, what in _steps(hub, bus, len(truth.points())):
            while not done():
                if time.monotonic() > deadline:
                    late.append(f"not within {within:g} s: {what}")
                    break
                threading.Event().wait(0.5)
    return late


def _steps(hub: Hub, bus: Bus, wanted: int) -> Iterator[tuple[Callable[[], bool], str]]:
    """What has to come to rest, in the order of the way: each is asked for when the one before it has ended."""
    yield lambda: hub.stored() >= wanted, f"the store holds the {wanted} values acknowledged"
    for group, topic in ((RULES_GROUP, OBSERVATIONS), (SERIES_GROUP, OBSERVATIONS), (ALERTS_GROUP, ALERTS)):
        yield _reaches(bus, group, topic, bus.ends(topic)), f"{group} has taken all of {topic}"
    yield lambda: not _unsent(hub), "no notice waits"


def _reaches(bus: Bus, group: str, topic: str, ends: dict[int, int]) -> Callable[[], bool]:
    """Whether the group has committed up to these ends; the topic itself grows by a tick each second."""

    def reached() -> bool:
        now, lag = bus.ends(topic), bus.lag(group, topic)
        return all(now[place] - lag.get(place, now[place]) >= end for place, end in ends.items())

    return reached


def _unsent(hub: Hub) -> int:
    with hub.records() as records, records.read() as tx:
        query = "SELECT count(*) FROM notification WHERE state IN ('queued', 'sending', 'waiting')"
        return int(tx.exec_driver_sql(query).scalar_one())


def _figures(world: World, verdict: Verdict) -> str:
    told = {"size": world.hub.size.name, "done": ", ".join(world.done), **verdict.figures}
    return json.dumps(told, ensure_ascii=False)
