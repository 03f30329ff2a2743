"""The verdict on a window: days of the site, editions, what decided, what is missing."""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from hub.batch import Ints
from hub.standards.columns import Column
from hub.standards.verdict import Verdict, air_verdicts, water_verdicts

HOUR, DAY = 3_600_000, 86_400_000
SITE = ZoneInfo("Asia/Shanghai")
MARCH = int(datetime(2026, 3, 1, tzinfo=SITE).timestamp() * 1000)
HOURS: Ints = np.arange(MARCH - 2 * DAY, MARCH + 2 * DAY + 1, HOUR)
DAYS: Ints = np.arange(MARCH - DAY, MARCH + DAY + 1, DAY)
AIR = {"so2": 10.0, "no2": 20.0, "co": 0.5, "o3": 60.0, "pm10": 100.0, "pm2_5": 70.0}
WATER = {"ph": 7.2, "do": 6.1, "cod_mn": 7.1, "nh3_n": 1.9, "tp": 0.06, "tn": 3.0, "turbidity": 12.0}


def steady(values: dict[str, float], step: int = HOUR) -> dict[str, Column]:
    time = np.arange(int(HOURS[0]), int(HOURS[-1]), step)
    ones = np.ones(len(time))
    return {name: Column(time, value * ones, ones.astype(np.bool_), step) for name, value in values.items()}


def without(columns: dict[str, Column], name: str, share: float) -> dict[str, Column]:
    """The columns with the last part of every day of one of them not valid."""
    column = columns[name]
    valid = (column.time - MARCH) % DAY < (1 - share) * DAY
    return {**columns, name: Column(column.time, column.value, valid, column.period_ms)}


def test_the_site_s_date_decides_the_edition_of_the_index() -> None:
    found = air_verdicts(steady(AIR), "day", DAYS, HOURS, SITE)
    assert [(one.edition, one.value, one.word_zh, one.main_zh) for one in found] == [
        ("HJ 633-2012", 94, "良", ("细颗粒物",)),
        ("HJ 633-2026", 110, "轻度污染", ("细颗粒物",)),
    ]
    assert all(one.valid and one.coverage == 1.0 for one in found)
    hours = air_verdicts(steady(AIR), "hour", np.array([MARCH - HOUR, MARCH, MARCH + HOUR]), HOURS, SITE)
    assert [(one.edition, one.value) for one in hours] == [("HJ 633-2012", 94), ("HJ 633-2026", 110)]
    # the same instants are one day further west
    west = air_verdicts(steady(AIR), "hour", np.array([MARCH, MARCH + HOUR]), HOURS, ZoneInfo("Europe/Berlin"))
    assert west[0].edition == "HJ 633-2012"


def test_minutes_and_hours_give_the_same_index() -> None:
    quarter = air_verdicts(steady(AIR, HOUR // 4), "day", DAYS, HOURS, SITE)
    assert [one.value for one in quarter] == [94, 110]


def test_a_pollutant_without_enough_data_is_missing() -> None:
    few = without(steady({**AIR, "pm2_5": 20.0}), "so2", 5 / 24)
    old, new = air_verdicts(few, "day", DAYS, HOURS, SITE)
    assert (old.value, old.missing, old.valid) == (75, ("so2",), False)
    assert (new.value, new.word_zh, new.colour, new.missing) == (None, "", "", ("so2",))
    assert (new.text_zh, new.text_en) == ("NA(缺项:二氧化硫)", "NA (missing: Sulphur dioxide)")
    (so2,) = [part for part in new.parts if part.property == "so2"]
    assert (so2.value, so2.grade, so2.coverage) == (None, None, 19 / 24)
    (_, excused) = air_verdicts(few, "day", DAYS, HOURS, SITE, unmonitored=["so2"])
    assert excused.valid


def test_an_hour_of_2012_takes_running_means_and_says_so() -> None:
    (one,) = air_verdicts(steady(AIR), "hour", np.array([MARCH - HOUR, MARCH]), HOURS, SITE)
    assert {part.indicator for part in one.parts} >= {"pm10_24h_running", "pm2_5_24h_running", "so2_1h"}
    short = np.arange(MARCH - 2 * HOUR, MARCH + 1, HOUR)
    (unknown,) = air_verdicts(steady(AIR), "hour", np.array([MARCH - HOUR, MARCH]), short, SITE)
    assert set(unknown.missing) == {"pm10", "pm2_5"}


@pytest.mark.parametrize(("body", "grade"), [("river", "V"), ("lake", "V"), (None, "V")])
def test_a_section_s_verdict_says_what_decided(body: str | None, grade: str) -> None:
    (one, _) = water_verdicts(steady(WATER), DAYS, SITE, body=body)  # type: ignore[arg-type]
    assert (one.value, one.word_zh, one.colour_zh, one.decided_by) == (grade, "中度污染", "橙色", ("nh3_n",))
    phosphorus = next(part.grade for part in one.parts if part.property == "tp")
    assert phosphorus == ("IV" if body == "lake" else "II")
    assert one.edition == "GB 3838-2002"
    assert "turbidity" not in {part.property for part in one.parts}


def test_coverage_is_of_items_and_of_time() -> None:
    half = {name: column for name, column in without(steady(WATER), "tp", 0.5).items() if name != "do"}
    (one, _) = water_verdicts(half, DAYS, SITE)
    assert (one.missing, one.valid) == (("do",), False)
    parts = {part.property: part.coverage for part in one.parts}
    assert (parts["tp"], parts["nh3_n"]) == (0.5, 1.0)
    assert one.coverage == pytest.approx(4 / 5 * np.mean([1, 1, 1, 0.5]))
    (strict, _) = water_verdicts(half, DAYS, SITE, least_coverage=0.75)
    assert strict.missing == ("do", "tp")


def test_units_of_columns_are_converted() -> None:
    grams = steady({**WATER, "nh3_n": 1900.0})
    (one, _) = water_verdicts(grams, DAYS, SITE, units={"nh3_n": "ug/L"})
    assert one.value == "V"
    micro = steady({**AIR, "co": 500.0})
    (_, air) = air_verdicts(micro, "day", DAYS, HOURS, SITE, units={"co": "ug/m3"})
    assert air.value == 110


def test_where_no_edition_was_in_force_nothing_is_said() -> None:
    long_ago = DAYS - 15 * 366 * DAY
    found: list[Verdict] = air_verdicts(steady(AIR), "day", long_ago, HOURS, SITE)
    found += water_verdicts(steady(WATER), long_ago - 15 * 366 * DAY, SITE)
    assert [(one.value, one.valid, one.text_en) for one in found] == [(None, False, "no edition was in force")] * 4


def test_no_windows_and_no_columns_are_no_mistakes() -> None:
    assert air_verdicts({}, "day", DAYS[:1], HOURS, SITE) == []
    (one, _) = air_verdicts({}, "day", DAYS, HOURS, SITE)
    assert (one.value, one.coverage) == (None, 0.0)
    (water, _) = water_verdicts({}, DAYS, SITE)
    assert (water.value, water.coverage, water.text_zh) == (None, 0.0, "无有效数据,不评价")
