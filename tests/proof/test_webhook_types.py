"""A program that hears of incidents by webhook hears every type that the interface promises, each as it happens."""

from pathlib import Path

from hub.model import Condition
from storage.records import open_records
from tests.alerts.builders import OPS, World, a_transition


def test_one_incident_tells_of_every_type(tmp_path: Path) -> None:
    records = open_records("sqlite:///hub.db", tmp_path)
    records.migrate()
    world = World(records, (OPS,))
    world.take(a_transition(level=3), a_transition(2, level=1))
    incident = world.incidents()[0].id
    world.act("acknowledge", incident)
    world.take(a_transition(3, Condition.CLEARED, level=1))
    world.act("close", incident)
    world.act("reopen", incident)
    told = world.told_of(OPS.addresses[0])
    records.close()
    assert list(dict.fromkeys(told)) == [
        *("incident.opened", "alert.fired", "incident.raised", "incident.acknowledged"),
        *("alert.cleared", "incident.solved", "incident.reopened"),
    ]
