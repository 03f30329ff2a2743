"""What only InfluxDB can do to us, each row provoked on the real server; and the bytes we send it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from hub.clock import ManualClock
from hub.commands.prepare import run_prepare
from hub.errors import ConfigError, StoreUnavailable
from hub.series_index import SeriesIndex
from hub.settings import Settings
from storage import ensure_series, open_series
from storage.columns import of_batches
from storage.influx import InfluxStore, place_of
from storage.influx.lines import LineBuilder
from storage.influx.table import parse
from storage.memory import MemoryStore
from storage.series import Every, Select, Series
from tests.engines import InfluxDB
from tests.storage.builders import (
    ALL,
    assert_same_windows,
    batch,
    everything,
    matrix,
    reading,
    rows_of,
)

T0 = 1_780_000_000_000
DAY = 86_400_000


@pytest.fixture
def store(influxdb: InfluxDB, influxdb_bucket: str) -> Iterator[InfluxStore]:
    made = InfluxStore(place_of(influxdb.bucket_url(influxdb_bucket), influxdb.token), sleep=lambda _: None)
    yield made
    made.close()


def api(server: InfluxDB) -> httpx.Client:
    return httpx.Client(
        base_url=server.http_url, headers={"Authorization": f"Token {server.token}"}, trust_env=False, timeout=30
    )


def write_raw(server: InfluxDB, store: InfluxStore, lines: str) -> None:
    with api(server) as http:
        query = {"org": server.org, "bucket": store._server.place.bucket, "precision": "ms"}
        http.post("/api/v2/write", params=query, content=lines.encode()).raise_for_status()


def test_lines_are_what_the_server_expects() -> None:
    index = SeriesIndex()
    rows = of_batches(
        index,
        [
            batch(
                [
                    reading(T0, 7.0),
                    reading(T0 + 1, 1e-7, q=1, c=16),
                    reading(T0 + 2, -3.25, q=2),
                    reading(-5, 1e22, at="d/air/a b,c=d", of="do", c=1),
                ]
            )
        ],
    )
    assert LineBuilder(index).block(rows).decode().split("\n") == [
        f"water,metric=ph,station=d/water/w1 v=7.0,q=0i,c=0i,vv=7.0 {T0}",
        f"water,metric=ph,station=d/water/w1 v=1e-7,q=1i,c=16i,vv=1e-7 {T0 + 1}",
        f"water,metric=ph,station=d/water/w1 v=-3.25,q=2i,c=0i {T0 + 2}",
        r"air,metric=do,station=d/air/a\ b\,c\=d v=1e22,q=0i,c=1i -5",
    ]


def test_answers_are_parsed_whatever_their_shape() -> None:
    answer = (
        b",result,table,_time,_value,metric,station\r\n"
        b",v,0,2026-05-28T20:26:40Z,0.31,do,d/water/w2\r\n"
        b",v,0,2026-05-28T20:26:41.2Z,-1e-05,do,d/water/w2\r\n"
        b",v,1,1969-12-31T23:59:59.987654321Z,12,ph,d/water/w1\r\n\r\n"
        b",result,table,_time,_value,_field,metric,station\r\n"
        b',f,0,2028-02-29T00:00:00.05Z,2,q,ph,"a, ""b"""\r\n\r\n\r\n'
    )
    first, second, third = parse(answer)
    assert (first.result, first.station, first.property) == ("v", "d/water/w2", "do")
    assert first.time.tolist() == [1780000000000, 1780000001200]
    assert first.value.tolist() == [0.31, -1e-05]
    assert second.time.tolist() == [-13]
    assert (third.field, third.station) == ("q", 'a\x1f "b"')
    assert third.time.tolist() == [1835395200050]
    (last,) = parse(b",result,table,metric,station,_value,_time\r\n,p95,0,ph,d/water/w1,7,2026-05-28T20:26:41Z\r\n\r\n")
    assert (last.time.tolist(), last.value.tolist()) == ([1780000001000], [7.0])
    assert list(parse(b"\r\n")) == []
    with pytest.raises(StoreUnavailable, match="out of luck"):
        list(parse(b",error,reference\r\n,out of luck,\r\n"))


def test_a_bad_line_is_named_and_the_rest_is_stored(store: InfluxStore) -> None:
    good = [reading(T0 + i, float(i)) for i in range(20)]
    late = 1 << 62  # beyond what the server's nanoseconds can hold
    rejected = store.write([batch([*good, reading(late, 1.0), reading(T0, 2.0, of="do"), reading(late + 1, 3.0)])])
    assert [(item.time, item.value, item.property) for item in rejected] == [(late, 1.0, "ph"), (late + 1, 3.0, "ph")]
    assert all("range" in item.reason for item in rejected)
    assert everything(store) == sorted([*good, reading(T0, 2.0, of="do")])


def test_infinities_never_leave_the_hub(store: InfluxStore) -> None:
    rejected = store.write([batch([reading(T0, np.inf), reading(T0 + 1, 1.0), reading(T0 + 2, -np.inf)])])
    assert [item.time for item in rejected] == [T0, T0 + 2]
    assert everything(store) == [reading(T0 + 1, 1.0)]


def test_a_conflict_of_types_costs_only_what_the_server_drops(influxdb: InfluxDB, store: InfluxStore) -> None:
    write_raw(influxdb, store, f"water,metric=ph,station=foreign v=1i,q=0i,c=0i {T0}")
    fine = [reading(T0, 1.0, at="d/air/a1"), reading(T0 + 40 * DAY, 5.0)]  # another measurement; another week
    rejected = store.write([batch([reading(T0, 2.0), reading(T0 + 1000, 3.0), *fine])])
    assert [(item.station, item.time, item.value) for item in rejected] == [
        ("d/water/w1", T0, 2.0),
        ("d/water/w1", T0 + 1000, 3.0),
    ]
    assert all("conflict" in item.reason for item in rejected)
    # Over both weeks the server would give one type only; that is its own way, and why `v` is always a float with us.
    assert everything(store, Select(kind="air")) == fine[:1]
    assert everything(store, ALL, T0 + 30 * DAY) == fine[1:]


def test_values_past_retention_are_named_and_never_sent_again(influxdb: InfluxDB, influxdb_bucket: str) -> None:
    url = f"{influxdb.bucket_url(influxdb_bucket)}&retention=3650"
    ensure_series(url, token=influxdb.token)
    store = open_series(url, Path(), token=influxdb.token)
    rejected = store.write([batch([reading(1000, 1.0), reading(T0, 2.0), reading(2000, 3.0, of="do")])])
    assert sorted((item.time, item.property) for item in rejected) == [(1000, "ph"), (2000, "do")]
    assert all("etention" in item.reason for item in rejected)
    assert everything(store) == [reading(T0, 2.0)]
    store.close()


def test_a_server_that_is_away_is_said_at_once_and_comes_back(influxdb: InfluxDB, store: InfluxStore) -> None:
    store.write([batch([reading(T0, 1.0)])])
    influxdb.kill()
    try:
        for _ in range(2):
            with pytest.raises(StoreUnavailable, match="away"):
                store.write([batch([reading(T0 + 1, 2.0)])])
            with pytest.raises(StoreUnavailable, match="away"):
                store.latest(ALL)
        assert not store.health().ok
        assert "does not answer" in store.health().detail
    finally:
        influxdb.start()
    assert store.write([batch([reading(T0 + 1, 2.0)])]) == []
    assert everything(store) == [reading(T0, 1.0), reading(T0 + 1, 2.0)]
    assert store.health().ok


def test_acknowledged_values_survive_a_killed_server(influxdb: InfluxDB, store: InfluxStore) -> None:
    written = [reading(T0 + i, float(i)) for i in range(3000)]
    store.write([batch(written)])
    influxdb.kill()
    influxdb.start()
    assert everything(store) == written


def test_wrong_credentials_and_missing_buckets_are_told(influxdb: InfluxDB) -> None:
    for url, token, words in (
        (influxdb.bucket_url("no-such-bucket"), influxdb.token, "no-such-bucket"),
        (influxdb.url, "wrong", "unauthorized"),
    ):
        store = open_series(url, Path(), token=token)
        with pytest.raises(StoreUnavailable, match=words):
            store.write([batch([reading(T0, 1.0)])])
        with pytest.raises(StoreUnavailable, match=words):
            store.latest(ALL)
        store.close()
    for url in ("influxdb://h:1?org=o", "influxdb://h:1?bucket=b", "influxdb:///?org=o&bucket=b"):
        with pytest.raises(ConfigError, match="InfluxDB needs"):
            open_series(url, Path(), token="t")
    with pytest.raises(ConfigError, match="token"):
        open_series(influxdb.url, Path())
    with pytest.raises(ConfigError, match="retention"):
        open_series(influxdb.url + "&retention=soon", Path(), token="t")


def test_the_bucket_is_made_and_its_retention_kept(influxdb: InfluxDB) -> None:
    url = influxdb.bucket_url("made-by-us")
    for days in (30, 60, 60, 0):
        ensure_series(f"{url}&retention={days}" if days else url, token=influxdb.token)
        assert retention_days(influxdb, "made-by-us") == days


def test_preparing_a_hub_makes_its_bucket(influxdb: InfluxDB, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(influxdb.token)
    engines = {"series": f"{influxdb.bucket_url('of-the-hub')}&retention=400", "series_token": {"file": str(token)}}
    folders = {"data": str(tmp_path / "data"), "rules": str(tmp_path / "rules")}
    engines["records"] = f"sqlite:///{tmp_path}/hub.db"
    run_prepare(Settings.model_validate({"hub": folders, "engines": engines}))
    assert retention_days(influxdb, "of-the-hub") == 400


def retention_days(server: InfluxDB, name: str) -> float:
    with api(server) as http:
        (bucket,) = http.get("/api/v2/buckets", params={"name": name}).json()["buckets"]
    seconds: int = sum(rule["everySeconds"] for rule in bucket["retentionRules"])
    return seconds / 86_400


def test_a_valid_value_corrected_to_an_invalid_one_leaves_the_means(influxdb: InfluxDB, store: InfluxStore) -> None:
    oracle = MemoryStore()
    writes = [
        [reading(T0 + i * 60_000, float(i)) for i in range(30)],
        [reading(T0 + 5 * 60_000, 5.0, q=2), reading(T0 + 31 * 60_000, 31.0, q=2)],
        [reading(T0 + 6 * 60_000, 6.0), reading(T0 + 6 * 60_000, 6.0, c=1)],
    ]
    for rows in writes:
        store.write([batch(rows)])
        oracle.write([batch(rows)])
    assert_same_windows(store, oracle, ALL, T0, T0 + DAY, Every(1, "h"), "UTC", ("mean", "count", "count_all", "max"))
    # Another process takes over: it does not know what is stored.
    other = open_series(influxdb.bucket_url(store._server.place.bucket), Path(), token=influxdb.token)
    again = [reading(T0 + 7 * 60_000, 7.0, q=3)]
    other.write([batch(again)])
    oracle.write([batch(again)])
    assert_same_windows(other, oracle, ALL, T0, T0 + DAY, Every(1, "h"), "UTC", ("mean", "count", "count_all", "max"))
    assert everything(other) == everything(oracle)
    other.close()


def test_a_bulk_correction_takes_back_its_own_values_and_no_other(
    store: InfluxStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    oracle, hour = MemoryStore(), 3_600_000
    asked: list[tuple[int, int]] = []
    delete = store._server.delete

    def watched(station: str, property_: str, kind: str, first: int, last: int) -> None:
        asked.append((first, last))
        delete(station, property_, kind, first, last)

    monkeypatch.setattr(store._server, "delete", watched)
    first = [reading(T0 + i * hour, float(i), at=f"d/water/w{i % 2}") for i in range(100 * 24)]
    # Every third day one value of one station, and two days of both stations whole.
    scattered = [first[i] for i in range(0, len(first), 72)]
    whole_days = first[50 * 24 : 52 * 24]
    corrected = [(*row[:4], 2, 0) for row in dict.fromkeys([*scattered, *whole_days])]
    for rows in (first, corrected):
        store.write([batch(rows)])
        oracle.write([batch(rows)])
    assert everything(store) == everything(oracle)
    assert_same_windows(store, oracle, ALL, T0, T0 + 101 * DAY, Every(1, "d"), "UTC", ("count", "count_all", "mean"))
    assert len(asked) <= len(scattered) + 2
    store.write([batch(corrected)])
    assert len(asked) <= len(scattered) + 2, "what is revoked is revoked once"


def test_days_in_a_zone_of_half_hours_are_right_too(store: InfluxStore) -> None:
    oracle = MemoryStore()
    incoming = matrix(("d/water/w1",), ("ph",), range(T0, T0 + 3 * DAY, 1_700_000))
    store.write([incoming])
    oracle.write([incoming])
    for zone in ("Asia/Kathmandu", "Asia/Kolkata", "America/St_Johns"):
        for every in (Every(1, "h"), Every(1, "d")):
            assert_same_windows(store, oracle, ALL, T0 + 1, T0 + 3 * DAY - 7, every, zone)


def test_latest_asks_for_little_and_refreshes(influxdb: InfluxDB, influxdb_bucket: str) -> None:
    clock = ManualClock()
    url = influxdb.bucket_url(influxdb_bucket)
    writer = open_series(url, Path(), token=influxdb.token)
    reader = InfluxStore(place_of(url, influxdb.token), clock=clock)
    writer.write([batch([reading(T0 - 300 * DAY, 1.0, of="do"), reading(T0, 7.0)])])
    assert [row[3] for row in rows_of(reader.latest(ALL))] == [1.0, 7.0]
    writer.write([batch([reading(T0 - 200 * DAY, 2.0, of="do"), reading(T0 + 1, 8.0)])])
    assert rows_of(reader.latest(ALL))[1][3] == 8.0
    clock.advance(601_000)
    assert [row[3] for row in rows_of(reader.latest(ALL))] == [2.0, 8.0]
    assert [row[3] for row in rows_of(reader.latest(Select(device="w1", properties=("do",))))] == [2.0]
    writer.close()
    reader.close()


def test_names_cannot_break_out_of_a_query(store: InfluxStore) -> None:
    store.write([batch([reading(T0, 1.0)])])
    for words in ('") or (true', "w1$/ or true", "${x}", "\\", "a\nb", "中文"):
        assert store.latest(Select(device=words)) == []
        assert store.latest(Select(properties=(words,))) == []
        assert store.latest(Select(department=words, kind="water", device=words)) == []
    assert [points.series for points in store.latest(ALL)] == [Series("d/water/w1", "ph")]
