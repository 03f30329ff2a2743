"""The patrol's side of a notice: takes signed webhooks and says which it took; what a real receiver would do first."""

import base64
import hashlib
import hmac
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

_KEPT: Final = 1000
_HEADERS: Final = ("id", "timestamp", "signature")

PATROL_VARIABLE: Final = "HUB_PATROL_SECRET"  # a name, so that the secret shows in no process list


class PatrolReceiver:
    """Listens on a loopback port; `taken` are the ids of notices whose signature was right (Standard Webhooks), each once."""

    def __init__(self, port: int, secret: str) -> None:
        self._key = base64.b64decode(secret.removeprefix("whsec_"))
        self.taken: dict[str, bytes] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="patrol", daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, notice: str, moment: str, signatures: str, body: bytes) -> tuple[int, str]:
        """The HTTP status and words for one notice; a doubled one is accepted and not taken twice."""
        signed = hmac.new(self._key, f"{notice}.{moment}.".encode() + body, hashlib.sha256).digest()
        expected = "v1," + base64.b64encode(signed).decode()
        if not any(hmac.compare_digest(expected, one) for one in signatures.split()):
            return 401, "signature does not fit"
        while len(self.taken) >= _KEPT:
            self.taken.pop(next(iter(self.taken)))
        self.taken.setdefault(notice, body)
        return 200, "patrol has it"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                """One notice."""
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                notice, moment, signatures = (self.headers.get(f"webhook-{name}", "") for name in _HEADERS)
                status, answer = receiver.take(notice, moment, signatures, body)
                self.send_response(status)
                self.send_header("Content-Type", "text/plain; charset=utf-8")
                self.send_header("Content-Length", str(len(answer.encode())))
                self.end_headers()
                self.wfile.write(answer.encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has in the standard library
                """Say nothing: the hub keeps the record of what was delivered."""

        return Handler
