"""The embedded log against a plain model of it: any order of appends, reads, commits, retention, compaction and reopening."""

import tempfile
from collections import defaultdict
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hub.bus import Consumer, Message
from hub.buses.embedded import EmbeddedBus
from hub.buses.embedded.upkeep import compact
from hub.buses.routing import TOMBSTONE_MS
from hub.clock import ManualClock
from hub.topics import HOUR, TopicSpec

_PARTITIONS = 2
_GROUP = "group"
_keys = st.sampled_from([b"a", b"b", b"c"])
_Row = tuple[int, int, bytes, bytes | None]  # offset, time, key, value


class EmbeddedLog(RuleBasedStateMachine):
    """One topic of two partitions and one group; the model is a list of rows per partition."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = ManualClock()
        self.rows: dict[int, list[_Row]] = defaultdict(list)
        self.next = [0] * _PARTITIONS
        self.position = [0] * _PARTITIONS
        self.committed: list[int | None] = [None] * _PARTITIONS
        self.first = [0] * _PARTITIONS
        self.consumer: Consumer | None = None

    @initialize(compacted=st.booleans())
    def begin(self, compacted: bool) -> None:
        self.compacted = compacted
        self.spec = TopicSpec("topic", _PARTITIONS, None if compacted else HOUR, None, compacted)
        self.bus = self._open()
        self.bus.ensure_topics([self.spec])

    @rule(
        rows=st.lists(st.tuples(st.integers(0, _PARTITIONS - 1), _keys, st.none() | st.binary(max_size=40)), max_size=6)
    )
    def append(self, rows: list[tuple[int, bytes, bytes | None]]) -> None:
        messages = [Message("topic", key, value, partition=number) for number, key, value in rows]
        places = self.bus.append(messages) if messages else []
        for (number, key, value), place in zip(rows, places, strict=True):
            assert place == (number, self.next[number])
            self.rows[number].append((self.next[number], self.clock.now(), key, value))
            self.next[number] += 1

    @rule(max_bytes=st.integers(1, 200))
    def read(self, max_bytes: int) -> None:
        if self.consumer is None:
            self._join()
        assert self.consumer is not None
        records = self.consumer.poll(0, max_bytes)
        expected = {number: self._from(number) for number in range(_PARTITIONS)}
        for record in records:
            assert expected[record.partition].pop(0) == (record.offset, record.time, record.key, record.value)
            self.position[record.partition] = record.offset + 1
        assert records or not any(expected.values())

    @rule()
    def commit(self) -> None:
        if self.consumer is not None:
            self.consumer.commit({("topic", number): self.position[number] for number in range(_PARTITIONS)})
            self.committed = list(self.position)

    @rule(number=st.integers(0, _PARTITIONS - 1), back=st.integers(0, 5))
    def seek(self, number: int, back: int) -> None:
        if self.consumer is not None:
            self.position[number] = max(0, self.position[number] - back)
            self.consumer.seek(("topic", number), self.position[number])

    @rule(minutes=st.integers(1, 40))
    def wait(self, minutes: int) -> None:
        self.clock.advance(minutes * 60_000)

    @precondition(lambda self: not self.compacted)
    @rule()
    def retain(self) -> None:
        self.bus.upkeep()
        for number in range(_PARTITIONS):
            committed = self.committed[number]
            rows = self.rows[number]
            floor = self.next[number] if committed is None else committed
            while rows and rows[0][0] < floor and rows[0][1] < self.clock.now() - HOUR:
                self.first[number] = rows.pop(0)[0] + 1

    @precondition(lambda self: self.compacted)
    @rule()
    def compact(self) -> None:
        forgotten = self.clock.now() - TOMBSTONE_MS
        compact(self.bus._file("topic"), self.clock.now(), force=True)
        for number, rows in self.rows.items():
            last = {row[2]: row[0] for row in rows}
            self.rows[number] = [
                row
                for row in rows
                if row[0] == self.next[number] - 1
                or (last[row[2]] == row[0] and (row[3] is not None or row[1] >= forgotten))
            ]

    @precondition(lambda self: self.compacted)
    @rule()
    def wait_a_day(self) -> None:
        self.clock.advance(TOMBSTONE_MS + 1)

    @rule()
    def reopen(self) -> None:
        if self.consumer is not None:
            self.consumer.close()
            self.consumer = None
        self.bus.close()
        self.bus = self._open()

    @invariant()
    def the_ends_are_known(self) -> None:
        assert self.bus.ends("topic") == dict(enumerate(self.next))

    @invariant()
    def the_lag_is_what_was_not_committed(self) -> None:
        expected = {
            number: max(0, self.next[number] - max(self.first[number], self.committed[number] or 0))
            for number in range(_PARTITIONS)
        }
        assert self.bus.lag(_GROUP, "topic") == expected

    def teardown(self) -> None:
        if self.consumer is not None:
            self.consumer.close()
        if hasattr(self, "bus"):
            self.bus.close()
        self.folder.cleanup()

    def _open(self) -> EmbeddedBus:
        return EmbeddedBus(Path(self.folder.name) / "bus", clock=self.clock, upkeep=False)

    def _join(self) -> None:
        self.consumer = self.bus.consumer(_GROUP, ["topic"])
        assert self.consumer.assignment() == {("topic", 0), ("topic", 1)}
        for number in range(_PARTITIONS):
            # A group is remembered from the moment it joins, so that retention waits for it.
            self.position[number] = max(self.first[number], self.committed[number] or 0)
            self.committed[number] = self.position[number]

    def _from(self, number: int) -> list[_Row]:
        return [row for row in self.rows[number] if row[0] >= self.position[number]]


TestEmbeddedLog = EmbeddedLog.TestCase
TestEmbeddedLog.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
