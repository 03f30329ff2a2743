"""The seam to influxdb-client: sends and asks, and says what the server's answers mean for us.

| answer to a write | stored | here |
|---|---|---|
| 204 | all | done |
| 400 unable to parse | nothing | `BadLines` with the lines named |
| 422 partial write | the rest | `Dropped` with the server's words |
| 429, 5xx | unknown | again, a few times, each wait longer or as long as `Retry-After` asks; then StoreUnavailable |
| any other, refused or broken connection | unknown | StoreUnavailable at once |
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.domain.bucket_retention_rules import BucketRetentionRules
from influxdb_client.domain.dialect import Dialect
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from hub.errors import StoreError, StoreUnavailable
from storage.influx.flux import instant

Answer = TypeVar("Answer")

# influxdb-client is typed in parts only; what it gives is checked where it is used.
_Dialect: Final[Any] = Dialect
_Rules: Final[Any] = BucketRetentionRules

_BACKOFF: Final = (0.1, 0.3, 1.0, 2.0)
_LONGEST_WAIT: Final = 10.0
TIMEOUT_MS: Final = 30_000
_UNPARSABLE: Final = re.compile(rb"unable to parse '(.*?)': (.*)")
_QUEUE_FULL: Final = "queue length exceeded"


class BadLines(StoreError):
    """Nothing was stored: these lines (line to reason) cannot be parsed."""

    def __init__(self, lines: Mapping[bytes, str]) -> None:
        self.lines = lines
        super().__init__(f"{len(lines)} lines cannot be parsed")


class Dropped(StoreError):
    """The server stored a part and dropped the rest for good."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server is, and what of it is ours."""

    url: str
    org: str
    bucket: str
    token: str


class Server:
    """One bucket of one server; safe in any thread. `sleep` waits between tries of an overloaded server."""

    def __init__(self, place: Place, sleep: Callable[[float], None], timeout_ms: int = TIMEOUT_MS) -> None:
        self.place = place
        self._sleep = sleep
        self._client: Any = InfluxDBClient(place.url, token=place.token, org=place.org, timeout=timeout_ms)
        self._writing: Any = self._client.write_api(write_options=SYNCHRONOUS)
        self._querying = self._client.query_api()
        self._dialect: Any = _Dialect(header=True, annotations=[], delimiter=",")

    def send(self, lines: bytes) -> None:
        """Store lines (times in ms); durable on return.

        Raises:
            BadLines, Dropped, StoreUnavailable: see above.
        """

        def post() -> None:
            self._writing.write(self.place.bucket, self.place.org, lines, write_precision="ms")

        try:
            self._again(post)
        except ApiException as error:
            message = _message(error)
            bad = {line: reason.decode() for line, reason in _UNPARSABLE.findall(message.encode())}
            if error.status == 400 and bad:
                raise BadLines(bad) from error
            if error.status == 422:
                raise Dropped(message) from error
            raise StoreUnavailable(f"InfluxDB refuses writes: {error.status} {message}") from error

    def ask(self, flux: str) -> bytes:
        """The CSV answer to a query.

        Raises:
            StoreUnavailable: the server is away, overloaded, or refuses.
        """

        def post() -> bytes:
            answer: Any = self._querying.query_raw(flux, dialect=self._dialect)
            data: bytes = answer.read()
            return data

        try:
            return self._again(post)
        except ApiException as error:
            raise StoreUnavailable(f"InfluxDB refuses a query: {error.status} {_message(error)}") from error

    def delete(self, station: str, property_: str, kind: str, first: int, last: int) -> None:
        """Delete the points of one series from `first` to `last`, both included.

        Raises:
            StoreUnavailable: it could not be done.
        """
        predicate = f'_measurement="{kind}" AND station="{station}" AND metric="{property_}"'
        begin, end = instant(first), instant(last)  # the stop of a delete is inclusive
        place = self.place
        try:
            self._again(lambda: self._client.delete_api().delete(begin, end, predicate, place.bucket, place.org))
        except ApiException as error:
            raise StoreUnavailable(f"InfluxDB refuses a delete: {error.status} {_message(error)}") from error

    def ensure_bucket(self, retention_s: int) -> None:
        """Make the bucket, or give it this retention (0: for ever).

        Raises:
            StoreUnavailable: the server is away, or the token may not.
        """
        try:
            self._again(lambda: self._ensure_bucket(retention_s))
        except ApiException as error:
            raise StoreUnavailable(f"InfluxDB refuses the bucket: {error.status} {_message(error)}") from error

    def _ensure_bucket(self, retention_s: int) -> None:
        buckets: Any = self._client.buckets_api()
        rules: Any = _Rules(type="expire", every_seconds=retention_s)
        found: Any = buckets.find_bucket_by_name(self.place.bucket)
        if found is None:
            buckets.create_bucket(bucket_name=self.place.bucket, org=self.place.org, retention_rules=rules)
        elif sum(rule.every_seconds for rule in found.retention_rules or []) != retention_s:
            found.retention_rules = [rules]
            buckets.update_bucket(found)

    def ready(self) -> str:
        """'' when the server answers, else why not."""
        try:
            return "" if self._client.ping() else "InfluxDB does not answer"
        except (HTTPError, ApiException, OSError) as error:
            return f"InfluxDB does not answer: {error}"

    def close(self) -> None:
        """Let go of connections."""
        self._writing.close()
        self._client.close()

    def _again(self, action: Callable[[], Answer]) -> Answer:
        """Do it; again while the server is overloaded."""
        for wait in (*_BACKOFF, None):
            try:
                return action()
            except ApiException as error:
                if not _overloaded(error):
                    raise
                if wait is None:
                    raise StoreUnavailable(f"InfluxDB is overloaded: {_message(error)}") from error
                self._sleep(max(wait, _retry_after(error)))
            except (HTTPError, OSError) as error:
                raise StoreUnavailable(f"InfluxDB at {self.place.url} is away: {error}") from error
        raise AssertionError("unreachable: the last try returns or raises")


def _overloaded(error: ApiException) -> bool:
    return error.status == 429 or (error.status or 0) >= 500 or _QUEUE_FULL in _message(error)


def _retry_after(error: ApiException) -> float:
    """How many seconds the server, or a door in front of it, asks us to wait; a date or nothing counts as no wish."""
    headers: Any = error.headers or {}
    text = str(headers.get("Retry-After", ""))
    return min(float(text), _LONGEST_WAIT) if text.isdecimal() else 0.0


def _message(error: ApiException) -> str:
    body = error.body.decode(errors="replace") if isinstance(error.body, bytes) else str(error.body)
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return body
