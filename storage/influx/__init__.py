"""The InfluxDB 2 engine, through influxdb-client.

One point a value: measurement = kind, tags `metric` (the property) and `station`, fields as `storage.influx.lines` says, times in ms.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import parse_qs, urlsplit

from hub.clock import Clock, SystemClock
from hub.errors import ConfigError, Fault
from hub.series_index import SeriesIndex
from storage.aggregate import parse
from storage.columns import of_batches
from storage.influx.latest import Latest
from storage.influx.read import InfluxReader
from storage.influx.server import TIMEOUT_MS, Place, Server
from storage.influx.slices import ROWS
from storage.influx.windows import InfluxWindows
from storage.influx.write import InfluxWriter
from storage.paging import Cursor, check_page
from storage.select import check_range
from storage.series import Every, Incoming, Page, Points, Rejected, Select, StoreHealth, Windows
from storage.windows import check_every
from storage.zones import zone_of

_DAY_S = 86_400


def place_of(url: str, token: str | None) -> Place:
    """Where `influxdb://HOST:PORT?org=ORG&bucket=BUCKET` (or `influxdbs://`, by TLS) points.

    Raises:
        ConfigError: organisation, bucket or token is missing.
    """
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    missing = [name for name in ("org", "bucket") if not query.get(name)]
    if not parts.hostname or missing or not token:
        what = "a token" if not token else "influxdb://HOST:PORT?org=ORG&bucket=BUCKET"
        raise ConfigError([Fault("hub.toml", 0, "engines.series", f"InfluxDB needs {what}")])
    scheme = "https" if parts.scheme == "influxdbs" else "http"
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return Place(f"{scheme}://{host}:{parts.port or 8086}", query["org"], query["bucket"], token)


class InfluxStore:
    """A bucket as a series store. `sleep` waits between tries when the server is overloaded; an answer has about `rows` rows at most."""

    def __init__(
        self,
        place: Place,
        *,
        retention_days: int | None = None,
        clock: Clock | None = None,
        sleep: Callable[[float], None] = time.sleep,
        timeout_ms: int = TIMEOUT_MS,
        rows: int = ROWS,
    ) -> None:
        self._server = Server(place, sleep, timeout_ms)
        self._retention_days = retention_days
        self._index = SeriesIndex()
        self._reader = InfluxReader(self._server, rows)
        self._windows = InfluxWindows(self._server, self._reader, rows)
        self._writer = InfluxWriter(self._server, self._reader, self._index)
        self._latest = Latest(self._reader, clock or SystemClock())

    def ensure(self) -> None:
        """Make the bucket with its retention, or change its retention.

        Raises:
            StoreUnavailable: the server is away, or the token may not.
        """
        self._server.ensure_bucket((self._retention_days or 0) * _DAY_S)

    def write(self, batches: Sequence[Incoming]) -> list[Rejected]:
        """Store all; acknowledged by the server on return."""
        return self._writer.write(of_batches(self._index, batches))

    def latest(self, select: Select) -> list[Points]:
        """The newest value of each series."""
        return self._latest(select)

    def raw(self, select: Select, start: int, end: int, limit: int, cursor: str | None = None) -> Page:
        """Values in [start, end), oldest first."""
        check_page(start, end, limit)
        if cursor is not None:
            Cursor.decode(cursor)
        return self._reader.page(select, start, end, limit, cursor)

    def scan(self, select: Select, start: int, end: int) -> Iterator[Points]:
        """Each series whole."""
        check_range(start, end)
        return self._reader.scan(select, start, end)

    def windows(
        self, select: Select, start: int, end: int, every: Every, aggregates: Sequence[str], zone: str
    ) -> list[Windows]:
        """Aggregates of valid values per window."""
        check_range(start, end)
        check_every(every)
        zone_of(zone)
        return self._windows(select, start, end, every, parse(aggregates), zone)

    def maintain(self, now: int) -> None:
        """The server keeps itself up."""

    def health(self) -> StoreHealth:
        """Whether the server answers."""
        detail = self._server.ready()
        return StoreHealth(ok=not detail, detail=detail)

    def close(self) -> None:
        """Let go of connections."""
        self._server.close()
