"""The client of FROST walks everything over a real port, as a user of it would."""

from collections.abc import Iterator
from typing import Any

import frost_sta_client as fsc
import httpx
import pytest

from tests.api.listener import served
from tests.sta.world import COUNT, NH3, PH, TIMES, World

# The client reads an attribute that its own URL library is about to drop.
pytestmark = pytest.mark.filterwarnings("ignore:furl.pathstr is deprecated:DeprecationWarning")


@pytest.fixture(scope="module")
def service(world: World) -> Iterator[Any]:
    """The client, logged in with a token as its password."""
    with served(world.app) as address:
        login = fsc.AuthHandler("qgis", world.hub.tokens["viewer"])
        # No proxy of the environment may stand between a test and its own loopback server.
        direct = {"http": "", "https": ""}
        yield fsc.SensorThingsService(f"{address}/sta/v1.1", auth_handler=login, proxies=direct)


def test_it_walks_all_sets_to_their_ends(service: Any) -> None:
    walked = {
        name: [one.id for one in getattr(service, name)().query().top(2).list()]
        for name in (
            *("things", "locations", "historical_locations", "datastreams", "sensors", "observed_properties"),
            "features_of_interest",
        )
    }
    assert {name: len(ids) for name, ids in walked.items()} == {
        "things": 4,
        "locations": 2,
        "historical_locations": COUNT,
        "datastreams": 6,
        "sensors": 4,
        "observed_properties": 6,
        "features_of_interest": 4,
    }
    assert all(len(set(ids)) == len(ids) for ids in walked.values())
    observations = [one.id for one in service.observations().query().top(500).count().list()]
    assert len(observations) == len(set(observations)) == 6 * COUNT


def test_it_goes_from_entity_to_entity(service: Any) -> None:
    thing = service.things().find("north~water~st-1")
    assert thing.name == "一号站"
    streams = (
        thing.get_datastreams().query().filter("ObservedProperty/name eq 'nh3_n'").expand("ObservedProperty").list()
    )
    [stream] = streams
    assert (stream.id, stream.unit_of_measurement.symbol, stream.observed_property.name) == (NH3, "mg/L", "nh3_n")
    newest = stream.get_observations().query().orderby("phenomenonTime", "desc").top(3).list()
    assert [one.result for one in newest.entities] == pytest.approx([19.9, 19.8, 19.7])
    [place] = thing.get_locations().query().list()
    assert place.location["coordinates"] == [121.6, 29.95]


def test_it_reads_what_is_expanded(service: Any) -> None:
    expansion = "Datastreams($expand=Observations($orderby=phenomenonTime desc;$top=10),ObservedProperty,Sensor)"
    [thing] = service.things().query().filter("id eq 'north~water~st-1'").expand(expansion).list()
    by_id = {one.id: one for one in thing.datastreams}
    assert set(by_id) == {NH3, PH}
    assert [one.id for one in by_id[PH].observations.entities] == [f"{PH}~{time}" for time in TIMES[:-11:-1]]
    observation = service.observations().find(f"{PH}~{TIMES[3]}")
    assert observation.result_quality["quality"] == "F"


def test_it_shows_what_was_wrong(service: Any) -> None:
    with pytest.raises(Exception, match="400") as caught:
        service.things().query().filter("nme eq 'x'").list()
    assert caught.value.response.json()["position"] == 0  # type: ignore[attr-defined]


def test_what_qgis_asks_is_answered(service: Any, world: World) -> None:
    # The questions of QGIS's provider (src/core/providers/sensorthings): sets by the root, sizes by geometry, boxes, expansions.
    root, token = service.url.url, world.hub.tokens["viewer"]
    with httpx.Client(trust_env=False, auth=("qgis", token)) as client:
        sets = {one["name"]: one["url"] for one in client.get(root).json()["value"]}
        for shape, count in (("Point", 2), ("LineString", 0), ("Polygon", 0)):
            kind = f"location/type eq '{shape}' or location/geometry/type eq '{shape}'"
            answer = client.get(f"{sets['Locations']}?$top=0&$count=true&$filter={kind}")
            assert answer.json()["@iot.count"] == count
        box = "geo.intersects(location, geography'Polygon ((121 29, 122 29, 122 30, 121 30, 121 29))')"
        deep = "Things($orderby=id;$expand=Datastreams($orderby=id;$expand=Observations($orderby=id;$top=2)))"
        answer = client.get(f"{sets['Locations']}?$top=200&$count=false&$filter={box}&$expand={deep}")
        streams = [s for one in answer.json()["value"] for t in one["Things"] for s in t["Datastreams"]]
        assert [len(one["Observations"]) for one in streams] == [2] * 5
