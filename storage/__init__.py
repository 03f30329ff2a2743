"""Series and records, each with two engines behind one interface."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from hub.errors import ConfigError, Fault
from storage.series import SeriesStore


def open_series(url: str, data: Path, *, readonly: bool = False, token: str | None = None) -> SeriesStore:
    """The series store at `url`: `embedded://`, `influxdb://HOST:PORT?org=ORG&bucket=BUCKET` (or `influxdbs://`), or `memory://`.

    The embedded one lies in `data` and takes one writer and any number of `readonly` openers. `retention=DAYS` in the query drops older values.

    Raises:
        ConfigError: a URL of no engine.
        StoreUnavailable: the store has a writer already, or its file is not ours.
    """
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    retention = query.get("retention")
    if retention is not None and not (retention.isdecimal() and int(retention) > 0):
        raise _refused("retention is a number of days")
    days = None if retention is None else int(retention)
    match parts.scheme:
        case "embedded":
            from storage.chunks import ChunkStore  # noqa: PLC0415 - one engine is loaded, not both

            return ChunkStore(data, readonly=readonly, retention_days=days)
        case "memory":
            from storage.memory import MemoryStore  # noqa: PLC0415

            return MemoryStore()
        case _:
            raise _refused(f"{url!r} is neither embedded:// nor influxdb://HOST:PORT?org=ORG&bucket=BUCKET")


def _refused(message: str) -> ConfigError:
    return ConfigError([Fault("hub.toml", 0, "engines.series", message)])
