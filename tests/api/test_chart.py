"""A chart's columns: no peak is lost, every flag shows, limits and the declared period come along."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.pixels import COLUMNS, Scale, pixels_of
from hub.model import QUALITY_CODE, Check
from storage.columns import valid
from storage.series import Points, Series
from tests.api.hub import NOW, WATER, Hub

SERIES = Series(WATER, "nh3_n")
LETTERS = list(QUALITY_CODE.values())


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 999), st.floats(-9, 9), st.sampled_from(LETTERS), st.integers(0, 63)), min_size=1
    ),
    st.integers(1, 60),
)
def test_each_column_is_what_its_values_are(given: list[tuple[int, float, int, int]], width: int) -> None:
    rows = sorted({row[0]: row for row in given}.values())
    time, value, quality, checks = (np.array(column) for column in zip(*rows, strict=True))
    points = Points(
        SERIES, time.astype(np.int64), value.astype(float), quality.astype(np.uint8), checks.astype(np.uint8)
    )
    scale = Scale.of(0, 1000, width)
    found = pixels_of(points, scale)
    good = valid(points.quality, points.checks)
    columns = sorted({row[0] // scale.step for row in rows})
    assert found.start.tolist() == [column * scale.step for column in columns]
    assert -(-1000 // scale.step) <= width
    for place, column in enumerate(columns):
        inside = points.time // scale.step == column
        kept = points.value[inside & good]
        assert found.count[place] == len(kept)
        assert found.invalid[place] == inside.sum() - len(kept)
        expected = (kept.min(), kept.max(), kept[0], kept[-1]) if len(kept) else (np.nan,) * 4
        shown = (found.low[place], found.high[place], found.first[place], found.last[place])
        np.testing.assert_array_equal(shown, expected)
        assert found.checks[place] == np.bitwise_or.reduce(points.checks[inside])
        assert {code for code in LETTERS if found.letters[place] >> code & 1} == set(points.quality[inside].tolist())


def test_a_chart_keeps_the_one_peak_of_a_long_time(hub: Hub) -> None:
    times = [NOW - 5000 * (5000 - i) for i in range(5000)]
    values = [1.0] * 5000
    values[2345], values[4000] = 9.75, -3.0
    hub.write(WATER, {"nh3_n": values}, times, quality=[0] * 4000 + [QUALITY_CODE["M"]] + [0] * 999)
    body = hub.get(f"/v1/series?property=nh3_n&width=100&from=-{5000 * 5}s&to=now").json()
    assert (body["columns"], body["width"], body["step_s"]) == (list(COLUMNS), 100, 250.0)
    (series,) = body["series"]
    assert len(series["rows"]) == 100
    assert max(row[2] for row in series["rows"]) == 9.75
    assert min(row[1] for row in series["rows"]) == 1.0, "an invalid value is none of the curve's"
    assert [(row[6], row[7]) for row in series["rows"] if row[6]] == [(1, "M")]
    assert series["period_s"] == 60.0
    assert series["limits"] == [
        {"rule": "nh3-n-high", "version": 1, "level": 2, "above": 2.0},
        {"rule": "nh3-n-high", "version": 1, "level": 3, "above": 1.5},
    ]


def test_a_column_of_invalid_values_alone_says_which(hub: Hub) -> None:
    hub.write(WATER, {"ph": [99.0]}, [NOW - 1000], checks=[int(Check.RANGE | Check.LATE)])
    (row,) = hub.get("/v1/series?property=ph&width=16").json()["series"][0]["rows"]
    assert row[1:] == [None, None, None, None, 0, 1, "", "range late"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("width=800&every=1h", "width"),
        ("width=800&agg=max", "width"),
        ("width=800&fill=null", "width"),
        ("width=3", "width"),
        ("width=100000", "width"),
        ("width=wide", "width"),
    ],
)
def test_a_width_that_cannot_be_is_named(standing_hub: Hub, query: str, field: str) -> None:
    answer = standing_hub.get(f"/v1/series?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_more_series_than_a_chart_shows_are_told_how_many(hub: Hub) -> None:
    for number in range(65):
        hub.write(f"north/water/w{number}", {"ph": [7.0]}, [NOW])
    answer = hub.get("/v1/series?width=100")
    assert answer.status_code == 422
    assert "at most 64" in answer.json()["errors"][0]["expected"]


def test_a_chart_is_a_file_too(hub: Hub) -> None:
    hub.write(WATER, {"ph": [7.0]}, [NOW - 1000])
    assert hub.get("/v1/series?width=16&format=csv").text.splitlines()[0].endswith("checks,zone")
