"""A table's changes on their way to the producer, with a flush that a commit can rely on."""

import asyncio

from faust.transport.producer import ProducerBuffer
from faust.types import FutureMessage
from faust.types.transports import ProducerT


class OrderedBuffer(ProducerBuffer):
    """The messages that tables have given without waiting; its flush ends when what it found waiting was handed on.

    Faust's own flush gives up after a tenth of a second without progress, and never ends while others keep sending.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        self._given = 0
        self._handed = 0

    def put(self, fut: FutureMessage) -> None:
        """Take a message."""
        self._given += 1
        super().put(fut)

    async def flush(self) -> None:
        """Wait until every message given before this call was handed to the producer."""
        last = self._given
        while self._handed < last and not self.crashed:
            if self.state != "running":
                raise RuntimeError(f"{last - self._handed} messages wait and nobody sends them")
            self.message_sent.clear()
            try:
                async with asyncio.timeout(0.1):
                    await self.message_sent.wait()
            except TimeoutError:
                continue

    async def _send_pending(self, fut: FutureMessage) -> None:
        await super()._send_pending(fut)
        self._handed += 1


def order_buffer(producer: ProducerT) -> None:
    """Give a producer that has not started a buffer whose flush can be relied on."""
    if not isinstance(producer.buffer, OrderedBuffer):
        buffer = OrderedBuffer(beacon=producer.beacon)
        buffer.app = producer.transport.app
        producer.buffer = buffer
