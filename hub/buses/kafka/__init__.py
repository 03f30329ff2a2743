"""The Kafka engine of the bus, on aiokafka."""

from hub.buses.kafka.bus import KafkaBus
from hub.buses.kafka.quiet import quieten

__all__ = ["KafkaBus", "quieten"]
