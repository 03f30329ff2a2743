"""Limits of standards and permits over the API: in rules by name, and in the register."""

from hub.rulefiles import load_rules
from tests.api.hub import Hub

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
