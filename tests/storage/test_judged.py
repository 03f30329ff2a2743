"""Gaps, exceedances and classes: the same on every engine, and as a plain reckoning says."""

import random
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import BadQuery
from storage.chunks import ChunkStore
from storage.classes import distribution
from storage.exceedance import exceedance
from storage.gaps import find_gaps, gaps
from storage.held import by_point, by_window
from storage.limit import Limit
from storage.memory import MemoryStore
from storage.series import Every, Points, Select, Series, SeriesStore, Windows
from tests.storage import plain
from tests.storage.builders import ALL, CHANGES, Reading, batch, reading
from tests.storage.judging import assert_gaps, assert_held, assert_judged, assert_scanned

T0 = 1_780_000_000_000
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


def a_life(begin: int, seed: int, count: int = 160) -> list[list[Reading]]:
    """Two stations that come each ten minutes or so, fall silent for hours, are flagged, corrected and late."""
    chance = random.Random(seed)
    rows, time = [], begin
    for _ in range(count):
        time += chance.choice((600_000, 600_000, 600_000, 601_234, 900_001, 1_500_000, 1_500_001, 4 * HOUR + 7))
        for at in ("d/water/w1", "d/water/w2"):
            q = chance.choice((0,) * 8 + (1, 2))
            c = chance.choice((0,) * 8 + (1, 16))
            rows.append(reading(time, chance.randint(320, 480) / 8, at=at, of=chance.choice(("ph", "do")), q=q, c=c))
    rows.append(reading(begin, 50.0, at="e/air/a1", q=2))
    late = chance.sample(rows, len(rows) // 10)
    prompt = [row for row in rows if row not in late]
    corrected = [(*row[:3], row[3] + 1, chance.choice((0, 0, 3)), 0) for row in chance.sample(prompt, 15)]
    return [prompt, late, corrected]


def lived(store: SeriesStore, begin: int, seed: int) -> list[Reading]:
    written: list[Reading] = []
    for rows in a_life(begin, seed):
        store.write([batch(rows)])
        written += rows
    return written


def test_points_are_judged_alike_everywhere(store: SeriesStore) -> None:
    written = lived(store, T0, seed=1)
    for until in (T0 + 3 * DAY, T0 + 90 * DAY):
        assert_judged(store, written, T0, T0 + 60 * DAY, None, "UTC", until)
        assert_judged(store, written, T0 + DAY + 1, T0 + 3 * DAY, None, "UTC", until)


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_means_of_hours_and_days_are_judged_alike_everywhere(
    store: SeriesStore, zone: str, day: tuple[int, int, int]
) -> None:
    noon = int(datetime(*day, 12, tzinfo=ZoneInfo(zone)).timestamp()) * 1000
    written = lived(store, noon - DAY, seed=2)
    for every in (Every(1, "h"), Every(1, "d")):
        assert_judged(store, written, noon - DAY, noon + 3 * DAY, every, zone, noon + 9 * DAY)


def test_gaps_are_found_alike_everywhere(store: SeriesStore) -> None:
    written = lived(store, T0, seed=3)
    for allowed in (None, 1, 600_000, 1_500_000, 40 * DAY):
        assert_gaps(store, written, T0 - DAY, T0 + 40 * DAY, allowed)
        assert_gaps(store, written, T0 + DAY, T0 + 2 * DAY, allowed)


def test_whole_series_are_handed_out_alike_everywhere(store: SeriesStore, oracle: MemoryStore) -> None:
    lived(store, T0, seed=4)
    lived(oracle, T0, seed=4)
    for select in (ALL, Select(valid_only=True), Select(device="w1", properties=("do",)), Select(kind="noise")):
        assert_scanned(store, oracle, select, T0, T0 + 60 * DAY)
        assert_scanned(store, oracle, select, T0 + DAY, T0 + DAY + HOUR)
        assert list(store.scan(select, T0, T0)) == []
    with pytest.raises(BadQuery, match="to"):
        list(store.scan(ALL, 10, 5))


def test_what_cannot_be_judged_is_refused() -> None:
    held = by_point(points([(T0, 1.0)]), None, T0)
    for borders in ((), (2.0, 2.0), (3.0, 1.0), (float("nan"),), (float("inf"),)):
        with pytest.raises(BadQuery, match="borders"):
            distribution(held, borders)
    for allowed in (0, -5):
        with pytest.raises(BadQuery, match="gap"):
            list(find_gaps(MemoryStore(), ALL, 0, 10, lambda *_: None, allowed))


def test_a_limit_that_is_open_is_broken_by_its_own_value() -> None:
    held = by_point(points([(T0, 1.0), (T0 + 1000, 2.0), (T0 + 2000, 3.0)]), 1000, T0 + DAY)
    for limit, count in (
        (Limit(high=2), 1),
        (Limit(high=2, open=True), 2),
        (Limit(low=2, open=True), 2),
        (Limit(1, 3), 0),
    ):
        assert exceedance(held, limit).count == count


def test_a_month_without_a_valid_mean_is_in_no_class() -> None:
    series = Series("d/water/w1", "ph")
    windows = Windows(series, np.array([0, 10, 20]), {"mean": np.array([1.0, np.nan, 3.0])})
    held = by_window(windows, "mean", np.array([0, 10, 20, 40]))
    assert held.time.tolist() == [0, 20]
    assert distribution(held, [2.0]).count.tolist() == [1, 1]
    assert distribution(held, [2.0]).hours.tolist() == [10 / HOUR, 20 / HOUR]


def points(values: list[tuple[int, float]]) -> Points:
    zeros = np.zeros(len(values), np.uint8)
    time = np.array([time for time, _ in values], np.int64)
    return Points(Series("d/water/w1", "ph"), time, np.array([value for _, value in values], np.float64), zeros, zeros)


steps = st.lists(st.sampled_from([1, 1000, 599_999, 600_000, 900_000, 900_001, 1_500_000, 1_500_001, DAY]), max_size=30)


@settings(deadline=None, max_examples=300)
@given(steps, st.data(), st.sampled_from([None, 600_000, 1]), st.integers(-DAY, DAY))
def test_any_values_are_judged_as_plainly_reckoned(
    steps: list[int], data: st.DataObject, period: int | None, beyond: int
) -> None:
    times = [T0 + sum(steps[:i]) for i in range(len(steps))]
    eighths = st.integers(300, 500).map(lambda whole: whole / 8)
    values = [(time, data.draw(eighths)) for time in times]
    until = max([T0 + sum(steps) + beyond, *times[-1:]])
    held = by_point(points(values), period, until)
    assert_held(held, plain.standing(values, period, until))
    for allowed in (1, 600_000, DAY):
        found = gaps(points(values), T0 - DAY, until, allowed)
        assert list(zip(found.start.tolist(), found.end.tolist(), strict=True)) == plain.gaps(
            times, T0 - DAY, until, allowed
        )


def test_a_series_too_long_to_hold_is_refused_with_what_would_do(
    store: SeriesStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write([batch([reading(T0 + i, 1.0) for i in range(1001)])])
    store.write([batch([reading(T0, 1.0, of="do")])])
    if isinstance(store, ChunkStore):
        store.writer.seal_all()
    monkeypatch.setattr("storage.select.MOST_POINTS", 1000)
    with pytest.raises(BadQuery, match="at most 1000 values"):
        list(store.scan(ALL, T0, T0 + DAY))
    with pytest.raises(BadQuery, match="at most 1000 values"):
        list(store.scan(Select(valid_only=True, beyond=Limit(high=0.5)), T0, T0 + DAY))
    assert [len(one.time) for one in store.scan(Select(properties=("do",)), T0, T0 + DAY)] == [1]
