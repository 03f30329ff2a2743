"""Plans on real records: steps, ladders, restarts, quiet hours, digests, and what is explained of all that."""

import msgspec
import pytest

from alerts.brief import brief
from alerts.channel import Notification
from alerts.channels.email import Email
from alerts.people import lookout
from alerts.people.area import Area
from alerts.people.form import Kept
from hub.settings import EmailSection, Settings
from storage.records import Records, incidents, notices
from tests.alerts.people.builders import NOON, ZONE, at, person, plan
from tests.alerts.people.staff import Staff


def test_whoever_is_on_duty_is_told_by_their_first_way_then_by_the_next(records: Records) -> None:
    staff = Staff(records, NOON)
    incident = staff.happens()
    assert staff.written() == ["wang im", "qian im"]
    staff.passes(59)
    assert len(staff.written()) == 2
    staff.passes(1)
    assert staff.written()[2:] == ["qian texts", "wang texts"]
    staff.passes(60)
    assert staff.states(incident) == {"0 qian": "exhausted", "0 wang": "exhausted"}
    staff.passes(60)
    assert staff.written()[4:] == ["sun im"]


def test_a_notice_to_a_person_is_in_their_language_whatever_the_receiver_speaks(sqlite_records: Records) -> None:
    staff = Staff(sqlite_records, NOON, [person("wang", language="en")])
    incident = staff.happens()
    with sqlite_records.read() as tx:
        rows = notices.of_incident(tx, incident)
    said = {
        row.person: Notification("k", row.type, "im", "u", "n", NOON, NOON, msgspec.json.decode(row.body))
        for row in rows
    }
    assert [brief(said[name], "zh", ZONE).language for name in ("wang", "qian")] == ["en", "zh"]
    assert brief(said["qian"], "en", ZONE).language == "zh"
    mail = Email(Settings()).mail(EmailSection(name="m", host="h", sender="a@example.org", to=()), said["wang"])
    assert mail["Content-Language"] == "en"


def test_a_refusal_goes_to_the_next_way_at_once(sqlite_records: Records) -> None:
    staff = Staff(sqlite_records, NOON)
    incident = staff.happens()
    staff.answers(incident, "im", "failed", "33012 no such user")
    assert sorted(staff.written()[2:]) == ["qian texts", "wang texts"]
    said = staff.why(incident, "wang")
    assert said[0] == "incident.opened: wang told by im (dingtalk-notice): failed (33012 no such user)."
    assert said[1] == "incident.reminder: wang told by texts (sms), as im failed: queued."
    assert staff.why(incident, "wang", "zh")[1] == "提醒：wang已通过 texts（sms）通知（im 发送失败）：排队中。"


def test_delivered_is_enough_where_a_way_asks_for_no_more(sqlite_records: Records) -> None:
    ways = [{"receiver": "im", "until": "delivered"}, {"receiver": "texts"}]
    staff = Staff(sqlite_records, NOON, [person("wang", ways=ways), person("qian", ways=ways)])
    incident = staff.happens()
    staff.answers(incident, "im", "delivered")
    assert staff.states(incident) == {"0 qian": "reached", "0 wang": "reached"}
    staff.passes(120)
    assert len(staff.written()) == 2


def test_an_acknowledgement_ends_ladders_and_steps_and_its_lapse_goes_on_at_the_stored_step(
    sqlite_records: Records,
) -> None:
    staff = Staff(sqlite_records, NOON)
    incident = staff.happens()
    with sqlite_records.begin() as tx:
        row = staff.desk.act(tx, "acknowledge", incident, actor="wang", at=staff.clock.now(), reason="on it")
    before = staff.written()
    staff.passes(500)
    assert [each for each in staff.written()[len(before) :] if "texts" in each] == []
    assert staff.states(incident) == {"0 qian": "ended", "0 wang": "acted"}
    assert row.state == "acknowledged"
    with sqlite_records.read() as tx:
        known = incidents.get(tx, incident)
    assert known is not None
    assert known.ack_until is not None
    staff.passes((known.ack_until - staff.clock.now()) / 1000 + 2)
    assert "sun im" in staff.written()


def test_a_restart_between_steps_changes_nothing(records: Records) -> None:
    staff = Staff(records, NOON)
    staff.happens()
    for seconds in (30, 31, 60, 58):
        staff.passes(seconds)
        staff.start_again()
    assert "sun im" not in staff.written()
    staff.passes(2)
    assert staff.written()[-1] == "sun im"
    assert len(staff.written()) == 5


def test_level_one_goes_on_without_end(sqlite_records: Records) -> None:
    staff = Staff(sqlite_records, NOON)
    staff.happens()
    staff.passes(1200)
    # Every 3 minutes a step: at 3, 9 and 15 minutes the leader, at 0, 6, 12 and 18 minutes who is on duty.
    assert staff.written().count("sun im") == 3
    assert staff.written().count("wang im") == 4


def test_quiet_hours_hold_for_low_levels_only_and_what_waited_is_told_at_their_end(sqlite_records: Records) -> None:
    quiet = {"quiet": {"from": "22:00", "to": "07:00"}}
    night = at("2026-11-23T23:00")
    loud = Staff(sqlite_records, night, [person("li", **quiet), person("qian", **quiet)], level=2)
    loud.happens()
    assert "li im" in loud.written()


def test_a_low_level_waits_for_the_morning(sqlite_records: Records) -> None:
    quiet = {"quiet": {"from": "22:00", "to": "07:00"}}
    night = at("2026-11-23T23:00")
    only = plan(steps=[{"who": ["roster:river"]}], repeat=0)
    staff = Staff(sqlite_records, night, [person("li", **quiet), person("qian", **quiet), only], level=3)
    incident = staff.happens()
    assert staff.written() == []
    assert staff.states(incident) == {"0 li": "waiting", "0 qian": "waiting"}
    assert staff.why(incident, "li") == ["incident.opened: li not told: quiet hours, until 2026-11-24 07:00."]
    staff.passes(8 * 3600)
    assert sorted(staff.written())[:2] == ["li im", "qian im"]


def test_the_digest_comes_once_a_day_with_all_that_is_still_open(sqlite_records: Records) -> None:
    only = plan(steps=[{"who": ["person:wang"]}], repeat=0)
    staff = Staff(sqlite_records, NOON, [only], level=4)
    first = staff.happens()
    assert staff.written() == []
    assert staff.states(first) == {"0 wang": "waiting"}
    staff.passes(at("2026-11-24T08:30") / 1000 - staff.clock.now() / 1000)
    assert staff.written() == ["wang im"]


def test_somebody_away_or_without_a_way_is_passed_over_with_the_reason(sqlite_records: Records) -> None:
    away = [{"from": "2026-11-23T00:00:00+08:00", "to": "2026-11-24T00:00:00+08:00"}]
    staff = Staff(sqlite_records, NOON, [person("wang", away=away), person("qian", ways=[])])
    incident = staff.happens()
    assert staff.written() == []
    staff.passes(1)
    assert staff.written() == ["sun im"]
    assert staff.why(incident, "wang")[0] == "incident.opened: wang not told: away."
    assert staff.why(incident, "qian", "zh")[0] == "新事件：qian未通知：未设置任何通知通道。"
    assert staff.why(incident, "zhao")[0].startswith("incident.opened: zhao not told: not on duty at 2026-11-23 12:00")


def test_an_incident_keeps_the_plan_it_opened_with_and_its_end_goes_to_whoever_knew_of_it(
    sqlite_records: Records,
) -> None:
    staff = Staff(sqlite_records, NOON)
    incident = staff.happens()
    staff.write(plan(steps=[{"who": ["person:zhao"], "wait_s": 180}]))
    staff.passes(180)
    assert staff.written()[-1] == "sun im"
    staff.clock.advance(14 * 86_400_000)
    with sqlite_records.begin() as tx:
        staff.desk.act(tx, "reject", incident, actor="wang", at=staff.clock.now(), reason="no", cause_code="sensor")
    with sqlite_records.read() as tx:
        last = [row for row in notices.of_incident(tx, incident) if row.type == "incident.solved"]
    assert {row.person for row in last} == {"wang", "qian", "sun"}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ([plan("near", areas=["river"], steps=[{"who": ["person:zhao"]}])], "zhao im"),
        ([plan("kind", types=["exceed*"], steps=[{"who": ["person:zhao"]}])], "zhao im"),
        ([plan("worst", levels=[1], steps=[{"who": ["person:zhao"]}])], "zhao im"),
        ([plan("other", levels=[2], steps=[{"who": ["person:zhao"]}])], "wang im"),
        (
            [
                Area.model_validate({"id": "bend", "parent": "river", "stations": ["north/water/s1"]}),
                plan("near", areas=["river"], types=["exceedance"], steps=[{"who": ["person:sun"]}]),
                plan("nearer", areas=["bend"], steps=[{"who": ["person:zhao"]}]),
            ],
            "zhao im",
        ),
    ],
)
def test_the_closest_plan_is_followed(sqlite_records: Records, more: list[Kept], expected: str) -> None:
    staff = Staff(sqlite_records, NOON, more)
    staff.happens()
    assert staff.written()[0] == expected


def test_the_look_ahead_runs_each_hour_and_at_once_after_a_change(sqlite_records: Records) -> None:
    staff = Staff(sqlite_records, NOON)
    staff.ticker.tick()
    with sqlite_records.read() as tx:
        first = lookout.last(tx)
    staff.clock.advance(600_000)
    staff.write(person("wang", ways=[]))
    staff.ticker.tick()
    with sqlite_records.read() as tx:
        second = lookout.last(tx)
    assert first is not None
    assert second is not None
    assert second[0] - first[0] == 600_000
    assert second[1].gaps != first[1].gaps
    staff.clock.advance(3_600_000)
    staff.ticker.tick()
    with sqlite_records.read() as tx:
        third = lookout.last(tx)
    assert third is not None
    assert third[0] - second[0] == 3_600_000
