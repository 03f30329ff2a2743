"""The two sizes of a hub: everything embedded, or every engine real, each of which can be taken away and brought back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from tests.engines import InfluxDB, Kafka, Mosquitto, Postgres, Server, free_port

PASSWORD = "hub"


@dataclass(frozen=True, slots=True)
class Size:
    """What `hub.toml` says of the engines, the secrets that come by the environment, and the servers behind it by name."""

    name: str
    engines: Mapping[str, object]
    broker: str
    login: bool
    secrets: Mapping[str, str] = field(default_factory=dict)
    servers: Mapping[str, Server] = field(default_factory=dict)
    series_token: str | None = None

    @classmethod
    def embedded(cls) -> Self:
        """Nothing but Python: own broker, SQLite log, chunk store, SQLite records."""
        port = free_port()
        return cls("embedded", {"mqtt": f"embedded://127.0.0.1:{port}"}, f"127.0.0.1:{port}", login=True)

    @classmethod
    def real(cls) -> Self:
        """Mosquitto, Kafka, InfluxDB and PostgreSQL, started for this hub alone."""
        mosquitto, kafka, influxdb, postgres = started = [each.launch() for each in SERVERS]
        assert isinstance(mosquitto, Mosquitto)
        assert isinstance(kafka, Kafka)
        assert isinstance(influxdb, InfluxDB)
        assert isinstance(postgres, Postgres)
        engines = {
            "mqtt": mosquitto.url,
            "bus": kafka.url,
            "series": influxdb.url,
            "series_token": {"env": "CHAOS_SERIES_TOKEN"},
            "records": f"postgresql://hub@127.0.0.1:{postgres.port}/hub",
        }
        secrets = {"CHAOS_SERIES_TOKEN": influxdb.token, "PGPASSWORD": PASSWORD}
        servers = {server.script: server for server in started}
        broker = f"127.0.0.1:{mosquitto.port}"
        return cls("real", engines, broker, login=False, secrets=secrets, servers=servers, series_token=influxdb.token)

    def end(self) -> None:
        """End the servers and delete what they hold."""
        for server in self.servers.values():
            server.wipe()


SERVERS: tuple[type[Server], ...] = (Mosquitto, Kafka, InfluxDB, Postgres)


def missing_servers() -> str:
    """Which of the real engines cannot be started here and why; empty when all can."""
    return "; ".join(filter(None, (server.missing() for server in SERVERS)))
