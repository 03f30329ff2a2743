"""The Faust worker on real engines: killed, given poison, restarted; what comes out is what the oracle says, once."""

import random
import signal

from hub.batch import Batch
from hub.bus import Message
from hub.catalogue import Catalogue, Change, DevicePut, RulePut
from hub.partition import partition_of
from hub.rule import Rule, Selector
from hub.topics import OBSERVATIONS, RULES_GROUP
from tests.processors.hubs import Hub, until
from tests.processors.oracle import Oracle
from tests.processors.worlds import T0, a_batch, a_device, some_rows

STATIONS = [f"env/water/w{number}" for number in range(1, 7)]


def a_stream(hub: Hub, seed: int, rows: int) -> tuple[list[Change], dict[int, list[Batch]]]:
    """A catalogue, and batches for each partition."""
    chance = random.Random(seed)
    changes: list[Change] = [
        RulePut(Rule("ph-high", 1, "level", property="ph", above={3: 6.0, 1: 8.0}, on_delay=60_000, deadband=0.2)),
        RulePut(Rule("do-low", 1, "level", property="do", below={2: 3.0}, off_delay=120_000)),
        RulePut(Rule("nh3-high", 1, "level", (Selector(),), property="nh3_n", above={4: 7.0})),
    ]
    changes += [DevicePut(a_device(chance, station.split("/")[2], lateness=0)) for station in STATIONS]
    batches: dict[int, list[Batch]] = {}
    for partition in range(hub.partitions):
        mine = [name for name in STATIONS if partition_of(name.encode(), hub.partitions) == partition]
        everything = sorted((row for name in mine for row in some_rows(chance, name, rows)), key=lambda row: row.time)
        batches[partition] = [
            a_batch(everything[at : at + 5], T0 + at * 1000, len(changes), at) for at in range(0, len(everything), 5)
        ]
    return changes, batches


def expected(changes: list[Change], batches: dict[int, list[Batch]]) -> dict[tuple[str, int], str]:
    """What the oracle says of each partition."""
    catalogue, found = Catalogue(), {}
    catalogue.apply_all(changes)
    for of in batches.values():
        oracle = Oracle()
        for batch in of:
            found.update({(said.id, said.n): said.condition.value for said in oracle.process(batch, catalogue)})
    return found


def got(hub: Hub) -> dict[tuple[str, int], str]:
    return {(said.id, said.n): said.condition.value for said in hub.alerts()}


def test_a_worker_killed_again_and_again_loses_and_doubles_nothing(either_hub: Hub) -> None:
    hub, chance = either_hub, random.Random(7)
    changes, batches = a_stream(hub, 11, 400)
    hub.change(changes)
    longest = max(map(len, batches.values()))
    part = hub.start("rules")
    for round_ in range(4):
        for partition, of in batches.items():
            hub.observe(of[round_ * longest // 4 : (round_ + 1) * longest // 4], partition)
        hub.kill_soon("rules", part, chance.uniform(0.3, 1.2))
        part = hub.start("rules")
    until(lambda: hub.behind(RULES_GROUP) == 0)
    assert got(hub) == expected(changes, batches)


def test_a_worker_told_to_leave_saves_and_commits_first(either_hub: Hub) -> None:
    hub = either_hub
    changes, batches = a_stream(hub, 12, 40)
    hub.change(changes)
    for partition, of in batches.items():
        hub.observe(of, partition)
    part = hub.start("rules")
    until(lambda: got(hub) == expected(changes, batches))
    part.send_signal(signal.SIGTERM)
    assert part.wait(20) == 0
    assert hub.behind(RULES_GROUP) == 0
    assert hub.health("rules") == {}


def test_poison_becomes_one_dead_letter_and_the_partition_moves_on(hub: Hub) -> None:
    changes, batches = a_stream(hub, 13, 20)
    hub.change(changes)
    half = len(batches[0]) // 2
    hub.observe(batches[0][:half])
    hub.bus.append([Message(OBSERVATIONS, b"x", b"\xffno batch", 0)])
    hub.observe(batches[0][half:])
    hub.start("rules")
    until(lambda: got(hub) == expected(changes, batches) and hub.behind(RULES_GROUP) == 0)
    (letter,) = hub.dead_letters()
    assert (letter.source, letter.reason, letter.payload) == ("rules", "corrupt_record", b"\xffno batch")
