"""From transitions to alerts, incidents and notices."""

import dataclasses

import pytest

from alerts.pipeline import Receiver
from alerts.views import wire
from hub.alert import Target
from hub.model import Condition
from storage.records import alerts, feed, incidents
from tests.alerts.builders import DUTY, OPS, S1, S2, START, World, a_transition

PENDING, ACTIVE, CLEARING, CLEARED, UNKNOWN = (Condition(each) for each in Condition)
HOUR = 3_600_000
WANG = "wang@example.org"
OPS_AT = "http://ops/hook"


def test_a_fired_alert_opens_an_incident_and_tells(world: World) -> None:
    world.take(a_transition())
    [alert], [incident] = world.alerts(), world.incidents()
    assert alert.incident == incident.id
    assert (incident.number, incident.state, incident.level, incident.round) == ("zhenhai-20260101-1", "detected", 2, 1)
    assert world.told() == [
        (OPS_AT, "incident.opened"),
        (WANG, "incident.opened"),
        ("li@example.org", "incident.opened"),
        (OPS_AT, "alert.fired"),
    ]


def test_an_alert_is_shown_with_exactly_the_keys_of_the_interface(world: World) -> None:
    world.take(a_transition())
    shown = wire(world.alerts()[0], world.teller.site.zone)
    assert shown == {
        "id": a_transition().id,
        "rule": {"id": "nh3", "version": 3},
        "target": {"department": "zhenhai", "kind": "water", "device": "s1", "property": "nh3_n"},
        "level": 2,
        "condition": "active",
        "breach_start": "2026-01-01T08:00:00+08:00",
        "fired": "2026-01-01T08:01:00+08:00",
        "cleared": None,
        "value": 2.4,
        "limit": 2.0,
        "unit": "mg/L",
        "coverage": 1.0,
        "backfilled": False,
        "evidence": [],
        "incident": world.incidents()[0].id,
    }


def test_a_target_without_property_is_shown_without_one(world: World) -> None:
    world.take(a_transition(target=Target("zhenhai", "camera", "c1")))
    assert "property" not in wire(world.alerts()[0], world.teller.site.zone)["target"]


def test_each_transition_counts_once_in_any_order(world: World) -> None:
    first, second = a_transition(1), a_transition(2, CLEARING)
    assert world.take(first, second, second, first, second) == [True, True, False, False, False]
    assert world.alerts()[0].condition == "clearing"
    assert len(world.told()) == 4


def test_a_pending_alert_is_shown_and_wakes_nobody(world: World) -> None:
    world.take(a_transition(1, PENDING))
    assert [alert.condition for alert in world.alerts()] == ["pending"]
    assert world.incidents() == []
    world.take(a_transition(2, CLEARED, fired=None))
    assert world.alerts() == []
    assert [alert.condition for alert in world.alerts(unfired=True)] == ["cleared"]
    assert world.incidents() == []


def test_a_backfilled_alert_is_recorded_and_wakes_nobody(world: World) -> None:
    world.take(a_transition(backfilled=True), a_transition(2, CLEARED, backfilled=True))
    [alert] = world.alerts()
    assert (alert.backfilled, alert.condition, alert.incident) == (True, "cleared", None)
    assert world.incidents() == []


def test_alerts_of_one_target_share_its_open_incident(world: World) -> None:
    world.take(a_transition(), a_transition(rule="spike", level=3), a_transition(target=S2))
    assert [incident.number for incident in world.incidents()] != []
    assert {len(world.detail(each.id).alerts) for each in world.incidents()} == {1, 2}
    assert world.told_of(WANG) == ["incident.opened", "alert.fired", "incident.opened"]


def test_a_rise_tells_again_and_a_fall_does_not(world: World) -> None:
    levels = [3, 2, 3, 2, 1]
    world.take(*(a_transition(n + 1, level=level) for n, level in enumerate(levels)))
    [incident] = world.incidents()
    assert (incident.level, incident.max_level) == (1, 1)
    # They were never told that it fell to 3 again, so the second rise to 2 is no news.
    assert world.told_of(WANG) == ["incident.opened", "incident.raised", "incident.raised"]


def test_a_rise_tells_again_even_when_acknowledged(world: World) -> None:
    world.take(a_transition(level=3))
    world.act("acknowledge", world.incidents()[0].id)
    world.take(a_transition(2, level=1))
    assert world.told_of(WANG) == ["incident.opened", "incident.acknowledged", "incident.raised"]
    assert world.incidents()[0].state == "acknowledged"


def test_a_worse_alert_that_joins_raises_with_one_mail(world: World) -> None:
    world.take(a_transition(level=3), a_transition(rule="spike", level=1))
    assert world.told_of(WANG) == ["incident.opened", "incident.raised"]
    assert world.told_of(OPS_AT) == ["incident.opened", "alert.fired", "alert.fired", "incident.raised"]


def test_a_clear_is_told_to_whoever_was_told(world: World) -> None:
    world.take(a_transition())
    stranger = Receiver("new", "webhook", ("http://new/hook",), people=False, levels=(1,))
    world.hear_of(
        dataclasses.replace(OPS, levels=(1,)), dataclasses.replace(DUTY, departments=("elsewhere",)), stranger
    )
    world.take(a_transition(2, CLEARED))
    cleared = [address for address, type_ in world.told() if type_ == "alert.cleared"]
    assert sorted(cleared) == sorted([OPS_AT, WANG, "li@example.org"])


def test_a_clear_is_not_told_to_who_never_knew(world: World) -> None:
    world.hear_of(dataclasses.replace(DUTY, levels=(1,)))
    world.take(a_transition(level=3), a_transition(2, CLEARED, level=3))
    assert world.told() == []


def test_unknown_is_shown_and_tells_nobody(world: World) -> None:
    world.take(a_transition(), a_transition(2, UNKNOWN), a_transition(3))
    assert [alert.condition for alert in world.alerts()] == ["active"]
    assert world.told_of(WANG) == ["incident.opened"]
    assert [entry.kind for entry in world.detail(world.incidents()[0].id).log] == ["opened", "unknown", "changed"]


def test_a_target_that_fires_again_joins_while_open_and_opens_anew_after(world: World) -> None:
    world.take(a_transition(), a_transition(2, CLEARED))
    [incident] = world.incidents()
    world.take(a_transition(start=START + HOUR), a_transition(2, CLEARED, start=START + HOUR))
    assert len(world.incidents()) == 1
    world.act("acknowledge", incident.id)
    world.act("close", incident.id)
    world.take(a_transition(start=START + 2 * HOUR))
    assert sorted(each.number for each in world.incidents()) == ["zhenhai-20260101-1", "zhenhai-20260101-2"]
    assert world.told_of(WANG) == [
        *("incident.opened", "alert.cleared", "alert.fired", "alert.cleared"),
        *("incident.acknowledged", "incident.solved", "incident.opened"),
    ]


def test_an_alert_first_seen_when_it_is_over_is_told_whole(world: World) -> None:
    world.take(a_transition(5, CLEARED))
    assert world.told_of(WANG) == ["incident.opened", "alert.cleared"]


def test_a_rejected_incident_comes_back_when_it_gets_worse(world: World) -> None:
    world.take(a_transition(level=3))
    [incident] = world.incidents()
    world.act("reject", incident.id, reason="calibration")
    world.take(a_transition(2, CLEARING, level=3), a_transition(3, level=3))
    assert world.incidents()[0].state == "rejected"
    world.take(a_transition(4, level=1))
    [incident] = world.incidents()
    assert (incident.state, incident.round, incident.level, incident.verdict) == ("detected", 2, 1, None)
    assert world.told_of(WANG) == ["incident.opened", "incident.solved", "incident.reopened"]


def test_numbers_count_by_the_day_of_the_site(world: World) -> None:
    late = START + 15 * HOUR + 59 * 60_000  # 23:59 in Shanghai
    world.take(a_transition(start=START), a_transition(target=S2, start=late))
    assert sorted(each.number for each in world.incidents()) == ["zhenhai-20260101-1", "zhenhai-20260102-1"]


@pytest.mark.parametrize("level", [1, 4])
def test_the_log_says_who_was_told_and_who_was_not_and_why(world: World, level: int) -> None:
    world.hear_of(OPS, dataclasses.replace(DUTY, levels=(1,)))
    world.take(a_transition(level=level))
    [entry] = world.detail(world.incidents()[0].id).log
    if level == 1:
        assert entry.after["told"]["incident.opened"] == [f"ops {OPS_AT}", f"duty {WANG}", "duty li@example.org"]
    else:
        assert entry.after["left_out"]["incident.opened"] == {"duty": "level 4"}


def test_the_logs_are_chained_and_say_the_state_again(world: World) -> None:
    world.take(a_transition(level=3), a_transition(2, level=2), a_transition(3, UNKNOWN), a_transition(4, CLEARED))
    [incident] = world.incidents()
    world.act("acknowledge", incident.id)
    world.act("note", incident.id, reason="on my way")
    world.act("close", incident.id, reason="valve shut")
    with world.records.read() as tx:
        assert incidents.first_bad(tx, incident.id) is None
        assert alerts.first_bad(tx, a_transition().id) is None
        assert incidents.folded(tx, incident.id) == {"state": "closed", "level": 2, "max_level": 2, "round": 1}


def test_every_change_is_in_the_feed_in_order(world: World) -> None:
    world.take(a_transition(1, PENDING), a_transition(2), a_transition(3, CLEARED))
    with world.records.read() as tx:
        assert [row.type for row in feed.after(tx, 0)] == ["alert", "incident", "alert", "incident", "alert"]


def test_what_differs_by_property_differs_by_incident(world: World) -> None:
    world.take(a_transition(), a_transition(target=Target("zhenhai", "water", "s1", "ph")))
    assert len(world.incidents()) == 2
    assert {each.target.property for each in world.incidents()} == {S1.property, "ph"}
