"""Windows, exceedances and comparisons."""

import pytest

from tests.api.hub import NOW, WATER, Hub

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
START = NOW - NOW % HOUR
"""19:00 of the site's day."""


def test_series_has_exactly_the_interface_s_shape(hub: Hub) -> None:
    hub.write(
        WATER, {"ph": [7.0, 7.2, 9.0, 7.4]}, [START, START + 1, START + HOUR, START + 2 * HOUR], checks=[0, 0, 1, 0]
    )
    params = {
        "every": "1h",
        "agg": "mean,min,max,count,count_all,p95",
        "from": "2026-11-18T19:00:00+08:00",
        "to": "2026-11-18T22:00:00+08:00",
    }
    assert hub.get("/v1/series", params=params).json() == {
        "zone": "Asia/Shanghai",
        "every": "1h",
        "columns": ["time", "mean", "min", "max", "count", "count_all", "p95"],
        "series": [
            {
                "department": "north",
                "kind": "water",
                "device": "st-1",
                "property": "ph",
                "unit": "",
                "rows": [
                    ["2026-11-18T19:00:00+08:00", 7.1, 7.0, 7.2, 2, 2, pytest.approx(7.19)],
                    ["2026-11-18T20:00:00+08:00", None, None, None, 0, 1, None],
                    ["2026-11-18T21:00:00+08:00", 7.4, 7.4, 7.4, 1, 1, 7.4],
                ],
            }
        ],
    }


@pytest.mark.parametrize(
    ("fill", "expected"),
    [
        ("none", [(19, 1.0, 1), (22, 4.0, 1)]),
        ("null", [(18, None, 0), (19, 1.0, 1), (20, None, 0), (21, None, 0), (22, 4.0, 1), (23, None, 0)]),
        ("previous", [(18, None, 0), (19, 1.0, 1), (20, 1.0, 0), (21, 1.0, 0), (22, 4.0, 1), (23, 4.0, 0)]),
        ("linear", [(18, None, 0), (19, 1.0, 1), (20, 2.0, 0), (21, 3.0, 0), (22, 4.0, 1), (23, None, 0)]),
    ],
)
def test_empty_windows_are_filled_as_asked(hub: Hub, fill: str, expected: list[tuple[int, float | None, int]]) -> None:
    hub.write(WATER, {"ph": [1.0, 4.0]}, [START + MINUTE, START + 3 * HOUR])
    params = {"from": "2026-11-18T18:00:00+08:00", "to": "2026-11-19", "agg": "mean,count", "fill": fill}
    rows = hub.get("/v1/series", params=params).json()["series"][0]["rows"]
    assert [(int(time[11:13]), mean, count) for time, mean, count in rows] == expected


def test_completeness_is_of_the_declared_period(hub: Hub) -> None:
    hub.write(WATER, {"ph": [7.0] * 30}, [START + i * MINUTE for i in range(30)])
    hub.clock.advance(START + 90 * MINUTE - NOW)
    params = {
        "from": "2026-11-18T19:00:00+08:00",
        "to": "2026-11-18T22:00:00+08:00",
        "agg": "completeness",
        "fill": "null",
    }
    rows = hub.get("/v1/series", params=params).json()["series"][0]["rows"]
    assert [row[1] for row in rows] == [0.5, 0.0, 0.0]
    hub.write(WATER, {"ph": [7.0] * 15}, [START + HOUR + i * MINUTE for i in range(15)])
    rows = hub.get("/v1/series", params=params).json()["series"][0]["rows"]
    assert rows[1][1] == 0.5  # of a window that still runs, what has passed counts


def test_days_and_months_are_the_zone_s(hub: Hub) -> None:
    hub.write(WATER, {"ph": [1.0, 2.0]}, [START - START % DAY + 15 * HOUR, START - START % DAY + 16 * HOUR])
    params = {"from": "2026-11-18", "to": "2026-11-20", "every": "1d", "agg": "count"}
    rows = {
        zone: hub.get("/v1/series", params={**params, "zone": zone}).json()["series"][0]["rows"]
        for zone in ("Asia/Shanghai", "UTC")
    }
    assert rows["Asia/Shanghai"] == [["2026-11-18T00:00:00+08:00", 1], ["2026-11-19T00:00:00+08:00", 1]]
    assert rows["UTC"] == [["2026-11-18T00:00:00+00:00", 2]]


def test_without_from_it_is_the_last_day(hub: Hub) -> None:
    hub.write(WATER, {"ph": [1.0, 2.0]}, [NOW - 2 * DAY, NOW - HOUR])
    assert len(hub.get("/v1/series").json()["series"][0]["rows"]) == 1
    assert hub.get("/v1/series?device=none").json()["series"] == []


def test_exceedances_by_point(hub: Hub) -> None:
    values = [1.0, 3.0, 4.0, 1.0, 5.0, 5.0, 5.0]
    times = [START + i * MINUTE for i in (0, 1, 2, 3, 4, 5, 60)]
    hub.write(WATER, {"nh3_n": values}, times)
    hub.clock.advance(2 * HOUR)
    body = hub.get("/v1/exceedances?limit=le:2&from=2026-11-18T19:00:00%2B08:00").json()
    assert (body["basis"], body["limit"]) == ("point", "le:2")
    (item,) = body["items"]
    assert (item["total"], item["count"], item["max"], item["min"]) == (7, 5, 5.0, 3.0)
    # Two minutes, two minutes, and one after a gap that no value stands for.
    assert item["hours"] == pytest.approx(5 / 60)
    assert item["longest_run"] == pytest.approx(2 / 60)
    assert item["longest_run_start"] == "2026-11-18T19:01:00+08:00"


def test_exceedances_by_hour_judge_the_hourly_mean(hub: Hub) -> None:
    hub.write(WATER, {"nh3_n": [1.0, 9.0, 3.0, 3.0, 1.0]}, [START + i * 30 * MINUTE for i in range(5)])
    (item,) = hub.get("/v1/exceedances?limit=le:2.5&basis=hour&from=2026-11-18T19:00:00%2B08:00&to=2026-11-19").json()[
        "items"
    ]
    assert (item["total"], item["count"], item["hours"], item["longest_run"], item["max"]) == (3, 2, 2.0, 2.0, 5.0)
    rule = hub.get("/v1/exceedances?rule=nh3-n-high&basis=hour&from=2026-11-18T19:00:00%2B08:00&to=2026-11-19").json()
    assert rule["items"][0]["count"] == 2
    assert hub.get("/v1/exceedances?rule=none").status_code == 422


def test_top_keeps_the_worst(hub: Hub) -> None:
    hub.write(WATER, {"nh3_n": [9.0], "cod": [9.0], "ph": [1.0]}, [NOW - MINUTE])
    hub.write(WATER, {"cod": [9.0]}, [NOW - 2 * MINUTE])
    items = hub.get("/v1/exceedances?limit=le:2&top=1").json()["items"]
    assert [one["property"] for one in items] == ["cod"]
    low = hub.get("/v1/exceedances?limit=in:0,5").json()["items"]
    assert [(one["property"], one["count"]) for one in low] == [("cod", 2), ("nh3_n", 1), ("ph", 0)]


def test_compare_aligns_by_calendar_position(hub: Hub) -> None:
    day = 1_709_136_000_000  # 2024-02-29 00:00 in Shanghai
    times = [day - DAY, day, day + DAY, day - 366 * DAY, day - 365 * DAY]
    hub.write(WATER, {"ph": [2.0, 3.0, 4.0, 1.0, 8.0]}, times)
    params = {"with": "last_year", "from": "2024-02-28", "to": "2024-03-02", "every": "1d"}
    body = hub.get("/v1/compare", params=params).json()
    assert body["columns"] == ["time", "value", "other_time", "other", "difference", "percent"]
    assert body["series"][0]["rows"] == [
        ["2024-02-28T00:00:00+08:00", 2.0, "2023-02-28T00:00:00+08:00", 1.0, 1.0, 100.0],
        ["2024-02-29T00:00:00+08:00", 3.0, None, None, None, None],
        ["2024-03-01T00:00:00+08:00", 4.0, "2023-03-01T00:00:00+08:00", 8.0, -4.0, -50.0],
    ]


def test_compare_with_another_range_goes_window_by_window(hub: Hub) -> None:
    hub.write(WATER, {"ph": [1.0, 2.0, 3.0, 4.0]}, [START, START + HOUR, START + 5 * HOUR, START + 6 * HOUR])
    params = {
        "with": "2026-11-18T19:00:00+08:00/2026-11-18T21:00:00+08:00",
        "from": "2026-11-19T00:00:00+08:00",
        "to": "2026-11-19T02:00:00+08:00",
        "every": "1h",
    }
    rows = hub.get("/v1/compare", params=params).json()["series"][0]["rows"]
    assert [(row[1], row[3], row[4]) for row in rows] == [(3.0, 1.0, 2.0), (4.0, 2.0, 2.0)]
