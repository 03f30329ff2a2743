"""Faust's own transport to Kafka, with a seek and a flush that can be relied on."""

from typing import ClassVar

from faust.transport.drivers import aiokafka
from faust.types.transports import ConsumerT, ProducerT

from processors.transport.buffer import order_buffer
from processors.transport.steady import SteadyConsumer


class KafkaConsumer(SteadyConsumer, aiokafka.Consumer):
    """Faust's consumer, fetching and seeking in turn."""


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
