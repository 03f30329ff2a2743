"""Clause 9.3 of 18-088: expand, select, order, pages, counts and data arrays."""

import pytest

from api.sta.options import MOST
from tests.sta.world import COUNT, NH3, PH, PM, TIMES, TRUCK, World, incoming

TRUCK_ID = "north~vehicle~truck-1"
STREAMS = ("north~vehicle~truck-1~lat", "north~vehicle~truck-1~lon", "north~vehicle~truck-1~speed", NH3, PH, PM)


def test_expand_follows_links_at_any_depth_with_options_of_their_own(world: World) -> None:
    inner = (
        "Observations($orderby=phenomenonTime desc;$top=2;$select=result;$count=true),ObservedProperty($select=name)"
    )
    body = world.get(f"/Things?$filter=name eq '一号站'&$select=name&$expand=Datastreams($select=id;$expand={inner})")
    [thing] = body["value"]
    assert set(thing) == {"name", "Datastreams"}
    assert [one["@iot.id"] for one in thing["Datastreams"]] == [NH3, PH]
    first = thing["Datastreams"][0]
    assert first["ObservedProperty"] == {"name": "nh3_n"}
    assert first["Observations"] == [{"result": pytest.approx(19.9)}, {"result": pytest.approx(19.8)}]
    assert first["Observations@iot.count"] == COUNT
    link = first["Observations@iot.nextLink"].removeprefix("http://hub")
    following = world.asker.ask("GET", link, world.hub.tokens["admin"]).json()
    assert following["value"] == [{"result": pytest.approx(19.7)}, {"result": pytest.approx(19.6)}]
    assert following["@iot.count"] == COUNT


def test_expand_may_be_written_as_a_path(world: World) -> None:
    body = world.get(f"/Observations('{PH}~{TIMES[0]}')?$expand=Datastream/Thing/Locations,Datastream/Sensor")
    assert body["Datastream"]["Thing"]["Locations"][0]["location"]["coordinates"] == [121.6, 29.95]
    assert body["Datastream"]["Sensor"]["metadata"] == "http://hub/v1/stations/north/water/st-1"


def test_expanded_sets_are_filtered_and_skipped(world: World) -> None:
    body = world.get("/Things('north~water~st-1')?$expand=Datastreams($filter=name ne null;$orderby=id desc;$skip=1)")
    assert [one["@iot.id"] for one in body["Datastreams"]] == [NH3]


def test_select_keeps_what_it_names(world: World) -> None:
    [one] = world.get("/Things?$select=id,name,Datastreams&$top=1&$skip=2")["value"]
    assert set(one) == {"@iot.id", "name", "Datastreams@iot.navigationLink"}
    assert set(world.get("/ObservedProperties('ph')?$select=@iot.selfLink")) == {"@iot.selfLink"}


def test_order_is_by_any_expression_then_by_id(world: World) -> None:
    assert world.ids("/Datastreams?$orderby=ObservedProperty/name desc&$top=2") == [STREAMS[2], PM]
    assert world.ids("/Datastreams?$orderby=Thing/properties/kind,id desc&$top=3") == [PM, STREAMS[2], STREAMS[1]]
    by_result = world.ids(f"/Datastreams('{PH}')/Observations?$orderby=result mul -1&$top=2")
    assert by_result == [f"{PH}~{TIMES[199]}", f"{PH}~{TIMES[198]}"]


@pytest.mark.parametrize(
    "path",
    [
        "/Datastreams?$top=4",
        "/Datastreams?$top=1&$orderby=ObservedProperty/name desc",
        "/Datastreams?$top=2&$orderby=properties/high desc,name",
        "/Observations?$top=130",
        "/Observations?$top=130&$orderby=phenomenonTime desc",
        "/Observations?$top=70&$filter=result gt 7.5 and Datastream/Thing/properties/kind eq 'water'",
        "/Observations?$top=70&$orderby=phenomenonTime desc&$filter=resultQuality/valid eq true",
        f"/Datastreams('{PH}')/Observations?$top=33&$orderby=resultQuality/quality,result desc",
        "/FeaturesOfInterest('north~water~st-1')/Observations?$top=77&$orderby=id",
    ],
)
def test_pages_by_key_give_everything_once(world: World, path: str) -> None:
    pages = list(world.pages(path))
    found = [one["@iot.id"] for page in pages for one in page]
    assert len(pages) > 1
    assert len(set(found)) == len(found)
    counted = world.get(path.partition("$top")[0] + "$top=0&$count=true&" + path.partition("&")[2])
    assert len(found) == counted["@iot.count"]
    assert (
        found == world.ids(path.partition("?")[0] + f"?$top={MOST}&" + path.partition("&")[2])[:MOST]
        or len(found) > MOST
    )


def test_values_of_one_time_are_never_torn_by_a_page(world: World) -> None:
    for size in (1, 2, 3, 5):
        pages = world.pages(f"/Observations?$top={size}&$filter=phenomenonTime lt 2026-11-18T07:49:00Z")
        found = [one["@iot.id"] for page in pages for one in page]
        assert found == [f"{stream}~{time}" for time in TIMES[:3] for stream in STREAMS]


def test_skip_and_top_and_count(world: World) -> None:
    body = world.get(f"/Datastreams('{PH}')/Observations?$skip=3&$top=2&$count=true")
    assert [one["@iot.id"] for one in body["value"]] == [f"{PH}~{TIMES[3]}", f"{PH}~{TIMES[4]}"]
    assert body["@iot.count"] == COUNT
    assert "$skip=" not in body["@iot.nextLink"]
    assert world.get("/Things?$top=0&$count=true") == {"@iot.count": 4, "value": []}
    assert len(world.ids("/Observations")) == 100
    assert len(world.ids(f"/Observations?$top={MOST * 5}")) == MOST


def test_data_arrays_have_a_table_for_each_datastream(world: World) -> None:
    when = "$filter=phenomenonTime ge 2026-11-18T11:04:40Z and Datastream/Thing/id eq 'north~water~st-1'"
    body = world.get(f"/Observations?resultFormat=dataArray&$count=true&{when}")
    assert body["@iot.count"] == 4
    first, second = body["value"]
    assert first["Datastream@iot.navigationLink"].endswith(f"/Datastreams('{NH3}')")
    assert first["components"] == ["id", "phenomenonTime", "result", "resultTime", "resultQuality"]
    assert second["dataArray@iot.count"] == 2
    assert second["dataArray"][1][:3] == [f"{PH}~{TIMES[199]}", "2026-11-18T11:05:40Z", pytest.approx(8.99)]
    chosen = world.get(f"/Observations?$resultFormat=dataArray&$select=phenomenonTime,result&{when}")["value"][0]
    assert chosen["components"] == ["phenomenonTime", "result"]
    assert len(chosen["dataArray"][0]) == 2


def test_what_is_stored_before_the_beginning_known_is_found(world: World) -> None:
    stream = f"{TRUCK_ID}~speed"
    path = f"/Datastreams('{stream}')/Observations?$top=1"
    assert world.ids(path) == [f"{stream}~{TIMES[0]}"]
    early = 915_148_800_000
    world.store.write([incoming(TRUCK, {"speed": [5.0]}, [early])])
    assert world.ids(path) == [f"{stream}~{early}"]
    assert world.get(path + "&$filter=phenomenonTime lt 2000-01-01T00:00:00Z&$count=true")["@iot.count"] == 1
