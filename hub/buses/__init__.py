"""The engines of the bus and how one is opened by its URL."""

from pathlib import Path
from typing import TypedDict, Unpack
from urllib.parse import urlsplit

from hub.bus import Bus
from hub.clock import Clock
from hub.errors import ConfigError, Fault


class Options(TypedDict, total=False):
    """What an engine may be told; each takes what concerns it.

    `clock` stamps messages without a time (embedded); `least_free` bytes of disk are kept for upkeep (embedded); `replication` of topics that
    are made (Kafka); `timeout` in seconds after which a call to Kafka gives up.
    """

    clock: Clock
    least_free: int
    replication: int
    timeout: float


def open_bus(url: str, data: Path, **options: Unpack[Options]) -> Bus:
    """The bus of `url`: `embedded://` under `data`, `embedded:///other/data`, `kafka://host:port,host:port`, or `memory://`.

    Raises:
        ConfigError: no such engine.
    """
    parts = urlsplit(url)
    match parts.scheme:
        case "embedded":
            from hub.buses.embedded import EmbeddedBus

            return EmbeddedBus(
                embedded_folder(url, data), clock=options.get("clock"), least_free=options.get("least_free")
            )
        case "kafka":
            from hub.buses.kafka import KafkaBus

            servers = [server if ":" in server else f"{server}:9092" for server in parts.netloc.split(",") if server]
            if servers:
                return KafkaBus(
                    servers, replication=options.get("replication", 1), timeout=options.get("timeout", 15.0)
                )
        case "memory":
            from hub.buses.memory import MemoryBus

            return MemoryBus(options.get("clock"))
    raise ConfigError([Fault("hub.toml", 0, "engines.bus", f"{url!r}: expected embedded:// or kafka://host:port")])


def embedded_folder(url: str, data: Path) -> Path:
    """The folder of the embedded log that `url` names; without a path it lies under `data`."""
    path = urlsplit(url).path
    return (Path(path) if path else data) / "bus"
