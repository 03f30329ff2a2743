"""Whatever is written, in whatever order: every engine answers as the plain store does."""

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.batch import Ints
from storage.chunks import ChunkStore
from storage.memory import MemoryStore, window_start
from storage.series import Every, Select, SeriesStore
from storage.windows import edges, starts
from tests.storage.builders import (
    ALL,
    EVERY,
    Reading,
    assert_same_windows,
    batch,
    everything,
    reading,
    rows_of,
)
from tests.storage.judging import assert_gaps, assert_judged, assert_scanned

T0 = int(datetime(2028, 3, 25, 20, tzinfo=ZoneInfo("UTC")).timestamp()) * 1000
ZONES = ("Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Havana", "UTC")

minutes = st.integers(-3000, 3000)
readings = st.builds(
    lambda at, of, minute, value, q, c: reading(T0 + minute * 60_000, value, at=at, of=of, q=q, c=c),
    st.sampled_from(["d/water/w1", "d/water/w2", "e/air/a1"]),
    st.sampled_from(["ph", "do"]),
    minutes,
    st.integers(-1000, 1000).map(lambda whole: whole / 8),
    st.sampled_from([0, 0, 0, 1, 2, 8]),
    st.sampled_from([0, 0, 0, 1, 16, 40]),
)
writes = st.lists(st.lists(readings, min_size=1, max_size=12), min_size=1, max_size=12)
SLOW = settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def compare(store: SeriesStore, oracle: MemoryStore, every: Every, zone: str) -> None:
    assert everything(store) == everything(oracle)
    for select in (ALL, Select(valid_only=True), Select(device="w1", valid_only=True)):
        assert rows_of(store.latest(select)) == rows_of(oracle.latest(select))
        low, high = T0 - 2000 * 60_000, T0 + 2900 * 60_000
        assert_same_windows(store, oracle, select, low, high, every, zone)
        assert_scanned(store, oracle, select, low, high)


def judge(store: SeriesStore, written: Sequence[Reading], zone: str) -> None:
    """What is judged of whole series, against the plain reckoning."""
    low, high = T0 - 2000 * 60_000, T0 + 2900 * 60_000
    assert_gaps(store, written, low, high, None)
    for every in (None, Every(1, "h"), Every(1, "d")):
        assert_judged(store, written, low, high, every, zone, T0)


def run(store: SeriesStore, written: list[list[Reading]], every: Every, zone: str, *, seal_after: int) -> None:
    oracle = MemoryStore()
    for i, rows in enumerate(written):
        store.write([batch(rows)])
        oracle.write([batch(rows)])
        if isinstance(store, ChunkStore) and i == seal_after:
            compare(store, oracle, every, zone)
            store.writer.seal_all()
    compare(store, oracle, every, zone)
    judge(store, [row for rows in written for row in rows], zone)
    store.close()


@SLOW
@given(writes, st.sampled_from(EVERY), st.sampled_from(ZONES), st.integers(0, 12))
def test_any_writes(
    fresh: Callable[[], SeriesStore], written: list[list[Reading]], every: Every, zone: str, seal_after: int
) -> None:
    run(fresh(), written, every, zone, seal_after=seal_after)


@settings(SLOW, max_examples=5)
@given(writes, st.sampled_from(EVERY), st.sampled_from(ZONES))
def test_any_writes_to_the_server(
    fresh_influx: Callable[[], SeriesStore], written: list[list[Reading]], every: Every, zone: str
) -> None:
    run(fresh_influx(), written, every, zone, seal_after=0)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(T0 - 40_000_000_000, T0 + 40_000_000_000), min_size=1, max_size=40).map(sorted),
    st.sampled_from([*EVERY, Every(7, "s"), Every(45, "m"), Every(5, "h"), Every(36, "h")]),
    st.sampled_from(ZONES),
)
def test_a_value_lies_in_the_window_the_calendar_says(times: list[int], every: Every, zone: str) -> None:
    found = starts(np.array(times, np.int64), every, zone)
    assert (found <= times).all()
    if every.unit == "s":
        return
    grid = edges(times[0], times[-1] + 1, every, zone) if times[-1] - times[0] < 10**10 else None
    for time, start in zip(times, found.tolist(), strict=True):
        assert start == window_start(time, every, zone), (time, every, zone)
        if grid is not None:
            assert_between(grid, start, time)


def assert_between(grid: Ints, start: int, time: int) -> None:
    """`start` is the last edge at or before `time`."""
    assert grid[np.searchsorted(grid, time, side="right") - 1] == start
