"""What the chunk store does behind the writes: hours kept of fast series, dead space given back, older files brought up to date."""

import gzip
from itertools import count
from pathlib import Path

import pytest

from hub.errors import StoreUnavailable
from storage import open_series
from storage.chunks import ChunkStore
from storage.chunks.check import check
from storage.chunks.codec import VERSION
from storage.chunks.space import compact, steps
from storage.exceedance import exceedance
from storage.held import Span, held
from storage.limit import Limit
from storage.memory import MemoryStore
from storage.series import Every, Select
from tests.storage.builders import ALL, assert_same_windows, batch, everything, matrix, reading
from tests.storage.journalist import expected
from tests.storage.test_kills import OLD, OLD_STEPS

T0 = 1_780_000_000_000
HOUR = 3_600_000
DAY = 24 * HOUR
DAYS = [matrix(("d/water/w1",), ("ph",), range(T0 + i * DAY, T0 + (i + 1) * DAY, 40_000), seed=i) for i in range(2)]
NAMES = ("mean", "min", "max", "sum", "count", "count_all")
AT, OF = "d/water/w1", "ph"


@pytest.fixture
def fast(tmp_path: Path) -> ChunkStore:
    """A series of a value each 40 s over two days, sealed in two chunks of which hours are kept."""
    store = ChunkStore(tmp_path)
    for day in DAYS:
        store.write([day])
        store.writer.seal_all()
    return store


def kept(store: ChunkStore) -> int:
    """Of how many chunks the hours are kept."""
    (count,) = store.writer._connection.execute("SELECT count(*) FROM rollup").fetchone()
    return int(count)


@pytest.mark.parametrize("every", [Every(1, "h"), Every(1, "d"), Every(1, "mo")])
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Asia/Kathmandu"])
def test_hours_that_are_kept_answer_as_values_do(fast: ChunkStore, every: Every, zone: str) -> None:
    assert kept(fast) == 2
    oracle = MemoryStore()
    oracle.write(DAYS)
    late = [
        reading(T0 + DAY + 5_000, -3.0),  # between two values of a chunk
        reading(T0 + DAY + 2 * HOUR, 999.0, q=3),  # in place of one, and invalid
        reading(T0 + 2 * DAY - 40_000, 7.0, c=1),
        reading(T0 - HOUR, 1.0),  # before them all
        reading(T0 + 2 * DAY + HOUR, 4.0, q=1),
        reading(T0 + 2 * DAY + 9 * HOUR, 5.0, q=2),
    ]
    low, high = T0 - 2 * HOUR, T0 + 3 * DAY
    for part, first in ((late[:0], T0 + 1234), (late[:2], low), (late[2:], low)):
        fast.write([batch(part)])
        oracle.write([batch(part)])
        assert_same_windows(fast, oracle, Select(valid_only=True), first, high, every, zone, NAMES)
    fast.writer.seal_all()
    assert_same_windows(fast, oracle, ALL, low, high, every, zone, NAMES)
    fast.close()


def test_hours_are_used_and_follow_corrections_into_the_chunks(fast: ChunkStore, tmp_path: Path) -> None:
    def highest() -> float:
        (found,) = fast.windows(ALL, 0, 1 << 50, Every(1, "d"), ["max"], "UTC")
        return float(found.columns["max"].max())

    first = highest()
    fast.writer._connection.execute("UPDATE chunk SET data = x'02' WHERE t0 IN (SELECT t0 FROM rollup)")
    assert highest() == first, "the chunks were read, of which the hours are kept"
    fast.close()
    store = ChunkStore(tmp_path / "other")
    store.write([matrix((AT,), (OF,), range(T0, T0 + DAY, 20_000))])
    store.writer.seal_all()
    for number in range(4):
        store.write([batch([reading(T0 + number * 20_000, 500.0 + number)])])
        store.writer.seal_all()
    assert store.writer._connection.execute("SELECT count(*) FROM patch").fetchone() == (0,)
    (found,) = store.windows(ALL, T0, T0 + DAY, Every(1, "d"), ["max"], "UTC")
    assert max(found.columns["max"]) == 503.0
    assert check(tmp_path / "other") == []
    store.close()


def test_slow_series_keep_no_hours(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path)
    store.write([matrix((AT,), (OF,), range(T0, T0 + 9000 * 900_000, 900_000))])
    store.writer.seal_all()
    assert kept(store) == 0
    store.close()


def test_hours_go_when_their_values_go(fast: ChunkStore, tmp_path: Path) -> None:
    fast.close()
    store = ChunkStore(tmp_path, retention_days=1)
    store.maintain(T0 + 30 * DAY)
    assert kept(store) == 0
    assert everything(store) == []
    store.close()
    assert check(tmp_path) == []


def test_damaged_hours_are_found(fast: ChunkStore, tmp_path: Path) -> None:
    assert check(tmp_path) == []
    fast.writer._connection.execute("UPDATE rollup SET data = zeroblob(44) WHERE t0 = ?", (T0,))
    (finding,) = check(tmp_path)
    assert finding.startswith(f"{AT} {OF}: hours from 2026-05-28T20:26:40")
    fast.close()


def test_chunks_that_keep_a_limit_are_not_read(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path)
    store.write([matrix((AT,), (OF,), range(T0, T0 + 40_000_000, 1000))])
    store.writer.seal_all()
    broken, late = T0 + 21_000 * 1000, T0 + 30_500 * 1000
    store.write([batch([reading(broken, 900.0), reading(late, 0.5)])])
    span, limit = Span(T0, T0 + 10**9, T0 + 10**9, None, "UTC"), Limit(high=500.0)
    for _ in ("corrections over the chunks", "corrections in the chunks"):
        (whole,) = held(store, ALL, span, lambda *_: 1000)
        (sieved,) = held(store, ALL, span, lambda *_: 1000, limit)
        assert exceedance(sieved, limit) == exceedance(whole, limit)
        assert exceedance(sieved, limit).longest_run_start == broken
        assert sieved.left_out > 10_000
        store.writer.seal_all()
    store.close()
    assert check(tmp_path) == []


def old_store(folder: Path) -> Path:
    """The store that a program of the first format wrote."""
    (folder / "series.db").write_bytes(gzip.decompress(OLD.read_bytes()))
    return folder


def test_an_older_file_is_brought_up_to_date_while_it_is_used(tmp_path: Path) -> None:
    reader = open_series("embedded://", old_store(tmp_path), readonly=True)
    with pytest.raises(StoreUnavailable, match="has format 1; its writer brings it to 3"):
        reader.latest(ALL)
    store = ChunkStore(tmp_path)
    assert everything(reader) == expected(OLD_STEPS)
    connection = store.writer._connection
    old = "SELECT count(*) FROM chunk WHERE substr(data, 1, 1) <> ?"
    assert connection.execute(old, (bytes((VERSION,)),)).fetchone() == (140,)
    for number in count():
        if number % 40 == 0:
            assert everything(reader) == expected(OLD_STEPS)
        if store.writer._step() is None:
            break
    assert everything(reader) == expected(OLD_STEPS)
    assert connection.execute(old, (bytes((VERSION,)),)).fetchone() == (0,)
    for part in (reader, store):
        part.close()
    assert check(tmp_path) == []


def test_dead_space_goes_back_to_the_disk(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path, retention_days=30)
    chance = [matrix((f"d/water/w{i}",), (OF,), range(T0, T0 + 20_000), decimals=9, seed=i) for i in range(8)]
    store.write(chance)
    store.writer.seal_all()
    full = store.health().size
    store.write([batch([reading(T0 + 60 * DAY, 1.0)])])
    store.maintain(T0 + 60 * DAY)
    assert len(list(steps(store.writer._connection, lambda _: None, 1 << 16))) > 1
    store.writer.seal_all()
    assert store.health().size < full / 2
    assert [row[3] for row in everything(store)] == [1.0]
    store.close()
    assert check(tmp_path) == []


def test_a_file_that_cannot_shrink_is_rewritten_whole_when_no_writer_runs(tmp_path: Path) -> None:
    store = ChunkStore(old_store(tmp_path))
    store.writer.seal_all()
    with pytest.raises(StoreUnavailable, match="has a writer already"):
        compact(tmp_path)
    store.close()
    before, after = compact(tmp_path)
    assert after < before
    store = ChunkStore(tmp_path)
    assert store.writer._connection.execute("PRAGMA auto_vacuum").fetchone() == (2,)
    assert everything(store) == expected(OLD_STEPS)
    store.close()
