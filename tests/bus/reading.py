"""What tests of the bus do over and over: read until something is there, or all of it."""

from collections.abc import Callable, Sequence

from hub.bus import Bus, Consumer, Message, Record
from hub.errors import BusUnavailable
from tests.engines.waiting import wait_until

_SILENCE = 5.0
"""Seconds without a record after which a reader has all there is."""


def read(consumer: Consumer, count: int, deadline: float = 30.0) -> list[Record]:
    """At least `count` records; AssertionError after `deadline` seconds."""
    found: list[Record] = []

    def enough() -> bool:
        found.extend(consumer.poll(0.5))
        return len(found) >= count

    wait_until(enough, deadline, f"{count} records")
    return found


def read_all(bus: Bus, topic: str) -> list[Record]:
    """Everything that a topic keeps; a partition whose last record is gone is read until nothing comes any more."""
    consumer = bus.consumer(None, [topic])
    kept = bus.lag("nobody", topic)
    ends = {number: end for number, end in bus.ends(topic).items() if kept[number]}
    found: list[Record] = []
    reached: dict[int, int] = {}
    try:
        while reached != ends and (records := consumer.poll(_SILENCE)):
            found += records
            reached |= {record.partition: record.offset + 1 for record in records}
        return found
    finally:
        consumer.close()


def append_numbers(bus: Bus, topic: str, numbers: Sequence[int], keys: int = 1) -> list[tuple[int, int]]:
    """Append one message for each number, its key one of `keys`."""
    return bus.append([Message(topic, b"key-%d" % (number % keys), b"%d" % number) for number in numbers])


def numbers(records: Sequence[Record]) -> list[int]:
    """The numbers that records carry."""
    return [int(record.value or b"-1") for record in records]


def patiently(act: Callable[[], object], deadline: float = 60.0) -> None:
    """Do it again while the engine is away."""

    def done() -> bool:
        try:
            act()
        except BusUnavailable:
            return False
        return True

    wait_until(done, deadline, "the engine takes it")
