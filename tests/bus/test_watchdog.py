"""A worker that stands still is told from one that is slow, idle, or waiting for a bus that is away."""

from hub.bus import Message
from hub.buses.memory import MemoryBus
from hub.buses.watchdog import Sample, Watchdog, stalled
from hub.topics import TopicSpec

_PLACE = ("topic", 0)


def _samples(*seen: tuple[float, int, int]) -> list[Sample]:
    return [Sample(time, {_PLACE: behind}, {_PLACE: committed}) for time, behind, committed in seen]


def test_standing_still_behind_is_a_stall() -> None:
    assert stalled(_samples((0, 5, 10), (30, 9, 10), (60, 20, 10)), 60) == {_PLACE}


def test_too_short_a_look_decides_nothing() -> None:
    assert not stalled(_samples((0, 5, 10), (30, 9, 10), (59, 20, 10)), 60)
    assert not stalled([], 60)


def test_a_commit_however_small_is_movement() -> None:
    assert not stalled(_samples((0, 5, 10), (30, 9, 11), (60, 20, 11)), 60)


def test_nothing_to_read_is_no_stall() -> None:
    assert not stalled(_samples((0, 0, 10), (30, 0, 10), (60, 0, 10)), 60)
    assert not stalled(_samples((0, 0, 10), (30, 4, 10), (60, 4, 10)), 60)


def test_one_partition_of_many_is_enough() -> None:
    other = ("topic", 1)
    samples = [Sample(time, {_PLACE: 3, other: 3}, {_PLACE: 7, other: int(time)}) for time in (0.0, 20.0, 40.0, 60.0)]
    assert stalled(samples, 60) == {_PLACE}


def test_the_watchdog_follows_a_bus() -> None:
    bus = MemoryBus()
    bus.ensure_topics([TopicSpec("topic")])
    consumer = bus.consumer("group", ["topic"])
    consumer.poll(0)
    dog = Watchdog(bus, "group", ["topic"], patience=30)
    for now in range(0, 100, 5):
        assert not dog.look(now)
    bus.append([Message("topic", b"", b"")])
    assert not any(dog.look(now) for now in range(100, 130, 5))
    assert dog.look(130) == {_PLACE}
    consumer.commit({_PLACE: 1})
    assert not dog.look(135)
    bus.append([Message("topic", b"", b"")])
    assert not any(dog.look(now) for now in range(140, 165, 5))
    bus.available = False
    assert not dog.look(165)
    bus.available = True
    assert not any(dog.look(now) for now in range(170, 200, 5))
    assert dog.look(200)
