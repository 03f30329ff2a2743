"""Clauses 8 and 9.2 of 18-088: the entities, their control information, and the paths that lead to them."""

from typing import Any

import pytest

from api.sta.model import SETS, TYPES
from tests.api.hub import NOW
from tests.sta.world import COUNT, MINUTE, NH3, PH, PM, TIMES, World

LAST = f"{PH}~{NOW - MINUTE}"
TRUCK = "north~vehicle~truck-1"
SPOT = f"{TRUCK}~{NOW - MINUTE}"

IDS = {
    "Things": TRUCK,
    "Locations": SPOT,
    "HistoricalLocations": SPOT,
    "Datastreams": PH,
    "Sensors": "north~water~st-1",
    "ObservedProperties": "ph",
    "Observations": LAST,
    "FeaturesOfInterest": "north~water~st-1",
}


def test_the_root_lists_the_sets_and_what_is_fulfilled(world: World) -> None:
    body = world.get("")
    assert [one["name"] for one in body["value"]] == list(SETS)
    assert all(one["url"] == f"http://hub/sta/v1.1/{one['name']}" for one in body["value"])
    conformance = body["serverSettings"]["conformance"]
    assert "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/filter" in conformance
    assert not any("create-update-delete" in one for one in conformance)
    assert world.get("/") == body


@pytest.mark.parametrize("name", SETS)
def test_each_entity_has_its_properties_and_leads_to_its_neighbours(world: World, name: str) -> None:
    kind, entity = SETS[name], world.get(f"/{name}('{IDS[name]}')")
    assert entity["@iot.id"] == IDS[name]
    assert entity["@iot.selfLink"] == f"http://hub/sta/v1.1/{name}('{IDS[name]}')"
    optional = {"validTime", "parameters"}
    assert set(kind.properties) - optional <= set(entity)
    for link in kind.links.values():
        address = entity[f"{link.name}@iot.navigationLink"].removeprefix("http://hub/sta/v1.1")
        reached = world.get(address)
        one = reached["value"] if link.many else [reached]
        assert one
        assert all(f"/{TYPES[link.target].plural}('" in each["@iot.selfLink"] for each in one)


def test_sets_hold_what_the_register_and_the_store_have(world: World) -> None:
    assert world.ids("/Things") == sorted(["north~water~gateway", "north~water~st-1", "south~air~st-2", TRUCK])
    assert world.ids("/ObservedProperties") == ["lat", "lon", "nh3_n", "ph", "pm2_5", "speed"]
    assert set(world.ids("/Datastreams")) == {NH3, PH, PM, *(f"{TRUCK}~{name}" for name in ("lat", "lon", "speed"))}
    assert world.ids("/Locations") == [SPOT, "north~water~st-1"]
    assert world.get("/HistoricalLocations?$count=true&$top=0") == {"@iot.count": COUNT, "value": []}


def test_a_datastream_says_what_it_covers(world: World) -> None:
    stream = world.get(f"/Datastreams('{NH3}')")
    assert stream["unitOfMeasurement"] == {"name": "mg/L", "symbol": "mg/L", "definition": "ucum:mg/L"}
    assert stream["phenomenonTime"] == "2026-11-18T07:46:40Z/2026-11-18T11:05:40Z"
    assert stream["observedArea"] == {"type": "Point", "coordinates": [121.6, 29.95]}


def test_a_result_has_its_quality_beside_it(world: World) -> None:
    flagged = world.get(f"/Observations('{PH}~{TIMES[3]}')")
    assert flagged["result"] == pytest.approx(7.03)
    assert flagged["phenomenonTime"] == flagged["resultTime"] == "2026-11-18T07:49:40Z"
    assert flagged["resultQuality"] == {"quality": "F", "checks": [], "valid": False}
    checked = world.get(f"/Observations('{PH}~{TIMES[7]}')/resultQuality")
    assert checked == {"resultQuality": {"quality": "", "checks": ["range"], "valid": False}}


def test_a_vehicle_is_where_it_was(world: World) -> None:
    [now] = world.get(f"/Things('{TRUCK}')/Locations")["value"]
    assert now["location"] == {"type": "Point", "coordinates": [pytest.approx(121.699), pytest.approx(29.9995)]}
    then = world.get(f"/Things('{TRUCK}')/HistoricalLocations?$top=1&$expand=Locations,Thing($select=id)")["value"][0]
    assert then["time"] == "2026-11-18T07:46:40Z"
    assert then["Locations"][0]["location"]["coordinates"] == [121.5, 29.9]
    assert then["Thing"] == {"@iot.id": TRUCK}
    whole = [one["@iot.id"] for page in world.pages(f"/Things('{TRUCK}')/HistoricalLocations?$top=60") for one in page]
    assert whole == [f"{TRUCK}~{time}" for time in TIMES]
    back = [one["@iot.id"] for page in world.pages("/HistoricalLocations?$top=60&$orderby=time desc") for one in page]
    assert back == whole[::-1]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/Things('north~water~st-1')/name", {"name": "一号站"}),
        ("/Things('north~water~st-1')/properties/kind", {"kind": "water"}),
        (f"/Datastreams('{PH}')/Thing/id", {"id": "north~water~st-1"}),
        (f"/Datastreams('{PH}')/Thing/$ref", {"@iot.selfLink": "http://hub/sta/v1.1/Things('north~water~st-1')"}),
        (
            "/Things('south~air~st-2')/Datastreams/$ref",
            {"value": [{"@iot.selfLink": f"http://hub/sta/v1.1/Datastreams('{PM}')"}]},
        ),
        (f"/Things('north~water~st-1')/Datastreams('{PH}')/ObservedProperty/name", {"name": "ph"}),
        (f"/Datastreams('{PH}')/Observations('{LAST}')/result", {"result": pytest.approx(8.99)}),
    ],
)
def test_paths_lead_to_properties_and_references(world: World, path: str, expected: Any) -> None:
    assert world.get(path) == expected


def test_a_value_alone_is_plain(world: World) -> None:
    answer = world.ask("/Things('north~water~st-1')/name/$value")
    assert (answer.text, answer.headers["content-type"]) == ("一号站", "text/plain; charset=utf-8")
    assert world.ask(f"/Observations('{LAST}')/validTime").status_code == 204
    assert world.ask("/Things('north~water~st-1')/properties/none").status_code == 204


@pytest.mark.parametrize(
    "path",
    [
        "/Nothing",
        "/Things('none')",
        "/Things(7)",
        "/Things('north~water~st-1')/Datastreams('south~air~st-2~pm2_5')",
        "/Things('north~water~st-1')/nothing",
        "/Things/name",
        "/Datastreams('north~water~st-1~none')",
        f"/Datastreams('{NH3}')/Observations('{LAST}')",
        f"/Observations('{PH}~12')",
        f"/Observations('{PH}~x')",
        f"/Datastreams('{PH}')/Thing('north~water~st-1')",
        "/Things('north~water~st-1",
        "/Locations('north~vehicle~truck-1')",
    ],
)
def test_what_is_not_there_is_404_in_the_clients_shape(world: World, path: str) -> None:
    answer = world.ask(path)
    assert answer.status_code == 404
    body = answer.json()
    assert (body["code"], body["type"]) == (404, "error")
    assert body["message"]


def test_departments_are_kept_apart(world: World) -> None:
    assert world.ids("/Things", "north") == ["north~vehicle~truck-1", "north~water~gateway", "north~water~st-1"]
    assert world.get("/Observations?$count=true&$top=0", "south")["@iot.count"] == COUNT
    assert set(world.ids("/Observations?$top=50", "south")) == {f"{PM}~{time}" for time in TIMES[:50]}
    assert world.ask(f"/Datastreams('{PH}')", "south").status_code == 404
    assert world.ask(f"/Observations('{LAST}')", "south").status_code == 404
    assert "ph" not in world.ids("/ObservedProperties", "south")
    assert world.ask("/Things", "device").status_code == 403


def test_nobody_unknown_is_answered_and_the_token_may_be_a_password(world: World) -> None:
    refused = world.ask("/Things", None)
    assert refused.status_code == 401
    assert "Basic" in refused.headers["www-authenticate"]
    asker, token = world.asker, world.hub.tokens["north"]
    assert asker.ask("GET", "/sta/v1.1/Things", None, auth=("anybody", token)).status_code == 200
    assert asker.ask("GET", "/sta/v1.1/Things", None, auth=("anybody", "wrong")).status_code == 401
    assert asker.ask("GET", "/v1/stations", None, auth=("anybody", token)).status_code == 401
    assert asker.ask("POST", "/sta/v1.1/Things", token, json={}).status_code == 405
