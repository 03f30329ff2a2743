"""What only a real Kafka can show: its settings, its absence, a node of three that dies."""

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from hub.bus import Bus, Consumer, Message
from hub.buses import open_bus
from hub.buses.kafka import KafkaBus
from hub.buses.kafka.admin import largest_message
from hub.errors import BusUnavailable
from hub.topics import DAY, HOUR, MEGABYTE, TopicSpec
from tests.bus.engine import Engine, OnKafka
from tests.bus.reading import append_numbers, numbers, patiently, read, read_all
from tests.engines import Kafka, Kafka3
from tests.engines.waiting import wait_until


@contextlib.asynccontextmanager
async def _admin(servers: str) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=servers)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


def _settings(servers: str, topic: str) -> dict[str, str]:
    async def ask() -> dict[str, str]:
        async with _admin(servers) as client:
            (answer,) = await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
            (_, _, _, _, entries) = answer.resources[0]
            return {name: value for name, value, *_ in entries}

    return asyncio.run(ask())


def test_topics_carry_their_retention_and_size(kafka: Kafka, kafka_engine: Engine) -> None:
    bus, topic = kafka_engine.with_topic(
        partitions=4, retention_ms=3 * DAY, retention_bytes=8 << 30, max_message=3 * MEGABYTE
    )
    found = _settings(kafka.bootstrap, topic)
    assert found["cleanup.policy"] == "delete"
    assert int(found["retention.ms"]) == 3 * DAY
    assert int(found["retention.bytes"]) == 2 << 30
    assert int(found["max.message.bytes"]) >= 3 * MEGABYTE
    assert int(found["segment.ms"]) < 3 * DAY
    assert int(found["segment.bytes"]) < 2 << 30
    bus.ensure_topics([TopicSpec(topic, 4, retention_ms=HOUR, compact=True)])
    wait_until(lambda: _settings(kafka.bootstrap, topic)["retention.ms"] == str(HOUR))
    found = _settings(kafka.bootstrap, topic)
    assert (found["cleanup.policy"], found["retention.bytes"]) == ("compact", "-1")


def test_a_node_that_does_not_know_a_topic_yet_is_asked_again(kafka: Kafka, kafka_engine: Engine) -> None:
    topic = kafka_engine.name("late")

    async def ask() -> int:
        async with _admin(kafka.bootstrap) as client:
            answer = asyncio.create_task(largest_message(client, topic))
            assert not (await asyncio.wait([answer], timeout=1.0))[0]
            await client.create_topics([NewTopic(topic, 1, 1, topic_configs={"max.message.bytes": "123456"})])
            return await answer

    assert asyncio.run(ask()) == 123456


def test_old_records_go_and_their_offsets_do_not_come_back(kafka_engine: Engine) -> None:
    bus, topic = kafka_engine.with_topic(retention_ms=HOUR)
    bus.append([Message(topic, b"k", b"%d" % n, time=1_600_000_000_000 + n) for n in range(5)])
    wait_until(lambda: bus.lag("nobody", topic) == {0: 0}, 60, "Kafka has deleted the old records")
    assert bus.append([Message(topic, b"k", b"5")]) == [(0, 5)]
    assert numbers(read_all(bus, topic)) == [5]


def test_a_tombstone_passes(kafka_engine: Engine) -> None:
    bus, topic = kafka_engine.with_topic(compact=True)
    bus.append([Message(topic, b"k", b"1"), Message(topic, b"k", None)])
    assert [record.value for record in read_all(bus, topic)] == [b"1", None]


def test_a_kafka_that_is_away_is_unavailable_and_then_back(kafka: Kafka, tmp_path: Path) -> None:
    engine = OnKafka(kafka.url, tmp_path)
    with KafkaBus(kafka.bootstrap.split(","), timeout=4.0) as bus:
        topic = engine.name("away")
        bus.ensure_topics([TopicSpec(topic)])
        consumer = bus.consumer(engine.name("group"), [topic])
        append_numbers(bus, topic, [0])
        assert numbers(read(consumer, 1)) == [0]
        kafka.kill()
        try:
            with pytest.raises(BusUnavailable):
                append_numbers(bus, topic, [1])
            with pytest.raises(BusUnavailable):
                bus.ends(topic)
            assert not bus.health().ok
            with pytest.raises(BusUnavailable):
                _poll_for(consumer, 30)
            late = bus.consumer(None, [topic])
            with pytest.raises(BusUnavailable):
                late.poll(0.1)
        finally:
            kafka.start()
        patiently(lambda: append_numbers(bus, topic, [2]))
        assert bus.health().ok
        found: list[int] = []
        patiently(lambda: found.extend(numbers(read(consumer, 1))))
        assert found[-1] == 2
        patiently(lambda: consumer.commit({(topic, 0): bus.ends(topic)[0]}))
        assert bus.lag(engine.name("group"), topic) == {0: 0}
        patiently(lambda: read(late, 2))


def _poll_for(consumer: Consumer, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        consumer.poll(0.5)


@pytest.fixture
def three(kafka3: Kafka3, tmp_path: Path) -> Iterator[Bus]:
    """A bus on three nodes, whose topics are kept three times."""
    with open_bus(kafka3.url, tmp_path, replication=3, timeout=20.0) as bus:
        yield bus


def test_a_node_of_three_dies_and_nothing_is_lost(kafka3: Kafka3, three: Bus, tmp_path: Path) -> None:
    topic = OnKafka(kafka3.url, tmp_path).name("three")
    three.ensure_topics([TopicSpec(topic, 6)])
    stop = threading.Event()
    sent: list[int] = []

    def write() -> None:
        number = 0
        while not stop.is_set():
            message = Message(topic, b"key-%d" % (number % 12), b"%d" % number)
            patiently(lambda message=message: three.append([message]))  # type: ignore[misc]
            sent.append(number)
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    consumer = three.consumer(OnKafka(kafka3.url, tmp_path).name("group"), [topic])
    found: list[int] = []
    try:
        patiently(lambda: found.extend(numbers(read(consumer, 100))))
        kafka3.kill_node(2)
        before = len(sent)
        wait_until(lambda: len(sent) > before + 300, 60, "writing goes on without the dead node")
    finally:
        stop.set()
        writer.join()
        kafka3.start_node(2)

    def all_found() -> bool:
        patiently(lambda: found.extend(numbers(consumer.poll(1.0))))
        return set(sent) <= set(found)

    wait_until(all_found, 60, "every number is read")
    consumer.close()
    kept = read_all(three, topic)
    for key in range(12):
        mine = numbers([record for record in kept if record.key == b"key-%d" % key])
        assert list(dict.fromkeys(mine)) == list(range(key, len(sent), 12))
