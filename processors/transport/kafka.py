"""Faust's own transport to Kafka, with a seek and a flush that can be relied on."""

from collections.abc import Mapping
from typing import ClassVar

from faust.transport.drivers import aiokafka
from faust.types import TP
from faust.types.transports import ConsumerT, ProducerT

from processors.transport.buffer import order_buffer
from processors.transport.steady import SteadyConsumer


class KafkaConsumer(SteadyConsumer, aiokafka.Consumer):
    """Faust's consumer, fetching and seeking in turn."""

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Go to the committed offsets, or to the beginning where there is none.

        aiokafka leaves a partition without one where it is, which is behind what was fetched and dropped before the seek.
        """
        offsets = await super().seek_to_committed()
        fresh = [place for place, at in offsets.items() if not at and self.app.topics.acks_enabled_for(place.topic)]
        if fresh:
            consumer = self._thread._ensure_consumer()  # noqa: SLF001
            await self._thread.call_thread(consumer.seek_to_beginning, *fresh)
        return offsets


class KafkaProducer(aiokafka.Producer):
    """Faust's producer, whose flush waits for every message given before it."""

    async def on_start(self) -> None:
        """Connect."""
        order_buffer(self)
        await super().on_start()


class Transport(aiokafka.Transport):
    """Makes them."""

    Consumer: ClassVar[type[ConsumerT]] = KafkaConsumer
    Producer: ClassVar[type[ProducerT]] = KafkaProducer
