"""A desk is handed over: what stands open is written down, both sign, and what was signed cannot be changed unseen."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from storage.records import audit
from tests.api.hub import Hub, make_hub


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub with one open incident and a silence."""
    made = make_hub(tmp_path_factory.mktemp("shifts"))
    made.alert()
    silence = {"matcher": {"device": "st-9"}, "level": 3, "ends": "2026-11-18T22:00:00+08:00", "reason": "calibration"}
    assert made.post("/v1/silences", silence).status_code == 201
    yield made
    made.close()


def _give(hub: Hub, who: str = "admin", **body: Any) -> dict[str, Any]:
    answer = hub.post("/v1/shifts", {"note": "all quiet", **body}, who)
    assert answer.status_code == 201, answer.text
    given: dict[str, Any] = answer.json()
    return given


def test_what_stands_open_is_handed_over_and_signed_by_both(hub: Hub) -> None:
    draft = hub.get("/v1/shifts/draft").json()
    facts = draft["facts"]
    assert [one["number"] for one in facts["incidents"]] == ["north-20261118-1"]
    assert [one["reason"] for one in facts["silences"]] == ["calibration"]
    assert {"north/water/st-1", "south/air/st-2"} <= {one["name"] for one in facts["feeds"]}
    given = _give(hub)
    assert (given["facts"]["incidents"], given["sound"]) == (facts["incidents"], True)
    assert hub.get("/v1/shifts/draft").json()["waiting"]["id"] == given["id"]
    taken = hub.post(f"/v1/shifts/{given['id']}/take", {"note": "seen"}, "officer").json()
    assert (taken["given_by"], taken["taken_by"], taken["taken_note"], taken["sound"]) == (
        "admin",
        "officer",
        "seen",
        True,
    )
    assert taken["hash"] != given["hash"]
    assert hub.get("/v1/shifts/draft").json()["facts"]["since"] == given["given_at"]
    with hub.records.read() as tx:
        acts = audit.listing(tx, object_=given["id"])
    assert [one.action for one in acts] == ["shift.take", "shift.give"]
    assert taken["hash"] in acts[0].detail


def test_nobody_takes_from_themselves_twice_or_what_gave_way(hub: Hub) -> None:
    older, newer = _give(hub, note="older"), _give(hub, note="newer")
    for shift, who in ((newer, "admin"), (older, "officer")):
        assert hub.post(f"/v1/shifts/{shift['id']}/take", {}, who).status_code == 409
    assert hub.post(f"/v1/shifts/{newer['id']}/take", {}, "officer").status_code == 200
    assert hub.post(f"/v1/shifts/{newer['id']}/take", {}, "officer").status_code == 409


def test_a_department_sees_and_hands_over_its_own_desk(hub: Hub) -> None:
    mine = _give(hub, "south")
    assert (mine["department"], mine["facts"]["incidents"]) == ("south", [])
    assert len(mine["facts"]["silences"]) == 1, "it names no department: it holds for all of them"
    assert [one["id"] for one in hub.get("/v1/shifts", "south").json()["items"]] == [mine["id"]]
    assert hub.get(f"/v1/shifts/{mine['id']}", "north").status_code == 404
    assert hub.post("/v1/shifts", {}, "viewer").status_code == 403
    assert hub.post("/v1/shifts", {"department": "north"}, "south").status_code == 403


def test_a_changed_word_shows(hub: Hub) -> None:
    given = _give(hub, note="the gate is open")
    with hub.records.begin() as tx:
        tx.execute(text("UPDATE shift SET note = 'the gate is shut' WHERE id = :id"), {"id": given["id"]})
    assert hub.get(f"/v1/shifts/{given['id']}").json()["sound"] is False
    assert hub.get("/v1/shifts/0123456789abcdef").status_code == 404
