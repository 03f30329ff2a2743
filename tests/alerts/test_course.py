"""One incident from the first alert to its end, by people, alerts and time."""

from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection

from alerts.clocks import BUDGETS
from alerts.contracts import Contract, Item
from alerts.errors import NotAllowed
from alerts.escalation import Step
from alerts.practice import Practice
from hub.alert import Target
from hub.catalogue import Device
from hub.evidence import Evidence
from hub.model import Condition
from storage.records import attached, incidents, register
from storage.records.notices import Recipient
from storage.records.rows import IncidentRow
from tests.alerts.builders import S1, START, World, a_transition

CLEARED = Condition.CLEARED
WANG = "wang@example.org"
HERE, THERE = (121.600, 29.950), (121.650, 29.950)
PROOF = Contract((Item("alerts_cleared"), Item("after_photo"), Item("text")), watch_minutes=30, reopen_minutes=120)
AFTER = Evidence("a" * 64, "photo", "image/jpeg", 1000, START + 3_650_000, role="after")


@pytest.fixture
def world(sqlite_world: World) -> World:
    sqlite_world.keep(Practice(contracts={"default": PROOF}))
    with sqlite_world.records.begin() as tx:
        device = Device(S1.station(), lon=HERE[0], lat=HERE[1])
        register.put_device(tx, device, actor="test", at=1)
    return sqlite_world


@pytest.fixture
def incident(world: World) -> str:
    world.take(a_transition())
    return world.incidents()[0].id


def state(world: World, incident: str) -> tuple[str, int]:
    shown = world.detail(incident).incident
    return shown.state, shown.round


def at_work(world: World, incident: str) -> None:
    """Up to the delivery."""
    world.act("assign", incident, person="li")
    world.act("check-in", incident, "li", "", lon=HERE[0], lat=HERE[1], accuracy_m=20)
    world.attach(incident, AFTER, HERE)
    world.take(a_transition(2, CLEARED))


def test_from_the_first_alert_to_the_proof(world: World, incident: str) -> None:
    assert state(world, incident) == ("detected", 1)
    assert world.act("verify", incident).state == "verified"
    assert world.act("acknowledge", incident).state == "acknowledged"
    shown = world.act("assign", incident, person="li")
    assert (shown.state, shown.owner, shown.owner_kind) == ("dispatched", "li", "person")
    assert shown.arrive_by == world.clock.now() + BUDGETS[2].arrive_s * 1000
    assert world.act("check-in", incident, "li", "", lon=HERE[0], lat=HERE[1]).state == "on_site"
    with pytest.raises(NotAllowed) as refused:
        world.act("deliver", incident, "li", "")
    assert refused.value.missing == ("a photo after the work, taken within 300 m", "a text that says what was done")
    world.attach(incident, AFTER, HERE)
    done = world.act("deliver", incident, "li", "", text="pump off", cause_code="pump", evidence=(AFTER.sha256,))
    assert (done.state, done.resolution, done.cause_code) == ("verifying", "pump off", "pump")
    world.take(a_transition(2, CLEARED))
    assert state(world, incident) == ("verifying", 1)
    world.passes(30 * 60)
    shown = world.detail(incident).incident
    assert (shown.state, shown.verdict, shown.overridden, shown.closed) == ("solved", "true", False, None)
    assert world.act("close", incident, reason="report written").state == "closed"
    assert world.told_of(WANG) == ["incident.opened", "incident.acknowledged", "alert.cleared", "incident.solved"]
    kinds = [entry.kind for entry in world.detail(incident).log]
    assert kinds == [
        *("opened", "verified", "acknowledged", "dispatched", "on_site", "evidence", "delivered", "cleared"),
        *("solved", "closed"),
    ]


def test_solved_is_refused_while_the_contract_is_not_met(world: World, incident: str) -> None:
    world.act("acknowledge", incident)
    with pytest.raises(NotAllowed) as refused:
        world.act("close", incident, reason="done, I say")
    assert refused.value.missing == (
        f"alert {a_transition().id} has not cleared",
        "a photo after the work, taken within 300 m",
    )


def test_only_a_leader_overrides_and_it_shows(world: World, incident: str) -> None:
    with pytest.raises(NotAllowed, match="a leader"):
        world.act("close", incident, reason="enough", override=True)
    shown = world.act("close", incident, "chief", "enough", override=True, leads=True)
    assert (shown.state, shown.overridden) == ("closed", True)
    entry = world.detail(incident).log[-1]
    assert (entry.after["override"], len(entry.after["missing"])) == (True, 2)


def test_an_override_that_was_not_needed_is_none(world: World, incident: str) -> None:
    at_work(world, incident)
    shown = world.act("close", incident, "chief", "done", override=True, leads=True, text="pump off")
    assert (shown.state, shown.overridden) == ("closed", False)


def test_what_comes_back_in_the_watch_window_is_their_work_again(world: World, incident: str) -> None:
    at_work(world, incident)
    world.act("deliver", incident, "li", "", text="pump off")
    world.passes(20 * 60)
    world.take(a_transition(start=START + 3_600_000))
    shown = world.detail(incident).incident
    assert (shown.state, shown.round, shown.owner, shown.delivered) == ("on_site", 2, "li", None)
    assert world.told_of(WANG)[-1] == "incident.reopened"
    with pytest.raises(NotAllowed, match="in this round"):
        world.act("deliver", incident, "li", "", text="again")
    world.passes(60 * 60)
    assert state(world, incident) == ("on_site", 2)


def test_what_comes_back_after_it_was_solved_opens_it_again(world: World, incident: str) -> None:
    at_work(world, incident)
    world.act("deliver", incident, "li", "", text="pump off")
    world.passes(31 * 60)
    assert state(world, incident) == ("solved", 1)
    world.take(a_transition(start=START + 3_600_000))
    shown = world.detail(incident).incident
    assert (shown.state, shown.round, shown.owner, shown.solved) == ("verified", 2, None, None)
    assert world.told_of(WANG)[-1] == "incident.reopened"


def test_what_comes_back_after_the_reopen_window_is_new(world: World, incident: str) -> None:
    at_work(world, incident)
    world.act("deliver", incident, "li", "", text="pump off")
    world.passes(31 * 60)
    world.take(a_transition(start=START + 24 * 3_600_000))
    assert state(world, incident) == ("solved", 1)
    assert len(world.incidents()) == 2


def test_a_contract_that_lacks_something_is_looked_at_again(world: World) -> None:
    slow = Contract((Item("clear_for", 60),), watch_minutes=10)
    world.keep(Practice(contracts={"default": slow}))
    world.take(a_transition(level=2))
    [incident] = [each.id for each in world.incidents()]
    world.act("assign", incident, person="li")
    world.act("check-in", incident, "li", "no signal there")
    world.act("deliver", incident, "li", "")
    late = world.clock.now()
    world.take(msgspec.structs.replace(a_transition(2, CLEARED), at=late, cleared=late, received=late))
    world.passes(59 * 60)
    assert state(world, incident) == ("verifying", 1)
    world.passes(2 * 60)
    assert state(world, incident) == ("solved", 1)


def test_checking_in_takes_the_place_or_a_reason(world: World, incident: str) -> None:
    world.act("assign", incident, unit="cleaning")
    with pytest.raises(NotAllowed, match=r"within 300 m of the place \(it is 48\d\d m away\), or a reason"):
        world.act("check-in", incident, "li", "", lon=THERE[0], lat=THERE[1])
    shown = world.act("check-in", incident, "li", "the bridge is shut", lon=THERE[0], lat=THERE[1])
    assert (shown.state, shown.owner) == ("on_site", "cleaning")
    assert world.detail(incident).log[-1].after["by_hand"] is True


def test_declining_gives_it_back(world: World, incident: str) -> None:
    world.act("assign", incident, person="li")
    with pytest.raises(NotAllowed, match="a reason"):
        world.act("decline", incident, "li", "")
    shown = world.act("decline", incident, "li", "boat is broken")
    assert (shown.state, shown.owner, shown.arrive_by) == ("acknowledged", None, None)


def test_an_acknowledgement_lapses_unless_it_is_confirmed(world: World, incident: str) -> None:
    world.act("acknowledge", incident)
    holds = BUDGETS[2].ack_ttl_s
    world.passes(holds / 2)
    assert world.told_of(WANG)[-1] == "incident.reminder"
    world.act("acknowledge", incident)
    assert world.detail(incident).log[-1].kind == "confirmed"
    world.passes(holds - 1)
    assert state(world, incident) == ("acknowledged", 1)
    world.passes(2)
    shown = world.detail(incident).incident
    assert (shown.state, shown.acknowledged_by) == ("verified", None)


class Chain:
    """Three people, one after the other, five minutes apart."""

    def plan_for(self, tx: Connection, incident: IncidentRow) -> dict[str, Any]:
        """Their names."""
        del tx, incident
        return {"steps": ["a", "b", "c"]}

    def step(self, tx: Connection, incident: IncidentRow, step: int, at: int) -> Step:
        """The next of them."""
        del tx
        assert incident.plan == '{"steps":["a","b","c"]}'
        if step > 2:
            return Step()
        to = Recipient("duty", "email", f"{'abc'[step]}@example.org", "abc"[step])
        return Step((to,), at + 300_000, (("z", "is on leave"),))


def test_nobody_answers_and_the_plan_goes_on_where_it_stood(world: World) -> None:
    world.keep(Practice(), Chain())
    world.take(a_transition())
    [incident] = [each.id for each in world.incidents()]
    assert world.detail(incident).log[0].after["left_out"]["incident.opened"] == {"z": "is on leave"}
    world.passes(301)
    world.act("acknowledge", incident, "b")
    world.passes(BUDGETS[2].ack_ttl_s)
    assert [to for to, type_ in world.told() if type_ == "incident.escalated"] == ["b@example.org", "c@example.org"]
    world.act("assign", incident, "c", person="li")
    world.passes(24 * 3600)
    assert [type_ for _, type_ in world.told()].count("incident.escalated") == 2


def test_a_clock_that_ran_out_is_written_down_once(world: World, incident: str) -> None:
    world.passes(24 * 3600)
    late = [entry.after["clock"] for entry in world.detail(incident).log if entry.kind == "late"]
    assert late == ["verify", "ack", "solve"]
    clocks = {each.name: each for each in world.detail(incident).clocks}
    assert clocks["ack"].missed
    assert clocks["ack"].remaining_s == BUDGETS[2].ack_s - 24 * 3600


def test_nobody_looked_and_all_is_well_again(world: World, incident: str) -> None:
    world.take(a_transition(2, CLEARED))
    assert state(world, incident) == ("detected", 1)
    world.passes(599)
    assert state(world, incident) == ("detected", 1)
    world.passes(2)
    assert state(world, incident) == ("self_cleared", 1)
    assert world.told_of(WANG)[-1] == "incident.solved"


def test_what_comes_back_before_that_keeps_it_open(world: World, incident: str) -> None:
    world.take(a_transition(2, CLEARED))
    world.passes(500)
    world.take(a_transition(start=START + 1_000_000))
    world.passes(500)
    assert state(world, incident) == ("detected", 1)


def test_level_1_needs_no_officer_and_neither_do_three_stations(world: World) -> None:
    world.take(a_transition(level=1))
    assert [each.state for each in world.incidents()] == ["verified"]
    with world.records.begin() as tx:
        for name in ("p", "q", "r"):
            register.put_device(tx, Device(f"zhenhai/water/{name}", section="north-canal"), actor="test", at=1)
    for name in ("p", "q"):
        world.take(a_transition(target=Target("zhenhai", "water", name, "ph"), level=3))
    assert [each.state for each in world.incidents(area="north-canal")] == ["detected"]
    world.take(a_transition(target=Target("zhenhai", "water", "r", "ph"), level=3))
    [section] = world.incidents(area="north-canal")
    assert (section.state, section.count) == ("verified", 3)


def test_merging_keeps_both_numbers_and_the_earlier_clock(world: World, incident: str) -> None:
    world.attach(incident, AFTER)
    world.clock.advance(60_000)
    world.take(a_transition(target=Target("zhenhai", "water", "s9", "ph"), level=1))
    other = next(each for each in world.incidents() if each.id != incident)
    first, second = world.detail(incident).incident, world.detail(other.id).incident
    shown = world.act("merge", incident, reason="same pipe", into=other.number)
    assert (shown.state, shown.root, shown.verdict) == ("merged", other.id, "duplicate")
    whole = world.detail(other.number)
    assert (whole.merged, whole.incident.count) == ([first.number], 2)
    assert whole.incident.solve_by == min(first.solve_by or 0, second.solve_by or 0)
    assert {alert.incident for alert in whole.alerts} == {other.id}
    assert [piece.sha256 for piece in whole.evidence] == [AFTER.sha256]
    world.take(a_transition(2, CLEARED))
    assert ("wang@example.org", "alert.cleared") in world.told()
    with pytest.raises(NotAllowed, match="is merged"):
        world.act("acknowledge", incident)
    with pytest.raises(NotAllowed) as refused:
        world.act("merge", other.id, into=other.id)
    assert refused.value.missing == ("another incident that is open, as `into`",)


def test_evidence_of_an_alert_is_the_incidents_and_is_held(world: World) -> None:
    first = Evidence("b" * 64, "overlay", "image/jpeg", 10, START, role="first", device="zhenhai/camera/c1")
    last = msgspec.structs.replace(first, sha256="c" * 64, role="last")
    cam = Target("zhenhai", "camera", "c1")
    world.take(
        a_transition(target=cam, rule="event:debris.item", evidence=(first,)),
        a_transition(2, target=cam, rule="event:debris.item", evidence=(first, last)),
    )
    [incident] = world.incidents()
    assert incident.type == "debris.item"
    assert [piece["sha256"] for piece in world.alerts()[0].evidence] == ["b" * 64, "c" * 64]
    assert [(piece.sha256[0], piece.role) for piece in world.detail(incident.id).evidence] == [
        ("b", "first"),
        ("c", "last"),
    ]
    assert not world.attach(incident.id, first)
    with world.records.read() as tx:
        assert attached.locked(tx) == {"b" * 64, "c" * 64}
    world.act("reject", incident.id, reason="leaves")
    ended = world.clock.now()
    with world.records.read() as tx:
        assert attached.locked(tx, at=ended + 1094 * 86_400_000) == {"b" * 64, "c" * 64}
        assert attached.locked(tx, at=ended + 1096 * 86_400_000) == set()


def test_what_was_done_without_signal_counts_from_when_it_was_done(world: World, incident: str) -> None:
    world.act("assign", incident, person="li")
    then = world.clock.now() + 60_000
    world.clock.advance(3_600_000)
    shown = world.act("check-in", incident, "li", "no signal", happened=then)
    assert shown.arrived == then
    entry = world.detail(incident).log[-1]
    assert (entry.at, entry.recorded) == (then, world.clock.now())


def test_the_log_alone_tells_the_whole_incident_again(world: World, incident: str) -> None:
    at_work(world, incident)
    world.act("deliver", incident, "li", "", text="pump off")
    world.passes(31 * 60)
    world.act("reopen", incident, reason="smell again")
    with world.records.read() as tx:
        assert incidents.replayed(tx, incident) == incidents.get(tx, incident)
        assert incidents.first_bad(tx, incident) is None


def test_the_contract_of_an_incident_is_the_one_it_opened_with(world: World, incident: str) -> None:
    world.keep(Practice(contracts={"default": Contract(())}))
    assert [item.kind for item in world.detail(incident).contract.items] == ["alerts_cleared", "after_photo", "text"]
    assert world.teller.practice.contract("x").items == ()
