"""The watchdog of a worker on a bus: one partition that stands still ends it, a bus that is away does not."""

from hub.bus import Message
from hub.buses.memory import MemoryBus
from hub.clock import ManualClock
from hub.topics import TopicSpec
from processors.watchdog import Watchdog


def test_one_standing_partition_of_a_growing_topic_ends_the_worker() -> None:
    bus, clock, told = MemoryBus(), ManualClock(), list[str]()
    bus.ensure_topics([TopicSpec("topic", 2)])
    consumer = bus.consumer("group", ["topic"])
    dog = Watchdog(bus, "group", ("topic",), clock, told.append, after=30)
    for turn in range(1, 18):
        bus.append([Message("topic", b"", b"", partition=number) for number in (0, 1)])
        consumer.commit({("topic", 1): turn - 1})
        dog.look()
        assert bool(told) == (turn == 17)
        clock.advance(2000)
    assert dog.lag == 18
    assert "topic/0 (17)" in told[0]


def test_a_bus_that_is_away_is_no_fault_of_the_worker() -> None:
    bus, clock, told = MemoryBus(), ManualClock(), list[str]()
    bus.ensure_topics([TopicSpec("topic")])
    bus.append([Message("topic", b"", b"")])
    dog = Watchdog(bus, "group", ("topic",), clock, told.append, after=30)
    for available in (True, False, True):
        bus.available = available
        dog.look()
        assert bool(dog.away) == (not available)
        clock.advance(29_000)
    assert not told
    clock.advance(2000)
    dog.look()
    assert told
