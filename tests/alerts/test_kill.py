"""kill -9 at every step: nothing is lost, nothing is doubled that is not marked."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from hub.alert import Target, encode_transition
from hub.bus import Message
from hub.buses import open_bus
from hub.catalogue import Device
from hub.model import Condition
from hub.topics import ALERTS, CATALOGUE, topics
from storage.records import Records, open_records, register
from tests.alerts.builders import START, World, a_transition
from tests.alerts.vendors import Vendor

STEPS = [(step, number) for number in (1, 3) for step in ("before-commit", "after-commit", "before-send", "after-send")]


def run(data: Path, vendor: Vendor, step: str, number: int) -> int:
    command = [sys.executable, "-m", "tests.alerts.crashing", str(data), vendor.url, step, str(number)]
    return subprocess.run(command, check=False, timeout=90).returncode


def say(data: Path, turn: int) -> None:
    """One more episode and its end, with both transitions delivered twice; one more device."""
    target = Target("zhenhai", "water", f"s{turn}", "ph")
    both = [
        a_transition(1, target=target, start=START + turn),
        a_transition(2, Condition.CLEARED, target, START + turn),
    ]
    with open_bus("embedded://", data) as bus:
        bus.ensure_topics(topics(2))
        values = [encode_transition(each) for each in (*both, *both)]
        bus.append([Message(ALERTS, target.station().encode(), value) for value in values])


def keep(records: Records, turn: int) -> None:
    with records.begin() as tx:
        register.put_device(tx, Device(f"zhenhai/water/s{turn}"), actor="test", at=turn)


@pytest.mark.timeout(300)
def test_killed_at_every_step_it_tells_everybody_once(tmp_path: Path) -> None:
    vendor = Vendor()
    records = open_records("sqlite:///hub.db", tmp_path)
    records.migrate()
    for turn, (step, number) in enumerate(STEPS):
        say(tmp_path, turn)
        keep(records, turn)
        assert run(tmp_path, vendor, step, number) == -9, (step, number)
    assert run(tmp_path, vendor, "never", 0) == 0
    vendor.close()

    world = World(records)
    shown = world.incidents()
    assert len(shown) == len(STEPS)
    deliveries = {each.id: each for incident in shown for each in world.detail(incident.id).deliveries}
    assert {each.state for each in deliveries.values()} == {"delivered"}
    expected = {"incident.opened", "alert.fired", "alert.cleared"}
    for incident in shown:
        came = {call.event["type"] for call in vendor.calls if call.event["subject"] == incident.number}
        assert came == expected
    calls = Counter(call.headers["webhook-id"] for call in vendor.calls)
    assert len(calls) == len(deliveries) == len(STEPS) * len(expected)
    marked = {key_of(vendor, each.type, each.id, world) for each in deliveries.values() if each.maybe_duplicate}
    doubled = {key for key, count in calls.items() if count > 1}
    assert doubled  # what was killed between the call and its commit
    assert doubled <= marked
    with open_bus("embedded://", tmp_path) as bus:
        catalogue = [record.key for record in bus.consumer(None, [CATALOGUE]).poll(1.0)]
    assert catalogue == [f"device zhenhai/water/s{turn}".encode() for turn in range(len(STEPS))]
    records.close()


def key_of(vendor: Vendor, type_: str, notice: int, world: World) -> str:
    """The key of a notice, as the receiver saw it."""
    [number] = [
        each.number for each in world.incidents() if any(d.id == notice for d in world.detail(each.id).deliveries)
    ]
    [key] = {
        call.headers["webhook-id"]
        for call in vendor.calls
        if (call.event["type"], call.event["subject"]) == (type_, number)
    }
    return key
