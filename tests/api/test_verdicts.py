"""What the standards say, asked over HTTP: classes, indices, limits, whole waters and loads, from values in the store."""

import csv
import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hub.catalogue import Datastream, Device
from storage.records.register import put_device
from tests.api.hub import NOW, Hub

SITE = ZoneInfo("Asia/Shanghai")
HOUR, DAY = 3_600_000, 86_400_000
RIVER = {"ph": 7.2, "do": 6.1, "cod_mn": 13.2, "nh3_n": 1.9, "tp": 0.06}
AIR = {"so2": 10.0, "no2": 20.0, "co": 0.5, "o3": 60.0, "pm10": 100.0, "pm2_5": 70.0}


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=SITE).timestamp() * 1000)


def register(hub: Hub, station: str, **more: Any) -> None:
    with hub.records.begin() as tx:
        put_device(tx, Device(station, "甲断面", "Section A", period_ms=HOUR, **more), actor="test", at=NOW)
    assert hub.context.register.wait_for(Device(station, "甲断面", "Section A", period_ms=HOUR, **more))


def steady(hub: Hub, station: str, values: Mapping[str, float], start: str, days: float, **flags: Any) -> None:
    times = [at(start) + hour * HOUR for hour in range(round(24 * days))]
    hub.write(
        station,
        {name: [value] * len(times) for name, value in values.items()},
        times,
        **{name: [code] * len(times) for name, code in flags.items()},
    )


def items(hub: Hub, query: str, **options: Any) -> list[dict[str, Any]]:
    answer = hub.get(f"/v1/verdicts?{query}", **options)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_a_section_s_class_its_target_and_what_decided(hub: Hub) -> None:
    register(hub, "north/water/a", target_class="IV")
    steady(hub, "north/water/a", RIVER, "2026-10-01", 2)
    one, _, empty = items(hub, "kind=water&device=a&from=2026-10-01&to=2026-10-04")
    assert (one["value"], one["word_zh"], one["word_en"], one["colour_zh"]) == (
        "V",
        "中度污染",
        "Moderate pollution",
        "橙色",
    )
    assert (one["target"], one["meets_target"]) == ("IV", False)
    assert one["main_zh"] == ["高锰酸盐指数(0.3)", "氨氮(0.3)"]
    assert one["decided_by"] == ["cod_mn", "nh3_n"]
    assert (one["edition"], one["valid"], one["coverage"]) == ("GB 3838-2002", True, 1.0)
    part = next(part for part in one["parts"] if part["property"] == "cod_mn")
    assert (part["value"], part["grade"], part["multiple"], part["coverage"]) == (13.2, "V", 0.3, 1.0)
    assert (empty["value"], empty["text_zh"], empty["valid"]) == (None, "无有效数据,不评价", False)
    assert set(empty["missing"]) == {"ph", "do", "cod_mn", "nh3_n", "tp"}
    (other,) = items(hub, "kind=water&device=a&from=2026-10-01&to=2026-10-02&base=III")
    assert other["main_zh"][0] == "高锰酸盐指数(1.2)"


def test_months_and_years_are_whole_and_say_that_they_run(hub: Hub) -> None:
    steady(hub, "north/water/st-1", RIVER, "2026-11-10", 3)
    (one,) = items(hub, "kind=water&device=st-1&every=1mo&from=2026-11-11&to=2026-11-12&parts=false")
    assert (one["from"], one["to"]) == ("2026-11-01T00:00:00+08:00", "2026-12-01T00:00:00+08:00")
    assert one["running"]
    assert "parts" not in one
    (whole,) = items(hub, "kind=water&device=st-1&every=1y&from=2026-01-01&to=2027-01-01")
    assert whole["value"] == one["value"] == "V"


def test_the_basis_says_what_is_averaged(hub: Hub) -> None:
    register(hub, "north/water/a")
    start = at("2026-10-01")
    hub.write("north/water/a", {"nh3_n": [0.1, 0.1, 0.1, 2.1]}, [start, start + 60_000, start + 120_000, start + HOUR])
    value = {
        basis: items(hub, f"kind=water&device=a&from=2026-10-01&to=2026-10-02&basis={basis}")[0]["parts"][0]["value"]
        for basis in ("point", "hour")
    }
    assert value == {"point": 0.6, "hour": 1.1}
    answer = hub.get("/v1/verdicts?kind=water&basis=day&every=1d")
    assert answer.json()["errors"][0]["field"] == "basis"


def test_a_logger_s_own_hours_are_the_standard_s_hours(hub: Hub) -> None:
    register(hub, "north/air/a")
    steady(hub, "north/air/a", AIR, "2026-10-01", 2)
    steady(hub, "north/air/a", {"pm2_5_hour": 20.0}, "2026-10-01", 1)
    sent, own = items(hub, "standard=aqi&device=a&from=2026-10-01&to=2026-10-03")
    assert [one["main_zh"] for one in (sent, own)] == [["可吸入颗粒物"], ["细颗粒物"]]
    steady(hub, "north/water/st-1", RIVER, "2026-10-01", 2)
    steady(hub, "north/water/st-1", {"cod_mn_hour": 3.0}, "2026-10-01", 1)
    first, second = items(hub, "kind=water&device=st-1&from=2026-10-01&to=2026-10-03")
    assert [one["decided_by"] for one in (first, second)] == [["nh3_n"], ["cod_mn", "nh3_n"]]


def test_a_logger_s_hour_that_it_calls_bad_is_no_hour(hub: Hub) -> None:
    register(hub, "north/air/a")
    steady(hub, "north/air/a", AIR, "2026-10-01", 1)
    steady(hub, "north/air/a", {"so2_hour": 9.0}, "2026-10-01", 0.5, quality=5)
    (one,) = items(hub, "standard=aqi&device=a&from=2026-10-01&to=2026-10-02")
    assert (one["missing"], one["value"], one["valid"]) == (["so2"], 110, False)


def test_february_and_march_2026_by_their_own_editions(hub: Hub) -> None:
    register(hub, "north/air/a")
    steady(hub, "north/air/a", AIR, "2026-02-28", 2)
    old, new = items(hub, "standard=aqi&device=a&from=2026-02-28&to=2026-03-02")
    assert [(one["edition"], one["value"]) for one in (old, new)] == [("HJ 633-2012", 94), ("HJ 633-2026", 110)]
    hours = items(hub, "standard=aqi&device=a&every=1h&from=2026-03-01&to=2026-03-01T02:00:00%2B08:00")
    assert [one["value"] for one in hours] == [110, 110]
    held = items(hub, "standard=gb3095&device=a&from=2026-02-28&to=2026-03-02")
    assert [(one["value"], one["main_zh"]) for one in held] == [("meets", []), ("over", ["细颗粒物(0.17)"])]
    assert [one["edition"] for one in held] == ["GB 3095-2012", "GB 3095-2026(过渡阶段)"]


def test_a_year_is_held_against_annual_limits_and_percentiles(hub: Hub) -> None:
    register(hub, "north/air/a")
    steady(hub, "north/air/a", {**AIR, "pm2_5": 34.0, "o3": 150.0}, "2025-01-01", 335)
    steady(hub, "north/air/a", {**AIR, "pm2_5": 34.0, "o3": 190.0}, "2025-12-02", 30)
    (one,) = items(hub, "standard=gb3095&device=a&every=1y&from=2025-01-01&to=2026-01-01")
    parts = {part["indicator"]: part for part in one["parts"]}
    assert (one["value"], one["main_zh"], one["valid"]) == ("over", ["可吸入颗粒物(0.43)"], True)
    assert (parts["pm2_5_year"]["value"], parts["pm2_5_year"]["limit"], parts["pm2_5_year"]["grade"]) == (
        34,
        35,
        "meets",
    )
    ozone = parts["o3_p90"]
    assert (ozone["value"], ozone["limit"], ozone["days"], ozone["days_over"]) == (150, 160, 365, 30)
    months = items(hub, "standard=gb3095&device=a&every=1mo&from=2025-11-01&to=2026-01-01")
    assert [one["value"] for one in months] == [None, None]
    named = {part["indicator"]: part["value"] for part in months[1]["parts"]}
    assert (named["pm10_month"], named["o3_p90"]) == (100, 190)


def test_a_year_with_too_few_days_has_no_number(hub: Hub) -> None:
    register(hub, "north/air/a")
    steady(hub, "north/air/a", AIR, "2025-01-01", 100)
    (one,) = items(hub, "standard=gb3095&device=a&every=1y&from=2025-01-01&to=2026-01-01")
    assert (one["value"], one["valid"], one["text_zh"][:10]) == (None, False, "不评价(有效数据不足")
    assert all(part["value"] is None for part in one["parts"])


def test_few_sections_are_averaged_and_many_counted(hub: Hub) -> None:
    for number, nitrogen in enumerate((0.4, 0.4, 0.4, 0.4, 2.4)):
        register(hub, f"north/water/s{number}")
        steady(hub, f"north/water/s{number}", {**RIVER, "cod_mn": 3.0, "nh3_n": nitrogen}, "2026-10-01", 1)
    few = ",".join(f"north/water/s{number}" for number in (0, 4))
    (mean,) = items(hub, f"group=river&standard=gb3838&from=2026-10-01&to=2026-10-02&stations={few}")
    assert (mean["value"], mean["sections"], mean["judged"], mean["shares"]) == ("IV", 2, 2, None)
    assert mean["main_zh"] == ["氨氮(0.4)"]
    many = ",".join(f"north/water/s{number}" for number in range(5))
    (counted,) = items(hub, f"group=basin&standard=gb3838&from=2026-10-01&to=2026-10-02&stations={many}")
    assert (counted["value"], counted["word_zh"]) == (None, "良好")
    assert counted["shares"] == {"I": 0, "II": 80, "III": 0, "IV": 0, "V": 0, "worse": 20}
    assert counted["text_zh"] == "Ⅰ～Ⅲ类断面占80.0%,劣Ⅴ类断面占20.0%,水质状况良好,主要污染指标为氨氮"
    (lake,) = items(hub, f"group=lake&standard=gb3838&from=2026-10-01&to=2026-10-02&stations={many}")
    assert lake["parts"][-1]["grade"] == "IV"  # phosphorus of a lake
    assert hub.get("/v1/verdicts?group=river&standard=aqi").status_code == 422


def test_files_have_a_column_for_each_item(hub: Hub) -> None:
    register(hub, "north/water/a", target_class="III")
    steady(hub, "north/water/a", RIVER, "2026-10-01", 1)
    answer = hub.get("/v1/verdicts?kind=water&device=a&from=2026-10-01&to=2026-10-02&format=csv")
    (row,) = csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")))
    assert (row["value"], row["main_zh"], row["cod_mn"], row["cod_mn_grade"]) == (
        "V",
        "高锰酸盐指数(1.2)、氨氮(0.9)",
        "13.2",
        "V",
    )
    assert (row["edition"], row["zone"], row["meets_target"]) == ("GB 3838-2002", "Asia/Shanghai", "False")
    for form in ("xlsx", "parquet"):
        found = hub.get(f"/v1/verdicts?standard=aqi&from=2026-10-01&to=2026-10-02&format={form}")
        assert found.status_code == 200
    nothing = hub.get("/v1/verdicts?standard=gb3838&device=none&format=csv")
    assert nothing.text.lstrip("\ufeff").startswith("department,kind,device,")


def test_a_silent_section_is_named_and_a_gauge_is_not(hub: Hub) -> None:
    register(hub, "north/water/silent")
    register(hub, "north/water/gauge", datastreams={"water_level": Datastream()})
    answer = hub.get("/v1/verdicts?kind=water&from=2026-10-01&to=2026-10-02").json()
    assert answer["stations"] == ["north/water/silent", "north/water/st-1"]


def test_a_department_sees_its_own(hub: Hub) -> None:
    assert {one["department"] for one in items(hub, "kind=air", who="south")} == {"south"}
    assert items(hub, "kind=air", who="north") == []
    assert hub.get("/v1/verdicts?kind=water&department=north", who="south").status_code == 403
    assert hub.get("/v1/verdicts?kind=water&stations=north/water/st-1", who="south").status_code == 403


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "standard"),
        ("standard=gb3838&kind=air", "kind"),
        ("standard=aqi&every=1mo", "every"),
        ("standard=gb3095&every=1w", "every"),
        ("standard=gb3838&every=2h", "every"),
        ("standard=gb3838&from=2000-01-01", "from"),
        ("standard=gb3838&every=1h&from=2020-01-01", "every"),
        ("standard=aqi&unmonitored=ph", "unmonitored"),
        ("standard=aqi&level=3", "level"),
        ("standard=gb3838&stations=W01", "stations"),
        ("standard=gb3838&least_coverage=2", "least_coverage"),
    ],
)
def test_a_question_that_cannot_be_answered_names_the_field(hub: Hub, query: str, field: str) -> None:
    answer = hub.get(f"/v1/verdicts?{query}")
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_loads_are_flow_times_concentration(hub: Hub) -> None:
    register(hub, "north/source/o1", datastreams={"cod": Datastream(), "outlet_flow": Datastream()})
    steady(hub, "north/source/o1", {"cod": 50.0, "outlet_flow": 20.0, "ph": 7.0}, "2026-10-01", 1.5)
    answer = hub.get("/v1/loads?device=o1&from=2026-10-01&to=2026-10-03").json()
    full, half = answer["items"]
    assert (full["property"], full["flow"], full["valid"], full["coverage"]) == ("cod", "outlet_flow", True, 1.0)
    assert full["mass_kg"] == pytest.approx(86.4)
    assert (full["volume_m3"], full["mean_mg_l"]) == (pytest.approx(1728), pytest.approx(50))
    assert (half["mass_kg"], half["valid"], half["coverage"]) == (None, False, 0.5)
    (some, _) = hub.get("/v1/loads?device=o1&from=2026-10-02&to=2026-10-04&least_coverage=0.5").json()["items"]
    assert some["mass_kg"] == pytest.approx(43.2)
    assert hub.get("/v1/loads?device=o1&format=csv&from=2026-10-01").text.count("\r\n") > 2
    for query, field in (("property=ph", "property"), ("flow=cod", "flow"), ("property=nonsense", "property")):
        assert hub.get(f"/v1/loads?{query}").json()["errors"][0]["field"] == field


def test_an_answer_of_verdicts_has_the_shape_it_promises(hub: Hub) -> None:
    from api import documents

    steady(hub, "north/water/st-1", RIVER, "2026-10-01", 1)
    for query in (
        "kind=water&from=2026-10-01&to=2026-10-02",
        "standard=gb3838&group=basin&from=2026-10-01&to=2026-10-02",
    ):
        documents.VerdictAnswer.model_validate(hub.get(f"/v1/verdicts?{query}").json())
    documents.LoadAnswer.model_validate(hub.get("/v1/loads").json())
