"""Several processes on one log, some of them killed at a moment of their own."""

from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest

from hub.bus import Record
from hub.errors import BusError
from tests.bus.engine import Embedded, Engine
from tests.bus.processes import worker
from tests.bus.reading import append_numbers, numbers, read_all
from tests.engines.waiting import wait_until


def _keys(records: list[Record]) -> dict[bytes, list[int]]:
    found: dict[bytes, list[int]] = {}
    for record in records:
        found.setdefault(record.key, []).append(int(record.value or b"-1"))
    return found


def test_two_processes_append_at_once(durable: Engine, tmp_path: Path) -> None:
    bus, topic = durable.with_topic(partitions=2)
    with ExitStack() as stack:
        writers = [
            stack.enter_context(worker(durable, tmp_path / f"{first}", "append", topic, str(first), "150"))
            for first in (1000, 2000)
        ]
        assert [writer.wait() for writer in writers] == [0, 0]
    records = read_all(bus, topic)
    assert _keys(records) == {b"1000": list(range(1000, 1150)), b"2000": list(range(2000, 2150))}
    assert sum(bus.ends(topic).values()) == 300


def test_a_killed_writer_leaves_a_whole_log(durable: Engine, tmp_path: Path) -> None:
    bus, topic = durable.with_topic()
    for attempt in range(3):
        with worker(durable, tmp_path / f"{attempt}", "append", topic, str(attempt * 100_000), "100000") as writer:
            writer.wait_for(20 + attempt)
            writer.kill()
            acknowledged = writer.numbers()
        kept = _keys(read_all(bus, topic))[b"%d" % (attempt * 100_000)]
        assert kept[: len(acknowledged)] == acknowledged
        assert len(kept) <= len(acknowledged) + 1
    append_numbers(bus, topic, [7])
    offsets = [record.offset for record in read_all(bus, topic)]
    assert offsets == list(range(len(offsets)))


def test_what_a_killed_consumer_had_not_committed_is_read_again(durable: Engine, tmp_path: Path) -> None:
    bus, topic = durable.with_topic()
    group = durable.name("group")
    append_numbers(bus, topic, range(400))
    output = tmp_path / "output"
    for seen in (50, 170, 260):
        with worker(durable, output, "consume", group, topic) as consumer:
            consumer.wait_for(seen)
    with worker(durable, output, "consume", group, topic) as consumer:
        wait_until(lambda: bus.lag(group, topic) == {0: 0}, 40)
        read = consumer.numbers()
    assert set(read) == set(range(400))
    backwards = [(a, b) for a, b in pairwise(read) if b != a + 1]
    assert len(backwards) <= 3
    assert all(b <= a + 1 for a, b in backwards)


def test_a_group_has_one_member_and_its_death_frees_the_place(embedded: Embedded, tmp_path: Path) -> None:
    bus, topic = embedded.with_topic()
    with worker(embedded, tmp_path / "output", "consume", "group", topic) as consumer:
        append_numbers(bus, topic, [1])
        consumer.wait_for(1)
        with pytest.raises(BusError, match=r"group group already has its one member .*process \d+"):
            bus.consumer("group", [topic])
        with pytest.raises(BusError):
            embedded.open().consumer("group", [topic])
        consumer.kill()
        member = bus.consumer("group", [topic])
    with pytest.raises(BusError):
        embedded.open().consumer("group", [topic])
    member.close()
    embedded.open().consumer("group", [topic]).close()


def test_members_of_a_kafka_group_share_and_take_over(kafka_engine: Engine, tmp_path: Path) -> None:
    bus, topic = kafka_engine.with_topic(partitions=4)
    group = kafka_engine.name("group")
    append_numbers(bus, topic, range(200), keys=40)
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(worker(kafka_engine, tmp_path / name, "consume", group, topic)) for name in "ab"
        )
        wait_until(lambda: not sum(bus.lag(group, topic).values()), 40, "the two have read everything")
        append_numbers(bus, topic, range(200, 600), keys=40)
        wait_until(lambda: first.numbers() and second.numbers() and max(first.numbers() + second.numbers()) >= 200, 40)
        first.kill()
        append_numbers(bus, topic, range(600, 800), keys=40)
        wait_until(lambda: not sum(bus.lag(group, topic).values()), 60, "the second has taken over")
        assert set(first.numbers()) | set(second.numbers()) == set(range(800))
    assert sorted(numbers(read_all(bus, topic))) == list(range(800))
