"""A consumer on Kafka: the member of a group, or a reader of every partition; polled from a synchronous thread."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import CommitFailedError, IllegalStateError
from aiokafka.structs import ConsumerRecord

from hub.bus import Place, Record
from hub.buses.kafka.loop import LoopThread, kafka_errors
from hub.buses.log import Start
from hub.errors import BusError, BusUnavailable

_FETCH_BYTES: Final = 5 << 20
_PROOF_SECONDS: Final = 3.0
_HELD_SECONDS: Final = 0.25
_log = logging.getLogger(__name__)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Tells the consumer what was taken from it and what it was given."""

    def __init__(self, consumer: "KafkaConsumer") -> None:
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self._consumer.lose(revoked)

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self._consumer.gain(assigned)


class KafkaConsumer:
    """Connects when it is first asked, so it may be made while Kafka is away."""

    def __init__(
        self,
        loop: LoopThread,
        servers: Sequence[str],
        group: str | None,
        topics: Sequence[str],
        start: Start | None,
        timeout: float,
    ) -> None:
        self._loop = loop
        self._servers = list(servers)
        self._group = group
        self._topics = list(topics)
        self._start = start
        self._timeout = timeout
        self._consumer: AIOKafkaConsumer | None = None
        self._left: deque[Record] = deque()
        self._unplaced: set[TopicPartition] = set()
        self._proof = time.monotonic()
        self._closed = False

    def poll(self, timeout: float, max_bytes: int = 8 << 20) -> list[Record]:
        """As `hub.bus.Consumer` says."""
        self._connect()
        deadline = time.monotonic() + timeout
        while True:
            self._place()
            left = max(0.0, deadline - time.monotonic())
            wait = left if self._start is None else min(left, _HELD_SECONDS)
            records = self._loop.call(self._fetch(wait, max_bytes), wait + self._timeout)
            if records or time.monotonic() >= deadline or self._closed:
                return records

    def commit(self, positions: Mapping[Place, int]) -> None:
        """Remember offsets; those of partitions that another member has by now are left to it."""
        if self._group is None:
            raise BusError("a reader without a group has nowhere to keep its offsets")
        self._connect()
        self._loop.call(self._commit(positions), self._timeout)

    def seek(self, place: Place, offset: int) -> None:
        """Read `place` from `offset` on."""
        self._connect()
        self._loop.call(self._seek(TopicPartition(*place), offset), self._timeout)

    def assignment(self) -> frozenset[Place]:
        """The partitions this member reads now."""
        self._connect()
        consumer = self._consumer
        return (
            frozenset()
            if consumer is None
            else frozenset((place.topic, place.partition) for place in consumer.assignment())
        )

    def close(self) -> None:
        """Leave the group."""
        if not self._closed:
            self._closed = True
            self._loop.call(self._stop(), self._timeout)

    def lose(self, places: Iterable[TopicPartition]) -> None:
        """Forget what was read of partitions that were taken away; on the loop."""
        gone = {(place.topic, place.partition) for place in places}
        self._left = deque(record for record in self._left if (record.topic, record.partition) not in gone)
        self._unplaced = {place for place in self._unplaced if (place.topic, place.partition) not in gone}

    def gain(self, places: Iterable[TopicPartition]) -> None:
        """Hold partitions whose beginning the caller may name until it has; on the loop."""
        if self._start is not None and self._consumer is not None:
            self._consumer.pause(*places)
            self._unplaced |= set(places)

    def _connect(self) -> None:
        if self._closed:
            raise BusError("this consumer is closed")
        if self._consumer is None:
            self._loop.call(self._open(), self._timeout)

    async def _open(self) -> None:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._servers,
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=_FETCH_BYTES,
            fetch_max_bytes=4 * _FETCH_BYTES,
            fetch_max_wait_ms=500,
            session_timeout_ms=6000,
            heartbeat_interval_ms=1000,
            metadata_max_age_ms=3000,
            request_timeout_ms=max(7000, int(self._timeout * 1000)),
            retry_backoff_ms=100,
        )
        try:
            await consumer.start()
            self._consumer = consumer
            self._check_present(await consumer.topics())
            if self._group is None:
                await self._assign(consumer)
            else:
                consumer.subscribe(self._topics, listener=_Listener(self))
        except BaseException:
            self._consumer = None
            await consumer.stop()
            raise
        self._proof = time.monotonic()

    def _check_present(self, known: set[str]) -> None:
        absent = [topic for topic in self._topics if topic not in known]
        if absent:
            raise BusUnavailable(f"topic {', '.join(absent)} is absent")

    async def _assign(self, consumer: AIOKafkaConsumer) -> None:
        client = consumer._client  # noqa: SLF001
        await client.set_topics(self._topics)
        places = [
            TopicPartition(topic, number)
            for topic in self._topics
            for number in sorted(client.cluster.partitions_for_topic(topic) or ())
        ]
        consumer.assign(places)
        self.gain(places)

    def _place(self) -> None:
        """Go to the beginnings that the caller names, in the caller's thread; a failure of its own is its own."""
        if self._start is None:
            return
        for place in sorted(self._unplaced):
            offset = self._start((place.topic, place.partition))
            self._loop.call(self._placed(place, offset), self._timeout)

    async def _placed(self, place: TopicPartition, offset: int | None) -> None:
        if place in self._unplaced and self._consumer is not None:
            self._unplaced.discard(place)
            if offset is not None:
                self._consumer.seek(place, offset)
            self._consumer.resume(place)

    async def _fetch(self, timeout: float, max_bytes: int) -> list[Record]:
        consumer = self._consumer
        if consumer is None:
            return []
        if not self._left:
            found = await consumer.getmany(timeout_ms=int(timeout * 1000))
            for place, records in found.items():
                if (
                    place not in self._unplaced
                ):  # assigned during the wait: read from the wrong beginning, and read again
                    self._left.extend(map(_record, records))
            await self._prove(consumer, bool(found))
        taken: list[Record] = []
        while self._left and (not taken or max_bytes > 0):
            size = len(self._left[0].key) + len(self._left[0].value or b"")
            if taken and size > max_bytes:
                break
            taken.append(self._left.popleft())
            max_bytes -= size
        return taken

    async def _prove(self, consumer: AIOKafkaConsumer, found: bool) -> None:
        """Silence may mean that Kafka is away; ask now and then, since aiokafka would only log it."""
        if not found and time.monotonic() - self._proof > _PROOF_SECONDS:
            await asyncio.wait_for(consumer.topics(), self._timeout / 2)
            self._proof = time.monotonic()
        elif found:
            self._proof = time.monotonic()

    async def _commit(self, positions: Mapping[Place, int]) -> None:
        consumer = self._consumer
        if consumer is None:
            return
        mine = consumer.assignment()
        offsets = {TopicPartition(*place): offset for place, offset in positions.items()}
        kept = {place: offset for place, offset in offsets.items() if place in mine}
        try:
            if kept:
                await consumer.commit(kept)
        except (CommitFailedError, IllegalStateError) as error:
            _log.info("offsets were not kept, the partitions have moved to another member: %s", error)

    async def _seek(self, place: TopicPartition, offset: int) -> None:
        consumer = self._consumer
        if consumer is None or place not in consumer.assignment():
            raise BusError(f"{(place.topic, place.partition)} is not assigned here")
        self._left = deque(record for record in self._left if (record.topic, record.partition) != tuple(place))
        consumer.seek(place, offset)
        if place in self._unplaced:
            self._unplaced.discard(place)
            consumer.resume(place)

    async def _stop(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            with kafka_errors():
                await consumer.stop()


def _record(record: "ConsumerRecord[Any, Any]") -> Record:
    headers = dict(record.headers) if record.headers else {}
    return Record(
        record.topic, record.partition, record.offset, record.timestamp, record.key or b"", record.value, headers
    )
