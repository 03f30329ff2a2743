"""A bus in this process's memory, for tests and trials; it passes the contract of the durable engines but for durability."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from hub.bus import BusHealth, Message, Place, Record
from hub.buses.log import LogConsumer, Start
from hub.buses.routing import TOMBSTONE_MS, check_partitions, check_sizes, check_specs, place_of
from hub.clock import Clock, SystemClock
from hub.errors import BusError, BusUnavailable
from hub.topics import TopicSpec


@dataclass(slots=True)
class _Partition:
    first: int = 0
    next: int = 0
    records: dict[int, Record] = field(default_factory=dict)


@dataclass(slots=True)
class _Topic:
    spec: TopicSpec
    partitions: list[_Partition]


class _Store:
    """What every handle, reader and member of one bus shares; `changed` guards all of it."""

    def __init__(self) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.topics: dict[str, _Topic] = {}
        self.groups: dict[str, dict[Place, int]] = {}
        self.members: set[str] = set()
        self.appends = 0
        self.closed = False
        self.available = True

    def topic(self, name: str) -> _Topic:
        try:
            return self.topics[name]
        except KeyError:
            raise BusUnavailable(f"topic {name} is absent") from None

    def check_open(self) -> None:
        if self.closed:
            raise BusError("this bus is closed")
        if not self.available:
            raise BusUnavailable("the bus is away")


class _Member:
    def __init__(self, store: _Store, group: str) -> None:
        self._store, self._group = store, group

    def close(self) -> None:
        self._store.members.discard(self._group)


class _Reader:
    def __init__(self, store: _Store, topics: Sequence[str]) -> None:
        self._store, self._topics = store, tuple(topics)
        self._seen = store.appends

    def bounds(self) -> dict[Place, tuple[int, int]]:
        with self._store.changed:
            return {
                (name, number): (partition.first, partition.next)
                for name in self._topics
                for number, partition in enumerate(self._store.topic(name).partitions)
            }

    def read(self, positions: Mapping[Place, int], max_bytes: int) -> tuple[list[Record], dict[Place, int]]:
        found: list[Record] = []
        moved: dict[Place, int] = {}
        with self._store.changed:
            self._store.check_open()
            self._seen = self._store.appends
            for (topic, number), position in positions.items():
                partition = self._store.topic(topic).partitions[number]
                for offset in range(max(position, partition.first), partition.next):
                    record = partition.records.get(offset)
                    if record is not None:
                        size = len(record.key) + len(record.value or b"")
                        if found and size > max_bytes:
                            return found, moved
                        max_bytes -= size
                        found.append(record)
                    moved[topic, number] = offset + 1
        return found, moved

    def wait(self, timeout: float) -> None:
        with self._store.changed:
            self._store.changed.wait_for(lambda: self._store.appends != self._seen, timeout)

    def close(self) -> None:
        """Nothing is held."""


class MemoryBus:
    """The bus without a disk; `upkeep` applies retention and compaction as the durable engines do on their own."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._store = _Store()

    @property
    def available(self) -> bool:
        """False makes every call raise `BusUnavailable`, as if the engine were away."""
        return self._store.available

    @available.setter
    def available(self, available: bool) -> None:
        self._store.available = available

    def ensure_topics(self, specs: Sequence[TopicSpec]) -> None:
        check_specs(specs)
        with self._store.changed:
            self._store.check_open()
            for spec in specs:
                if spec.name in self._store.topics:
                    check_partitions(spec, len(self._store.topics[spec.name].partitions))
            for spec in specs:
                known = self._store.topics.get(spec.name)
                self._store.topics[spec.name] = _Topic(
                    spec, known.partitions if known else [_Partition() for _ in range(spec.partitions)]
                )

    def append(self, messages: Sequence[Message]) -> list[tuple[int, int]]:
        with self._store.changed:
            self._store.check_open()
            for message in messages:
                check_sizes([message], self._store.topic(message.topic).spec.max_message)
            numbers = [place_of(message, self.partitions(message.topic)) for message in messages]
            places = [self._put(message, number) for message, number in zip(messages, numbers, strict=True)]
            self._store.appends += 1
            self._store.changed.notify_all()
            return places

    def _put(self, message: Message, number: int) -> tuple[int, int]:
        partition = self._store.topics[message.topic].partitions[number]
        when = self._clock.now() if message.time is None else message.time
        offset = partition.next
        value = message.value
        partition.records[offset] = Record(
            message.topic, number, offset, when, message.key, value, dict(message.headers)
        )
        partition.next += 1
        return number, offset

    def consumer(self, group: str | None, topics: Sequence[str], start: Start | None = None) -> LogConsumer:
        return LogConsumer(self, group, topics, start)

    def reader(self, topics: Sequence[str]) -> _Reader:
        return _Reader(self._store, topics)

    def join(self, group: str) -> _Member:
        with self._store.changed:
            if group in self._store.members:
                raise BusError(f"group {group} already has its one member on this bus")
            self._store.members.add(group)
            return _Member(self._store, group)

    def offsets(self, group: str) -> dict[Place, int]:
        with self._store.changed:
            self._store.check_open()
            return dict(self._store.groups.get(group, {}))

    def commit(self, group: str, positions: Mapping[Place, int]) -> None:
        with self._store.changed:
            self._store.check_open()
            self._store.groups.setdefault(group, {}).update(positions)

    def committed(self, group: str, topic: str) -> dict[int, int]:
        return {number: offset for (name, number), offset in self.offsets(group).items() if name == topic}

    def ends(self, topic: str) -> dict[int, int]:
        with self._store.changed:
            self._store.check_open()
            return {number: partition.next for number, partition in enumerate(self._store.topic(topic).partitions)}

    def lag(self, group: str, topic: str) -> dict[int, int]:
        with self._store.changed:
            committed = self.offsets(group)
            return {
                number: max(0, partition.next - max(partition.first, committed.get((topic, number), 0)))
                for number, partition in enumerate(self._store.topic(topic).partitions)
            }

    def partitions(self, topic: str) -> int:
        with self._store.changed:
            self._store.check_open()
            return len(self._store.topic(topic).partitions)

    def health(self) -> BusHealth:
        ok = self._store.available and not self._store.closed
        return BusHealth(ok, "" if ok else "the bus is away")

    def upkeep(self) -> None:
        """Apply retention and compaction now."""
        with self._store.changed:
            for topic in self._store.topics.values():
                for number, partition in enumerate(topic.partitions):
                    _retain(topic, partition, self._clock.now(), self._floor(topic.spec.name, number, partition.next))
                    if topic.spec.compact:
                        _compact(partition, self._clock.now() - TOMBSTONE_MS)

    def close(self) -> None:
        with self._store.changed:
            self._store.closed = True
            self._store.appends += 1
            self._store.changed.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _floor(self, topic: str, number: int, end: int) -> int:
        return min(
            (offsets[topic, number] for offsets in self._store.groups.values() if (topic, number) in offsets),
            default=end,
        )


def _retain(topic: _Topic, partition: _Partition, now: int, floor: int) -> None:
    spec = topic.spec
    share = None if spec.retention_bytes is None else spec.retention_bytes // len(topic.partitions)
    sizes = {offset: len(record.key) + len(record.value or b"") for offset, record in partition.records.items()}
    total = sum(sizes.values())
    for offset in sorted(partition.records):
        old = spec.retention_ms is not None and partition.records[offset].time < now - spec.retention_ms
        if offset >= floor or not (old or (share is not None and total > share)):
            return
        total -= sizes[offset]
        del partition.records[offset]
        partition.first = offset + 1


def _compact(partition: _Partition, forgotten: int) -> None:
    last = {record.key: offset for offset, record in partition.records.items()}
    partition.records = {
        offset: record
        for offset, record in partition.records.items()
        if offset == partition.next - 1
        or (last[record.key] == offset and (record.value is not None or record.time >= forgotten))
    }
