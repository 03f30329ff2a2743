"""A period in one row, each exceedance, the limits that hold, and several stations in one question."""

import numpy as np
import pytest

from hub.model import QUALITY_CODE
from tests.api.hub import AIR, NOW, WATER, Hub

LIMIT = {"name": "排污许可证 001", "above": 50, "valid_from": "2026-01-01", "valid_to": "2026-11-17", "basis": "day"}
DAY = 86_400_000


def test_a_period_is_told_in_one_row(hub: Hub) -> None:
    times = [NOW - 60_000 * (100 - i) for i in range(100)]
    values = [1.0 + i / 50 for i in range(100)]
    quality = [QUALITY_CODE["M"] if i == 99 else 0 for i in range(100)]
    hub.write(WATER, {"nh3_n": values}, times, quality=quality)
    hub.write(WATER, {"nh3_n": [2.0, 4.0]}, [NOW - 365 * DAY - 120_000, NOW - 365 * DAY - 60_000])
    path = "/v1/summary?stations=north/water/st-1&property=nh3_n&from=-100m&to=now&limit=le:2.0&with=last_year"
    (item,) = hub.get(path).json()["items"]
    good = np.array(values[:99])
    assert (item["count"], item["count_all"], item["completeness"]) == (99, 100, 0.99)
    np.testing.assert_allclose([item["mean"], item["p95"]], [good.mean(), np.quantile(good, 0.95)])
    assert (item["min"], item["max"]) == (1.0, good.max())
    assert item["max_time"] == hub.context.zone_text(times[98])
    assert (item["days"], item["days_over"], item["over"]) == (1, 0, int((good > 2.0).sum()))
    assert item["longest_run"] == item["hours_over"] == item["over"] / 60
    assert item["other_mean"] == 3.0
    np.testing.assert_allclose(item["percent"], (good.mean() / 3.0 - 1) * 100)


def test_a_period_without_a_valid_value_has_no_numbers(hub: Hub) -> None:
    hub.write(WATER, {"nh3_n": [9.0]}, [NOW - 60_000], quality=[QUALITY_CODE["C"]])
    (item,) = hub.get("/v1/summary?property=nh3_n&limit=le:2.0").json()["items"]
    assert (item["count"], item["count_all"], item["mean"], item["max"], item["p95"]) == (0, 1, None, None, None)
    assert (item["days"], item["days_over"], item["over"], item["percent"]) == (0, 0, 0, None)


def test_every_run_over_a_limit_is_told_newest_first(hub: Hub) -> None:
    values = [1, 3, 4, 1, 1, 5, 1, 3, 3, 3]
    hub.write(WATER, {"nh3_n": values}, [NOW - 60_000 * (20 - i) for i in range(10)])
    body = hub.get("/v1/exceedances/runs?property=nh3_n&limit=le:2").json()
    assert body["total"] == 3
    assert [(one["hours"] * 60, one["worst"]) for one in body["items"]] == [(3, 3), (1, 5), (2, 4)]
    assert body["items"][1]["worst_time"] == hub.context.zone_text(NOW - 60_000 * 15)
    longest = hub.get("/v1/exceedances/runs?property=nh3_n&limit=le:2&top=1").json()
    assert (longest["total"], [one["hours"] * 60 for one in longest["items"]]) == (3, [3])


def test_the_limits_that_hold_are_those_of_class_permit_and_rule(hub: Hub) -> None:
    body = {"station": "north/source/o1", "target_class": "IV", "datastreams": {"cod": {"limits": [LIMIT]}}}
    assert hub.post("/v1/devices", body).status_code == 201
    assert (
        hub.ask(
            "PUT",
            "/v1/rules/cod",
            json={"targets": ["*/source/*"], "property": "cod", "name_zh": "超标", "limit": "gb3838:III", "level": 2},
        ).status_code
        == 201
    )
    hub.write("north/source/o1", {"cod": [40.0]}, [NOW - 60_000])
    (item,) = hub.get("/v1/limits?stations=north/source/o1&property=cod&from=-30d&to=now").json()["items"]
    found = {(one["kind"], one["name"]): one for one in item["limits"]}
    assert item["target_class"] == "IV"
    assert found["standard", "gb3838:target"]["spans"][0]["above"] == 30.0
    assert found["rule", "cod"]["level"] == 2
    assert found["rule", "cod"]["spans"][0]["above"] == 20.0
    (span,) = found["permit", "permit"]["spans"]
    assert (span["above"], span["to"]) == (50.0, "2026-11-18T00:00:00+08:00")
    assert ("permit", "permit:hour") not in found


def test_several_stations_are_asked_for_at_once(hub: Hub) -> None:
    for station in (WATER, AIR, "north/water/other"):
        hub.write(station, {"ph": [7.0]}, [NOW - 60_000])
    for path in ("/v1/observations", "/v1/summary", "/v1/exceedances"):
        more = "&limit=le:9" if path == "/v1/exceedances" else ""
        items = hub.get(f"{path}?stations={WATER},{AIR}{more}").json()["items"]
        assert {one["device"] for one in items} == {"st-1", "st-2"}, path
    assert len(hub.get(f"/v1/series?stations={WATER},{AIR}&width=16").json()["series"]) == 2


@pytest.mark.parametrize("path", ["/v1/series", "/v1/summary", "/v1/limits"])
def test_a_station_that_cannot_be_is_named_and_anothers_is_refused(standing_hub: Hub, path: str) -> None:
    wrong = standing_hub.get(f"{path}?stations=north/water")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "stations")
    assert standing_hub.get(f"{path}?stations={AIR}", "north").status_code == 403


@pytest.mark.parametrize("path", ["/v1/summary?limit=le:6&", "/v1/exceedances/runs?limit=le:6&"])
@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_they_are_files_too(hub: Hub, path: str, form: str) -> None:
    assert hub.get(f"{path}format={form}").status_code == 200
    hub.write(WATER, {"ph": [7.0, 7.5]}, [NOW - 120_000, NOW - 60_000])
    answer = hub.get(f"{path}format={form}")
    assert answer.status_code == 200
    if form == "csv":
        head, row = answer.text.removeprefix("\ufeff").splitlines()
        assert len(head.split(",")) == len(row.split(","))
        assert row.startswith("north,water,st-1,ph")


@pytest.mark.parametrize(("query", "field"), [("limit=9", "limit"), ("with=never", "with"), ("from=now&to=-1h", "to")])
def test_a_question_that_cannot_be_is_told_the_form(standing_hub: Hub, query: str, field: str) -> None:
    answer = standing_hub.get(f"/v1/summary?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
