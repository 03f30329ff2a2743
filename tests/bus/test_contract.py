"""What every engine of the bus promises."""

import threading
from collections.abc import Callable

import pytest

from hub.bus import Message
from hub.errors import BusError, BusUnavailable, MessageTooLarge
from hub.partition import partition_of
from hub.topics import HOUR, MEGABYTE, TopicSpec
from tests.bus.engine import Engine
from tests.bus.reading import append_numbers, numbers, read, read_all


def test_a_message_comes_back_as_it_went(engine: Engine) -> None:
    bus, topic = engine.with_topic()
    message = Message(topic, b"key", b"\x00value", time=1_700_000_000_123, headers={"a": b"1", "b": b""})
    assert bus.append([message]) == [(0, 0)]
    (record,) = read(bus.consumer(None, [topic]), 1)
    assert (record.topic, record.partition, record.offset) == (topic, 0, 0)
    assert (record.time, record.key, record.value) == (message.time, b"key", b"\x00value")
    assert record.headers == message.headers


def test_a_key_goes_where_murmur2_says_and_keeps_its_order(engine: Engine) -> None:
    bus, topic = engine.with_topic(partitions=4)
    places = append_numbers(bus, topic, range(200), keys=11)
    assert [number for number, _ in places] == [partition_of(b"key-%d" % (n % 11), 4) for n in range(200)]
    records = read(bus.consumer(None, [topic]), 200)
    for key in range(11):
        mine = [record for record in records if record.key == b"key-%d" % key]
        assert numbers(mine) == list(range(key, 200, 11))
        assert [record.offset for record in mine] == sorted(record.offset for record in mine)


def test_a_named_partition_holds_against_the_key(engine: Engine) -> None:
    bus, topic = engine.with_topic(partitions=3)
    assert [bus.append([Message(topic, b"k", b"v", partition=number)])[0][0] for number in (2, 0, 1)] == [2, 0, 1]
    with pytest.raises(BusError):
        bus.append([Message(topic, b"k", b"v", partition=3)])


def test_one_append_may_serve_several_topics(engine: Engine) -> None:
    bus, first = engine.with_topic(word="first")
    _, second = engine.with_topic(word="second")
    messages = [Message(topic, b"k", b"%d" % n) for n, topic in enumerate([first, second, first, second, second])]
    assert [offset for _, offset in bus.append(messages)] == [0, 0, 1, 1, 2]
    assert numbers(read_all(bus, first)) == [0, 2]
    assert numbers(read_all(bus, second)) == [1, 3, 4]


def test_appends_of_many_threads_all_arrive_once(engine: Engine) -> None:
    bus, topic = engine.with_topic()
    places: list[tuple[int, int]] = []

    def work(first: int) -> None:
        for number in range(first, first + 40):
            places.extend(bus.append([Message(topic, b"%d" % first, b"%d" % number)]))

    threads = [threading.Thread(target=work, args=(first,)) for first in range(0, 240, 40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(offset for _, offset in places) == list(range(240))
    records = read_all(bus, topic)
    assert sorted(numbers(records)) == list(range(240))
    for first in range(0, 240, 40):
        assert numbers([record for record in records if record.key == b"%d" % first]) == list(range(first, first + 40))


def test_too_large_a_message_appends_nothing(engine: Engine) -> None:
    bus, topic = engine.with_topic(max_message=MEGABYTE)
    fitting = bytes(MEGABYTE - 1)
    with pytest.raises(MessageTooLarge):
        bus.append([Message(topic, b"k", b"before"), Message(topic, b"k", fitting + b"x")])
    assert bus.ends(topic) == {0: 0}
    bus.append([Message(topic, b"k", fitting)])
    (record,) = read(bus.consumer(None, [topic]), 1)
    assert record.value == fitting


def test_a_four_megabyte_message_passes(engine: Engine) -> None:
    bus, topic = engine.with_topic(max_message=4 * MEGABYTE)
    value = bytes(range(256)) * (4 * MEGABYTE // 256 - 1)
    bus.append([Message(topic, b"k", value), Message(topic, b"k", b"next")])
    assert [record.value for record in read(bus.consumer(None, [topic]), 2)] == [value, b"next"]


def test_polls_are_bounded_by_bytes_and_give_at_least_one(engine: Engine) -> None:
    bus, topic = engine.with_topic()
    bus.append([Message(topic, b"", b"x" * 1000) for _ in range(20)])
    consumer = bus.consumer(None, [topic])
    sizes: list[int] = []
    while sum(sizes) < 20:
        sizes.append(len(consumer.poll(5.0, max_bytes=3500)))
    assert max(sizes) == 3
    bus.append([Message(topic, b"", b"y" * 1000)])
    assert len(consumer.poll(5.0, max_bytes=1)) == 1


def test_poll_waits_for_what_comes_and_ends_in_time(engine: Engine) -> None:
    bus, topic = engine.with_topic()
    consumer = bus.consumer(None, [topic])
    assert consumer.poll(0.05) == []
    writer = threading.Timer(0.1, lambda: append_numbers(bus, topic, [7]))
    writer.start()
    assert numbers(read(consumer, 1)) == [7]
    writer.join()


def test_a_group_goes_on_where_it_committed(engine: Engine) -> None:
    bus, topic = engine.with_topic()
    group = engine.name("group")
    append_numbers(bus, topic, range(10))
    first = bus.consumer(group, [topic])
    assert numbers(read(first, 10)) == list(range(10))
    first.commit({(topic, 0): 4})
    assert bus.lag(group, topic) == {0: 6}
    assert bus.committed(group, topic) == {0: 4}
    first.close()
    second = engine.open().consumer(group, [topic])
    assert numbers(read(second, 6)) == [4, 5, 6, 7, 8, 9]
    second.close()


def test_a_group_that_never_committed_is_behind_by_everything(engine: Engine) -> None:
    bus, topic = engine.with_topic(partitions=2)
    bus.append([Message(topic, b"", b"1", partition=1)] * 3)
    assert bus.lag(engine.name("nobody"), topic) == {0: 0, 1: 3}
    assert bus.committed(engine.name("nobody"), topic) == {}


def test_two_groups_and_a_tail_do_not_disturb_each_other(engine: Engine) -> None:
    bus, topic = engine.with_topic()
    consumers = [bus.consumer(group, [topic]) for group in (engine.name("a"), engine.name("b"), None)]
    append_numbers(bus, topic, range(5))
    assert [numbers(read(consumer, 5)) for consumer in consumers] == [list(range(5))] * 3
    consumers[0].commit({(topic, 0): 5})
    assert bus.lag(engine.name("a"), topic) == {0: 0}
    assert bus.lag(engine.name("b"), topic) == {0: 5}
    with pytest.raises(BusError):
        consumers[2].commit({(topic, 0): 5})
    for consumer in consumers:
        consumer.close()


def test_a_tail_sees_every_partition(engine: Engine) -> None:
    bus, topic = engine.with_topic(partitions=3)
    for number in range(3):
        bus.append([Message(topic, b"", b"%d" % number, partition=number)])
    consumer = bus.consumer(None, [topic])
    assert sorted(numbers(read(consumer, 3))) == [0, 1, 2]
    assert consumer.assignment() == {(topic, 0), (topic, 1), (topic, 2)}


@pytest.mark.parametrize("grouped", [True, False])
def test_the_start_hook_names_the_beginning(engine: Engine, grouped: bool) -> None:
    bus, topic = engine.with_topic(partitions=2)
    for number in range(2):
        bus.append([Message(topic, b"", b"%d" % n, partition=number) for n in range(10)])
    group = engine.name("group") if grouped else None
    consumer = bus.consumer(group, [topic], start=lambda place: 7 if place[1] else None)
    records = read(consumer, 13)
    assert numbers([record for record in records if record.partition == 1]) == [7, 8, 9]
    assert numbers([record for record in records if record.partition == 0]) == list(range(10))
    consumer.close()


def test_a_start_beyond_the_end_is_another_logs_and_begins_at_the_first(engine: Engine) -> None:
    bus, topic = engine.with_topic()
    append_numbers(bus, topic, range(3))
    consumer = bus.consumer(None, [topic], start=lambda _: 1000)
    assert numbers(read(consumer, 3)) == [0, 1, 2]


def test_a_failing_start_hook_skips_nothing(engine: Engine) -> None:
    bus, topic = engine.with_topic()
    append_numbers(bus, topic, range(5))
    answers: list[Callable[[], int]] = [lambda: 3, lambda: 1 // 0, lambda: 1 // 0]
    consumer = bus.consumer(engine.name("group"), [topic], start=lambda _: answers.pop()())
    failures = 0
    found: list[int] = []
    while len(found) < 2:
        try:
            found += numbers(consumer.poll(0.5))
        except ZeroDivisionError:
            failures += 1
    assert (failures, found) == (2, [3, 4])
    consumer.close()


def test_seek_reads_again(engine: Engine) -> None:
    bus, topic = engine.with_topic()
    append_numbers(bus, topic, range(6))
    consumer = bus.consumer(None, [topic])
    assert len(read(consumer, 6)) == 6
    consumer.seek((topic, 0), 2)
    assert numbers(read(consumer, 4)) == [2, 3, 4, 5]
    with pytest.raises(BusError):
        consumer.seek((topic, 9), 0)


def test_topics_are_made_once_and_keep_their_partitions(engine: Engine) -> None:
    bus, topic = engine.with_topic(partitions=2)
    append_numbers(bus, topic, range(4))
    bus.ensure_topics([TopicSpec(topic, 2, retention_ms=HOUR)])
    assert sum(bus.ends(topic).values()) == 4
    assert engine.open().partitions(topic) == 2
    with pytest.raises(BusError, match="partitions"):
        bus.ensure_topics([TopicSpec(topic, 3)])
    with pytest.raises(BusError):
        bus.ensure_topics([TopicSpec("no/such name")])


def test_an_absent_topic_is_unavailable_until_it_is_made(engine: Engine) -> None:
    bus, topic = engine.open(), engine.name("late")
    consumer = bus.consumer(None, [topic])
    for act in (
        lambda: bus.append([Message(topic, b"", b"")]),
        lambda: bus.ends(topic),
        lambda: bus.partitions(topic),
        lambda: bus.lag("group", topic),
        lambda: consumer.poll(0.1),
    ):
        with pytest.raises(BusUnavailable, match="late"):
            act()
    engine.open().ensure_topics([TopicSpec(topic)])
    append_numbers(bus, topic, [1])
    assert numbers(read(consumer, 1)) == [1]


def test_health_is_good_while_all_is_well(engine: Engine) -> None:
    bus, _ = engine.with_topic()
    health = bus.health()
    assert health.ok, health.detail
    assert not health.detail


def test_a_closed_consumer_and_a_closed_bus_say_so(engine: Engine) -> None:
    bus, topic = engine.with_topic()
    consumer = bus.consumer(None, [topic])
    consumer.close()
    consumer.close()
    with pytest.raises(BusError):
        consumer.poll(0)
    bus.close()
    bus.close()
    with pytest.raises(BusError):
        append_numbers(bus, topic, [1])
    with pytest.raises(BusError):
        bus.ends(topic)
    assert not bus.health().ok
