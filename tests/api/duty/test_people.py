"""People, units, areas, rosters and plans over HTTP: versions, rights, mistakes, and what nobody may break."""

from typing import Any

import pytest
from pydantic import BaseModel

from api.documents import duty
from hub.clock import rfc3339
from storage.zones import zone_of
from tests.api.duty.story import PUT
from tests.api.hub import NOW, Hub, make_hub

SHAPES: list[tuple[str, type[BaseModel]]] = [
    ("/v1/people", duty.PersonEntry),
    ("/v1/units", duty.UnitEntry),
    ("/v1/areas", duty.AreaEntry),
    ("/v1/rosters", duty.RosterEntry),
    ("/v1/plans", duty.PlanEntry),
    ("/v1/on-duty", duty.OnDuty),
    ("/v1/rosters/river/duties", duty.DutyShape),
]


def put(hub: Hub, path: str, body: dict[str, Any], who: str = "admin", **headers: str) -> Any:
    return hub.ask("PUT", path, who, json=body, headers=headers)


@pytest.mark.parametrize(("path", "shape"), SHAPES)
def test_lists_have_their_shape(staffed: Hub, path: str, shape: type[BaseModel]) -> None:
    items = staffed.get(path).json()["items"]
    assert items
    for item in items:
        shape.model_validate(item)


def test_what_was_read_can_be_put_again_and_stays_at_its_version(staffed: Hub) -> None:
    for path, _ in PUT:
        read = staffed.get(path)
        body = {name: value for name, value in read.json().items() if name != "version"}
        again = put(staffed, path, body, **{"If-Match": read.headers["ETag"]})
        assert (again.status_code, again.json()) == (200, read.json()), again.text


def test_a_change_needs_the_version_that_was_read(staffed: Hub) -> None:
    path = "/v1/people/li"
    body = {name: value for name, value in staffed.get(path).json().items() if name != "version"}
    assert put(staffed, path, body).status_code == 428
    assert put(staffed, path, body, **{"If-Match": '"99"'}).status_code == 412
    kept = staffed.ask("GET", path, headers={"If-None-Match": staffed.get(path).headers["ETag"]})
    assert kept.status_code == 304


def test_a_viewer_is_not_shown_how_people_are_reached(staffed: Hub) -> None:
    shown = staffed.get("/v1/people/wang", "viewer").json()
    assert shown["name_zh"] == "王强"
    assert not {"phone", "mail", "ways", "login"} & set(shown)
    assert staffed.get("/v1/people/wang", "officer").json()["phone"] == "13800000001"
    assert staffed.get("/v1/people/wang", "south").status_code == 404
    assert staffed.get("/v1/people", "south").json()["items"] == []
    assert put(staffed, "/v1/people/new", {}, "officer").status_code == 403


@pytest.mark.parametrize(
    ("path", "body", "fields"),
    [
        ("/v1/people/x", {"phone": "12ab", "digest": [1], "quiet": {"from": "22:00"}}, ["phone", "quiet.to"]),
        ("/v1/people/x", {"digest": [1, 3]}, ["body"]),
        ("/v1/units/x", {"members": ["nobody"], "leaders": ["wang"]}, ["members.0"]),
        ("/v1/areas/x", {"units": ["none"], "parent": "nowhere"}, ["units.0", "parent"]),
        ("/v1/areas/river", {"parent": "river", "units": ["patrol"]}, ["parent"]),
        ("/v1/rosters/x", {"layers": [{"name": "a", "members": ["wang", "ghost"]}]}, ["layers.0.members.1"]),
        ("/v1/rosters/x", {"layers": [{"name": "a"}]}, ["layers.0"]),
        ("/v1/rosters/x", {"zone": "Moon/Base", "layers": [{"name": "a", "members": ["wang"]}]}, ["zone"]),
        ("/v1/plans/x", {"levels": [1], "steps": [{"who": ["roster:none"]}]}, ["steps.0.who.0"]),
        (
            "/v1/plans/x",
            {"levels": [1], "steps": [{"who": ["person:wang"], "wait_s": 30}], "repeat": None},
            ["steps.0.wait_s"],
        ),
        ("/v1/plans/x", {"department": "north", "steps": [{"who": ["leader"]}]}, ["id"]),
    ],
)
def test_every_mistake_is_named(staffed: Hub, path: str, body: dict[str, Any], fields: list[str]) -> None:
    known = staffed.get(path)
    match = {"If-Match": known.headers["ETag"]} if known.status_code == 200 else {}
    answer = put(staffed, path, body, **match)
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == "/v1/problems/invalid-parameter"
    assert [error["field"] for error in answer.json()["errors"]] == fields


def test_what_is_needed_cannot_be_taken_away(staffed: Hub) -> None:
    for path in ("/v1/people/wang", "/v1/units/patrol", "/v1/rosters/river"):
        read = staffed.get(path)
        answer = staffed.ask("DELETE", path, headers={"If-Match": read.headers["ETag"], "Accept-Language": "zh"})
        assert answer.status_code == 409, path
        assert answer.json()["missing"]
        assert "仍被使用" in answer.json()["detail"]


def test_the_last_way_of_a_step_cannot_be_taken_away(staffed: Hub) -> None:
    read = staffed.get("/v1/people/li")
    body = {name: value for name, value in read.json().items() if name not in ("version", "phone")}
    answer = put(staffed, "/v1/people/li", body, **{"If-Match": read.headers["ETag"]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "plan usual steps.1.who.0"


def test_who_is_on_duty_at_a_moment(staffed: Hub) -> None:
    zone = zone_of("Asia/Shanghai")
    for moment, name in (("2026-11-24T07:59:00+08:00", "li"), ("2026-11-24T08:00:00+08:00", "wang")):
        (item,) = staffed.ask("GET", "/v1/rosters/river/on-duty", params={"at": moment}).json()["items"]
        assert [person["id"] for person in item["people"]] == [name]
    (now,) = staffed.get("/v1/on-duty").json()["items"]
    assert now["from"] <= rfc3339(NOW, zone) < now["to"]
    assert staffed.get("/v1/on-duty", "south").json()["items"] == []
    assert staffed.get("/v1/rosters/river/on-duty?at=soon").status_code == 422


def test_an_override_and_a_swap_change_who_is_on_duty_and_go_away_again(staffed: Hub) -> None:
    def on(moment: str) -> list[str]:
        (item,) = staffed.ask("GET", "/v1/rosters/river/on-duty", params={"at": moment}).json()["items"]
        return [person["id"] for person in item["people"]]

    span = {"from": "2026-11-25T08:00:00+08:00", "to": "2026-11-25T12:00:00+08:00"}
    made = staffed.post("/v1/rosters/river/overrides", {**span, "person": "wang", "reason": "training"}, "officer")
    assert made.status_code == 201, made.text
    assert made.json()["overrides"][0]["by"] == "officer"
    assert on("2026-11-25T09:00:00+08:00") == ["wang"]
    assert on("2026-11-25T13:00:00+08:00") == ["li"]
    first = {"person": "wang", "from": "2026-11-26T08:00:00+08:00", "to": "2026-11-27T08:00:00+08:00"}
    second = {"person": "li", "from": "2026-11-27T08:00:00+08:00", "to": "2026-11-28T08:00:00+08:00"}
    swap = staffed.post("/v1/rosters/river/swaps", {"first": first, "second": second}, "officer")
    assert [on("2026-11-26T09:00:00+08:00"), on("2026-11-27T09:00:00+08:00")] == [["li"], ["wang"]]
    gone = [staffed.ask("DELETE", f"/v1/rosters/river/overrides/{one}", "officer") for one in ("o1", "o2")]
    assert [each.status_code for each in gone] == [200, 200]
    assert gone[1].json()["overrides"] == []
    assert swap.json()["overrides"][1]["swap"] == "s1"
    assert staffed.ask("DELETE", "/v1/rosters/river/overrides/o1", "officer").status_code == 404
    wrong = staffed.post("/v1/rosters/river/overrides", {**span, "person": "ghost"}, "officer")
    assert wrong.json()["errors"][0]["field"] == "overrides.0.person"
    assert staffed.post("/v1/rosters/river/overrides", {**span, "person": "li"}, "south").status_code == 404


def test_a_roster_goes_out_as_a_calendar_and_comes_back(staffed: Hub) -> None:
    out = staffed.get("/v1/rosters/river.ics")
    assert out.headers["content-type"].startswith("text/calendar")
    assert "SUMMARY:王强" in out.text
    back = staffed.ask("PUT", "/v1/rosters/copy.ics", content=out.content, headers={"Content-Type": "text/calendar"})
    assert back.status_code == 201, back.text
    query = "?from=2026-11-24T00:00:00%2B08:00&to=2026-12-24T00:00:00%2B08:00"
    given = [staffed.get(f"/v1/rosters/{name}/duties{query}").json()["items"] for name in ("river", "copy")]
    assert [each["people"] for each in given[0]] == [each["people"] for each in given[1]]
    bad = out.text.replace("DTSTART:2026", "DTSTART:2O26", 1)
    again = {"If-Match": back.headers["ETag"], "Content-Type": "text/calendar"}
    wrong = staffed.ask("PUT", "/v1/rosters/copy.ics", content=bad.encode(), headers=again)
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"].startswith("line ")
    gone = staffed.ask("DELETE", "/v1/rosters/copy", headers={"If-Match": back.headers["ETag"]})
    assert gone.status_code == 204


def test_the_look_ahead_names_the_hours_of_a_missing_number(staffed: Hub) -> None:
    before = staffed.get("/v1/preflight?fresh=true").json()["items"]
    # The leader is on duty herself every other day; what lies in no area has no leader at all.
    assert {(gap["area"], gap["lacks"], gap["person"]) for gap in before} == {
        ("river", "second", "li"),
        ("", "second", "li"),
        ("", "second", "wang"),
    }
    read = staffed.get("/v1/people/wang")
    body = {name: value for name, value in read.json().items() if name not in ("version", "phone")}
    changed = put(staffed, "/v1/people/wang", body, **{"If-Match": read.headers["ETag"]})
    assert changed.status_code == 200, changed.text
    found = staffed.get("/v1/preflight?fresh=true").json()
    duty.Preflight.model_validate(found)
    reasons = [each for gap in found["items"] if gap["area"] == "river" for each in gap["reasons"]]
    assert {"who": "wang", "en": "has no phone for channel texts", "zh": "缺少通道 texts 所需的手机号"} in reasons
    whole = {name: value for name, value in read.json().items() if name != "version"}
    assert put(staffed, "/v1/people/wang", whole, **{"If-Match": changed.headers["ETag"]}).status_code == 200


def test_an_incident_has_suggestions_with_their_reasons(staffed: Hub) -> None:
    staffed.alert()
    number = staffed.get("/v1/incidents").json()["items"][0]["number"]
    place = {"lon": 121.6, "lat": 29.96, "accuracy_m": 15}
    assert staffed.ask("PUT", "/v1/people/li/position", "officer", json=place).status_code == 204
    items = staffed.get(f"/v1/incidents/{number}/suggestions").json()["items"]
    for item in items:
        duty.Suggested.model_validate(item)
    by_id = {item["person"]: item for item in items}
    assert by_id["li"]["distance_m"] == pytest.approx(1112, abs=5)
    assert by_id["li"]["en"].endswith("1.1 km away 0 min ago")
    assert "距常驻点" in by_id["wang"]["zh"]
    assert [item["on_duty"] for item in items] == [True, False]
    said = staffed.get(f"/v1/incidents/{number}/explain?person=wang").json()["items"]
    assert said
    duty.Explained.model_validate(said[0])
    assert staffed.get(f"/v1/incidents/{number}/explain?person=wang", "south").status_code == 404
    assert staffed.get(f"/v1/incidents/{number}/ladders").json()["items"] == []


def test_names_are_put_only_in_order_and_an_area_may_lie_in_another(tmp_path: Any) -> None:
    hub = make_hub(tmp_path)
    try:
        assert put(hub, *PUT[2]).status_code == 422  # a unit before its members
        outline = {"type": "Polygon", "coordinates": [[[121, 29], [122, 29], [122, 30], [121, 30], [121, 29]]]}
        assert put(hub, "/v1/areas/whole", {"outline": outline}).status_code == 201
        assert put(hub, "/v1/areas/part", {"parent": "whole", "sections": ["s1"]}).status_code == 201
        swapped = {"type": "Polygon", "coordinates": [[[29, 121], [29, 122], [30, 122], [29, 121]]]}
        wrong = put(hub, "/v1/areas/wrong", {"outline": swapped})
        assert "lon and lat swapped" in wrong.text
        assert wrong.status_code == 422
    finally:
        hub.close()
