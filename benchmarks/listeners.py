"""Those who are told: a client of `/v1/events` and a webhook's receiver, both noting when each alert came."""

import base64
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, NamedTuple

import httpx
import msgspec

SECRET: Final = "whsec_" + base64.b64encode(b"the secret of the bench").decode()
"""The signing secret of the bench's webhook."""


class Heard(NamedTuple):
    """An alert as it is told: the device and the event time (epoch ms) at which its breach began."""

    device: str
    breach_start: int


class Arrivals:
    """When each fired alert was first heard of, epoch seconds."""

    def __init__(self) -> None:
        self.first: dict[Heard, float] = {}

    def note(self, alert: dict[str, Any], at: float) -> None:
        """Keep the first time of an alert that has fired."""
        if alert.get("fired") is not None:
            start = datetime.fromisoformat(alert["breach_start"]).timestamp()
            self.first.setdefault(Heard(alert["target"]["device"], round(start * 1000)), at)


@contextmanager
def webhook() -> Iterator[tuple[str, Arrivals]]:
    """A receiver on a free port, which takes everything; its address and what it heard."""
    arrivals = Arrivals()

    class Receiver(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            at = time.time()
            event = msgspec.json.decode(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(204)
            self.end_headers()
            if event["data"].get("alert"):
                arrivals.note(event["data"]["alert"], at)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.daemon_threads = True
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/alerts", arrivals
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def event_stream(client: httpx.Client) -> Iterator[Arrivals]:
    """A listener at `/v1/events`, as a browser is one, until the block ends."""
    arrivals = Arrivals()
    # A heartbeat comes every ten seconds; a stream that is silent for longer is broken.
    with client.stream("GET", "/v1/events", timeout=httpx.Timeout(10, read=30)) as answer:
        answer.raise_for_status()
        reading = threading.Thread(target=_read, args=(answer, arrivals), daemon=True)
        reading.start()
        try:
            yield arrivals
        finally:
            client.close()
            reading.join(5)


def _read(answer: httpx.Response, arrivals: Arrivals) -> None:
    type_ = ""
    # The connection is closed under us when the listener has heard enough.
    with suppress(httpx.HTTPError, httpx.StreamError, OSError, ValueError):
        for line in answer.iter_lines():
            at = time.time()
            name, _, rest = line.partition(": ")
            if name == "event":
                type_ = rest
            elif name == "data" and type_ == "alert":
                arrivals.note(msgspec.json.decode(rest), at)
