"""The same answers from InfluxDB."""

from contextlib import closing
from pathlib import Path

from storage.influx import InfluxStore, place_of
from tests.api.hub import make_hub
from tests.engines import InfluxDB
from tests.sta.conftest import on_store
from tests.sta.world import COUNT, NH3, PH, PM, TIMES, fill


def test_influxdb_answers_the_same(influxdb: InfluxDB, influxdb_bucket: str, tmp_path: Path) -> None:
    with closing(make_hub(tmp_path)) as hub:
        store = InfluxStore(place_of(influxdb.bucket_url(influxdb_bucket), influxdb.token))
        with closing(store), closing(on_store(hub, store)) as world:
            fill(world)
            body = world.get(f"/Datastreams('{NH3}')?$expand=Observations($orderby=phenomenonTime desc;$top=2)")
            assert body["phenomenonTime"] == "2026-11-18T07:46:40Z/2026-11-18T11:05:40Z"
            assert [one["result"] for one in body["Observations"]] == [19.9, 19.8]
            assert world.get("/Observations?$top=0&$count=true")["@iot.count"] == 6 * COUNT
            found = [one["@iot.id"] for page in world.pages("/Observations?$top=300") for one in page]
            assert len(set(found)) == len(found) == 6 * COUNT
            wanted = "/Observations?$top=2&$filter=resultQuality/valid eq true and Datastream/ObservedProperty/id in ('ph','pm2_5')"
            assert world.ids(wanted) == [f"{PH}~{TIMES[0]}", f"{PM}~{TIMES[0]}"]
