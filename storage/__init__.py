"""Series and records, each with two engines behind one interface."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from hub.errors import ConfigError, Fault
from storage.series import SeriesStore

_FORMS = "embedded://, memory:// or influxdb://HOST:PORT?org=ORG&bucket=BUCKET"


def open_series(url: str, data: Path, *, readonly: bool = False, token: str | None = None) -> SeriesStore:
    """The series store at `url`: `embedded://`, `influxdb://HOST:PORT?org=ORG&bucket=BUCKET` or `memory://`.

    The embedded one lies in `data` and takes one writer and any number of `readonly` openers; `influxdbs://` is
    InfluxDB by TLS, and needs the token. `retention=DAYS` in the query drops older values.

    Raises:
        ConfigError: a URL of no engine, or one that lacks a part.
        StoreUnavailable: the store has a writer already, or its file is not ours.
    """
    days = _retention_days(url)
    match urlsplit(url).scheme:
        case "embedded":
            from storage.chunks import ChunkStore

            return ChunkStore(data, readonly=readonly, retention_days=days)
        case "influxdb" | "influxdbs":
            from storage.influx import InfluxStore, place_of

            return InfluxStore(place_of(url, token), retention_days=days)
        case "memory":
            from storage.memory import MemoryStore

            return MemoryStore()
        case _:
            raise _refused(f"{url!r}: expected {_FORMS}")


def ensure_series(url: str, *, token: str | None = None) -> None:
    """Make what the engine needs before its first write: InfluxDB's bucket and its retention; nothing elsewhere.

    Raises:
        ConfigError: a URL of no engine, or one that lacks a part.
        StoreUnavailable: the server is away, or the token may not.
    """
    if urlsplit(url).scheme not in ("influxdb", "influxdbs"):
        return
    from storage.influx import InfluxStore, place_of

    store = InfluxStore(place_of(url, token), retention_days=_retention_days(url))
    try:
        store.ensure()
    finally:
        store.close()


def _retention_days(url: str) -> int | None:
    text = parse_qs(urlsplit(url).query).get("retention", [None])[-1]
    if text is None:
        return None
    if not (text.isdecimal() and 0 < int(text) < 100_000):
        raise _refused(f"retention={text!r}: expected a number of days")
    return int(text)


def _refused(message: str) -> ConfigError:
    return ConfigError([Fault("hub.toml", 0, "engines.series", message)])
