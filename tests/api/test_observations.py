"""Observations and the register: items, pages, files, positions."""

import csv
import io
import zipfile

from tests.api.hub import AIR, NOW, WATER, Hub

MINUTE = 60_000


def _filled(hub: Hub, count: int = 25) -> list[int]:
    times = [NOW - (count - i) * MINUTE for i in range(count)]
    hub.write(WATER, {"ph": [7 + i / 100 for i in range(count)], "nh3_n": [i / 10 for i in range(count)]}, times)
    hub.write(AIR, {"pm2_5": [30.0 + i for i in range(count)]}, times, quality=[2] * count, checks=[1 | 16] * count)
    return times


def test_an_item_has_the_interface_s_members(hub: Hub) -> None:
    _filled(hub, 1)
    body = hub.get("/v1/observations").json()
    assert body["next"] is None
    assert body["items"][0] == {
        "department": "north",
        "kind": "water",
        "device": "st-1",
        "property": "nh3_n",
        "time": "2026-11-18T19:05:40+08:00",
        "value": 0.0,
        "unit": "mg/L",
        "quality": "",
        "checks": [],
    }
    air = body["items"][2]
    assert (air["quality"], air["checks"]) == ("F", ["range", "late"])


def test_pages_join_to_the_whole_in_order(hub: Hub) -> None:
    _filled(hub)
    whole = hub.get("/v1/observations").json()["items"]
    assert len(whole) == 75
    assert [one["time"] for one in whole] == sorted(one["time"] for one in whole)
    found, path = [], "/v1/observations?limit=7"
    while path:
        answer = hub.get(path)
        body = answer.json()
        found += body["items"]
        assert (body["next"] is None) == ("link" not in answer.headers)
        path = answer.links["next"]["url"] if "next" in answer.links else ""
    assert found == whole


def test_ranges_are_half_open_and_filters_filter(hub: Hub) -> None:
    _filled(hub)
    params = {"from": "2026-11-18T18:50:40+08:00", "to": "2026-11-18T18:52:40+08:00", "property": "ph"}
    times = [one["time"] for one in hub.get("/v1/observations", params=params).json()["items"]]
    assert times == ["2026-11-18T18:50:40+08:00", "2026-11-18T18:51:40+08:00"]
    # An unescaped plus sign arrives as a space; it is taken for what was meant.
    assert (
        len(
            hub.get("/v1/observations?property=ph&from=2026-11-18T18:50:40+08:00&to=2026-11-18T10:52:40Z").json()[
                "items"
            ]
        )
        == 2
    )
    for query in (
        "kind=water",
        "device=st-1",
        "department=north",
        "property=ph,nh3_n",
        "property=ph&property=nh3_n",
        "valid=true",
    ):
        assert len(hub.get(f"/v1/observations?{query}").json()["items"]) == 50, query
    assert hub.get("/v1/observations?from=2026-11-19").json()["items"] == []
    assert len(hub.get("/v1/observations?from=-3m&property=ph").json()["items"]) == 3


def test_zone_changes_how_times_are_written(hub: Hub) -> None:
    hub.write(WATER, {"ph": [7.0]}, [NOW + 1])
    for zone, time in (("UTC", "2026-11-18T11:06:40.001+00:00"), ("Asia/Kathmandu", "2026-11-18T16:51:40.001+05:45")):
        assert hub.get(f"/v1/observations?zone={zone}").json()["items"][0]["time"] == time


def test_latest_has_the_newest_of_each_with_its_age(hub: Hub) -> None:
    _filled(hub)
    items = hub.get("/v1/observations/latest").json()["items"]
    assert [(one["property"], one["age_s"]) for one in items] == [("nh3_n", 60.0), ("ph", 60.0), ("pm2_5", 60.0)]
    assert hub.get("/v1/observations/latest?kind=air").json()["items"][0]["value"] == 54.0


def test_csv_holds_every_page_and_says_zone_unit_and_flags(hub: Hub) -> None:
    _filled(hub)
    answer = hub.get("/v1/observations", headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["content-disposition"] == 'attachment; filename="observations.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    items = hub.get("/v1/observations").json()["items"]
    assert len(rows) == len(items) == 75
    for row, item in zip(rows, items, strict=True):
        assert (row["time"], float(row["value"]), row["unit"]) == (item["time"], item["value"], item["unit"])
        assert (row["quality"], row["checks"].split(), row["zone"]) == (
            item["quality"],
            item["checks"],
            "Asia/Shanghai",
        )
    assert len(hub.get("/v1/observations?format=csv&limit=5").text.splitlines()) == 6


def test_xlsx_and_parquet_are_files_of_their_kind(hub: Hub) -> None:
    _filled(hub)
    for path in ("observations", "observations/latest", "series", "stations", "datastreams", "exceedances?limit=le:2"):
        mark = "&" if "?" in path else "?"
        book = hub.get(f"/v1/{path}{mark}format=xlsx")
        assert "xl/worksheets/sheet1.xml" in zipfile.ZipFile(io.BytesIO(book.content)).namelist(), path
        parquet = hub.get(f"/v1/{path}{mark}format=parquet").content
        assert (parquet[:4], parquet[-4:]) == (b"PAR1", b"PAR1")
        assert b"Asia/Shanghai" in parquet
    assert hub.get("/v1/observations?format=pdf").json()["errors"][0]["expected"] == "one of json, csv, xlsx, parquet"
    assert hub.get("/v1/observations", headers={"Accept": "image/png"}).json()["formats"][0] == "application/json"


def test_stations_tell_when_they_were_last_heard(hub: Hub) -> None:
    hub.write(WATER, {"ph": [7.0]}, [NOW - 10_000])
    states = {one["device"]: (one["state"], one["age_s"]) for one in hub.get("/v1/stations").json()["items"]}
    assert states == {"st-1": ("online", 10.0), "gateway": ("never", None), "st-2": ("never", None)}
    hub.clock.advance(10 * MINUTE)
    assert hub.get("/v1/stations/north/water/st-1").json()["state"] == "silent"
    page = hub.get("/v1/stations?limit=2").json()
    rest = hub.get("/v1/stations", params={"limit": 2, "cursor": page["next"]}).json()
    assert [one["device"] for one in page["items"] + rest["items"]] == ["gateway", "st-1", "st-2"]
    assert [one["device"] for one in hub.get("/v1/stations?device=st-2").json()["items"]] == ["st-2"]


def test_geojson_has_points_in_order_of_longitude_and_latitude(hub: Hub) -> None:
    for answer in (
        hub.get("/v1/stations?format=geojson"),
        hub.get("/v1/stations", headers={"Accept": "application/geo+json"}),
    ):
        assert answer.headers["content-type"] == "application/geo+json"
        features = {one["id"]: one["geometry"] for one in answer.json()["features"]}
        assert features[WATER] == {"type": "Point", "coordinates": [121.6, 29.95]}
        assert features[AIR] is None
    one = hub.get(f"/v1/stations/{WATER}?format=geojson").json()
    assert (one["type"], one["properties"]["name_zh"]) == ("Feature", "一号站")


def test_a_vehicle_is_where_it_last_was(hub: Hub) -> None:
    station = "north/vehicle/truck"
    assert hub.post("/v1/devices", {"station": station, "lon": 1, "lat": 2}).status_code == 201
    hub.write(station, {"lon": [121.5], "lat": [29.9]}, [NOW])
    feature = hub.get(f"/v1/stations/{station}?format=geojson").json()
    assert feature["geometry"]["coordinates"] == [121.5, 29.9]


def test_datastreams_are_what_is_declared_and_what_is_seen(hub: Hub) -> None:
    hub.write(WATER, {"turbidity": [3.0]}, [NOW - 1000])
    items = {one["property"]: one for one in hub.get("/v1/datastreams").json()["items"]}
    assert sorted(items) == ["nh3_n", "ph", "turbidity"]
    assert (items["nh3_n"]["high"], items["nh3_n"]["unit"], items["nh3_n"]["period_s"]) == (50.0, "mg/L", 60.0)
    assert (items["turbidity"]["declared"], items["turbidity"]["state"]) == (False, "online")
    assert (items["ph"]["declared"], items["ph"]["state"], items["ph"]["last_seen"]) == (True, "never", None)
    page = hub.get("/v1/datastreams?limit=2").json()
    rest = hub.get("/v1/datastreams", params={"limit": 2, "cursor": page["next"]}).json()
    assert [one["property"] for one in page["items"] + rest["items"]] == ["nh3_n", "ph", "turbidity"]
    assert rest["next"] is None
