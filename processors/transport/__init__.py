"""The Faust transport `embedded://`: agents and tables on the embedded log, the very topics and offsets that `hub.bus` works with.

The URL names the data folder, `embedded:///var/lib/hub`; the log lies in its folder `bus`. A Faust app of id `hub-rules` is the one member of the group
`hub-rules`, so `Bus.lag("hub-rules", ...)` tells how far it is behind. The same app runs on `kafka://host:port,host:port` through Faust's own aiokafka
driver, mended in two places (`kafka.py`). Whoever makes such an app calls `register()` first and sets, for both engines:

    faust.App(
        "hub-rules",                          # the consumer group
        broker=url,                           # embedded:///data or kafka://host:9092
        topic_allow_declare=False,            # topics are made before a worker starts, by Bus.ensure_topics
        topic_disable_leader=True,            # no topic of Faust's own
        web_enabled=False,
        topic_partitions=partitions,          # as the topics were made
        store="memory://",                    # tables come back from their changelog
        processing_guarantee="at_least_once",
        broker_commit_interval=0.5,           # bounds what is read again after a kill
        broker_commit_every=1000,
        stream_buffer_maxsize=64,             # messages, and a message is a batch or a picture
        stream_wait_empty=True,
        broker_session_timeout=6.0,           # Kafka: a killed worker's partitions move on after this
        broker_heartbeat_interval=1.0,
        broker_request_timeout=30.0,
        broker_max_poll_records=64,
        consumer_metadata_max_age_ms=3000,
        producer_max_request_size=4 << 20,
        producer_request_timeout=1200.0,      # a broker that is away is waited for
        consumer_max_fetch_size=4 << 20,
        consumer_auto_offset_reset="earliest",
        stream_recovery_delay=0.0,
    )

`settings(partitions)` gives exactly these. A message is acknowledged when its agent's body has done with it, and a table's change is durable before the
offset of its message is committed; but a kill may come between the two. So an agent makes its output durable first (`await (await topic.send(...))`),
writes the table last, stores the offset in the same table value, and skips what is not newer.

This package touches private names of faust-streaming 0.15.3: `app.assignor._assignment`, `_active_tps`, `_standby_tps`, `Consumer._read_offset`,
`Consumer._getmany`, `ProducerBuffer._send_pending`.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from faust.transport import base
from faust.transport.drivers import TRANSPORTS
from faust.types.transports import ConsumerT, ProducerT

from processors.transport.consumer import EmbeddedConsumer
from processors.transport.producer import EmbeddedProducer

__all__ = ["Transport", "register", "settings"]


class Transport(base.Transport):
    """Makes the consumers and producers of the embedded log."""

    Consumer: ClassVar[type[ConsumerT]] = EmbeddedConsumer
    Producer: ClassVar[type[ProducerT]] = EmbeddedProducer
    driver_version = "embedded"


def register() -> None:
    """Make `embedded://` known to Faust and mend its `kafka://`; to do it twice changes nothing."""
    TRANSPORTS.aliases["embedded"] = "processors.transport:Transport"
    TRANSPORTS.aliases["kafka"] = "processors.transport.kafka:Transport"


def settings(partitions: int) -> Mapping[str, Any]:
    """The settings of a Faust app that runs on either engine."""
    return {
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "web_enabled": False,
        "topic_partitions": partitions,
        "store": "memory://",
        "processing_guarantee": "at_least_once",
        "broker_commit_interval": 0.5,
        "broker_commit_every": 1000,
        "stream_buffer_maxsize": 64,
        "stream_wait_empty": True,
        "broker_session_timeout": 6.0,
        "broker_heartbeat_interval": 1.0,
        "broker_request_timeout": 30.0,
        "broker_max_poll_records": 64,
        "consumer_metadata_max_age_ms": 3000,
        "producer_max_request_size": 4 << 20,
        "producer_request_timeout": 1200.0,
        "consumer_max_fetch_size": 4 << 20,
        "consumer_auto_offset_reset": "earliest",
        "stream_recovery_delay": 0.0,
    }
