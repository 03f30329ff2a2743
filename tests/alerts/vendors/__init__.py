"""Receivers that answer as real ones do, on real sockets: take, refuse, hang, lie."""

import base64
import hashlib
import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

SECRET_BYTES = b"a secret of a receiver, 32 bytes"
SECRET = "whsec_" + base64.b64encode(SECRET_BYTES).decode()

Answer = int | Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True, slots=True)
class Call:
    """One POST that came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> Any:
        """The CloudEvent."""
        return msgspec.json.decode(self.body)

    def signed(self, secret: bytes = SECRET_BYTES) -> bool:
        """Whether the signature fits, computed the receiver's own way."""
        said = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        digest = hmac.new(secret, said, hashlib.sha256).digest()
        return self.headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()


@dataclass
class Vendor:
    """An HTTP server; `answers` are given one per call, then `usual`."""

    usual: Answer = 204
    answers: list[Answer] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    def __post_init__(self) -> None:
        vendor = self
        self.accepted = self.open = 0
        self.released = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                body = self.rfile.read(length)
                if len(body) < length:
                    # The caller was killed in the middle of its request: no receiver would take half of one.
                    self.close_connection = True
                    return
                headers = {name.lower(): value for name, value in self.headers.items()}
                vendor.calls.append(Call(self.path, headers, body))
                answer = vendor.answers.pop(0) if vendor.answers else vendor.usual
                if callable(answer):
                    answer(self)
                    return
                words = b"" if answer == 204 else f"answer {answer}".encode()
                self.send_response(answer)
                self.send_header("content-length", str(len(words)))
                self.end_headers()
                self.wfile.write(words)

            def log_message(self, *_said: object) -> None:
                """Quiet."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def process_request_thread(self, request: Any, client_address: Any) -> None:
                vendor.accepted += 1
                vendor.open += 1
                super().process_request_thread(request, client_address)
                vendor.open -= 1

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A caller that hangs up is part of the game."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where to POST, with a secret in the query as some receivers have it."""
        return f"http://127.0.0.1:{self.server.server_port}/hook?token=hidden"

    def hang(self, handler: BaseHTTPRequestHandler) -> None:
        """Never answer."""
        self.released.wait(30)
        handler.close_connection = True

    @staticmethod
    def garbage(handler: BaseHTTPRequestHandler) -> None:
        """Answer something that is no HTTP."""
        handler.wfile.write(b"\x00\xff\xfenonsense\r\n\r\n")
        handler.close_connection = True

    @staticmethod
    def hang_up(handler: BaseHTTPRequestHandler) -> None:
        """Close without a word."""
        handler.close_connection = True

    @staticmethod
    def farewell(handler: BaseHTTPRequestHandler) -> None:
        """Say 204, then close without having announced it."""
        handler.send_response(204)
        handler.end_headers()
        handler.close_connection = True

    @staticmethod
    def endless(handler: BaseHTTPRequestHandler) -> None:
        """Say 200 and never stop talking."""
        handler.send_response(200)
        handler.send_header("content-length", str(1 << 40))
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65536)

    @staticmethod
    def busy(handler: BaseHTTPRequestHandler) -> None:
        """429 with a wish."""
        handler.send_response(429)
        handler.send_header("retry-after", "7")
        handler.send_header("content-length", "0")
        handler.end_headers()

    def types(self) -> list[str]:
        """The types of the events that came, in order."""
        return [call.event["type"] for call in self.calls]

    def close(self) -> None:
        """Stop."""
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
