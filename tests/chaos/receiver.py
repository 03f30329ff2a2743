"""A webhook receiver as receivers are: mostly well, now and then failing, slow, or not there."""

import json
import random
import threading
from collections import Counter
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from tests.engines import free_port

_HANGS: Final = 2.5
"""Seconds an answer may hang; longer than the hub's patience in these tests."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice as it came: its type, the alert it tells of, the target of its incident as `department/kind/device/property`."""

    type: str
    alert: str | None
    target: str


class Receiver:
    """An HTTP server of our own. `taken` counts the notices it kept, by webhook-id; a failed one was not kept, one whose answer hung was."""

    def __init__(self, chance: random.Random, fails: float = 0.05, hangs: float = 0.01) -> None:
        self.port = free_port()
        self.taken: Counter[str] = Counter()
        self.notices: dict[str, Notice] = {}
        self.refused = 0
        self.hung = 0
        self._chance, self._fails, self._hangs = chance, fails, hangs
        self._lock = threading.Lock()
        self._away = threading.Event()
        self._ended = threading.Event()
        self._server: ThreadingHTTPServer | None = None
        self.open()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/notices"

    def open(self) -> None:
        """Be there."""
        self._away.clear()
        self._server = _Server(("127.0.0.1", self.port), _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="receiver", daemon=True).start()

    def close(self) -> None:
        """Be away: connections are refused, and those that are open are cut."""
        self._away.set()
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    def end(self) -> None:
        """Be away for good, and let go of what hangs."""
        self._ended.set()
        self.close()

    def take(self, key: str, body: dict[str, Any]) -> int | None:
        """Keep a notice, or fail; the HTTP status to answer, None to cut the connection."""
        with self._lock:
            if self._away.is_set():
                return None
            mood = self._chance.random()
            if mood < self._fails:
                self.refused += 1
                return 500
            alert, target = body["data"]["alert"], body["data"]["incident"]["target"]
            words = "/".join(target[word] for word in ("department", "kind", "device", "property"))
            self.notices[key] = Notice(body["type"], alert and alert["id"], words)
            self.taken[key] += 1
            hangs = mood > 1 - self._hangs
            self.hung += hangs
        if hangs:
            self._ended.wait(_HANGS)
        return 200


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A hub that is killed leaves half a request; that is no news here."""


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            status = receiver.take(self.headers["webhook-id"], json.loads(raw))
            if status is None:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name http.server gives
            """Nothing: what came is counted."""

    return Handler
