"""What is the embedded log's own: a full disk, upkeep by one process, a small write-ahead log, hard bounds."""

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hub.bus import Message
from hub.buses import open_bus
from hub.buses.embedded import EmbeddedBus
from hub.buses.embedded.database import WAL_LIMIT
from hub.buses.embedded.topic_file import TopicFile
from hub.buses.embedded.upkeep import ABANDONED_MS, checkpoint
from hub.clock import ManualClock
from hub.errors import BusError, BusUnavailable, ConfigError
from hub.topics import HOUR, MEGABYTE, TopicSpec, topics
from tests.bus.engine import Embedded
from tests.bus.reading import append_numbers, numbers, read, read_all
from tests.engines.waiting import wait_until


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(place)], check=False, stderr=-3)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def _fill(bus: EmbeddedBus) -> int:
    """Append 100 kB at a time until the log takes no more; how many it took."""
    for number in range(1000):
        try:
            bus.append([Message("topic", b"k", b"%100000d" % number)])
        except BusUnavailable:
            return number
    raise AssertionError("the disk was never full")


@pytest.mark.parametrize("least_free", [None, 0])
def test_a_full_disk_is_unavailable_and_recovers_alone(small_disk: Path, least_free: int | None) -> None:
    clock = ManualClock()
    with EmbeddedBus(small_disk / "bus", clock=clock, least_free=least_free, upkeep=False) as bus:
        bus.ensure_topics([TopicSpec("topic", retention_ms=HOUR), TopicSpec("other")])
        consumer = bus.consumer("group", ["topic"])
        assert consumer.poll(0) == []
        appended = _fill(bus)
        assert 30 < appended < 120
        with pytest.raises(BusUnavailable):
            bus.append([Message("topic", b"k", b"%100000d" % appended)])
        if least_free is None:
            assert not bus.health().ok
            assert "full" in bus.health().detail
        assert numbers(read(consumer, appended)) == list(range(appended))
        if least_free is None:
            consumer.commit({("topic", 0): appended})  # what is kept free is enough for this, and for upkeep
            clock.advance(2 * HOUR)
            bus.upkeep()
            bus.upkeep()
        else:
            subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
        assert bus.append([Message("topic", b"k", b"%d" % appended)]) == [(0, appended)]
        assert numbers(read(consumer, 1)) == [appended]
        assert bus.health().ok, bus.health().detail


def test_offsets_survive_retention_and_reopening(embedded: Embedded) -> None:
    bus, topic = embedded.with_topic(retention_ms=HOUR)
    append_numbers(bus, topic, range(5))
    embedded.pass_time(2 * HOUR)
    bus.close()
    again = embedded.open()
    assert again.ends(topic) == {0: 5}
    assert append_numbers(again, topic, [5]) == [(0, 5)]


def test_a_group_that_reads_nothing_holds_records_only_so_far(embedded: Embedded) -> None:
    bus, topic = embedded.with_topic(retention_bytes=100_000)
    slow = bus.consumer("slow", [topic])
    slow.poll(0)
    for number in range(60):
        bus.append([Message(topic, b"k", b"%9999d" % number)])
    embedded.pass_time(0)
    kept = numbers(read_all(bus, topic))
    assert len(kept) == 39, "four times the bytes, then the oldest go although the group has not read them"
    assert numbers(read(slow, 39)) == kept
    slow.close()


def test_a_group_silent_for_a_week_holds_nothing(embedded: Embedded) -> None:
    bus, topic = embedded.with_topic(retention_ms=HOUR)
    gone = bus.consumer("gone", [topic])
    append_numbers(bus, topic, range(5))
    gone.poll(0)
    gone.close()
    embedded.pass_time(ABANDONED_MS - HOUR)
    assert len(read_all(bus, topic)) == 5
    embedded.pass_time(2 * HOUR)
    assert read_all(bus, topic) == []


def test_a_group_frozen_in_a_commit_holds_up_no_other(embedded: Embedded) -> None:
    bus, topic = embedded.with_topic(retention_ms=HOUR)
    append_numbers(bus, topic, range(3))
    frozen, other = (bus.consumer(group, [topic]) for group in ("frozen", "other"))
    assert frozen.poll(0)
    assert other.poll(0)
    with closing(sqlite3.connect(embedded.data / "bus" / "groups" / "frozen.offsets.db")) as link:
        link.execute("BEGIN IMMEDIATE")  # what a process stopped in the middle of a commit leaves
        other.commit({(topic, 0): 2})
        assert embedded.open().committed("other", topic) == {0: 2}
        assert embedded.open().committed("frozen", topic) == {0: 0}
        embedded.pass_time(2 * HOUR)
        assert len(read_all(bus, topic)) == 3, "the frozen group is waited for"
    frozen.commit({(topic, 0): 3})
    embedded.pass_time(0)
    assert numbers(read_all(bus, topic)) == [2]


def test_offsets_of_a_shared_file_are_taken_over(embedded: Embedded) -> None:
    bus, topic = embedded.with_topic(retention_ms=HOUR)
    append_numbers(bus, topic, range(5))
    with closing(sqlite3.connect(embedded.data / "bus" / "groups.db")) as link:
        link.execute("CREATE TABLE committed (member TEXT, topic TEXT, partition INTEGER, next INTEGER, time INTEGER)")
        rows = [("old", topic, 0, 2, embedded.clock.now()), ("new", topic, 0, 4, embedded.clock.now())]
        link.executemany("INSERT INTO committed VALUES (?, ?, ?, ?, ?)", rows)
        link.commit()
    assert (bus.committed("old", topic), bus.committed("new", topic)) == ({0: 2}, {0: 4})
    embedded.pass_time(2 * HOUR)
    assert numbers(read_all(bus, topic)) == [2, 3, 4]
    member = bus.consumer("old", [topic])
    assert numbers(read(member, 3)) == [2, 3, 4]
    member.commit({(topic, 0): 5})
    bus.ensure_topics([TopicSpec(topic, retention_ms=HOUR)])
    assert bus.committed("old", topic) == {0: 5}


def test_upkeep_is_done_by_one_handle_and_taken_over(tmp_path: Path) -> None:
    first, second = (EmbeddedBus(tmp_path / "bus") for _ in range(2))
    first.ensure_topics([TopicSpec("topic")])
    locks = [bus._upkeep_lock for bus in (first, second)]
    wait_until(lambda: sum(lock.held for lock in locks) == 1)
    owner, other = (first, second) if first._upkeep_lock.held else (second, first)
    owner.close()
    wait_until(lambda: other._upkeep_lock.held)
    other.close()


def test_the_write_ahead_log_is_kept_small(embedded: Embedded) -> None:
    bus, topic = embedded.with_topic()
    assert isinstance(bus, EmbeddedBus)
    file = bus._file(topic)
    assert isinstance(file, TopicFile)
    wal = Path(f"{file.path}-wal")
    for _ in range(6):
        for _ in range(20):
            bus.append([Message(topic, b"k", bytes(200_000))])
        checkpoint(file)
        assert wal.stat().st_size < 2 * WAL_LIMIT
    bus.close()
    assert not wal.exists()


def test_every_topic_of_the_hub_can_be_made_twice(tmp_path: Path) -> None:
    for _ in range(2):
        with open_bus("embedded://", tmp_path) as bus:
            bus.ensure_topics(topics(2))
            assert bus.partitions("observations") == 2
    assert (tmp_path / "bus" / "observations.log.db").exists()


def test_a_draft_left_by_a_killed_process_is_no_topic(embedded: Embedded) -> None:
    bus, topic = embedded.with_topic()
    (embedded.data / "bus" / f".{topic}.log.db.123").write_bytes(b"half")
    bus.ensure_topics([TopicSpec(topic)])
    append_numbers(bus, topic, [1])
    embedded.pass_time(0)
    assert numbers(read_all(bus, topic)) == [1]


def test_a_damaged_file_is_unavailable_and_no_other_suffers(embedded: Embedded) -> None:
    bus, good = embedded.with_topic(word="good")
    (embedded.data / "bus" / "bad.log.db").write_bytes(b"SQLite format 3\x00" + bytes(5000))
    with pytest.raises(BusUnavailable, match="bad"):
        bus.ends("bad")
    with pytest.raises(BusUnavailable, match="bad"):
        bus.append([Message("bad", b"", b"")])
    assert append_numbers(bus, good, [1]) == [(0, 0)]


def test_readers_do_not_write(embedded: Embedded) -> None:
    bus, topic = embedded.with_topic()
    reader = embedded.open().consumer(None, [topic])
    assert reader.poll(0) == []
    with sqlite3.connect(embedded.data / "bus" / f"{topic}.log.db") as link:
        link.execute("BEGIN IMMEDIATE")  # a writer in another process: readers go on
        assert reader.poll(0.05) == []
    link.close()
    append_numbers(bus, topic, [1])
    assert len(read(reader, 1)) == 1


def test_a_url_that_names_no_engine_is_a_configuration_error(tmp_path: Path) -> None:
    for url in ("rabbit://host", "kafka://", ""):
        with pytest.raises(ConfigError, match=r"engines\.bus"):
            open_bus(url, tmp_path)
    with open_bus("memory://", tmp_path) as bus:
        bus.ensure_topics([TopicSpec("topic", max_message=MEGABYTE)])
        with pytest.raises(BusError):
            bus.append([Message("topic", b"", b"", partition=1)])
