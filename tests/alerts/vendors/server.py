"""A vendor's HTTP side on a real socket: it answers as the vendor does, or as the script of a test says."""

import base64
import hashlib
import hmac
import json
import threading
from collections import defaultdict
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

NOW: Final = 1_767_225_601_500
"""What time it is for vendors and for the notices they are sent: 2026-01-01T08:00:01.5+08:00."""


@dataclass(frozen=True, slots=True)
class Request:
    """One call that came."""

    method: str
    path: str
    query: dict[str, str]
    raw_query: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        """The body read as a form."""
        return {name: values[0] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}

    def dump(self) -> str:
        """All of it, secrets too, as a careless vendor would say it back."""
        return f"{self.method} {self.path}?{self.raw_query} {self.headers} {self.body.decode(errors='replace')}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said back."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


def says(said: Any, status: int = 200) -> Answer:
    """An answer in JSON."""
    return Answer(status, json.dumps(said, ensure_ascii=False).encode())


def hmac64(key: str, said: str) -> str:
    """HMAC-SHA256 in base64, the vendor's own way."""
    return base64.b64encode(hmac.new(key.encode(), said.encode(), hashlib.sha256).digest()).decode()


class VendorServer:
    """Listens on a free port. `script` holds, by part of the path, what is done instead of answering: a mood, a status, an answer in JSON."""

    def __init__(self) -> None:
        vendor = self
        self.requests: list[Request] = []
        self.texts: list[str] = []
        self.script: dict[str, list[Any]] = defaultdict(list)
        self.released = threading.Event()
        self.lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                vendor.handle(self)

            do_GET = do_PUT = do_POST  # noqa: N815 - the names are the library's

            def log_message(self, *_said: object) -> None:
                """Quiet."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A caller that hangs up is part of the game."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def base(self) -> str:
        """Where its interface is."""
        return f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, request: Request) -> Answer:
        """What the vendor answers."""
        raise NotImplementedError

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        """Read a call, and answer it, or do as the script says."""
        parts = urlsplit(handler.path)
        body = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        headers = {name.lower(): value for name, value in handler.headers.items()}
        request = Request(handler.command, parts.path, query, parts.query, headers, body)
        with self.lock:
            self.requests.append(request)
            scripted = next((steps.pop(0) for part, steps in self.script.items() if part in parts.path and steps), None)
            answer = self.answer(request) if scripted is None else scripted
        if isinstance(answer, dict):
            answer = says(answer)
        elif isinstance(answer, int):
            answer = Answer(answer, b"no answer of the vendor's own")
        elif isinstance(answer, str):
            answer = self.behave(answer, handler, request)
        if answer is not None:
            self.reply(handler, answer, len(answer.body))

    def behave(self, mood: str, handler: BaseHTTPRequestHandler, request: Request) -> Answer | None:
        """Hang, hang up, talk nonsense, stop in the middle, or say everything back."""
        handler.close_connection = True
        if mood == "hang":
            self.released.wait(30)
        elif mood == "garbage":
            handler.wfile.write(b"\x00\xff\xfenonsense\r\n\r\n")
        elif mood == "half":
            whole = self.answer(request).body
            self.reply(handler, Answer(200, whole[: len(whole) // 2]), len(whole))
        elif mood == "page":
            return Answer(200, b"<!doctype html><title>Log in to the network</title>")
        elif mood == "echo":
            return Answer(400, request.dump().encode())
        else:
            assert mood == "hang_up", mood
        return None

    @staticmethod
    def reply(handler: BaseHTTPRequestHandler, answer: Answer, length: int) -> None:
        """Send an answer that claims this length."""
        handler.send_response(answer.status)
        for name, value in answer.headers:
            handler.send_header(name, value)
        handler.send_header("content-type", "application/json; charset=utf-8")
        handler.send_header("content-length", str(length))
        handler.end_headers()
        handler.wfile.write(answer.body)

    def close(self) -> None:
        """Stop."""
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
