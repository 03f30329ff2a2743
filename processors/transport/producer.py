"""Sending to the embedded log: whatever waits goes into one transaction, and a log that cannot take it now is asked again."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from faust.exceptions import ProducerSendError
from faust.transport.producer import Producer
from faust.types import TP
from faust.types.core import HeadersArg
from faust.types.tuples import RecordMetadata
from mode import Service
from mode.utils.times import Seconds, want_seconds

from hub.bus import Message
from hub.buses import embedded_folder
from hub.buses.embedded import EmbeddedBus
from hub.buses.routing import size_of
from hub.errors import BusError, BusUnavailable, MessageTooLarge
from hub.partition import partition_of
from hub.topics import MEGABYTE, TopicSpec
from processors.transport.buffer import order_buffer

_GROUP_BYTES: Final = 16 << 20
_WAITING_BYTES: Final = 32 << 20
_PAUSES: Final = (0.05, 0.2, 0.5, 1.0, 2.0)
_PARTING: Final = 5.0
_log = logging.getLogger(__name__)


class EmbeddedProducer(Producer):
    """Appends to the embedded log; `send` waits while too much waits already, and a full disk only makes it wait longer."""

    def __post_init__(self) -> None:
        self._bus: EmbeddedBus | None = None
        self._waiting: deque[tuple[Message, asyncio.Future[RecordMetadata]]] = deque()
        self._bytes = 0
        self._last: asyncio.Future[RecordMetadata] | None = None
        self._grown: asyncio.Event | None = None
        self._shrunk: asyncio.Event | None = None
        self._thread = ThreadPoolExecutor(1, "bus-append")

    async def on_start(self) -> None:
        """Open the log."""
        order_buffer(self)
        self._grown, self._shrunk = asyncio.Event(), asyncio.Event()
        self._bus = EmbeddedBus(embedded_folder(str(self.transport.url[0]), Path()))
        await super().on_start()

    async def on_stop(self) -> None:
        """Append what waits, then let go of the log."""
        await super().on_stop()
        # Offsets are committed after a flush only, so what a full disk leaves here is made again from what is read again.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.flush(), _PARTING)
        bus, self._bus = self._bus, None
        if bus is not None:
            await self.loop.run_in_executor(self._thread, bus.close)
        self._thread.shutdown(wait=False)

    async def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int | None,
        timestamp: float | None,
        headers: HeadersArg | None,
        *,
        transactional_id: str | None = None,
    ) -> Awaitable[RecordMetadata]:
        """Queue a message; the future is done when it is durable.

        Raises:
            ProducerSendError: no such topic, or the message is over its limit.
        """
        when = None if timestamp is None else int(timestamp * 1000)
        message = Message(topic, key or b"", value, partition, when, _mapping(headers))
        self.app.on_produce_message.send(
            key=key, value=value, partition=partition, timestamp=timestamp, headers=headers
        )
        await self._check(message)
        assert self._grown is not None
        assert self._shrunk is not None
        while self._bytes > _WAITING_BYTES:
            self._shrunk.clear()
            await self._shrunk.wait()
        future: asyncio.Future[RecordMetadata] = self.loop.create_future()
        self._waiting.append((message, future))
        self._bytes += size_of(message)
        self._last = future
        self._grown.set()
        return future

    async def send_and_wait(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int | None,
        timestamp: float | None,
        headers: HeadersArg | None,
        *,
        transactional_id: str | None = None,
    ) -> RecordMetadata:
        """Send and wait until it is durable."""
        return await (await self.send(topic, key, value, partition, timestamp, headers))

    async def flush(self) -> None:
        """Wait until all that was sent before this call is durable; what comes meanwhile is not waited for."""
        if self.buffer.started:
            await self.buffer.flush()
        last = self._last
        if last is not None and not last.done():
            await asyncio.wait([last])

    def key_partition(self, topic: str, key: bytes) -> TP:
        """Where a key goes."""
        return TP(topic, partition_of(key or b"", self._open().partitions(topic)))

    async def create_topic(
        self,
        topic: str,
        partitions: int,
        replication: int,
        *,
        config: Mapping[str, Any] | None = None,
        timeout: Seconds = 30.0,
        retention: Seconds | None = None,
        compacting: bool | None = None,
        deleting: bool | None = None,
        ensure_created: bool = False,
    ) -> None:
        """Make a topic, where the app may."""
        if self.app.conf.topic_allow_declare:
            keep = int(want_seconds(retention) * 1000) if retention else None
            spec = TopicSpec(topic, partitions, keep, compact=bool(compacting), max_message=4 * MEGABYTE)
            await self.loop.run_in_executor(self._thread, self._open().ensure_topics, [spec])

    def supports_headers(self) -> bool:
        """Headers are kept."""
        return True

    def _open(self) -> EmbeddedBus:
        if self._bus is None:
            raise ProducerSendError("the producer has not started")
        return self._bus

    async def _check(self, message: Message) -> None:
        """Refuse at once what the log will never take; a log that is away only delays."""
        for pause in (*_PAUSES, None):
            try:
                self._open().check(message)
                return
            except BusUnavailable as error:
                if pause is None:
                    raise ProducerSendError(str(error)) from error
                await asyncio.sleep(pause)
            except (MessageTooLarge, BusError) as error:
                raise ProducerSendError(str(error)) from error

    @Service.task
    async def _append(self) -> None:
        assert self._grown is not None
        assert self._shrunk is not None
        while True:  # until cancelled: what is sent while the worker stops is appended too
            if not self._waiting:
                self._grown.clear()
                await self._grown.wait()
            group: list[tuple[Message, asyncio.Future[RecordMetadata]]] = []
            size = 0
            while self._waiting and (not group or size < _GROUP_BYTES):
                group.append(self._waiting.popleft())
                size += size_of(group[-1][0])
            await self._append_group(group)
            self._bytes -= size
            self._shrunk.set()

    async def _append_group(self, group: list[tuple[Message, asyncio.Future[RecordMetadata]]]) -> None:
        messages = [message for message, _ in group]
        attempt = 0
        places: list[tuple[int, int]] = []
        while not places:
            try:
                places = await self.loop.run_in_executor(self._thread, self._open().append, messages)
            except BusUnavailable as error:
                if not attempt:
                    _log.warning(
                        "the log takes nothing now, %d messages wait: %s", len(group) + len(self._waiting), error
                    )
                await asyncio.sleep(_PAUSES[min(attempt, len(_PAUSES) - 1)])
                attempt += 1
        for (message, future), (partition, offset) in zip(group, places, strict=True):
            if not future.done():
                place = TP(message.topic, partition)
                future.set_result(RecordMetadata(message.topic, partition, place, offset, message.time, 0))


def _mapping(headers: HeadersArg | None) -> dict[str, bytes]:
    if not headers:
        return {}
    return dict(headers.items() if isinstance(headers, Mapping) else headers)
