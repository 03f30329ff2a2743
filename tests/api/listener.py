"""A real server for tests, and a listener of its live events that speaks nothing but HTTP/1.1."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self

import httpx
import msgspec
from fastapi import FastAPI

from api.server import listening, serve
from tests.engines.waiting import wait_until

DEADLINE = 20.0


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application on a real port; its address. Ends as a hub ends, and fails where that takes more than 3 s."""
    stop, listener = threading.Event(), listening("127.0.0.1:0")
    port = listener.getsockname()[1]
    thread = threading.Thread(target=lambda: asyncio.run(serve(app, listener, stop)), daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{port}"
    wait_until(lambda: _answers(address))
    try:
        yield address
    finally:
        stop.set()
        thread.join(3)
        assert not thread.is_alive()


def _answers(address: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"{address}/v1/health/live").status_code == 200
    return False


@dataclass(frozen=True)
class Heard:
    """One event."""

    type: str
    id: int | None
    data: Any


@dataclass
class Listener:
    """Listens on a thread until left; `heard` grows."""

    address: str
    token: str
    last: int | None = None
    query: str = ""
    heard: list[Heard] = field(default_factory=list)
    comments: int = 0
    ended: bool = False
    whole: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    _client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=DEADLINE))

    def __enter__(self) -> Self:
        self._opened = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()
        assert self._opened.wait(DEADLINE)
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # it may have ended by itself
            self._socket.shutdown(socket.SHUT_RDWR)
        wait_until(lambda: self.ended)
        self._client.close()

    def of(self, *types: str) -> list[Heard]:
        """The events of these types so far."""
        return [one for one in self.heard if one.type in types]

    def _run(self) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        if self.last is not None:
            headers["Last-Event-ID"] = str(self.last)
        with (
            suppress(httpx.TransportError),
            self._client.stream("GET", f"{self.address}/v1/events{self.query}", headers=headers) as answer,
        ):
            assert answer.status_code == 200, answer.read()
            self.headers = dict(answer.headers)
            self._socket: socket.socket = answer.extensions["network_stream"].get_extra_info("socket")
            self._opened.set()
            self._read(answer.iter_lines())
            self.whole = True
        self.ended = True

    def _read(self, lines: Iterator[str]) -> None:
        block: dict[str, str] = {}
        for line in lines:
            if line.startswith(":"):
                self.comments += 1
            elif line:
                name, _, value = line.partition(": ")
                block[name] = value
            elif "data" in block:
                number = int(block["id"]) if "id" in block else None
                self.heard.append(Heard(block["event"], number, msgspec.json.decode(block["data"])))
                block = {}
