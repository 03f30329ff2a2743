"""The same calendar position a year or a month before: on every engine, across a 29 February and changes of clocks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.analysis.calendar import BACKS, Back, position_before, range_before
from api.analysis.compare import counterparts, values_at
from api.analysis.series import Answer
from storage.series import Every, SeriesStore
from tests.storage.builders import ALL, batch, reading

HOUR, DAY = 3_600_000, 86_400_000
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe")


def at(zone: str, year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone)).timestamp()) * 1000


@pytest.mark.parametrize("zone", ZONES)
def test_days_stand_beside_the_same_days_of_last_year(store: SeriesStore, zone: str) -> None:
    # Each day's one value tells its date: 2027 and 2028 from February to April, with a 29 February and spring's change.
    dates = [
        datetime(year, 2, 1, 15, tzinfo=ZoneInfo(zone)) + timedelta(days=i) for year in (2027, 2028) for i in range(70)
    ]
    rows = [reading(int(day.timestamp()) * 1000, day.year * 10_000.0 + day.month * 100 + day.day) for day in dates]
    store.write([batch(rows)])
    answers = [
        Answer(one.series, one.start, one.columns)
        for year in (2027, 2028)
        for one in store.windows(ALL, at(zone, year, 2, 1), at(zone, year, 4, 1), Every(1, "d"), ["mean"], zone)
    ]
    before, now = (values_at(answer, "mean") for answer in answers)
    pairs = {
        value: None if other is None else before.get(other)
        for (start, value), other in zip(now.items(), counterparts(answers[1].start, "last_year", zone), strict=True)
    }
    assert len(pairs) == 60
    for value, other in pairs.items():
        assert other == (None if value == 20280229 else value - 10_000)


@given(
    st.integers(at("UTC", 1971, 1, 1), at("UTC", 2100, 1, 1)), st.sampled_from(BACKS), st.sampled_from((*ZONES, "UTC"))
)
def test_any_time_of_day_is_the_same_a_year_or_a_month_before(time: int, back: Back, zone: str) -> None:
    local = datetime.fromtimestamp(time // 1000, UTC).astimezone(ZoneInfo(zone))
    found = position_before(time // 1000 * 1000, back, ZoneInfo(zone))
    months = 12 if back == "last_year" else 1
    if found is None:
        begin, end = range_before(time, time, back, ZoneInfo(zone))
        assert begin == end
        assert timedelta(0) <= timedelta(milliseconds=time - begin) <= timedelta(days=31 * months + 1)
        return
    earlier = datetime.fromtimestamp(found // 1000, UTC).astimezone(ZoneInfo(zone))
    assert (earlier.day, earlier.timetz().replace(tzinfo=None)) == (local.day, local.timetz().replace(tzinfo=None))
    assert (local.year - earlier.year) * 12 + local.month - earlier.month == months


@pytest.mark.parametrize(
    ("back", "zone", "local", "expected"),
    [
        ("last_year", "Asia/Shanghai", (2028, 2, 29, 15), None),
        ("last_year", "Asia/Shanghai", (2029, 2, 28, 15), (2028, 2, 28, 15)),
        ("last_month", "Asia/Shanghai", (2027, 3, 31), None),
        ("last_month", "Asia/Shanghai", (2028, 1, 31), (2027, 12, 31)),
        ("last_year", "Europe/Berlin", (2028, 3, 28, 2, 30), None),  # clocks skipped it on 28 March 2027
        (
            "last_year",
            "Australia/Lord_Howe",
            (2028, 10, 3, 2, 15),
            None,
        ),  # on 3 October 2027 they went from 2:00 to 2:30
        ("last_year", "Australia/Lord_Howe", (2028, 10, 3, 2, 30), (2027, 10, 3, 2, 30)),
    ],
)
def test_a_position_that_was_skipped_has_no_counterpart(
    back: Back, zone: str, local: tuple[int, ...], expected: tuple[int, ...] | None
) -> None:
    found = position_before(at(zone, *local), back, ZoneInfo(zone))
    assert found == (None if expected is None else at(zone, *expected))


def test_the_end_of_a_range_that_does_not_exist_is_the_first_instant_after_it() -> None:
    shanghai, berlin = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
    begin, end = at("Asia/Shanghai", 2028, 2, 29, 9), at("Asia/Shanghai", 2028, 3, 1)
    march = at("Asia/Shanghai", 2027, 3, 1)
    assert range_before(begin, end, "last_year", shanghai) == (march, march)
    assert range_before(at("Asia/Shanghai", 2027, 3, 30), at("Asia/Shanghai", 2027, 3, 31), "last_month", shanghai) == (
        march,
        march,
    )
    skipped = at("Europe/Berlin", 2028, 3, 28, 2, 30)
    assert range_before(skipped, skipped, "last_year", berlin) == (at("Europe/Berlin", 2027, 3, 28, 3),) * 2
