"""The Kafka engine: a synchronous face on aiokafka, which lives on a loop thread of its own."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata

from hub.bus import BusHealth, Message
from hub.buses.kafka.admin import BATCH_BYTES, KafkaAdmin
from hub.buses.kafka.consumer import KafkaConsumer
from hub.buses.kafka.discard import discard
from hub.buses.kafka.loop import LoopThread
from hub.buses.kafka.quiet import quieten
from hub.buses.log import Start
from hub.buses.routing import check_sizes, check_specs, place_of
from hub.errors import BusError, BusUnavailable
from hub.topics import TopicSpec

_REQUEST_BYTES: Final = 8 << 20
_HEALTH_SECONDS: Final = 3.0
_PARTING_SECONDS: Final = 2.0
_Answer = TypeVar("_Answer")


class KafkaBus:
    """A cluster by its `host:port` addresses; whatever takes longer than `timeout` seconds is `BusUnavailable`."""

    def __init__(self, servers: Sequence[str], *, replication: int = 1, timeout: float = 15.0) -> None:
        quieten()
        self._servers = list(servers)
        self._replication = replication
        self._timeout = timeout
        self._loop = LoopThread()
        self._admin = KafkaAdmin(self._servers, int(timeout * 1000))
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()
        self._consumers: list[KafkaConsumer] = []
        self._closed = False

    def ensure_topics(self, specs: Sequence[TopicSpec]) -> None:
        """Make the topics that are absent; `retention_bytes` is shared out between partitions, as Kafka counts it."""
        check_specs(specs)
        self._ask(lambda: self._admin.ensure(specs, self._replication), 2 * self._timeout)

    def append(self, messages: Sequence[Message]) -> list[tuple[int, int]]:
        """Append with acknowledgement by every replica in sync, idempotently."""
        for message in messages:
            check_sizes([message], self._facts(message.topic)[1])
        places = [place_of(message, self._facts(message.topic)[0]) for message in messages]
        self._check_open()
        return self._loop.call(self._append(list(messages), places), self._timeout + 3 * _PARTING_SECONDS)

    def consumer(self, group: str | None, topics: Sequence[str], start: Start | None = None) -> KafkaConsumer:
        """A consumer, which connects when it is first polled."""
        self._check_open()
        consumer = KafkaConsumer(self._loop, self._servers, group, topics, start, self._timeout)
        self._consumers.append(consumer)
        return consumer

    def ends(self, topic: str) -> dict[int, int]:
        """The next offset of every partition."""
        return {number: end for number, (_, end) in self._ask(lambda: self._admin.bounds(topic)).items()}

    def lag(self, group: str, topic: str) -> dict[int, int]:
        """Records of every partition that the group has not committed."""
        bounds = self._ask(lambda: self._admin.bounds(topic))
        committed = self._ask(lambda: self._admin.committed(group, topic))
        return {number: max(0, end - max(first, committed.get(number, 0))) for number, (first, end) in bounds.items()}

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """The offset that the group has committed, of every partition where it has."""
        return self._ask(lambda: self._admin.committed(group, topic))

    def partitions(self, topic: str) -> int:
        """How many partitions the topic has."""
        return self._facts(topic)[0]

    def health(self) -> BusHealth:
        """Whether a broker answers within three seconds; sizes are Kafka's own affair."""
        try:
            trouble = self._ask(self._admin.describe, min(_HEALTH_SECONDS, self._timeout))
        except BusError as error:
            return BusHealth(False, str(error))
        return BusHealth(not trouble, trouble)

    def close(self) -> None:
        """Let go of connections and the loop."""
        if self._closed:
            return
        self._closed = True
        for consumer in self._consumers:
            with contextlib.suppress(BusError):
                consumer.close()
        with contextlib.suppress(BusError):
            self._loop.call(self._stop_sending(), self._timeout)
        with contextlib.suppress(BusError):
            self._loop.call(self._admin.close(), self._timeout)
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, question: Callable[[], Coroutine[Any, Any, _Answer]], timeout: float | None = None) -> _Answer:
        """An answer of the admin; after a failure it connects anew."""
        self._check_open()
        try:
            return self._loop.call(question(), timeout or self._timeout)
        except BusUnavailable:
            with contextlib.suppress(BusError):
                self._loop.call(self._admin.close(), _HEALTH_SECONDS)
            raise

    def _check_open(self) -> None:
        if self._closed:
            raise BusError("this bus is closed")

    def _facts(self, topic: str) -> tuple[int, int]:
        known = self._admin.facts.get(topic)
        return self._ask(lambda: self._admin.learn(topic)) if known is None else known

    async def _append(self, messages: list[Message], places: list[int]) -> list[tuple[int, int]]:
        try:
            async with asyncio.timeout(self._timeout):
                producer = await self._sender()
                futures = [
                    await _send(producer, message, place) for message, place in zip(messages, places, strict=True)
                ]
                answers: list[RecordMetadata] = await asyncio.gather(*futures)
        except (KafkaError, TimeoutError):
            # What still waits in the producer would be appended later, and by a caller who tries again once more.
            await self._discard()
            raise
        return [(answer.partition, answer.offset) for answer in answers]

    async def _sender(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    bootstrap_servers=self._servers,
                    acks="all",
                    enable_idempotence=True,
                    linger_ms=0,
                    max_batch_size=BATCH_BYTES,
                    max_request_size=_REQUEST_BYTES,
                    request_timeout_ms=int(self._timeout * 1000),
                    metadata_max_age_ms=30_000,
                )
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    async def _stop_sending(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def _discard(self) -> None:
        """Forget the producer with all that waits in it."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await discard(producer, _PARTING_SECONDS)


async def _send(producer: AIOKafkaProducer, message: Message, place: int) -> "asyncio.Future[RecordMetadata]":
    future: asyncio.Future[RecordMetadata] = await producer.send(
        message.topic,
        message.value,
        key=message.key,
        partition=place,
        timestamp_ms=message.time,
        headers=list(message.headers.items()),
    )
    return future
