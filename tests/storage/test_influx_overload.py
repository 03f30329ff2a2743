"""An InfluxDB that has more to do than it can: tried again, then told, nothing lost."""

from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Self

import pytest

from hub.errors import StoreUnavailable
from storage.influx import InfluxStore, place_of
from storage.series import Every
from tests.engines import InfluxDB
from tests.storage.builders import ALL, Reading, batch, everything, matrix, reading

T0 = 1_780_000_000_000
DAY = 86_400_000


@pytest.mark.parametrize(
    ("status", "retry_after", "least"),
    [(500, None, 0.1), (503, None, 0.1), (503, "2", 2.0), (429, "7", 7.0), (429, "99999", 10.0), (503, "soon", 0.1)],
)
def test_an_overloaded_server_is_tried_again_then_told(status: int, retry_after: str | None, least: float) -> None:
    """The server's own words for overload, said by a door in front of it that lets writes through again later."""
    waits: list[float] = []
    with Door(status, retry_after, refusals=3) as door:
        place = place_of(f"influxdb://127.0.0.1:{door.port}?org=o&bucket=b", "t")
        store = InfluxStore(place, sleep=waits.append)
        assert store.write([batch([reading(T0, 1.0)])]) == []
        assert len(waits) == 3
        assert waits == sorted(waits)
        assert waits[0] == least
        door.refusals = 1000
        with pytest.raises(StoreUnavailable, match="overloaded: engine: cache-max-memory-size exceeded"):
            store.write([batch([reading(T0, 1.0)])])
        assert len(door.bodies) == 1 + 3 + 5
        assert len(set(door.bodies)) == 1
        store.close()


def test_a_full_cache_pushes_back_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFLUXD_STORAGE_CACHE_MAX_MEMORY_SIZE", "200000")
    server = InfluxDB.launch()
    try:
        waits: list[float] = []
        store = InfluxStore(place_of(server.url, server.token), sleep=waits.append)
        acknowledged = acknowledge_until_full(store)
        assert waits
        monkeypatch.delenv("INFLUXD_STORAGE_CACHE_MAX_MEMORY_SIZE")
        server.restart()
        found = everything(store)
        assert found[: len(acknowledged)] == acknowledged
        again = thousand(len(acknowledged) // 1000)
        store.write([batch(again)])
        assert everything(store) == acknowledged + again
        store.close()
    finally:
        server.wipe()


def thousand(number: int) -> list[Reading]:
    return [reading(T0 + i, i / 8) for i in range(number * 1000, number * 1000 + 1000)]


def acknowledge_until_full(store: InfluxStore) -> list[Reading]:
    acknowledged: list[Reading] = []
    for number in range(1000):
        try:
            store.write([batch(thousand(number))])
        except StoreUnavailable as error:
            if "overloaded" in str(error):
                return acknowledged
            raise
        acknowledged += thousand(number)
    raise AssertionError("the server was never overloaded")


def test_a_full_query_queue_only_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFLUXD_QUERY_CONCURRENCY", "1")
    monkeypatch.setenv("INFLUXD_QUERY_QUEUE_SIZE", "1")
    server = InfluxDB.launch()
    try:
        waits: list[float] = []

        def wait(seconds: float) -> None:
            waits.append(seconds)
            Event().wait(seconds)

        store = InfluxStore(place_of(server.url, server.token), sleep=wait)
        store.write([matrix(("d/water/w1",), ("ph",), range(T0, T0 + 20_000_000, 1000))])
        with ThreadPoolExecutor(8) as pool:
            ask = [pool.submit(store.windows, ALL, T0, T0 + DAY, Every(1, "m"), ["p95"], "UTC") for _ in range(8)]
        answers = [future.result() for future in ask]
        assert waits
        assert len({tuple(answer[0].columns["p95"].tolist()) for answer in answers}) == 1
        store.close()
    finally:
        server.wipe()


class Door:
    """An HTTP server that answers writes as an overloaded InfluxDB, or what stands before one, `refusals` times, then 204."""

    def __init__(self, status: int, retry_after: str | None, refusals: int) -> None:
        self.status, self.retry_after = status, retry_after
        self.refusals = refusals
        self.bodies: list[bytes] = []

    def __enter__(self) -> Self:
        door = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                door.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                door.refusals -= 1
                refused = door.refusals >= 0
                text = (
                    b'{"code":"internal error","message":"engine: cache-max-memory-size exceeded"}' if refused else b""
                )
                self.send_response(door.status if refused else 204)
                if refused and door.retry_after is not None:
                    self.send_header("Retry-After", door.retry_after)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
