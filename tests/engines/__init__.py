"""The real engines as tests hold them: Mosquitto, Kafka, InfluxDB, PostgreSQL, an RTSP server."""

from tests.engines.influxdb import InfluxDB
from tests.engines.kafka import Kafka, Kafka3
from tests.engines.mosquitto import Mosquitto
from tests.engines.ports import free_port
from tests.engines.postgres import Postgres
from tests.engines.rtsp import Publisher, Rtsp
from tests.engines.server import EngineError, Server
from tests.engines.waiting import wait_until, wait_until_async

__all__ = [
    "EngineError",
    "InfluxDB",
    "Kafka",
    "Kafka3",
    "Mosquitto",
    "Postgres",
    "Publisher",
    "Rtsp",
    "Server",
    "free_port",
    "wait_until",
    "wait_until_async",
]
