"""Retention and compaction of the engines that do their own; Kafka's are its own, and test_kafka looks at its settings."""

from hub.bus import Message
from hub.buses.routing import TOMBSTONE_MS
from hub.topics import HOUR, MEGABYTE
from tests.bus.engine import Engine
from tests.bus.reading import append_numbers, numbers, read, read_all


def test_retention_by_age_takes_the_oldest_first(local: Engine) -> None:
    bus, topic = local.with_topic(retention_ms=HOUR)
    old = local.clock.now() - 2 * HOUR
    bus.append([Message(topic, b"k", b"%d" % n, time=old) for n in range(3)])
    bus.append([Message(topic, b"k", b"3", time=local.clock.now())])
    local.pass_time(0)
    assert numbers(read_all(bus, topic)) == [3]
    assert bus.append([Message(topic, b"k", b"4")]) == [(0, 4)]
    local.pass_time(2 * HOUR)
    assert read_all(bus, topic) == []
    assert bus.append([Message(topic, b"k", b"5")]) == [(0, 5)]


def test_retention_waits_for_the_slowest_group(local: Engine) -> None:
    bus, topic = local.with_topic(retention_ms=HOUR, retention_bytes=MEGABYTE)
    append_numbers(bus, topic, range(10))
    slow, quick = (bus.consumer(local.name(word), [topic]) for word in ("slow", "quick"))
    assert len(read(slow, 10)) == len(read(quick, 10)) == 10
    slow.commit({(topic, 0): 3})
    quick.commit({(topic, 0): 10})
    local.pass_time(2 * HOUR)
    assert numbers(read_all(bus, topic)) == list(range(3, 10))
    assert bus.lag(local.name("slow"), topic) == {0: 7}
    slow.commit({(topic, 0): 10})
    local.pass_time(0)
    assert read_all(bus, topic) == []
    slow.close()
    quick.close()


def test_retention_by_bytes_keeps_the_newest(local: Engine) -> None:
    bus, topic = local.with_topic(retention_bytes=10_000)
    for number in range(100):
        bus.append([Message(topic, b"k", b"%999d" % number)])
    local.pass_time(0)
    kept = numbers(read_all(bus, topic))
    assert kept == list(range(100 - len(kept), 100))
    assert 8 <= len(kept) <= 10


def test_compaction_keeps_the_last_of_each_key(local: Engine) -> None:
    bus, topic = local.with_topic(compact=True)
    large = b"x" * 200_000  # compaction waits until it is worth it
    for number in range(60):
        bus.append([Message(topic, b"k%d" % (number % 3), b"%d " % number + large)])
    bus.append([Message(topic, b"k0", None), Message(topic, b"end", b"-")])
    local.pass_time(0)
    found = [(record.offset, record.key, (record.value or b"none").split()[0]) for record in read_all(bus, topic)]
    assert found == [(58, b"k1", b"58"), (59, b"k2", b"59"), (60, b"k0", b"none"), (61, b"end", b"-")]
    local.pass_time(TOMBSTONE_MS + 1)
    for number in range(60):
        bus.append([Message(topic, b"k1", b"%d " % number + large)])
    local.pass_time(0)
    assert [record.key for record in read_all(bus, topic)] == [b"k2", b"end", b"k1"]
    assert bus.ends(topic) == {0: 122}
