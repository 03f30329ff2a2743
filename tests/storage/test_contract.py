"""What every series engine must do alike; the plain store in memory is the oracle."""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from hub.errors import BadQuery
from hub.model import Check
from storage.memory import MemoryStore
from storage.series import Every, Select, SeriesStore
from tests.storage.builders import (
    AGGREGATES,
    ALL,
    CHANGES,
    EVERY,
    ZONES,
    assert_same_windows,
    batch,
    everything,
    matrix,
    reading,
    rows_of,
)

T0 = 1_780_000_000_000
HOUR = 3_600_000
FUTURE = 1 << 50


def test_what_is_written_is_read_back(store: SeriesStore) -> None:
    readings = [
        reading(T0, 7.31),
        reading(T0 + 1, -0.25, q=2),
        reading(T0 + 2, 1e-7, c=int(Check.RANGE | Check.LATE)),
        reading(T0 + 3, 12345678.9),
        reading(T0, 3.0, at="d/water/w2", of="do"),
        reading(T0, 1 / 3, at="e/air/a:1.b_c-d", of="pm2_5", q=1),
    ]
    assert store.write([batch(readings)]) == []
    assert everything(store) == sorted(readings)


def test_an_empty_store_answers_nothing(store: SeriesStore) -> None:
    assert store.write([]) == []
    assert store.latest(ALL) == []
    assert store.raw(ALL, 0, FUTURE, 10).points == ()
    assert store.raw(ALL, 0, FUTURE, 10).next is None
    assert store.windows(ALL, 0, FUTURE, Every(1, "d"), ["mean"], "UTC") == []
    assert store.health().ok


def test_absent_values_are_not_stored(store: SeriesStore) -> None:
    store.write([batch([reading(T0, np.nan), reading(T0 + 1, 1.0), reading(T0, np.nan, of="do")])])
    assert everything(store) == [reading(T0 + 1, 1.0)]
    assert [row[1] for row in rows_of(store.latest(ALL))] == ["ph"]


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        (Select(), 6),
        (Select(department="d"), 4),
        (Select(kind="air"), 2),
        (Select(device="w2"), 2),
        (Select(department="d", kind="water", device="w1"), 2),
        (Select(properties=("do",)), 3),
        (Select(properties=("do", "ph"), department="e"), 2),
        (Select(department="nobody"), 0),
        (Select(properties=("unheard_of",)), 0),
    ],
)
def test_a_selection_takes_exactly_what_it_names(store: SeriesStore, select: Select, expected: int) -> None:
    stations = ("d/water/w1", "d/water/w2", "e/air/w1")
    store.write([matrix(stations, ("ph", "do"), [T0, T0 + 1000])])
    assert len(store.latest(select)) == expected
    assert len(everything(store, select)) == 2 * expected
    assert len(store.windows(select, T0, T0 + HOUR, Every(1, "h"), ["mean"], "UTC")) == expected


def test_ranges_are_half_open(store: SeriesStore) -> None:
    store.write([batch([reading(T0 + i, float(i)) for i in range(5)])])
    assert [row[3] for row in everything(store, ALL, T0 + 1, T0 + 4)] == [1.0, 2.0, 3.0]
    assert everything(store, ALL, T0 + 1, T0 + 1) == []
    assert [row[3] for row in everything(store, ALL, T0 + 1, T0 + 2)] == [1.0]


@pytest.mark.parametrize("limit", [1, 3, 7, 1000])
def test_pages_go_through_all_series_oldest_first(store: SeriesStore, oracle: MemoryStore, limit: int) -> None:
    incoming = matrix(("d/water/w1", "d/water/w2"), ("do", "ph"), [T0 + i * 700_000 for i in range(9)])
    store.write([incoming])
    oracle.write([incoming])
    cursor, theirs = None, None
    for _ in range(40):
        page, expected = (
            store.raw(ALL, T0, FUTURE, limit, cursor),
            oracle.raw(ALL, T0, FUTURE, limit, theirs),
        )
        assert rows_of(page.points) == rows_of(expected.points)
        assert sum(len(points.time) for points in page.points) <= limit
        cursor, theirs = page.next, expected.next
        assert (cursor is None) == (theirs is None)
        if cursor is None:
            break
    assert cursor is None


def test_a_page_goes_on_rightly_though_values_were_added(store: SeriesStore) -> None:
    store.write([batch([reading(T0 + i, float(i)) for i in range(4)])])
    page = store.raw(ALL, T0, FUTURE, 2)
    store.write([batch([reading(T0 + 9, 9.0), reading(T0 - 5, -5.0)])])
    following = store.raw(ALL, T0, FUTURE, 10, page.next)
    assert [row[3] for row in rows_of(following.points)] == [2.0, 3.0, 9.0]


def test_the_last_written_value_stands(store: SeriesStore, oracle: MemoryStore) -> None:
    writes = [
        [reading(T0 + i * 1000, float(i)) for i in range(50)],
        [reading(T0 + 10_000, 99.0, q=3), reading(T0 + 10_000, 100.0)],
        [reading(T0 + 49_000, -1.0)],
        [reading(T0 + 10_000, 101.0, c=1)],
    ]
    for readings in writes:
        store.write([batch(readings)])
        oracle.write([batch(readings)])
        assert everything(store) == everything(oracle)
        assert rows_of(store.latest(ALL)) == rows_of(oracle.latest(ALL))
    assert_same_windows(store, oracle, ALL, T0, T0 + HOUR, Every(10, "s"), "UTC")


def test_late_values_take_their_place(store: SeriesStore, oracle: MemoryStore) -> None:
    order = [5, 6, 7, 3, 4, 0, 9, 1, 8, 2, -100, 6]
    for i in order:
        readings = [reading(T0 + i * 60_000, i + 0.5), reading(T0 + i * 60_000, i + 0.25, of="do")]
        store.write([batch(readings)])
        oracle.write([batch(readings)])
    assert everything(store) == everything(oracle)
    assert rows_of(store.latest(ALL)) == rows_of(oracle.latest(ALL))
    assert_same_windows(store, oracle, ALL, T0 - HOUR, T0 + HOUR, Every(5, "m"), "Asia/Shanghai")


def test_the_newest_value_is_newest_by_its_own_time(store: SeriesStore) -> None:
    store.write([batch([reading(T0 + 5000, 5.0)])])
    store.write([batch([reading(T0, 1.0)])])
    assert rows_of(store.latest(ALL)) == [reading(T0 + 5000, 5.0)]
    store.write([batch([reading(T0 + 5000, 6.0, q=2)])])
    assert rows_of(store.latest(ALL)) == [reading(T0 + 5000, 6.0, q=2)]


def test_the_newest_valid_value_may_be_an_older_one(store: SeriesStore) -> None:
    store.write([batch([reading(T0, 1.0), reading(T0 + 1, 2.0), reading(T0 + 2, 3.0, q=2)])])
    assert rows_of(store.latest(Select(valid_only=True))) == [reading(T0 + 1, 2.0)]
    store.write([batch([reading(T0 + 1, 2.0, q=3)])])
    assert rows_of(store.latest(Select(valid_only=True))) == [reading(T0, 1.0)]
    store.write([batch([reading(T0, 1.0, c=int(Check.STUCK))])])
    assert rows_of(store.latest(Select(valid_only=True))) == []


@pytest.mark.parametrize("quality", range(9))
@pytest.mark.parametrize("checks", [0, 16, 48, 1, 2, 4, 8, 63])
def test_which_flags_count(oracle: MemoryStore, quality: int, checks: int) -> None:
    oracle.write([batch([reading(T0, 1.0, q=quality, c=checks)])])
    valid = quality in (0, 1) and checks in (0, 16, 48)
    assert len(oracle.latest(Select(valid_only=True))) == valid


def test_flags_stay_and_means_leave_invalid_values_out(store: SeriesStore, oracle: MemoryStore) -> None:
    readings = [reading(T0 + 60_000 * i, float(i), q=i % 9, c=(i * 7) % 64) for i in range(600)] + [
        reading(T0 + 60_000 * i, float(i), of="do", q=2) for i in range(100)
    ]
    store.write([batch(readings)])
    oracle.write([batch(readings)])
    for select in (ALL, Select(valid_only=True)):
        assert everything(store, select) == everything(oracle, select)
        for every in (Every(10, "m"), Every(1, "h"), Every(1, "d")):
            assert_same_windows(store, oracle, select, T0, T0 + 12 * HOUR, every, "Asia/Shanghai")


@pytest.mark.parametrize("zone", ZONES)
def test_windows_of_every_unit_agree_with_the_calendar(store: SeriesStore, oracle: MemoryStore, zone: str) -> None:
    # Two years with a 29 February, sparsely; the days on which any clock changes are the next test's.
    begin = int(datetime(2027, 1, 1, tzinfo=ZoneInfo("UTC")).timestamp()) * 1000
    incoming = matrix(("d/water/w1",), ("ph",), [begin + i * 147 * HOUR // 4 for i in range(490)])
    store.write([incoming])
    oracle.write([incoming])
    for every in EVERY:
        assert_same_windows(store, oracle, ALL, begin + 5 * HOUR + 1, begin + 17_900 * HOUR, every, zone)


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_windows_around_a_change_of_clocks_agree_with_the_calendar(
    store: SeriesStore, oracle: MemoryStore, zone: str, day: tuple[int, int, int]
) -> None:
    noon = int(datetime(*day, 12, tzinfo=ZoneInfo(zone)).timestamp()) * 1000
    incoming = matrix(("d/water/w1",), ("ph",), [noon - 36 * HOUR + i * 17 * 60_000 for i in range(240)])
    store.write([incoming])
    oracle.write([incoming])
    for every in EVERY:
        assert_same_windows(store, oracle, ALL, noon - 35 * HOUR + 1, noon + 30 * HOUR, every, zone)
        # A range that begins or ends within the day, before and after the change.
        assert_same_windows(store, oracle, ALL, noon - 9 * HOUR, noon + 9 * HOUR, every, zone, ("mean", "count"))


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "Asia/Kathmandu"])
def test_dense_values_give_the_same_windows(store: SeriesStore, oracle: MemoryStore, zone: str) -> None:
    # So many values an hour that an engine may rather work with hours or days it keeps or is given.
    chance = np.random.default_rng(5)
    rows = [
        reading(T0 + i * 240_000, float(value), at=f"d/water/w{i % 2}", q=int(chance.integers(0, 40) == 7) * 2)
        for i, value in enumerate(chance.normal(7, 1, 1800).round(2))
    ]
    store.write([batch(rows)])
    oracle.write([batch(rows)])
    names = ("mean", "min", "max", "sum", "count", "count_all")
    for select in (ALL, Select(valid_only=True)):
        for every in (Every(1, "h"), Every(6, "h"), Every(1, "d"), Every(1, "w"), Every(1, "mo")):
            assert_same_windows(store, oracle, select, T0 + 12_345, T0 + 116 * HOUR, every, zone, names)


def test_a_day_of_changing_clocks_has_23_or_25_hours(store: SeriesStore) -> None:
    begin = int(datetime(2028, 3, 26, tzinfo=ZoneInfo("Europe/Berlin")).timestamp() * 1000)
    end = int(datetime(2028, 3, 27, tzinfo=ZoneInfo("Europe/Berlin")).timestamp() * 1000)
    store.write([matrix(("d/water/w1",), ("ph",), range(begin, end, 600_000))])
    (hours,) = store.windows(ALL, begin, end, Every(1, "h"), ["count"], "Europe/Berlin")
    (days,) = store.windows(ALL, begin, end, Every(1, "d"), ["count"], "Europe/Berlin")
    assert hours.columns["count"].tolist() == [6.0] * 23
    assert days.start.tolist() == [begin]
    assert days.columns["count"].tolist() == [23 * 6.0]


@pytest.mark.parametrize(
    "names", [(name,) for name in AGGREGATES] + [("p1", "p99", "median", "count"), ("max", "mean")]
)
def test_each_aggregate_stands_alone(store: SeriesStore, oracle: MemoryStore, names: tuple[str, ...]) -> None:
    incoming = matrix(("d/water/w1", "d/water/w2"), ("ph",), [T0 + i * 97_000 for i in range(150)])
    store.write([incoming])
    oracle.write([incoming])
    for every in (Every(1, "h"), Every(1, "d")):
        assert_same_windows(store, oracle, ALL, T0, T0 + 4 * HOUR, every, "Asia/Shanghai", names)


def test_bad_questions_are_refused(store: SeriesStore) -> None:
    hour = Every(1, "h")
    with pytest.raises(BadQuery, match="to"):
        store.raw(ALL, 10, 5, 10)
    with pytest.raises(BadQuery, match="to"):
        store.windows(ALL, 10, 5, hour, ["mean"], "UTC")
    with pytest.raises(BadQuery, match="limit"):
        store.raw(ALL, 5, 10, 0)
    for cursor in ("", "xyz", "####", "AAAA", "MTIzfGE"):
        with pytest.raises(BadQuery, match="cursor"):
            store.raw(ALL, 5, 10, 10, cursor)
    for names in ([], ["average"], ["p0"], ["p100"], ["mean", "p1.5"]):
        with pytest.raises(BadQuery, match="agg"):
            store.windows(ALL, 5, 10, hour, names, "UTC")
    for every in (Every(0, "h"), Every(-1, "m"), Every(2, "d"), Every(3, "mo"), Every(1, "x"), Every(10**9, "h")):
        with pytest.raises(BadQuery, match="every"):
            store.windows(ALL, 5, 10, every, ["mean"], "UTC")
    for zone in ("", "Mars/Olympus", "../etc/passwd", "+08:00"):
        with pytest.raises(BadQuery, match="zone"):
            store.windows(ALL, 5, 10, hour, ["mean"], zone)
