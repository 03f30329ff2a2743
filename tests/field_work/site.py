"""A hub that a real browser opens, whose server can be taken away and come back as signal does."""

import asyncio
import socket
import threading
from typing import Self

from api.server import serve
from tests.api.hub import Hub


class Site:
    """The hub's application behind a port of its own."""

    def __init__(self, hub: Hub) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.http = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._stop = threading.Event()
        serving = serve(hub.app, self._listener, self._stop)
        self._thread = threading.Thread(target=asyncio.run, args=(serving,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._listener.close()
