"""Empty windows and completeness."""

import numpy as np
import pytest

from hub.errors import BadQuery
from storage.fill import completeness, fill, with_completeness
from storage.memory import MemoryStore
from storage.series import Every, Windows
from storage.windows import edges
from tests.storage.builders import ALL, batch, reading

HOUR = 3_600_000
DAY = 24 * HOUR
NAN = float("nan")


@pytest.fixture
def hours() -> tuple[Windows, "np.ndarray[tuple[int], np.dtype[np.int64]]"]:
    """Hours 1, 2 and 5 of six, of which hour 2 has no valid value."""
    store = MemoryStore()
    store.write([batch([reading(HOUR, 10.0), reading(2 * HOUR, 99.0, q=2), reading(5 * HOUR, 50.0)])])
    (windows,) = store.windows(ALL, 0, 6 * HOUR, Every(1, "h"), ["mean", "count", "count_all"], "UTC")
    return windows, edges(0, 6 * HOUR, Every(1, "h"), "UTC")


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("null", [NAN, 10, NAN, NAN, NAN, 50]),
        ("previous", [NAN, 10, 10, 10, 10, 50]),
        ("linear", [NAN, 10, 20, 30, 40, 50]),
    ],
)
def test_empty_windows_are_filled(
    hours: tuple[Windows, "np.ndarray[tuple[int], np.dtype[np.int64]]"], how: str, expected: list[float]
) -> None:
    filled = fill(*hours, how)
    assert filled.start.tolist() == [hour * HOUR for hour in range(6)]
    np.testing.assert_allclose(filled.columns["mean"], expected)
    assert filled.columns["count"].tolist() == [0, 1, 0, 0, 0, 1]
    assert filled.columns["count_all"].tolist() == [0, 1, 1, 0, 0, 1]


def test_none_leaves_them_out(hours: tuple[Windows, "np.ndarray[tuple[int], np.dtype[np.int64]]"]) -> None:
    assert fill(*hours, "none") is hours[0]
    with pytest.raises(BadQuery, match="fill"):
        fill(*hours, "zero")


def test_completeness_counts_valid_values_against_the_declared_period() -> None:
    store = MemoryStore()
    every = [reading(i * HOUR // 4, 1.0) for i in range(96)]
    store.write([batch([row for row in every if row[2] % DAY < 18 * HOUR] + [reading(19 * HOUR, 1.0, q=2)])])
    day = Every(1, "d")
    (windows,) = store.windows(ALL, 0, DAY, day, ["count"], "UTC")
    grid = edges(0, DAY, day, "UTC")
    assert completeness(windows, grid, 0, DAY, HOUR // 4).tolist() == [0.75]
    assert completeness(windows, grid, 0, 18 * HOUR, HOUR // 4).tolist() == [1.0]
    assert completeness(windows, grid, 0, DAY, HOUR).tolist() == [1.0]
    assert np.isnan(completeness(windows, grid, 0, DAY, None)).all()
    assert list(with_completeness(windows, grid, 0, DAY, HOUR).columns) == ["count", "completeness"]
    with pytest.raises(BadQuery, match="period"):
        completeness(windows, grid, 0, DAY, 0)


def test_a_short_day_expects_less() -> None:
    begin = 1_837_638_000_000  # 2028-03-26T00:00 in Berlin: 23 hours
    store = MemoryStore()
    store.write([batch([reading(begin + i * HOUR, 1.0) for i in range(23)])])
    (windows,) = store.windows(ALL, begin, begin + 23 * HOUR, Every(1, "d"), ["count"], "Europe/Berlin")
    grid = edges(begin, begin + 23 * HOUR, Every(1, "d"), "Europe/Berlin")
    assert grid.tolist() == [begin, begin + 23 * HOUR]
    assert completeness(windows, grid, begin, begin + 23 * HOUR, HOUR).tolist() == [1.0]


def test_edges_are_those_of_the_calendar() -> None:
    assert edges(0, 0, Every(1, "h"), "UTC").tolist() == []
    assert edges(1, 2, Every(1, "h"), "UTC").tolist() == [0, HOUR]
    assert len(edges(0, 365 * DAY, Every(1, "mo"), "Asia/Shanghai")) == 14
    assert len(edges(0, 2 * 365 * DAY, Every(1, "y"), "UTC")) == 3
    weeks = edges(0, 14 * DAY, Every(1, "w"), "UTC")
    assert weeks.tolist() == [-3 * DAY, 4 * DAY, 11 * DAY, 18 * DAY]
    with pytest.raises(BadQuery, match="every"):
        edges(0, 365 * DAY, Every(1, "s"), "UTC")
