"""Where vehicles are, the way they went, who passed through an area, and how they were driven."""

import csv
import io
import math
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.episode import take_transition
from alerts.telling import Site, Teller
from api.documents.vehicles import BehaviourAnswer, FlowAnswer, Track, Vehicle
from api.vehicles import reading
from api.vehicles import track as tracks
from api.vehicles.course import course_of
from api.vehicles.papers import Papers, PapersReader
from api.vehicles.path import Path
from api.vehicles.thin import thin_to_step, thin_to_width
from hub.alert import AlertTransition, Target, alert_id
from hub.bus import Message
from hub.event import DeviceEvent, encode_event
from hub.model import QUALITY_CODE, Check, Condition
from hub.topics import EVENTS
from tests.api.hub import NOW, Hub
from tests.engines import wait_until

SECOND, MINUTE = 1000, 60_000
TRUCK = "north/vehicle/zb-1"
START = NOW - 2 * 60 * MINUTE
STEP = 10 * SECOND
NORTH_STEP = 0.001
"""Degrees of latitude, 111.195 m."""


@pytest.fixture
def fleet(hub: Hub) -> Hub:
    """A hub with a truck in each department, both called zb-1, and a second one in the north."""
    for department, device in (("north", "zb-1"), ("south", "zb-1"), ("north", "zb-2")):
        entry = {"station": f"{department}/vehicle/{device}", "name_zh": "浙B·1", "name_en": "Truck", "period_s": 10}
        assert hub.post("/v1/devices", entry).status_code == 201
    return hub


def drive(hub: Hub, speeds: Sequence[float], start: int = START, lat: float = 29.9, station: str = TRUCK) -> list[int]:
    """Northward, one position every ten seconds: a step where the speed is above 0; the times."""
    times = [start + place * STEP for place in range(len(speeds))]
    norths = lat + NORTH_STEP * np.cumsum([0.0, *(speed > 0 for speed in speeds[1:])])
    rows = {"lon": [121.6] * len(times), "lat": norths.tolist(), "speed": list(speeds)}
    hub.write(station, {**rows, "heading": [0.0] * len(times), "load": [2.0] * len(times)}, times)
    return times


def ring(hub: Hub, rule: str, start: int, station: str = TRUCK, level: int = 2) -> None:
    """An alert of the vehicle, fired and standing."""
    target = Target(*station.split("/"))
    transition = AlertTransition(
        alert_id(rule, target, start), 1, rule, 0, target, level, Condition.ACTIVE, start, start, start, fired=start
    )
    with hub.records.begin() as tx:
        take_transition(tx, Teller(Site.of(hub.settings), []), transition, recorded=hub.clock.now())


def track(hub: Hub, query: str = "", station: str = TRUCK) -> dict[str, Any]:
    answer = hub.get(f"/v1/vehicles/{station}/track?from=-3h{query}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    Track.model_validate(body, strict=True)
    return body


def test_a_vehicle_is_shown_with_its_newest_position_and_what_rings(fleet: Hub) -> None:
    drive(fleet, [40.0, 50.0], NOW - 20 * SECOND)
    ring(fleet, "event:fatigue", NOW - 15 * SECOND)
    items = fleet.get("/v1/vehicles").json()["items"]
    assert [f"{item['department']}/{item['device']}" for item in items] == ["north/zb-1", "north/zb-2", "south/zb-1"]
    for item in items:
        Vehicle.model_validate(item, strict=True)
    truck = items[0]
    assert (truck["state"], truck["speed"], truck["heading"], truck["load"]) == ("online", 50.0, 0.0, "full")
    assert (truck["lon"], truck["lat"], truck["fixed"]) == (121.6, pytest.approx(29.901), True)
    assert truck["position_age_s"] == 10.0
    assert [(one["type"], one["level"]) for one in truck["alarms"]] == [("fatigue", 2)]
    assert items[1]["state"] == "never"
    assert items[1]["lon"] is None
    assert fleet.get(f"/v1/vehicles/{TRUCK}").json() == truck
    assert [one["department"] for one in fleet.get("/v1/vehicles", "north").json()["items"]] == ["north", "north"]
    assert fleet.get("/v1/vehicles/south/vehicle/zb-1", "north").status_code == 404


def test_a_newest_place_that_is_none_is_not_shown_as_one(fleet: Hub) -> None:
    drive(fleet, [40.0], NOW - 60 * SECOND)
    fleet.write(TRUCK, {"lon": [0.0], "lat": [0.0]}, [NOW - 20 * SECOND], checks=[int(Check.RANGE)])
    fleet.write(TRUCK, {"speed": [33.0]}, [NOW - 20 * SECOND])
    truck = fleet.get(f"/v1/vehicles/{TRUCK}").json()
    assert (truck["lon"], truck["position_age_s"], truck["speed"]) == (121.6, 60.0, 33.0)
    fleet.write(TRUCK, {"lon": [121.7], "lat": [29.9]}, [NOW - 10 * SECOND], quality=[QUALITY_CODE["D"]])
    fleet.clock.advance(2 * SECOND)
    truck = fleet.get(f"/v1/vehicles/{TRUCK}").json()
    assert (truck["lon"], truck["fixed"], truck["speed"]) == (121.7, False, None)


def test_the_list_is_paged_bounded_and_had_as_files(fleet: Hub) -> None:
    drive(fleet, [40.0], NOW - 20 * SECOND)
    first = fleet.get("/v1/vehicles?limit=2").json()
    rest = fleet.get(f"/v1/vehicles?limit=2&cursor={first['next']}").json()
    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [2, 1, None]
    inside = fleet.get("/v1/vehicles?bbox=121.5,29.8,121.7,30&format=geojson").json()["features"]
    assert [one["id"] for one in inside] == [TRUCK]
    assert inside[0]["geometry"]["coordinates"] == [121.6, 29.9]
    assert not fleet.get("/v1/vehicles?bbox=120,29.8,121,30").json()["items"]
    rows = list(csv.DictReader(io.StringIO(fleet.get("/v1/vehicles?format=csv").text)))
    assert [row["device"] for row in rows] == ["zb-1", "zb-2", "zb-1"]
    for wrong in ("1,2", "121.7,29,121.6,30", "a,b,c,d", "-181,0,1,1"):
        assert fleet.get(f"/v1/vehicles?bbox={wrong}").status_code == 422, wrong


def test_a_track_has_stops_gaps_alarms_distance_and_top_speed(fleet: Hub) -> None:
    times = drive(fleet, [30.0] * 10 + [0.0] * 30 + [40.0] * 5 + [72.0] + [40.0] * 4)
    later = drive(fleet, [20.0] * 5, times[-1] + 10 * MINUTE, 30.2)
    ring(fleet, "event:overspeed", times[45] + 3 * SECOND)
    ring(fleet, "event:fatigue", times[-1] + 5 * MINUTE)
    body = track(fleet)
    assert [len(part) for part in body["parts"]] == [50, 5]
    assert body["positions"] == body["shown"] == 55
    [stop] = body["stops"]
    assert (stop["seconds"], stop["lon"]) == (300.0, 121.6)
    [gap] = body["gaps"]
    assert gap["seconds"] == (later[0] - times[-1]) / 1000
    assert body["max_speed"]["speed"] == 72.0
    assert body["distance_km"] == pytest.approx(0.111195 * (9 + 10 + 4), abs=0.001)
    lats = [row[2] for row in body["parts"][0]]
    assert [(one["type"], one["lat"]) for one in body["alarms"]] == [("overspeed", lats[45]), ("fatigue", None)]


def test_what_is_no_place_is_left_out_and_counted(fleet: Hub) -> None:
    times = drive(fleet, [36.0] * 9)
    for place, lon, flags in (
        (2, 121.6, {"quality": [QUALITY_CODE["D"]]}),
        (4, 0.0, {"checks": [int(Check.RANGE)]}),
        (6, 121.9, {}),
    ):
        fleet.write(TRUCK, {"lon": [lon], "lat": [29.9]}, [times[place]], **flags)
    body = track(fleet)
    assert body["left_out"] == {"unfixed": 1, "doubtful": 1, "jumps": 1}
    assert {row[1] for part in body["parts"] for row in part} == {121.6}


def test_a_thinned_track_keeps_stops_alarms_and_speed_peaks(fleet: Hub) -> None:
    speeds = [30.0] * 100 + [0.0] * 40 + [30.0] * 100
    speeds[50], speeds[200] = 95.0, 88.0
    times = drive(fleet, speeds)
    ring(fleet, "event:overspeed", times[173])
    for query in ("&width=16", "&step=10m"):
        body = track(fleet, query)
        kept = {(row[0], row[3]) for part in body["parts"] for row in part}
        clock = {time for time, _ in kept}
        assert body["shown"] < 60 < body["positions"] == 240
        assert {95.0, 88.0} <= {speed for _, speed in kept}
        assert {body["stops"][0]["from"], body["stops"][0]["to"], body["alarms"][0]["from"]} <= clock


def test_a_track_is_had_in_every_form(fleet: Hub) -> None:
    times = drive(fleet, [30.0] * 30)
    drive(fleet, [30.0] * 3, times[-1] + 10 * MINUTE, 30.2)
    ring(fleet, "event:overspeed", times[5])
    geo = fleet.get(f"/v1/vehicles/{TRUCK}/track?from=-3h&format=geojson").json()
    lines = [one for one in geo["features"] if one["properties"]["what"] == "part"]
    assert [len(one["geometry"]["coordinates"]) for one in lines] == [30, 3]
    assert [len(one["properties"]["coordTimes"]) for one in lines] == [30, 3]
    text = fleet.get(f"/v1/vehicles/{TRUCK}/track?from=-3h&format=gpx").text
    gpx = ET.fromstring(text)  # noqa: S314 - our own answer
    space = {"g": "http://www.topografix.com/GPX/1/1"}
    assert [len(one) for one in gpx.findall(".//g:trkseg", space)] == [30, 3]
    assert [one.text for one in gpx.findall("./g:wpt/g:name", space)] == ["overspeed"]
    rows = list(csv.DictReader(io.StringIO(fleet.get(f"/v1/vehicles/{TRUCK}/track?from=-3h&format=csv").text)))
    assert [row["part"] for row in rows] == ["0"] * 30 + ["1"] * 3
    for form in ("xlsx", "parquet"):
        assert fleet.get(f"/v1/vehicles/{TRUCK}/track?from=-3h&format={form}").status_code == 200
    assert fleet.get(f"/v1/vehicles/{TRUCK}/track?format=svg").status_code == 422


def test_a_device_alone_is_taken_where_it_names_one_vehicle(fleet: Hub) -> None:
    drive(fleet, [30.0] * 3)
    both = fleet.get("/v1/vehicles/zb-1/track?from=-3h")
    assert (both.status_code, both.json()["candidates"]) == (409, [TRUCK, "south/vehicle/zb-1"])
    assert fleet.get("/v1/vehicles/zb-1/track?from=-3h", "north").json()["positions"] == 3
    assert fleet.get("/v1/vehicles/zb-9/track").status_code == 404
    assert fleet.get("/v1/vehicles/south/vehicle/zb-1/track", "north").status_code == 404
    assert fleet.get("/v1/vehicles/north/water/st-1/track").status_code == 422


def test_too_much_is_refused_with_what_is_allowed(fleet: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    day = 24 * 60 * MINUTE
    for place in range(3):
        drive(fleet, [30.0] * 20, NOW - (3 - place) * day)
    monkeypatch.setattr(reading.check_size, "__defaults__", (50,))
    refused = fleet.get(f"/v1/vehicles/{TRUCK}/track?from=-4d")
    assert refused.status_code == 422
    [error] = refused.json()["errors"]
    assert error["field"] == "to"
    until = error["expected"].split()[0]
    allowed = fleet.get(f"/v1/vehicles/{TRUCK}/track", params={"from": "-4d", "to": until})
    assert allowed.json()["positions"] == 40
    assert fleet.get(f"/v1/vehicles/{TRUCK}/track?step=1m&width=100").status_code == 422
    assert fleet.get(f"/v1/vehicles/{TRUCK}/track?step=1d").status_code == 422


def test_more_than_a_form_can_hold_is_refused_with_a_step_that_fits(
    fleet: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    drive(fleet, [30.0] * 200)
    monkeypatch.setattr(tracks, "MOST_ROWS", 60)
    refused = fleet.get(f"/v1/vehicles/{TRUCK}/track?from=-2h&to=now")
    [error] = refused.json()["errors"]
    assert (refused.status_code, error["field"]) == (422, "step")
    step = error["expected"].split("step=")[1].split()[0]
    assert 0 < fleet.get(f"/v1/vehicles/{TRUCK}/track?from=-2h&to=now&step={step}").json()["shown"] <= 60
    assert fleet.get(f"/v1/vehicles/{TRUCK}/track?from=-2h&to=now&format=csv").text.count("\n") == 201


@pytest.mark.parametrize("area", ["bbox=121.5,29.9045,121.7,29.9095", "polygon=121.5,29.9045 121.7,29.9045 121.6,30"])
def test_flows_count_who_was_in_an_area_came_and_went(fleet: Hub, area: str) -> None:
    drive(fleet, [30.0] * 20)
    drive(fleet, [30.0] * 3, station="north/vehicle/zb-2")
    body = fleet.get(f"/v1/vehicles/flows?{area}&every=1h&from=-3h").json()
    FlowAnswer.model_validate(body, strict=True)
    seen, inside, entered, left = (
        [one[name] for one in body["items"]] for name in ("seen", "inside", "entered", "left")
    )
    assert (seen, inside, entered) == ([2], [1], [1])
    assert left == ([1] if area.startswith("bbox") else [0])
    hours = 40 if area.startswith("bbox") else 140
    assert body["items"][0]["hours"] == pytest.approx(hours / 3600, abs=1e-4)


def test_flows_want_one_area_that_can_be_one(fleet: Hub) -> None:
    for wrong in ("", "bbox=1,1,2,2&polygon=1,1 2,2 3,1", "polygon=1,1 2,2", "polygon=1,1 2,200 3,3", "bbox=x"):
        assert fleet.get(f"/v1/vehicles/flows?{wrong}").status_code == 422, wrong
    assert fleet.get("/v1/vehicles/flows?bbox=1,1,2,2&every=1s&from=-30d").status_code == 422


def test_behaviour_counts_findings_by_vehicle_and_type(fleet: Hub) -> None:
    for place in range(3):
        ring(fleet, "event:overspeed", START + place * MINUTE, level=3 - place % 2)
    ring(fleet, "event:fatigue", START)
    ring(fleet, "vehicle-speed", START)
    ring(fleet, "event:overspeed", START, "south/vehicle/zb-1")
    body = fleet.get("/v1/vehicles/behaviour?from=-3h").json()
    BehaviourAnswer.model_validate(body, strict=True)
    counts = [(one["department"], one["type"], one["count"], one["level"]) for one in body["items"]]
    assert counts == [("north", "fatigue", 1, 2), ("north", "overspeed", 3, 2), ("south", "overspeed", 1, 2)]
    assert len(fleet.get("/v1/vehicles/behaviour?from=-3h", "north").json()["items"]) == 2
    assert "overspeed" in fleet.get("/v1/vehicles/behaviour?from=-3h&format=csv").text


def test_waybill_and_driver_are_read_from_the_bus(fleet: Hub) -> None:
    def note(type_: str, text: str = "", time: int = NOW, **values: float | str) -> Message:
        event = DeviceEvent("note", TRUCK, time, time, type_, 4, text, dict(values))
        return Message(EVENTS, TRUCK.encode(), encode_event(event))

    papers: Papers = fleet.context.papers
    reader = PapersReader(fleet.bus, papers)
    fleet.bus.append(
        [note("waybill", "ZH-7"), note("waybill", "old", NOW - 1), note("driver", status=1.0, name="李某")]
    )
    fleet.bus.append([Message(EVENTS, b"x", b"not an event")])
    reader.start()
    try:
        wait_until(lambda: (one := papers.of(TRUCK)) is not None and one.driver is not None, 10, "the papers are read")
        truck = fleet.get(f"/v1/vehicles/{TRUCK}").json()
        assert (truck["waybill"], truck["driver"]) == ("ZH-7", "李某")
        fleet.bus.append([note("driver", time=NOW + 1, status=2.0)])
        wait_until(lambda: (one := papers.of(TRUCK)) is not None and one.driver is None, 10, "the card was drawn")
    finally:
        reader.close()


def test_the_map_below_is_the_operator_s_file_where_there_is_one(hub: Hub) -> None:
    sketch = hub.get("/map/base").json()
    assert {one["properties"]["class"] for one in sketch["features"]} >= {"land", "water", "road", "border"}
    (hub.settings.hub.data / "map.geojson").write_text('{"type": "FeatureCollection", "features": []}', "utf-8")
    assert hub.get("/map/base").json()["features"] == []
    assert hub.get("/map/base", None).status_code == 401


moves = st.lists(
    st.tuples(st.integers(1, 90), st.floats(-300, 300), st.floats(-300, 300), st.floats(0, 120)),
    min_size=3,
    max_size=80,
)


@given(moves, st.integers(16, 400))
@settings(max_examples=60, deadline=None)
def test_what_is_left_out_was_where_the_drawing_says_to_one_pixel(
    moved: list[tuple[int, float, float, float]], width: int
) -> None:
    path = _path(moved)
    course = course_of(path, 60 * SECOND)
    kept = thin_to_width(course, width, np.zeros(len(path), np.bool_))
    east, north = path.flat()
    pixel = max(float(np.ptp(east)), float(np.ptp(north))) / width
    shown = np.flatnonzero(kept)
    assert {0, len(path) - 1, *course.gaps.tolist(), *(course.gaps + 1).tolist()} <= set(shown.tolist())
    for line in (east, north):
        drawn = np.interp(path.time, path.time[shown], line[shown])
        assert np.abs(drawn - line).max() <= pixel * 1.001 + 1e-6
    assert path.speed.max() == path.speed[kept].max()


@given(moves, st.integers(1, 600))
@settings(max_examples=40, deadline=None)
def test_a_step_keeps_the_first_and_the_fastest_of_each(
    moved: list[tuple[int, float, float, float]], step: int
) -> None:
    path = _path(moved)
    kept = thin_to_step(course_of(path, 60 * SECOND), step * SECOND, np.zeros(len(path), np.bool_))
    column = path.time // (step * SECOND)
    for one in np.unique(column):
        mine = np.flatnonzero(column == one)
        assert kept[mine[0]]
        assert path.speed[mine].max() in (0.0, *path.speed[mine][kept[mine]])


def _path(moved: list[tuple[int, float, float, float]]) -> Path:
    seconds, east, north, speed = (np.array(column, float) for column in zip(*moved, strict=True))
    count = len(moved)
    lat = 29.9 + np.cumsum(north) / 111_195
    lon = 121.6 + np.cumsum(east) / 111_195 / math.cos(math.radians(29.9))
    blank, zeros = np.full(count, np.nan), np.zeros(count, np.uint8)
    return Path((START + np.cumsum(seconds) * SECOND).astype(np.int64), lon, lat, speed, blank, blank, zeros, zeros)
