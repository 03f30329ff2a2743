"""Limits of standards and permits over the API: in rules by name, and in the register."""

from datetime import datetime, timedelta, timezone

from hub.catalogue import Device
from hub.rulefiles import load_rules
from storage.records.register import put_device
from tests.api.hub import NOW, Hub

RULE = {"targets": ["*/water/*"], "property": "nh3_n", "name_zh": "氨氮超标"}
LIMIT = {"name": "排污许可证 001", "above": 50, "valid_from": "2026-01-01", "valid_to": "2028-12-31", "basis": "day"}


def test_a_rule_may_name_its_limit_and_is_read_as_it_can_be_put(hub: Hub) -> None:
    put = hub.ask("PUT", "/v1/rules/class", json={**RULE, "limit": "gb3838:III", "level": 2})
    assert put.status_code == 201, put.text
    read = hub.get("/v1/rules/class")
    assert read.json()["limit"] == {"2": "gb3838:III"}
    again = hub.ask("PUT", "/v1/rules/class", json=read.json(), headers={"If-Match": read.headers["etag"]})
    assert again.json()["version"] == 1
    (kept,) = [rule for rule in load_rules(hub.settings.hub.rules) if rule.id == "class"]
    assert kept.limits == {2: "gb3838:III"}


def test_a_wrong_name_is_told_the_form(hub: Hub) -> None:
    answer = hub.ask("PUT", "/v1/rules/class", json={**RULE, "limit": {"3": "gb3095:2:hour"}})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"] == "limit"
    assert "gb3838:III" in error["expected"]


def test_a_device_s_permits_and_water_body_are_kept(hub: Hub) -> None:
    streams = {"cod": {"limits": [LIMIT]}}
    body = {"station": "north/source/o1", "datastreams": streams, "water_body": "lake", "target_class": "II"}
    assert hub.post("/v1/devices", body).status_code == 201
    entry = hub.get("/v1/devices/north/source/o1").json()
    assert (entry["water_body"], entry["target_class"]) == ("lake", "II")
    assert entry["datastreams"]["cod"]["limits"] == [{"below": None, "edition": "", "clause": "", **LIMIT}]


def test_a_permit_without_a_number_is_refused(hub: Hub) -> None:
    body = {"station": "north/source/o1", "datastreams": {"cod": {"limits": [{"name": "A"}]}}}
    answer = hub.post("/v1/devices", body)
    assert answer.status_code == 422
    assert "limits" in answer.json()["errors"][0]["field"]


def test_exceedances_by_rule_follow_the_edition_of_each_value_s_time(hub: Hub) -> None:
    rule = {"targets": ["*/air/*"], "property": "pm2_5", "name_en": "PM2.5", "limit": "gb3095:2:day", "level": 3}
    assert hub.ask("PUT", "/v1/rules/dust", json=rule).status_code == 201
    march = int(datetime(2026, 3, 1, tzinfo=timezone(timedelta(hours=8))).timestamp() * 1000)
    times = [march + hour * 3_600_000 for hour in (-2, -1, 0, 1, 2)]
    hub.write("south/air/st-2", {"pm2_5": [70.0, 76.0, 70.0, 61.0, 60.0]}, times)
    for basis in ("point", "hour"):
        answer = hub.get(f"/v1/exceedances?rule=dust&basis={basis}&from=2026-02-28&to=2026-03-02").json()
        (item,) = answer["items"]
        assert (answer["limit"], item["total"], item["count"], item["min"]) == ("rule:dust", 5, 3, 61.0)


def test_exceedances_by_rule_know_the_station(hub: Hub) -> None:
    rule = {**RULE, "limit": "gb3838:target", "level": 3}
    assert hub.ask("PUT", "/v1/rules/target", json=rule).status_code == 201
    device = Device("north/water/aimed", period_ms=60_000, target_class="II")
    with hub.records.begin() as tx:
        put_device(tx, device, actor="test", at=NOW)
    assert hub.context.register.wait_for(device)
    for station in ("north/water/aimed", "north/water/st-1"):
        hub.write(station, {"nh3_n": [0.4, 0.6]}, [NOW - 60_000, NOW])
    found = hub.get("/v1/exceedances?rule=target&from=2026-11-18").json()["items"]
    assert [(one["device"], one["count"]) for one in found] == [("aimed", 1)]


def test_a_chart_shows_the_limit_of_its_last_day(hub: Hub) -> None:
    rule = {"targets": ["*/air/*"], "property": "pm2_5", "name_en": "PM2.5", "limit": "gb3095:2:day", "level": 3}
    assert hub.ask("PUT", "/v1/rules/dust", json=rule).status_code == 201
    hub.write("south/air/st-2", {"pm2_5": [70.0]}, [NOW - 400 * 86_400_000])
    for until, limit in (("2026-03-01", 75.0), ("2026-03-02", 60.0)):
        answer = hub.get(f"/v1/series?device=st-2&width=100&from=2025-01-01&to={until}").json()
        assert answer["series"][0]["limits"] == [{"rule": "dust", "version": 1, "level": 3, "above": limit}]
