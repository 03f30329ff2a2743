"""One run: a hub, a load, faults in seeded order, calm, and the verdict."""

import json
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

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
    """Wait until everything has come to rest; what has not within so many seconds."""
    deadline, late, wanted = time.monotonic() + within, [], len(truth.points())
    steps = (
        (lambda: hub.stored() >= wanted, f"the store holds the {wanted} values acknowledged"),
        (lambda: not _behind(hub, RULES_GROUP, OBSERVATIONS), "the rules have read everything"),
        (lambda: not _behind(hub, SERIES_GROUP, OBSERVATIONS), "the series part has committed everything"),
        (lambda: not _behind(hub, ALERTS_GROUP, ALERTS), "the alerts' consumer has taken everything"),
        (lambda: not _unsent(hub), "no notice waits"),
    )
    for done, what in steps:
        try:
            wait_until(done, max(1.0, deadline - time.monotonic()), what)
        except AssertionError as error:
            late.append(str(error))
    return late


def _behind(hub: Hub, group: str, topic: str) -> int:
    """How far the group is behind the topic's end as it is now; ticks come each second, so a short lag is caught up in a moment."""
    with hub.bus() as bus:
        ends = bus.ends(topic)

        def left() -> int:
            now, lag = bus.ends(topic), bus.lag(group, topic)
            return sum(max(0, end - (now[place] - lag.get(place, now[place]))) for place, end in ends.items())

        wait_until(lambda: not left(), 20, f"{group} reaches {ends}")
        return left()


def _unsent(hub: Hub) -> int:
    with hub.records() as records, records.read() as tx:
        query = "SELECT count(*) FROM notification WHERE state IN ('queued', 'sending', 'waiting')"
        return int(tx.exec_driver_sql(query).scalar_one())


def _figures(world: World, verdict: Verdict) -> str:
    told = {"size": world.hub.size.name, "done": ", ".join(world.done), **verdict.figures}
    return json.dumps(told, ensure_ascii=False)
