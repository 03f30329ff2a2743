"""The hub's own MQTT broker, for one machine: 3.1.1 and 5, acknowledging what is on disk.

Everything but `server`, `link`, `writer`, `store` and `process` is pure: bytes, packets and times in, bytes out.
"""

from ingest.broker.access import Access, AllowAll
from ingest.broker.health import Counters, Health
from ingest.broker.limits import Limits
from ingest.broker.process import run_broker
from ingest.broker.server import Broker

__all__ = ["Access", "AllowAll", "Broker", "Counters", "Health", "Limits", "run_broker"]
