"""What people do with incidents, and what they may not do yet."""

import pytest

from alerts.errors import Conflict, NoSuchAction, NoSuchIncident, NotAllowed
from hub.model import Condition
from storage.records import audit
from tests.alerts.builders import START, World, a_transition


@pytest.fixture
def incident(world: World) -> str:
    world.take(a_transition())
    return world.incidents()[0].id


def test_acknowledged_by_name_and_reason(world: World, incident: str) -> None:
    shown = world.act("acknowledge", incident, "wang", "going there")
    assert (shown.state, shown.acknowledged_by, shown.acknowledged) == ("acknowledged", "wang", world.clock.now())
    entry = world.detail(incident).log[-1]
    assert (entry.kind, entry.actor, entry.reason, entry.before["state"]) == (
        *("acknowledged", "wang", "going there"),
        "detected",
    )
    with world.records.read() as tx:
        assert [(row.actor, row.action) for row in audit.listing(tx, object_=shown.number)] == [
            ("wang", "incident.acknowledged")
        ]


def test_an_incident_is_found_by_its_number_too(world: World, incident: str) -> None:
    assert world.act("acknowledge", "zhenhai-20260101-1").id == incident


def test_a_double_click_does_it_once(world: World, incident: str) -> None:
    first = world.act("acknowledge", incident, version=1)
    assert world.act("acknowledge", incident, version=1) == first
    assert len(world.detail(incident).log) == 2


def test_of_two_officers_at_once_one_is_told_so(world: World, incident: str) -> None:
    world.act("acknowledge", incident, "wang", version=1)
    with pytest.raises(Conflict) as conflict:
        world.act("acknowledge", incident, "li", version=1)
    assert conflict.value.version == 2
    with pytest.raises(NotAllowed, match="acknowledged by wang"):
        world.act("acknowledge", incident, "li")


def test_closing_names_what_is_missing(world: World, incident: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        world.act("close", incident)
    assert refused.value.missing == ("it is not acknowledged", f"alert {a_transition().id} has not cleared")
    world.act("acknowledge", incident)
    world.take(a_transition(2, Condition.UNKNOWN))
    with pytest.raises(NotAllowed, match="has not cleared"):
        world.act("close", incident)
    world.take(a_transition(3, Condition.CLEARED))
    with pytest.raises(NotAllowed, match="a reason"):
        world.act("close", incident, reason="  ")
    assert world.act("close", incident, reason="valve shut").state == "closed"
    with pytest.raises(NotAllowed, match="is closed"):
        world.act("close", incident)


def test_reopening_begins_a_new_round(world: World, incident: str) -> None:
    world.take(a_transition(2, Condition.CLEARED))
    world.act("acknowledge", incident)
    world.act("close", incident)
    shown = world.act("reopen", incident, reason="smell again")
    assert (shown.state, shown.round, shown.acknowledged_by, shown.closed) == ("detected", 2, None, None)
    assert world.told_of("wang@example.org")[-2:] == ["incident.solved", "incident.reopened"]
    world.act("acknowledge", incident)
    assert world.told_of("wang@example.org")[-1] == "incident.acknowledged"
    with pytest.raises(NotAllowed, match="is open"):
        world.act("reopen", incident)


def test_reopening_gives_way_to_the_open_incident_of_the_target(world: World, incident: str) -> None:
    world.act("reject", incident, reason="calibration")
    world.take(a_transition(start=START + 3_600_000))
    with pytest.raises(NotAllowed, match="zhenhai-20260101-2 is open for the same target"):
        world.act("reopen", incident)


def test_rejecting_ends_it_with_a_verdict(world: World, incident: str) -> None:
    shown = world.act("reject", incident, reason="boat wash")
    assert (shown.state, shown.verdict, shown.reason, shown.closed_by) == ("rejected", "false", "boat wash", "wang")
    with pytest.raises(NotAllowed, match="is rejected"):
        world.act("acknowledge", incident)


def test_a_note_changes_nothing_else(world: World, incident: str) -> None:
    before = world.incidents()[0]
    after = world.act("note", incident, reason="called the plant")
    assert (after.state, after.version) == (before.state, before.version + 1)
    with pytest.raises(NotAllowed, match="a text"):
        world.act("note", incident, reason="")


def test_what_does_not_exist_says_so(world: World) -> None:
    with pytest.raises(NoSuchAction):
        world.act("explode", "whatever")
    with pytest.raises(NoSuchIncident):
        world.act("acknowledge", "whatever")
