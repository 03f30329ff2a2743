"""Means with their validity, running means, loads, compliance: against a slow count, and on the borders of each rule."""

from datetime import date, datetime
from math import isnan, nan
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.batch import Ints
from hub.standards.columns import Column, Means, plain_decimals
from hub.standards.compliance import compliance
from hub.standards.load import loads
from hub.standards.running import daily_maximum, eight_hours, running
from hub.standards.validity import air_validity, daily, hourly, monthly, plain, source_means, yearly

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
SITE = ZoneInfo("Asia/Shanghai")
RULE = air_validity(date(2026, 3, 1))
T0 = 1_772_294_400_000  # 2026-03-01 00:00 +08:00


def edges_of(*days: date, zone: ZoneInfo = SITE) -> Ints:
    return np.array([datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000 for day in days], np.int64)


def each_day(first: date, count: int) -> Ints:
    begin = int(edges_of(first)[0])
    return begin + DAY * np.arange(count + 1)


def a_column(values: list[float], step: int, start: int = T0) -> Column:
    """Values one step apart; NaN is a value that is not valid."""
    value = np.array(values, np.float64)
    return Column(start + step * np.arange(len(value)), value, ~np.isnan(value), step)


def hour_means(values: list[float], start: int = T0) -> Means:
    hours = start + HOUR * np.arange(len(values) + 1)
    return hourly(a_column(values, HOUR, start), hours, RULE)


def day_means(values: list[float], first: date) -> Means:
    days = each_day(first, len(values))
    value, valid = np.array(values), ~np.isnan(values)
    ones = np.ones(len(values), np.int64)
    return Means(days[:-1], days[1:], value, ones * 24, ones * 24, valid)


@pytest.mark.parametrize(("minutes", "valid"), [(44, False), (45, True), (60, True)])
def test_an_hour_needs_forty_five_minutes(minutes: int, valid: bool) -> None:
    found = hourly(a_column([7.0] * minutes + [nan] * (60 - minutes), MINUTE), T0 + HOUR * np.arange(2), RULE)
    assert found.valid.tolist() == [valid]
    assert found.count.tolist() == [minutes]
    assert found.coverage[0] == minutes / 60
    np.testing.assert_equal(found.value, [7.0 if valid else nan])


def test_many_values_in_few_minutes_cover_few_minutes() -> None:
    # every second for ten minutes, where one a minute was declared
    column = Column(T0 + 1000 * np.arange(600), np.ones(600), np.ones(600, np.bool_), MINUTE)
    found = hourly(column, T0 + HOUR * np.arange(2), RULE)
    assert (found.count[0], bool(found.valid[0])) == (10, False)


def test_a_column_of_hours_is_hours_and_invalid_is_no_number() -> None:
    found = hour_means([1.0, nan, 3.0])
    assert found.valid.tolist() == [True, False, True]
    np.testing.assert_equal(found.value, [1.0, nan, 3.0])


@pytest.mark.parametrize(("hours", "valid"), [(19, False), (20, True), (24, True)])
def test_a_day_needs_twenty_hours(hours: int, valid: bool) -> None:
    found = daily(hour_means([5.0] * hours + [nan] * (24 - hours)), each_day(date(2026, 3, 1), 1), RULE)
    assert (bool(found.valid[0]), int(found.count[0]), int(found.expected[0])) == (valid, hours, 24)
    assert found.clause == "GB 3095-2026 表4"
    np.testing.assert_equal(found.value, [5.0 if valid else nan])


def test_dust_sampled_by_hand_needs_all_twenty_four() -> None:
    days = each_day(date(2026, 3, 1), 1)
    assert not daily(hour_means([5.0] * 23 + [nan]), days, RULE, "tsp").valid[0]
    assert daily(hour_means([5.0] * 24), days, RULE, "tsp").valid[0]


def test_means_via_points_and_via_hours_differ_where_hours_hold_different_numbers_of_points() -> None:
    full, thin = [10.0] * 60, [40.0] * 45 + [nan] * 15
    points = a_column((full * 12) + (thin * 12), MINUTE)
    hours = hourly(points, T0 + HOUR * np.arange(25), RULE)
    days = each_day(date(2026, 3, 1), 1)
    assert daily(hours, days, RULE).value[0] == 25.0
    via_points = daily(hours, days, RULE, via="points", points=points).value[0]
    assert via_points == pytest.approx((10 * 720 + 40 * 540) / 1260)
    with pytest.raises(ValueError, match="expected a column"):
        daily(hours, days, RULE, via="points")


def test_a_day_of_twenty_three_hours_can_be_whole() -> None:
    zone = ZoneInfo("Europe/Berlin")
    days = edges_of(date(2026, 3, 29), date(2026, 3, 30), zone=zone)
    start = int(days[0])
    found = daily(hour_means([1.0] * 23, start), days, RULE, "tsp")
    assert (int(found.expected[0]), bool(found.valid[0])) == (23, True)


@pytest.mark.parametrize(
    ("first", "after", "days", "valid"),
    [
        (date(2026, 3, 1), date(2026, 4, 1), 26, False),
        (date(2026, 3, 1), date(2026, 4, 1), 27, True),
        (date(2027, 2, 1), date(2027, 3, 1), 24, False),
        (date(2027, 2, 1), date(2027, 3, 1), 25, True),
        (date(2028, 2, 1), date(2028, 3, 1), 25, True),
    ],
)
def test_a_month_needs_twenty_seven_days_and_february_twenty_five(
    first: date, after: date, days: int, valid: bool
) -> None:
    length = (after - first).days
    found = monthly(day_means([3.0] * days + [nan] * (length - days), first), edges_of(first, after), RULE)
    assert found.valid.tolist() == [valid]
    assert found.coverage[0] == days / length


def a_year(missing: dict[int, int]) -> tuple[Means, Ints, Ints]:
    """Days of 2027 with so many missing at the end of some months, and the edges of year and months."""
    months = edges_of(*(date(2027, month, 1) for month in range(1, 13)), date(2028, 1, 1))
    values: list[float] = []
    for month in range(12):
        length = round((months[month + 1] - months[month]) / DAY)
        gone = missing.get(month + 1, 0)
        values += [8.0] * (length - gone) + [nan] * gone
    return day_means(values, date(2027, 1, 1)), months[[0, -1]], months


@pytest.mark.parametrize(
    ("missing", "valid"),
    [
        ({}, True),
        ({1: 4}, True),
        ({1: 5}, False),  # 26 days in January
        ({2: 3}, True),
        ({2: 4}, False),
        # 41 missing leave 324, with every month at its least or better
        (dict.fromkeys((1, 3, 5, 7, 8, 10, 12), 4) | dict.fromkeys((4, 6, 9, 11), 3) | {2: 1}, True),
        (dict.fromkeys((1, 3, 5, 7, 8, 10, 12), 4) | dict.fromkeys((4, 6, 9, 11), 3) | {2: 2}, False),
    ],
)
def test_a_year_needs_324_days_and_every_month(missing: dict[int, int], valid: bool) -> None:
    days, years, months = a_year(missing)
    found = yearly(days, years, months, RULE)
    assert found.valid.tolist() == [valid]
    assert int(found.count[0]) == 365 - sum(missing.values())


def test_part_of_a_year_is_no_year() -> None:
    days, _, months = a_year({})
    assert not yearly(days, months[[0, 11]], months[:12], RULE).valid[0]


def test_eight_hours_need_six() -> None:
    hours = hour_means([nan, nan, 1, 2, 3, 4, 5, 6, nan, 9])
    found = eight_hours(hours, RULE)
    np.testing.assert_equal(found.value, [nan] * 7 + [3.5, 3.5, 4.28571428571])
    assert found.count.tolist()[5:] == [4, 5, 6, 6, 7]
    assert found.start[7] == hours.start[0]
    assert found.end[7] == hours.end[7]


@given(st.lists(st.one_of(st.just(nan), st.integers(0, 400).map(float)), min_size=1, max_size=60), st.integers(1, 24))
def test_running_means_are_the_means_of_the_hours_before(values: list[float], length: int) -> None:
    found = running(hour_means(values), length, least := max(1, length * 3 // 4))
    for end in range(len(values)):
        part = [value for value in values[max(0, end - length + 1) : end + 1] if not isnan(value)]
        whole = end + 1 >= length and len(part) >= least
        expected = sum(part) / len(part) if whole else nan
        np.testing.assert_allclose(found.value[end], expected, rtol=1e-11)


def test_the_daily_maximum_is_of_means_that_lie_in_the_day() -> None:
    # the evening before was high: its hours are in running means of the small hours, which are not the day's
    values = [300.0] * 24 + [10.0] * 12 + [100.0] * 8 + [10.0] * 4
    found = daily_maximum(hour_means(values), each_day(date(2026, 3, 1), 2), RULE)
    assert found.value.tolist() == [300.0, 100.0]
    assert found.expected.tolist() == [17, 17]


@pytest.mark.parametrize(("gone", "level", "valid"), [(3, 50.0, True), (6, 50.0, False), (6, 170.0, True)])
def test_the_daily_maximum_needs_fourteen_means_or_a_breach(gone: int, level: float, valid: bool) -> None:
    hours = hour_means([level] * (24 - gone) + [nan] * gone)
    found = daily_maximum(hours, each_day(date(2026, 3, 1), 1), RULE, limit=160)
    assert (int(found.count[0]), bool(found.valid[0])) == (min(17, 19 - gone), valid)
    np.testing.assert_equal(found.value, [level if valid else nan])


def test_outlets_by_their_share_of_normal_values() -> None:
    windows = T0 + HOUR * np.arange(3)
    column = a_column([1.0] * 4 + [1.0] * 3 + [nan], 15 * MINUTE)
    day = date(2026, 3, 1)
    assert source_means(column, windows, "water", day).valid.tolist() == [True, False]
    assert source_means(column, windows, "flue_gas", day).valid.tolist() == [True, True]
    thin = Column(column.time[:2], column.value[:2], column.valid[:2], 15 * MINUTE)
    gas = source_means(thin, windows, "flue_gas", day)
    assert gas.valid.tolist() == [False, False]
    np.testing.assert_equal(gas.value, [nan, nan])
    assert source_means(thin, windows, "water", day).coverage.tolist() == [0.5, 0.0]


def test_loads_count_the_hours_in_which_both_are_valid() -> None:
    windows = each_day(date(2026, 3, 1), 1)
    flow = hour_means([2.0] * 24)
    concentration = hour_means([50.0] * 18 + [nan] * 6)
    found = loads(concentration, flow, windows)
    assert found.mass[0] == pytest.approx(50 * 2 * 3600 * 18 / 1000)
    assert found.volume[0] == pytest.approx(2 * 3600 * 18)
    assert (found.weighted[0], found.coverage[0], bool(found.valid[0])) == (50.0, 0.75, True)
    poor = loads(hour_means([50.0] * 17 + [nan] * 7), flow, windows)
    assert not poor.valid[0]
    assert np.isnan(poor.mass[0])
    litres = loads(concentration, hour_means([2000.0] * 24), windows, flow_unit="L/s")
    assert litres.mass[0] == pytest.approx(found.mass[0])
    with pytest.raises(ValueError, match="same windows"):
        loads(hour_means([1.0]), flow, windows)


def test_a_year_of_days_against_the_daily_limit() -> None:
    days, years, months = a_year({1: 4})
    value = days.value.copy()
    value[days.valid] = np.arange(361) % 100
    changed = Means(days.start, days.end, value, days.count, days.expected, days.valid)
    (found,) = compliance("pm2_5", changed, years, months, [date(2027, 12, 31)], RULE)
    assert (found.percentile, found.limit, found.limit_edition) == (95, 60, "GB 3095-2026")
    expected = np.percentile(value[days.valid], 95)
    assert found.value == round(float(expected))
    assert (found.meets, found.days, found.valid) == (False, 361, True)
    assert found.days_over == int((value[days.valid] > 60).sum())
    assert found.rate == pytest.approx(100 * (361 - found.days_over) / 361, abs=0.05)
    poor, _, _ = a_year({1: 20})
    (none,) = compliance("pm2_5", poor, years, months, [date(2027, 12, 31)], RULE)
    assert (none.value, none.meets, none.rate, none.valid) == (None, None, None, False)
    with pytest.raises(ValueError, match="expected one of co, no2, o3, pm10, pm2_5, so2"):
        compliance("tsp", poor, years, months, [date(2027, 12, 31)], RULE)


def test_means_where_no_standard_counts() -> None:
    column = a_column([1.0, nan, 3.0, nan], 6 * HOUR)
    windows = each_day(date(2026, 3, 1), 2)
    found = plain(column, windows)
    np.testing.assert_equal(found.value, [2.0, nan])
    assert found.coverage.tolist() == [0.5, 0.0]
    assert not plain(column, windows, least_coverage=0.6).valid.any()


@given(st.integers(1, 9999), st.integers(2, 400))
def test_the_mean_of_equal_values_is_that_value(thousandths: int, count: int) -> None:
    value = thousandths / 1000
    assert plain(a_column([value] * count, MINUTE), T0 + DAY * np.arange(2)).value[0] == value


def test_digits_that_are_no_decimals_are_dropped_and_the_rest_is_kept() -> None:
    given_values = np.array([0.1 + 0.2, nan, np.inf, 0.0, -1234.5, 1e300, 1e-280])
    np.testing.assert_allclose(plain_decimals(given_values), given_values, rtol=1e-11)
    assert plain_decimals(given_values)[0] == 0.3


def test_a_column_must_be_in_order_and_of_one_length() -> None:
    with pytest.raises(ValueError, match="ascending"):
        Column(np.array([2, 1]), np.ones(2), np.ones(2, np.bool_))
    with pytest.raises(ValueError, match=r"expected \(n,\)"):
        Column(np.array([1]), np.ones(2), np.ones(2, np.bool_))
