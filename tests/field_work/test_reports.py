"""What people report becomes an incident by the same way as an alert, once, and as the one it is."""

import hashlib
from http import HTTPStatus
from typing import Any

import httpx
import pytest

from alerts.pipeline import Receiver
from alerts.silences import Wanted, create
from storage.records import incidents, notices, timers
from tests.api.hub import NOW, WATER, Hub
from tests.field_work.staff import Staff

FAR: dict[str, Any] = {
    "type": "debris",
    "text": "rubbish under the bridge",
    "lon": 121.7,
    "lat": 29.9,
    "place": "Old Bridge",
}


def send(hub: Hub, who: str = "officer", **body: Any) -> httpx.Response:
    return hub.post("/v1/reports", {**FAR, **body}, who)


def test_a_report_opens_an_incident_with_clocks_and_contract(hub: Hub) -> None:
    made = send(hub, level=2, reporter="张三丰", phone="13800001234", source="hotline", outside="12345-77")
    assert made.status_code == HTTPStatus.CREATED
    report = made.json()
    assert (report["same"], report["department"], report["reporter"]["phone"]) == (False, "north", "13800001234")
    with hub.records.read() as tx:
        row = incidents.get(tx, report["number"])
        assert row is not None
        assert (row.state, row.source, row.type, row.level) == ("detected", "report", "debris", 2)
        assert (row.lon, row.lat, row.device) == (121.7, 29.9, "Old Bridge")
        assert row.verify_by is not None
        assert "after_photo" in row.contract
        assert timers.get(tx, row.id, "late:verify") is not None
        assert [entry.kind for entry in incidents.log(tx, row.id)] == ["reported"]
    assert hub.get("/v1/incidents").json()["items"][0]["number"] == report["number"]


def test_who_reported_is_for_those_who_work_on_it(hub: Hub) -> None:
    report = send(hub, reporter="张三丰", phone="13800001234").json()
    path = f"/v1/reports/{report['id']}"
    assert hub.get(path, "officer").json()["reporter"] == {"name": "张三丰", "phone": "13800001234"}
    assert hub.get(path, "viewer").json()["reporter"] == {"name": "张**", "phone": "138****34"}
    assert hub.get(path, "south").status_code == HTTPStatus.NOT_FOUND
    log = hub.get(f"/v1/incidents/{report['number']}").text
    assert "13800001234" not in log
    assert "张三丰" not in log


def test_the_hotline_s_own_number_makes_it_one(hub: Hub) -> None:
    first = send(hub, source="hotline", outside="12345-1")
    again = send(hub, source="hotline", outside="12345-1", text="the same, sent again")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["incident"] == first.json()["incident"]
    assert again.json()["same"] is True


def test_what_may_be_the_same_is_offered(hub: Hub) -> None:
    first = send(hub).json()
    alike = send(hub, lon=121.701, text="rubbish again")
    assert alike.status_code == HTTPStatus.CONFLICT
    (offered,) = alike.json()["similar"]
    assert (offered["number"], offered["distance_m"]) == (first["number"], 96)
    same = send(hub, lon=121.701, same_as=first["number"])
    assert (same.status_code, same.json()["number"], same.json()["same"]) == (201, first["number"], True)
    assert send(hub, lon=121.701, same_as="new").json()["number"] != first["number"]
    assert send(hub, lon=121.8).status_code == HTTPStatus.CREATED
    hub.clock.advance(25 * 3_600_000)
    assert send(hub).status_code == HTTPStatus.CREATED


def test_a_worse_report_raises_the_incident_it_joins(hub: Hub) -> None:
    receiver = Receiver("ops", "webhook", ("http://ops/hook",), people=False)
    hub.context.desk.teller.receivers = (receiver,)
    first = send(hub, level=3).json()

    def joined(level: int) -> tuple[int, int, int]:
        assert send(hub, level=level, same_as=first["number"]).json()["same"] is True
        with hub.records.read() as tx:
            row = incidents.get(tx, first["number"])
        assert row is not None
        return row.level, row.max_level, row.told_level

    def told() -> list[str]:
        with hub.records.read() as tx:
            return [each.type for each in notices.of_incident(tx, first["incident"])]

    with hub.records.read() as tx:
        before = incidents.get(tx, first["number"])
    assert joined(3) == joined(4) == (3, 3, 3)
    assert told() == ["incident.opened"]
    assert joined(1) == joined(2) == (1, 1, 1)
    assert told() == ["incident.opened", "incident.raised"]
    with hub.records.read() as tx:
        row = incidents.get(tx, first["number"])
        assert row is not None
        assert before is not None
        assert row.state == "verified"  # of this level nobody needs to look first
        assert (row.ack_by or 0) < (before.ack_by or 0)
        assert timers.get(tx, row.id, "late:ack") is not None
        assert timers.get(tx, row.id, "late:verify") is None
        assert incidents.first_bad(tx, row.id) is None
        assert incidents.replayed(tx, row.id) == row


def test_a_silence_of_that_level_keeps_a_raise_quiet_and_no_other(hub: Hub) -> None:
    hub.context.desk.teller.receivers = (Receiver("ops", "webhook", ("http://ops/hook",), people=False),)
    first = send(hub, level=4).json()
    wanted = Wanted({"incident": first["number"]}, level=3, ends=hub.clock.now() + 3_600_000)
    with hub.records.begin() as tx:
        create(tx, wanted, owner="wang", reason="works on the bridge", at=hub.clock.now())
    for level, kinds in ((3, ["incident.opened"]), (2, ["incident.opened", "incident.raised"])):
        send(hub, level=level, same_as=first["number"])
        with hub.records.read() as tx:
            assert [each.type for each in notices.of_incident(tx, first["incident"])] == kinds


def test_a_report_at_a_station_is_compared_with_the_station_s_incident(hub: Hub) -> None:
    alike = hub.post("/v1/reports", {"type": "discharge", "text": "brown water", "station": WATER}, "officer")
    assert alike.status_code == HTTPStatus.CONFLICT
    assert alike.json()["similar"][0]["distance_m"] == 0
    made = hub.post(
        "/v1/reports", {"type": "discharge", "text": "brown", "station": WATER, "same_as": "new"}, "officer"
    ).json()
    assert (made["place"], made["lon"]) == ("一号站", 121.6)


def test_points_of_chinese_maps_are_put_right(hub: Hub) -> None:
    report = send(hub, lon=121.60409757, lat=29.94737038, crs="gcj02", same_as="new").json()
    assert (report["lon"], report["lat"]) == (pytest.approx(121.6, abs=1e-6), pytest.approx(29.95, abs=1e-6))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"type": "magic"}, "type"),
        ({"text": ""}, "text"),
        ({"lon": None, "lat": None, "place": ""}, "place"),
        ({"station": "nowhere"}, "station"),
        ({"station": "north/water/none"}, "station"),
        ({"phone": "call me"}, "phone"),
        ({"seen": "noonish"}, "seen"),
        ({"same_as": "north-1"}, "same_as"),
        ({"level": 5}, "level"),
    ],
)
def test_what_is_not_as_expected_is_named(standing: Staff, body: dict[str, Any], field: str) -> None:
    refused = send(standing.hub, **body)
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert refused.json()["errors"][0]["field"] == field


def test_viewers_and_other_departments_do_not_report(hub: Hub) -> None:
    assert send(hub, "viewer").status_code == HTTPStatus.FORBIDDEN
    assert send(hub, "south", department="north").status_code == HTTPStatus.FORBIDDEN
    assert send(hub, "south").json()["department"] == "south"


def test_a_reporter_s_photo_is_evidence_of_before(hub: Hub, jpeg: bytes) -> None:
    report = send(hub, seen="2026-11-18T18:00:00+08:00").json()
    path = f"/v1/reports/{report['id']}/photos"
    taken = hub.ask("POST", path, "officer", content=jpeg, headers={"Content-Type": "image/jpeg"})
    assert (taken.json()["role"], taken.json()["sha256"]) == ("before", hashlib.sha256(jpeg).hexdigest())
    assert report["received"] == "2026-11-18T19:06:40+08:00", NOW
