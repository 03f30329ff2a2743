"""The HTTP server on a real socket: its answers leave at once."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI, Request

from api.live.stream import ABORT
from api.server import listening, serve


@contextmanager
def serving(app: FastAPI, host: str) -> Iterator[str]:
    """The address of the application while it is served."""
    listener = listening(f"{host}:0")
    stop = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(serve(app, listener, stop)), daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{listener.getsockname()[1]}"
    finally:
        stop.set()
        thread.join(20)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_no_answer_waits_for_the_acknowledgement_of_its_beginning(host: str) -> None:
    """Head and body are sent one after the other: with Nagle's algorithm the body of each would come some 40 ms late."""
    if host == "[::1]" and not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    app = FastAPI()
    app.state.live = SimpleNamespace(fanout=SimpleNamespace(close=lambda: None))

    @app.get("/")
    def at_once(request: Request) -> dict[str, int]:
        own = request.scope[ABORT].__self__.get_extra_info("socket")
        return {"nodelay": own.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)}

    with serving(app, host) as address, httpx.Client(trust_env=False) as client:
        assert client.get(address).json()["nodelay"] == 1
