"""The index: its date, rounding, missing items, primary pollutants; and another library as oracle."""

from datetime import date
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from aqi_hub.aqi_cn.aqi import cal_iaqi_cn  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from hub.standards import hj633
from tests.standards.test_tables import by_hand

OLD, NEW = date(2026, 2, 28), date(2026, 3, 1)
CLEAN = {"so2_24h": 5, "no2_24h": 10, "co_24h": 0.4, "o3_8h_max": 60, "o3_1h_max": 70, "pm10_24h": 40, "pm2_5_24h": 20}
THEIRS = {
    "so2_24h": "SO2_24H",
    "so2_1h": "SO2_1H",
    "no2_24h": "NO2_24H",
    "no2_1h": "NO2_1H",
    "co_24h": "CO_24H",
    "co_1h": "CO_1H",
    "o3_8h": "O3_8H",
    "o3_1h": "O3_1H",
    "pm10_24h": "PM10_24H",
    "pm2_5_24h": "PM25_24H",
}


def day_of(day: date, **means: float) -> hj633.Aqi:
    found = hj633.judge({**CLEAN, **means}, "day", day)
    assert found is not None
    return found


def every_value(edition: hj633.Hj633, column: str) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], int]:
    """All concentrations to a little over the last breakpoint, in whole steps, and how many steps a unit has."""
    scale = 10 ** edition.decimals[column.rpartition("_")[0]]
    return np.arange((edition.breakpoints[column][-1] + 30) * scale + 1), scale


@pytest.mark.parametrize("column", sorted(THEIRS.keys() - {"so2_24h"}))
def test_nine_columns_agree_with_aqi_hub(column: str) -> None:
    edition = hj633.table(NEW)
    assert edition is not None
    steps, scale = every_value(edition, column)
    ours = edition.index(column.rpartition("_")[0], column, steps / scale)
    for step, index in zip(steps.tolist(), ours.tolist(), strict=True):
        theirs = cal_iaqi_cn(THEIRS[column], step / scale)
        if theirs != index:
            # aqi-hub rounds a binary float up: CO 2.2 mg/m3 is 55 and becomes 56
            value = Fraction(step, scale)
            assert theirs == index + 1
            assert index == by_hand(edition, column, value) == exact(edition, column, value)


def exact(edition: hj633.Hj633, column: str, value: Fraction) -> Fraction:
    rows = list(zip(edition.breakpoints[column], edition.iaqi, strict=False))
    (low, index), (high, above) = next(pair for pair in pairwise(rows) if value <= pair[1][0])
    return Fraction(above - index, high - low) * (value - low) + index


def test_aqi_hub_s_column_of_daily_sulphur_dioxide_is_the_hourly_one() -> None:
    edition = hj633.table(NEW)
    assert edition is not None
    assert cal_iaqi_cn("SO2_24H", 475) == cal_iaqi_cn("SO2_1H", 475) == 97
    assert edition.index("so2", "so2_24h", np.array([475.0, 100.0])).tolist() == [150, 75]


@pytest.mark.parametrize(
    ("day", "edition", "aqi", "word"), [(OLD, "HJ 633-2012", 94, "良"), (NEW, "HJ 633-2026", 110, "轻度污染")]
)
def test_the_day_decides_the_edition(day: date, edition: str, aqi: int, word: str) -> None:
    found = day_of(day, pm2_5_24h=70)
    assert found.category is not None
    assert (found.edition, found.aqi, found.category.zh, found.primary) == (edition, aqi, word, ("pm2_5",))


def test_concentrations_are_rounded_first_and_indices_up() -> None:
    assert day_of(NEW, pm2_5_24h=35.4, pm10_24h=20).aqi == 50
    assert day_of(NEW, pm2_5_24h=35.5, pm10_24h=20).aqi == 52  # 36: 50 + 50/25
    assert day_of(NEW, pm2_5_24h=61, pm10_24h=20).aqi == 101  # 100.91 up
    assert day_of(NEW, co_24h=2.05).aqi == 50  # half to even: 2.0
    assert day_of(NEW, co_24h=2.15).aqi == 55  # 2.2, exactly 55: a binary crumb must not make it 56


def test_ties_are_primary_together_and_nothing_is_primary_up_to_fifty() -> None:
    tied = day_of(NEW, pm2_5_24h=60, pm10_24h=120)
    assert (tied.aqi, tied.primary, tied.exceeding) == (100, ("pm10", "pm2_5"), ())
    assert day_of(NEW).primary == ()
    assert day_of(OLD, pm2_5_24h=80, pm10_24h=160).exceeding == ("pm10", "pm2_5")


def test_a_missing_item_is_na_up_to_100_and_published_above_from_2026() -> None:
    without = {name: value for name, value in CLEAN.items() if not name.startswith("so2")}
    quiet = hj633.judge(without, "day", NEW)
    assert quiet is not None
    assert (quiet.aqi, quiet.category, quiet.missing, quiet.primary) == (None, None, ("so2",), ())
    loud = hj633.judge({**without, "pm2_5_24h": 100}, "day", NEW)
    assert loud is not None
    assert (loud.aqi, loud.primary) == (137, ("pm2_5",))
    never = hj633.judge(without, "day", NEW, unmonitored=["so2"])
    assert never is not None
    assert (never.aqi, never.missing) == (40, ("so2",))
    before = hj633.judge(without, "day", OLD)
    assert before is not None
    assert before.aqi == 40


def test_nothing_measured_is_no_index() -> None:
    for day in (OLD, NEW):
        found = hj633.judge({}, "day", day)
        assert found is not None
        assert (found.aqi, found.coverage, len(found.missing)) == (None, 0.0, 6)
    assert hj633.judge(CLEAN, "day", date(2015, 12, 31)) is None


def test_beyond_a_short_column_the_editions_differ() -> None:
    hour = {"so2_1h": 900, "no2_1h": 10, "co_1h": 1, "o3_1h": 50, "pm10_1h": 20, "pm2_5_1h": 10}
    new = hj633.judge(hour, "hour", NEW)
    assert new is not None
    assert (new.aqi, new.primary) == (200, ("so2",))
    running = {"o3_8h_running": 50, "pm10_24h_running": 20, "pm2_5_24h_running": 10}
    old = hj633.judge({**hour, **running, "so2_24h_running": 500}, "hour", OLD)
    assert old is not None
    assert old.individual[0] == hj633.Individual("so2", "so2_24h_running", 500.0, 154)
    none = hj633.judge({**hour, **running}, "hour", OLD)
    assert none is not None
    assert none.missing == ("so2",)
    ozone = day_of(OLD, o3_8h_max=801, o3_1h_max=1000)
    assert (ozone.aqi, ozone.primary) == (400, ("o3",))
    assert day_of(NEW, o3_8h_max=801).aqi == 300


def test_units_are_converted_and_others_refused() -> None:
    milligrams = hj633.judge({**CLEAN, "pm2_5_24h": 0.07}, "day", NEW, units={"pm2_5": "mg/m3"})
    assert milligrams is not None
    assert milligrams.aqi == 110
    with pytest.raises(ValueError, match="cannot become"):
        hj633.judge(CLEAN, "day", NEW, units={"co": "m/s"})


@given(st.sampled_from(hj633.EDITIONS), st.data())
def test_an_index_never_falls_when_the_air_gets_worse(edition: hj633.Hj633, data: st.DataObject) -> None:
    column = data.draw(st.sampled_from(sorted(edition.breakpoints)))
    top = edition.breakpoints[column][-1]
    pair = sorted(data.draw(st.lists(st.floats(0, top, allow_nan=False), min_size=2, max_size=2)))
    low, high = edition.index(column.rpartition("_")[0], column, np.array(pair))
    assert 0 <= low <= high <= 500
