"""Clause 9.3 of 18-088: which entities an expression holds for."""

import pytest

from tests.sta.world import COUNT, NH3, PH, PM, TIMES, World

STATION, TRUCK, AIR, GATEWAY = "north~water~st-1", "north~vehicle~truck-1", "south~air~st-2", "north~water~gateway"
BOX = "geography'POLYGON((121.55 29.9, 121.65 29.9, 121.65 30, 121.55 30, 121.55 29.9))'"

THINGS = [
    ("name eq '一号站'", [STATION]),
    ("id eq 'south~air~st-2' or @iot.id eq 'north~water~st-1'", [STATION, AIR]),
    ("properties/kind eq 'water'", [GATEWAY, STATION]),
    ("properties/kind in ('air','vehicle') and not endswith(id,'-2')", [TRUCK]),
    ("not properties/kind eq 'water' and properties/period_s ge 60", [TRUCK, AIR]),
    ("properties/period_s eq null", [GATEWAY]),
    ("properties/nothing/deeper ne null", []),
    ("substringof('Truck',description)", [TRUCK]),
    ("startswith(tolower(description),'station south')", [AIR]),
    ("length(properties/device) eq 4 and indexof(id,'st-1') gt 0", [STATION]),
    ("concat(properties/department,substring(id,5,2)) eq 'north~v'", [TRUCK]),
    ("trim(toupper(properties/name_en)) eq 'STATION 2'", [AIR]),
    ("properties/period_s mul 2 add 5 div 5 eq 121", [TRUCK, STATION, AIR]),
    ("properties/period_s sub 1 mod 2 eq 1 or false", []),
    ("(properties/period_s sub 1) mod 2 eq 1", [TRUCK, STATION, AIR]),
    ("round(properties/period_s div 7) eq 9 and floor(7.9) eq 7 and ceiling(7.1) eq 8", [TRUCK, STATION, AIR]),
    ("Datastreams/ObservedProperty/name eq 'ph'", [STATION]),
    ("Datastreams/ObservedProperty/name eq 'ph' and Datastreams/id eq 'north~water~st-1~nh3_n'", []),
    ("Locations/location/type eq 'Point'", [TRUCK, STATION]),
    ("Datastreams/id eq null", [GATEWAY]),
]


@pytest.mark.parametrize(("expression", "expected"), THINGS)
def test_things_are_filtered(world: World, expression: str, expected: list[str]) -> None:
    assert world.ids(f"/Things?$filter={expression}") == sorted(expected)


PLACES = [
    (f"st_within(location, {BOX})", [STATION]),
    (f"geo.intersects(location, {BOX})", [STATION]),
    (f"st_disjoint(location, {BOX})", [TRUCK]),
    ("geo.distance(location, geography'POINT(121.6 29.95)') lt 0.001", [STATION]),
    ("geo.distance(location, geography'POINT(121.6 29.95)') lt 1", [TRUCK, STATION]),
    ("st_equals(location, geography'POINT(121.6 29.95)')", [STATION]),
    ("st_relate(location, geography'POINT(121.6 29.95)', 'T********')", [STATION]),
    ("location/type eq 'Point' or location/geometry/type eq 'Point'", [TRUCK, STATION]),
    ("location/coordinates/1 lt 29.96", [STATION]),
]


@pytest.mark.parametrize(("expression", "expected"), PLACES)
def test_places_are_filtered(world: World, expression: str, expected: list[str]) -> None:
    found = [one.removesuffix(f"~{TIMES[-1]}") for one in world.ids(f"/Locations?$filter={expression}")]
    assert found == sorted(expected)


def _numbers(*wanted: int, stream: str = PH) -> list[str]:
    return [f"{stream}~{TIMES[i]}" for i in wanted]


OBSERVATIONS = [
    ("phenomenonTime ge 2026-11-18T11:04:40Z", _numbers(198, 199)),
    ("phenomenonTime gt 2026-11-18T19:04:40+08:00", _numbers(199)),
    ("phenomenonTime lt '2026-11-18T07:48:00Z'", _numbers(0, 1)),
    ("2026-11-18T07:47:40Z ge resultTime", _numbers(0, 1)),
    ("phenomenonTime eq 2026-11-18T07:47:40Z", _numbers(1)),
    ("phenomenonTime gt now() sub duration'PT2M'", _numbers(199)),
    ("phenomenonTime lt mindatetime() or phenomenonTime gt maxdatetime()", []),
    ("result gt 8.975", _numbers(198, 199)),
    ("result ge 7.02 and result lt 7.035", _numbers(2, 3)),
    ("not (result lt 8.985)", _numbers(199)),
    ("result add 1 gt 9.985", _numbers(199)),
    ("result lt 7.045 and resultQuality/valid eq true", _numbers(0, 1, 2, 4)),
    ("result lt 7.045 and resultQuality/quality eq 'F'", _numbers(3)),
    ("hour(phenomenonTime) eq 11 and minute(phenomenonTime) ge 5", _numbers(199)),
    ("date(phenomenonTime) eq 2026-11-18 and time(phenomenonTime) lt 07:47:00", _numbers(0)),
    ("year(phenomenonTime) mul 100 add month(phenomenonTime) eq 202611 and result lt 7.005", _numbers(0)),
    ("second(phenomenonTime) eq 40 and fractionalseconds(phenomenonTime) eq 0 and day(resultTime) eq 19", []),
    (f"id eq '{PH}~{TIMES[5]}'", _numbers(5)),
    (f"id eq '{NH3}~{TIMES[5]}'", []),
    ("phenomenonTime lt 2026-11-18T07:47:00Z/2026-11-19T00:00:00Z", _numbers(0)),
    ("1 eq 2", []),
]


@pytest.mark.parametrize(("expression", "expected"), OBSERVATIONS)
def test_observations_of_a_datastream_are_filtered(world: World, expression: str, expected: list[str]) -> None:
    path = f"/Datastreams('{PH}')/Observations?$filter={expression}"
    assert world.ids(path) == expected
    assert world.ids(path + "&$orderby=phenomenonTime desc") == expected[::-1]
    assert world.get(path + "&$count=true&$top=1")["@iot.count"] == len(expected)


@pytest.mark.parametrize(
    ("expression", "stream"),
    [
        ("Datastream/ObservedProperty/name eq 'pm2_5'", PM),
        (f"Datastream/@iot.id eq '{NH3}'", NH3),
        ("Datastream/unitOfMeasurement/symbol eq 'ug/m3'", PM),
        ("FeatureOfInterest/id eq 'south~air~st-2'", PM),
        (f"Datastream/Thing/Locations/location ne null and Datastream/id eq '{PH}'", PH),
    ],
)
def test_observations_are_found_by_where_they_belong(world: World, expression: str, stream: str) -> None:
    body = world.get(f"/Observations?$top=5&$count=true&$filter={expression}")
    assert [one["@iot.id"] for one in body["value"]] == _numbers(0, 1, 2, 3, 4, stream=stream)
    assert body["@iot.count"] == COUNT
    narrowed = f"/Observations?$filter={expression} and phenomenonTime ge 2026-11-18T11:05:40Z"
    assert world.ids(narrowed) == _numbers(199, stream=stream)


def test_historical_locations_are_filtered_by_time_and_place(world: World) -> None:
    assert world.ids("/HistoricalLocations?$filter=time lt 2026-11-18T07:48:00Z") == [
        f"{TRUCK}~{TIMES[i]}" for i in (0, 1)
    ]
    wanted = "/HistoricalLocations?$filter=st_within(Locations/location, " + BOX + ")&$count=true&$top=1"
    assert world.get(wanted)["@iot.count"] == 99
    assert world.ids(f"/HistoricalLocations?$filter=id eq '{TRUCK}~{TIMES[9]}'") == [f"{TRUCK}~{TIMES[9]}"]
