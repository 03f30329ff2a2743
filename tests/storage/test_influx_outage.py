"""An InfluxDB that goes away, hangs or breaks off while we write: nothing lost, nothing doubled, nothing piled up, and on by itself."""

import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from hub.batch import Batch
from hub.catalogue import DevicePut
from hub.clock import SystemClock
from hub.errors import StoreUnavailable
from hub.follow import CatalogueFollower
from hub.health import HealthFile
from hub.topics import SERIES_GROUP
from processors.series_role import SeriesKeeper
from storage.influx import InfluxStore, place_of
from tests.engines import InfluxDB
from tests.engines.waiting import wait_until
from tests.processors.hubs import Hub
from tests.processors.worlds import Row, a_batch, a_device
from tests.storage.builders import ALL, batch, everything, reading
from tests.storage.gate import Gate

T0 = 1_780_000_000_000
DAY = 86_400_000
STATION = "env/water/w1"
WRITTEN = [reading(T0 + i * 1000, i / 8) for i in range(4000)]


@pytest.fixture
def gate(influxdb: InfluxDB) -> Iterator[Gate]:
    with Gate(influxdb.port) as made:
        yield made


@pytest.fixture
def store(gate: Gate, influxdb: InfluxDB, influxdb_bucket: str) -> Iterator[InfluxStore]:
    made = through(gate, influxdb, influxdb_bucket)
    yield made
    made.close()


def through(gate: Gate, server: InfluxDB, bucket: str, timeout_ms: int = 30_000) -> InfluxStore:
    place = place_of(f"influxdb://127.0.0.1:{gate.port}?org={server.org}&bucket={bucket}", server.token)
    return InfluxStore(place, sleep=lambda _: None, timeout_ms=timeout_ms)


def cut_in_the_write(gate: Gate) -> None:
    gate.cut_after = 100_000


def cut_before_the_answer(gate: Gate) -> None:
    gate.cut_answers = True


@pytest.mark.parametrize("cut", [cut_in_the_write, cut_before_the_answer, Gate.shut])
def test_a_broken_write_is_given_again_and_stored_once(
    gate: Gate, store: InfluxStore, cut: Callable[[Gate], None]
) -> None:
    store.write([batch([reading(T0 - 1, 1.0)])])
    cut(gate)
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="away"):
            store.write([batch(WRITTEN)])
    gate.open, gate.cut_after, gate.cut_answers = True, None, False
    assert store.write([batch(WRITTEN)]) == []
    assert everything(store) == [reading(T0 - 1, 1.0), *WRITTEN]


def test_a_read_that_breaks_off_is_told_and_not_taken_for_all(gate: Gate, store: InfluxStore) -> None:
    store.write([batch(WRITTEN)])
    gate.cut_answers = True
    for ask in (lambda: list(store.scan(ALL, T0, T0 + DAY)), lambda: store.latest(ALL), lambda: everything(store)):
        with pytest.raises(StoreUnavailable, match="away"):
            ask()
    gate.cut_answers = False
    assert len(everything(store)) == len(WRITTEN)


def test_a_server_that_hangs_is_given_up(gate: Gate, influxdb: InfluxDB, influxdb_bucket: str) -> None:
    store = through(gate, influxdb, influxdb_bucket, timeout_ms=300)
    gate.hanging = True
    with pytest.raises(StoreUnavailable, match="away"):
        store.write([batch(WRITTEN)])
    with pytest.raises(StoreUnavailable, match="away"):
        store.latest(ALL)
    assert not store.health().ok
    gate.hanging = False
    assert store.write([batch(WRITTEN)]) == []
    assert store.health().ok
    store.close()


def test_bad_lines_conflicts_and_old_values_of_one_batch_are_each_named(influxdb: InfluxDB) -> None:
    place = place_of(influxdb.bucket_url("kept-ten-years"), influxdb.token)
    store = InfluxStore(place, retention_days=3650)
    store.ensure()
    foreign(influxdb, "kept-ten-years")
    bad = [reading(1 << 62, 1.0), reading(1000, 2.0), reading(T0, 3.0, at="d/noise/n1"), reading(T0 + 1, float("inf"))]
    good = [reading(T0 + i, float(i)) for i in range(2, 50)]
    rejected = store.write([batch([*bad, *good])])
    assert sorted((item.time, item.value) for item in rejected) == sorted((row[2], row[3]) for row in bad)
    assert everything(store) == good
    store.close()


def foreign(server: InfluxDB, bucket: str) -> None:
    """Somebody else's whole numbers where our floats would go."""
    headers = {"Authorization": f"Token {server.token}"}
    query = {"org": server.org, "bucket": bucket, "precision": "ms"}
    with httpx.Client(base_url=server.http_url, headers=headers, trust_env=False) as http:
        http.post("/api/v2/write", params=query, content=f"noise,metric=ph,x=y v=1i {T0}").raise_for_status()


def some_batches(first: int, count: int) -> list[Batch]:
    rows = [
        Row(STATION, T0 + at * 1000, {"ph": 7 + at % 8 / 8, "do": 8.0}, {})
        for at in range(first * 10, (first + count) * 10)
    ]
    return [a_batch(rows[at : at + 10], T0 + at * 1000, 1, first + at // 10) for at in range(0, len(rows), 10)]


def test_the_part_waits_without_piling_up_and_goes_on_by_itself(gate: Gate, store: InfluxStore, tmp_path: Path) -> None:
    hub = Hub(tmp_path, "embedded://", 1)
    hub.change([DevicePut(a_device(random.Random(1), "w1"))])
    follower, stop = CatalogueFollower(hub.bus), threading.Event()
    follower.start()
    part = SeriesKeeper(hub.bus, follower, lambda: store, HealthFile(tmp_path, "series", SystemClock()), SystemClock())
    thread = threading.Thread(target=part.run, args=(stop,))
    thread.start()
    hub.observe(some_batches(0, 3))
    wait_until(lambda: hub.behind(SERIES_GROUP) == 0)
    gate.shut()
    lost_line = a_batch([Row(STATION, 1 << 62, {"ph": 7.0}, {})], T0, 1, 3)
    hub.observe([lost_line, *some_batches(3, 20)])
    wait_until(lambda: gate.turned_away >= 2)
    in_hand = part._counters["values"]
    hub.observe(some_batches(23, 300))
    again = gate.turned_away + 3
    wait_until(lambda: gate.turned_away >= again)
    assert part._counters["values"] == in_hand, "it reads on though it cannot store"
    assert hub.behind(SERIES_GROUP) == 321
    gate.open = True
    wait_until(lambda: hub.behind(SERIES_GROUP) == 0)
    stop.set()
    thread.join()
    follower.close()
    times = {one.series.property: one.time.tolist() for one in store.scan(ALL, T0 - DAY, T0 + DAY)}
    assert times == {name: [T0 + at * 1000 for at in range(3230)] for name in ("do", "ph")}
    (letter,) = hub.dead_letters()
    assert letter.reason == "store_rejected"
    assert str(1 << 62) in letter.detail
    hub.close()
