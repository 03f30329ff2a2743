"""kill -9 in the middle of a storm: no alert and no notice is lost, none is doubled that is not marked, the desk stays short."""

import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.alert import AlertTransition, Target, encode_transition
from hub.bus import Message
from hub.buses import open_bus
from hub.model import Condition
from hub.topics import ALERTS, topics
from storage.records import Records, incidents, open_records
from storage.records.tables import notification
from tests.alerts.builders import START, World, a_transition
from tests.alerts.vendors import Vendor

STEPS = ("before-commit", "after-commit", "before-send", "after-send")


def storm(count: int, seconds: int = 60) -> list[AlertTransition]:
    """So many stations within a minute; every third is over soon."""
    made = []
    for number in range(count):
        target, start = Target("zhenhai", "water", f"s{number}", "ph"), START + number * seconds * 1000 // count
        made.append(a_transition(1, target=target, start=start, level=2 + number % 3))
        if number % 3 == 0:
            made.append(a_transition(2, Condition.CLEARED, target, start, level=2 + number % 3))
    return made


def say(data: Path, said: list[AlertTransition]) -> None:
    with open_bus("embedded://", data) as bus:
        bus.ensure_topics(topics(2))
        bus.append([Message(ALERTS, each.target.station().encode(), encode_transition(each)) for each in said])


def run(data: Path, vendor: Vendor, step: str, number: int) -> int:
    command = [sys.executable, "-m", "tests.alerts.crashing", str(data), vendor.url, step, str(number)]
    return subprocess.run(command, check=False, timeout=900).returncode


def killed(folder: Path, count: int, kills: int, seed: int) -> tuple[Records, Vendor, int]:
    """The records and the vendor after a storm of `count` alerts with so many kills in it; how many came about."""
    vendor, chance, died = Vendor(), random.Random(seed), 0
    records = open_records("sqlite:///hub.db", folder)
    records.migrate()
    said = storm(count)
    for turn in range(kills):
        say(folder, said[turn * len(said) // kills : (turn + 1) * len(said) // kills])
        died += run(folder, vendor, chance.choice(STEPS), chance.randrange(1, 8)) == -9
    assert run(folder, vendor, "never", 0) == 0
    vendor.close()
    return records, vendor, died


def judge(records: Records, vendor: Vendor, count: int) -> None:
    """0 lost, 0 doubled but what is marked, few rows, whole logs."""
    world = World(records)
    rows = world.incidents(open=True)
    assert len(rows) <= 10
    assert sum(each.count for each in rows) == count
    with records.read() as tx:
        for each in rows:
            assert incidents.first_bad(tx, each.id) is None
            assert incidents.replayed(tx, each.id) == incidents.get(tx, each.id)
        written = {row.key: row for row in tx.execute(select(notification))}
    assert {row.state for row in written.values()} == {"delivered"}
    calls = Counter(call.headers["webhook-id"] for call in vendor.calls)
    assert set(calls) == set(written)
    assert {key for key, times in calls.items() if times > 1} <= {
        key for key, row in written.items() if row.maybe_duplicate
    }
    types = Counter(row.type for row in written.values())
    assert types["alert.fired"] == count
    assert types["alert.cleared"] == len(range(0, count, 3))
    assert types["incident.opened"] == len(rows)


@pytest.mark.timeout(300)
def test_killed_in_a_storm_it_loses_and_doubles_nothing(tmp_path: Path) -> None:
    records, vendor, died = killed(tmp_path, 60, 2, seed=7)
    assert died
    judge(records, vendor, 60)
    records.close()


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_killed_fifty_times_in_a_storm_of_a_thousand(tmp_path: Path) -> None:
    records, vendor, died = killed(tmp_path, 1000, 50, seed=50)
    assert died >= 45
    judge(records, vendor, 1000)
    records.close()
