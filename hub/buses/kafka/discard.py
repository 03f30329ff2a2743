"""Ending a producer whose messages cannot be sent: aiokafka's own `stop` would wait for Kafka to take them.

This touches private names of aiokafka 0.14.0: `_closed`, `_sender`, `_message_accumulator`, and of that `_batches`, `_pending_batches`.
"""

import asyncio
import contextlib
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError


class _Pending(set[Any]):
    """A batch that was put back for another try is no longer pending when it fails; aiokafka's callback removes it all the same."""

    def remove(self, batch: object) -> None:
        self.discard(batch)


async def discard(producer: AIOKafkaProducer, patience: float) -> None:
    """End the producer within twice `patience` seconds; what it holds fails, and whoever waits for it hears so."""
    producer._closed = True  # noqa: SLF001
    accumulator = producer._message_accumulator  # noqa: SLF001
    with contextlib.suppress(KafkaError, TimeoutError, OSError):
        await asyncio.wait_for(producer.client.close(), patience)
    fail_waiting(accumulator)
    with contextlib.suppress(KafkaError, TimeoutError, OSError):
        await asyncio.wait_for(producer._sender.close(), patience)  # noqa: SLF001
    fail_waiting(accumulator)  # and what the sender put back meanwhile


def fail_waiting(accumulator: Any) -> None:
    """Fail every batch, without a word from asyncio about those that nobody waits for any more."""
    accumulator._pending_batches = _Pending(accumulator._pending_batches)  # noqa: SLF001
    batches = {batch for waiting in accumulator._batches.values() for batch in waiting}  # noqa: SLF001
    batches |= accumulator._pending_batches  # noqa: SLF001
    accumulator.fail_all(KafkaTimeoutError())
    for batch in batches:
        messages = [future for future, _ in batch._msg_futures]  # noqa: SLF001
        for future in (batch.future, batch._drain_waiter, *messages):  # noqa: SLF001
            if future.done() and not future.cancelled():
                future.exception()
