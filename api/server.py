"""The HTTP server: uvicorn in this process, able to cut a connection that does not read, ended within seconds."""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.live.stream import ABORT, GIVE
from hub.errors import ConfigError, Fault

GRACE_S: Final = 2
"""How long requests at work may take to end once the hub stops."""

_BACKLOG: Final = 1024


class Protocol(H11Protocol):
    """HTTP/1.1 that lets the application cut its connection, and pass pieces of a long answer straight to it."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        inner: ASGIApp = self.app

        async def with_abort(scope: Scope, receive: Receive, send: Send) -> None:
            scope[ABORT] = self.transport.abort
            if scope.get("http_version") == "1.1" and scope.get("method") == "GET":
                scope[GIVE] = self._give
            await inner(scope, receive, send)

        self.app = with_abort

    def _give(self, piece: bytes) -> bool:
        """Write one chunk (RFC 9112, section 7.1) of an answer without length that has begun; False when it must wait its turn."""
        if self.flow.write_paused or self.cycle is None or self.cycle.disconnected or self.transport.is_closing():
            return False
        self.transport.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        return True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn says Transport too
        """Send at once: asyncio leaves Nagle's algorithm on where the listener was made without naming TCP, and then the
        end of a small answer waits for the client's delayed acknowledgement, some 40 ms.
        """
        with contextlib.suppress(OSError):
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)


def listening(address: str) -> socket.socket:
    """A socket that listens on `HOST:PORT`; IPv6 hosts stand in brackets.

    Raises:
        ConfigError: the address cannot be listened on.
    """
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, _port(port)), family=family, backlog=_BACKLOG)
    except (OSError, ValueError) as error:
        message = f"{address!r}: cannot be listened on: {error}"
        raise ConfigError([Fault("hub.toml", 0, "serve.listen", message)]) from error


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65_535:
        raise ValueError(f"port {number} is not 0 to 65535")
    return number


async def serve(app: FastAPI, listener: socket.socket, stop: threading.Event) -> None:
    """Answer until `stop` is set; then end every live stream, let requests finish, and return."""
    config = uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=GRACE_S,
        h11_max_incomplete_event_size=65_536,
    )
    server = _Server(config)

    def end() -> None:
        app.state.live.fanout.close()
        server.should_exit = True

    loop = asyncio.get_running_loop()
    if threading.current_thread() is threading.main_thread():
        # Through the loop, so that a signal wakes it even when another thread was running.
        loop.add_signal_handler(signal.SIGTERM, stop.set)
    threading.Thread(target=_pass_on, args=(stop, loop, end), name="stop", daemon=True).start()
    await server.serve([listener])


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs us."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _pass_on(stop: threading.Event, loop: asyncio.AbstractEventLoop, end: Callable[[], None]) -> None:
    stop.wait()
    with contextlib.suppress(RuntimeError):  # the loop has ended already
        loop.call_soon_threadsafe(end)
