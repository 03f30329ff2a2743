"""The chunk store through crashes, full disks, damage and company."""

import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from hub.errors import StoreUnavailable
from storage import open_series
from storage.chunks import ChunkStore
from storage.chunks.check import check
from tests.storage.builders import ALL, batch, everything, reading, rows_of
from tests.storage.journalist import SEGMENT_VALUES, T0, expected, step

ROOT = Path(__file__).resolve().parents[2]
DAY = 86_400_000


def child(module: str, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", f"tests.storage.{module}", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def crash(folder: Path, first: int, after: int) -> int:
    """Let a process write, kill it some acknowledged steps later; how many steps are acknowledged in all."""
    process = child("journalist", str(folder), str(first))
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) >= first + after:
            process.kill()
            break
    acknowledged = [int(line) for line in process.stdout if line.endswith("\n")]
    process.stdout.close()
    process.wait()
    return max([first + after, *acknowledged]) + 1


def kill_again_and_again(folder: Path, rounds: int) -> None:
    chance = random.Random(7)
    steps = 0
    for _ in range(rounds):
        steps = crash(folder, steps, chance.randrange(1, 90))
        store = ChunkStore(folder, segment_values=SEGMENT_VALUES)
        found = everything(store)
        # The step that was being written may be there or not, but only as a whole.
        assert found in (expected(steps), expected(steps + 1))
        newest = max(row[2] for row in found)
        assert {row[2] for row in rows_of(store.latest(ALL))} == {newest}
        steps = (newest - T0) // 1000 + 1
        store.close()
        assert check(folder) == []


def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path, 5)


@pytest.mark.chaos
@pytest.mark.timeout(600)
def test_fifty_kills(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path, 50)


def test_sealing_may_end_after_any_of_its_steps(tmp_path: Path) -> None:
    """Each opening goes one step further in sealing than the one before, then the process is gone."""
    number = 0
    for stop in range(40):
        store = ChunkStore(tmp_path, segment_values=1 << 40)
        for _ in range(4):
            store.write([batch(step(number))])
            number += 1
        for _ in range(stop):
            store.writer._step()
        assert everything(store) == expected(number)
        store.close()
    assert check(tmp_path) == []
    store = ChunkStore(tmp_path)
    store.writer.seal_all()
    assert everything(store) == expected(number)
    store.close()
    assert check(tmp_path) == []


def test_two_readers_beside_the_writer(tmp_path: Path) -> None:
    readers = [child("observer", str(tmp_path), "40") for _ in range(2)]
    store = ChunkStore(tmp_path, segment_values=SEGMENT_VALUES)
    number = 0
    while any(reader.poll() is None for reader in readers):
        store.write([batch(step(number))])
        number += 1
    assert [reader.returncode for reader in readers] == [0, 0]
    for reader in readers:
        assert reader.stdout is not None
        reader.stdout.close()
    store.close()


def test_one_writer(tmp_path: Path) -> None:
    first = open_series("embedded://", tmp_path)
    with pytest.raises(StoreUnavailable, match=r"has a writer already \(process \d+\)"):
        open_series("embedded://", tmp_path)
    first.close()
    second = open_series("embedded://", tmp_path)
    second.close()


def test_a_reader_may_come_first_and_never_writes(tmp_path: Path) -> None:
    reader = open_series("embedded://", tmp_path, readonly=True)
    assert everything(reader) == []
    assert reader.latest(ALL) == []
    with pytest.raises(StoreUnavailable, match="reading only"):
        reader.write([batch([reading(T0, 1.0)])])
    writer = open_series("embedded://", tmp_path)
    writer.write([batch([reading(T0, 1.0)])])
    assert everything(reader) == [reading(T0, 1.0)]
    writer.close()
    assert everything(reader) == [reading(T0, 1.0)]
    reader.close()
    late = open_series("embedded://", tmp_path, readonly=True)
    assert everything(late) == [reading(T0, 1.0)]
    late.close()


def test_a_full_disk_takes_nothing_by_halves_and_mends_alone(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path, segment_values=SEGMENT_VALUES)
    connection = store.writer._connection
    connection.execute("PRAGMA max_page_count=45")
    number = until_refused(store)
    assert everything(store) == expected(number)
    with pytest.raises(StoreUnavailable, match="full"):
        store.write([batch(step(number))])
    connection.execute("PRAGMA max_page_count=100000")
    for _ in range(60):
        store.write([batch(step(number))])
        number += 1
    assert everything(store) == expected(number)
    assert store.health().ok
    store.close()
    assert check(tmp_path) == []


def until_refused(store: ChunkStore) -> int:
    """How many steps were written before the disk was full."""
    for number in range(10_000):
        try:
            store.write([batch(step(number))])
        except StoreUnavailable:
            return number
    raise AssertionError("the disk was never full")


def test_sealing_that_cannot_go_on_is_named_and_loses_nothing(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path, segment_values=1 << 40)
    for number in range(30):
        store.write([batch(step(number))])
    connection = store.writer._connection
    connection.execute("ALTER TABLE chunk RENAME TO aside")
    store.writer._end_segment()
    store.maintain(T0)
    assert "sealing waits" in store.health().detail
    connection.execute("ALTER TABLE aside RENAME TO chunk")
    store.maintain(T0)
    assert store.health().ok
    assert everything(store) == expected(30)
    store.close()


def test_a_file_of_another_kind_or_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "series.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE mine (x)")
    connection.close()
    with pytest.raises(StoreUnavailable, match="not a series file"):
        open_series("embedded://", tmp_path)
    path.unlink()
    open_series("embedded://", tmp_path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=99")
    connection.close()
    for readonly in (False, True):
        with pytest.raises(StoreUnavailable, match="has format 99"):
            open_series("embedded://", tmp_path, readonly=readonly).latest(ALL)
    path.write_bytes(b"This is no database at all, but it is long enough to be looked at. " * 20)
    with pytest.raises(StoreUnavailable, match="not a database"):
        open_series("embedded://", tmp_path)


def test_damage_is_found(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path)
    for number in range(5):
        store.write([batch(step(number))])
    store.writer.seal_all()
    connection = store.writer._connection
    assert check(tmp_path) == []
    connection.execute("UPDATE chunk SET data = zeroblob(100) WHERE sid = 3")
    connection.execute("UPDATE chunk SET n = 4 WHERE sid = 4")
    connection.execute("UPDATE chunk SET tier = 3 WHERE sid = 5")
    findings = check(tmp_path)
    assert [finding.split(": chunk from")[0] for finding in findings] == [f"d/water/w{i} ph" for i in (3, 4, 5)]
    assert "2026-05-28T20:26:40" in findings[0]
    store.close()


def test_values_past_retention_are_refused_and_old_ones_go(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path, retention_days=2)
    store.write([batch([reading(T0 - 3 * DAY, 1.0), reading(T0 - DAY, 2.0), reading(T0, 3.0)])])
    store.write([batch([reading(T0 - 9 * DAY, 9.0, at="d/water/gone")])])
    store.writer.seal_all()
    store.maintain(T0)
    assert [row[3] for row in everything(store)] == [2.0, 3.0]
    assert [row[0] for row in rows_of(store.latest(ALL))] == ["d/water/w1"]
    (refused,) = store.write([batch([reading(T0 - 5 * DAY, 4.0), reading(T0 - 1, 5.0)])])
    assert (refused.time, refused.value, refused.property) == (T0 - 5 * DAY, 4.0, "ph")
    assert "retention" in refused.reason
    assert [row[3] for row in everything(store)] == [2.0, 5.0, 3.0]
    store.writer.seal_all()
    assert store.writer._connection.execute("SELECT count(*) FROM chunk WHERE t1 < ?", (T0 - 2 * DAY,)).fetchone() == (
        0,
    )
    store.close()
    again = ChunkStore(tmp_path)
    assert [row[3] for row in everything(again)] == [2.0, 5.0, 3.0]
    again.close()
