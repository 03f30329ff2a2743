"""What field staff do by their links: each once, in their name, at the time it was done; bad links and late hands are told so."""

import logging
import threading
from http import HTTPStatus
from typing import Any

import msgspec
import pytest

from alerts.field_work import issuing
from alerts.field_work.issuing import LIFE_MS
from alerts.people.ladder import Rung
from hub.clock import rfc3339
from storage.records import field_work, ladders, people, timers
from storage.records.ladders import LadderRow
from storage.zones import zone_of
from tests.api.hub import NOW, Hub
from tests.field_work.staff import HERE, Staff


def test_a_task_goes_from_the_notice_to_the_deed(hub: Hub, li: Staff, jpeg: bytes) -> None:
    task = li.task().json()
    assert task["title"] == "Ammonia high: Station 1"
    assert task["reading"] == "Ammonia nitrogen 2.4 mg/L (limit 2)"
    assert task["place"]["gcj02"] == pytest.approx([121.6041, 29.9474], abs=1e-3)
    assert (task["accepted"], task["over"]) == (None, None)
    assert li.do("accept").json()["task"]["accepted"]["by"] == "li-si"
    assert li.do("check-in", **HERE).json()["task"]["arrived"]["accuracy_m"] == 8.0
    assert li.photo(jpeg, role="after", **HERE).json()["task"]["photos"][0]["role"] == "after"
    done = li.do("done", text="cleared", cause_code="litter").json()["task"]
    assert done["delivered"]["by"] == "li-si"
    assert li.log() == ["opened", "dispatched", "on_site", "evidence", "delivered"]
    assert (li.row().owner, li.row().cause_code, li.row().resolution) == ("li-si", "litter", "cleared")
    assert hub.get("/v1/tasks/" + li.token, None).status_code == HTTPStatus.OK


def test_reading_and_acting_are_known_of_each_link(hub: Hub, li: Staff) -> None:
    def link() -> dict[str, str | None]:
        found: dict[str, str | None] = hub.get(f"/v1/incidents/{li.incident}/links").json()["items"][0]
        return found

    hub.get(f"/t/{li.token}", None)
    assert link()["opened"] is None, "the preview of a messenger is no reader"
    li.task()
    assert link()["opened"] is not None
    assert link()["acted"] is None
    li.do("help", text="a boat")
    assert link()["acted"] is not None
    assert li.token not in hub.get(f"/v1/incidents/{li.incident}/links").text


def test_whoever_opens_the_link_is_reached_and_no_other_way_is_tried(hub: Hub, li: Staff) -> None:
    rungs = [Rung(name, kind, "13800000001", 60_000, "read") for name, kind in (("texts", "sms"), ("calls", "voice"))]
    ways = msgspec.json.encode({"rungs": rungs}).decode()
    with hub.records.begin() as tx:
        at = hub.clock.now()
        ladders.put(tx, LadderRow(li.incident, 1, 0, "li-si", ways, 0, "climbing", at + 60_000, at, at))
        timers.put(tx, li.incident, "remind:1:0:li-si", at + 60_000)
    li.task()
    with hub.records.read() as tx:
        assert [row.state for row in ladders.of(tx, li.incident)] == ["reached"]
        assert "remind:1:0:li-si" not in [row.name for row in timers.of(tx, li.incident)]


def test_a_check_in_tells_where_the_person_is(house: Hub, zhao: Staff) -> None:
    zhao.do("accept")
    zhao.do("check-in", **HERE)
    with house.records.read() as tx:
        place = people.places(tx)["zhao"]
    assert (place.lon, place.lat, place.accuracy_m, place.source) == (121.6, 29.95, 8.0, "check-in")


def test_people_are_named_in_the_readers_language_and_nothing_else_of_them_is_told(hub: Hub, li: Staff) -> None:
    person = {"name_zh": "李四", "name_en": "Li Si", "phone": "13800000007"}
    assert hub.ask("PUT", "/v1/people/li-si", json=person).status_code == HTTPStatus.CREATED
    task = li.do("accept").json()["task"]
    assert task["names"] == {"li-si": "Li Si"}
    chinese = hub.get(f"/v1/tasks/{li.token}", None, headers={"Accept-Language": "zh-CN"})
    assert chinese.json()["names"] == {"li-si": "李四"}
    assert "13800000007" not in chinese.text


@pytest.mark.parametrize("action", ["accept", "decline", "check-in", "help"])
def test_the_same_key_does_it_once(zhao: Staff, action: str) -> None:
    bodies: dict[str, dict[str, Any]] = {"decline": {"reason": "too far"}, "check-in": HERE, "help": {"text": "a boat"}}
    if action == "check-in":
        zhao.do("accept")
    body: dict[str, Any] = {"done": rfc3339(NOW, zone_of("UTC")), **bodies.get(action, {})}
    first = zhao.do(action, "the-one-key", **body)
    log = zhao.log()
    again = [zhao.do(action, "the-one-key", **body) for _ in range(3)]
    assert first.json()["replayed"] is False
    assert [one.json()["replayed"] for one in again] == [True, True, True]
    assert zhao.log() == log
    other = zhao.do("help", "the-one-key", text="something else")
    assert (other.status_code, other.json()["type"]) == (409, "/v1/problems/idempotency-conflict")


def test_two_taps_at_once_do_it_once(hub: Hub, li: Staff) -> None:
    hub.get("/v1/health/live", None)
    barrier = threading.Barrier(4)
    statuses = []

    def tap() -> None:
        barrier.wait()
        statuses.append(li.do("accept", "double-tap", done=rfc3339(NOW, zone_of("UTC"))).status_code)

    threads = [threading.Thread(target=tap) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 4
    assert li.log().count("dispatched") == 1


def test_the_first_of_two_persons_has_it_and_the_second_is_told(hub: Hub, li: Staff) -> None:
    zhao = Staff.sent(hub, "zhao-liu")
    assert li.do("accept").status_code == HTTPStatus.OK
    late = zhao.do("accept")
    assert late.status_code == HTTPStatus.CONFLICT
    assert late.json()["missing"] == ["li-si has taken it on"]
    assert zhao.task().json()["over"] == "other"
    li.do("decline", reason="broken down")
    assert zhao.do("accept").json()["task"]["accepted"]["by"] == "zhao-liu"
    assert li.task().json()["accepted"] is None


def test_what_was_done_without_signal_counts_from_when_it_was_done(hub: Hub, li: Staff) -> None:
    hub.clock.advance(1_800_000)
    li.do("accept", done=rfc3339(NOW + 60_000, zone_of("UTC")))
    assert li.row().acknowledged == NOW + 60_000
    li.do("check-in", done=rfc3339(NOW - 3_600_000, zone_of("UTC")), **HERE)
    assert li.row().arrived == NOW, "not before the link was given"
    assert li.task().json()["arrived"]["at"] == rfc3339(NOW, zone_of("Asia/Shanghai"))


def test_far_away_is_on_site_by_hand_only(zhao: Staff) -> None:
    zhao.do("accept")
    far = zhao.do("check-in", lon=121.7, lat=29.95, accuracy_m=10)
    assert far.status_code == HTTPStatus.CONFLICT
    assert "300 m" in far.json()["missing"][0]
    arrived = zhao.do("check-in", lon=121.7, lat=29.95, accuracy_m=10, reason="the position is wrong").json()["task"]
    assert arrived["arrived"]["by_hand"] is True


@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        ("decline", {}, "reason"),
        ("check-in", {"lon": 121.6}, "reason"),
        ("check-in", {"lon": 121.6, "lat": 95}, "lat"),
        ("done", {"text": " ", "cause_code": "litter"}, "text"),
        ("done", {"text": "x", "cause_code": "magic"}, "cause_code"),
        ("help", {"done": "yesterday", "text": "x"}, "done"),
        ("accept", {"magic": 1}, "magic"),
    ],
)
def test_what_is_missing_is_named(standing: Staff, action: str, body: dict[str, Any], field: str) -> None:
    refused = standing.do(action, **body)
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert refused.json()["errors"][0]["field"] == field
    assert standing.log() == ["opened"]


def test_a_refusal_in_chinese_says_in_chinese_what_is_missing(standing: Staff) -> None:
    path, headers = f"/v1/tasks/{standing.token}/done", {"Idempotency-Key": "a-key-of-mine", "Accept-Language": "zh-CN"}
    refused = standing.hub.post(path, {"text": "x", "cause_code": "litter"}, None, headers=headers).json()
    assert refused["detail"] == "现在还不能这样做：尚未到场"


def test_every_action_needs_a_key(standing: Staff) -> None:
    refused = standing.hub.post(f"/v1/tasks/{standing.token}/accept", {}, None)
    assert refused.json()["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_link_that_opens_nothing_says_whom_to_ask(hub: Hub, li: Staff, language: str) -> None:
    headers = {"Accept-Language": language}
    forged = li.token[:-1] + ("A" if li.token[-1] != "A" else "B")
    page = hub.get(f"/t/{forged}", None, headers=headers)
    assert page.status_code == HTTPStatus.NOT_FOUND
    assert "链接无效" in page.text
    assert "This link is not valid" in page.text
    assert page.text.index("链接无效") < page.text.index("This link") or language == "en"
    assert hub.get(f"/v1/tasks/{forged}", None, headers=headers).status_code == HTTPStatus.NOT_FOUND
    hub.clock.advance(LIFE_MS)
    page = hub.get(f"/t/{li.token}", None, headers=headers)
    assert page.status_code == HTTPStatus.GONE
    assert "This link has expired" in page.text
    assert li.do("accept").json()["type"] == "/v1/problems/gone"
    assert li.log() == ["opened"]


def test_an_officer_gives_and_ends_links(hub: Hub, li: Staff) -> None:
    path = f"/v1/incidents/{li.incident}/links"
    given = hub.post(path, {"person": "li-si"}, "officer")
    assert given.json()["url"].endswith(f"/t/{li.token}")
    assert hub.post(path, {"person": "li-si"}, "viewer").status_code == HTTPStatus.FORBIDDEN
    assert hub.post(path, {"person": "li-si"}, "south").status_code == HTTPStatus.NOT_FOUND
    assert hub.ask("DELETE", f"{path}?person=li-si", "officer").json() == {"ended": 1}
    assert li.task().status_code == HTTPStatus.GONE
    assert "This link was ended" in hub.get(f"/t/{li.token}", None).text


def test_a_failure_of_ours_leaves_no_link_in_the_log(
    li: Staff, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(issuing, "check", fails)
    with caplog.at_level(logging.DEBUG):
        assert li.task().status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    ours = "".join(record.getMessage() for record in caplog.records if record.name.startswith("hub"))
    assert "/v1/tasks/" in ours
    assert li.token[16:] not in ours


def test_an_action_that_is_refused_may_be_tried_again_with_its_key(hub: Hub, li: Staff) -> None:
    early = li.do("check-in", "kept-key-1", **HERE)
    assert early.status_code == HTTPStatus.CONFLICT
    li.do("accept")
    assert li.do("check-in", "kept-key-1", **HERE).json()["replayed"] is False
    with hub.records.read() as tx:
        assert {one.action for one in field_work.actions(tx, li.token[:16])} == {"accept", "check-in"}
