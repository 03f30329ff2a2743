"""Calling over HTTP from many threads: connections are kept per thread, the answer is read only as far as it matters."""

import http.client
import select
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult

from alerts.channel import ChannelError

_ANSWER_BYTES: Final = 4096

Address = tuple[str, str, int | None]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the status, the beginning of the body, and the Retry-After header as it came."""

    status: int
    answer: str
    retry_after: str


class Caller:
    """Calls as the settings say and no other way: no proxy out of the environment, no redirect followed."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._context: ssl.SSLContext | None = None
        self._own = threading.local()
        self._all: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()

    def post(self, url: SplitResult, body: bytes, headers: dict[str, str]) -> Reply:
        """POST once.

        Raises:
            ChannelError: no connection (surely not delivered), or no answer that is HTTP (nobody knows).
        """
        return self.call("POST", url, body, headers)

    def call(self, method: str, url: SplitResult, body: bytes | None, headers: dict[str, str]) -> Reply:
        """Call once with this method.

        Raises:
            ChannelError: as for `post`.
        """
        connection = self._connected(url)
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            reply = Reply(response.status, self._beginning(response), response.headers.get("retry-after", ""))
        except (http.client.HTTPException, OSError) as error:
            # The request was on its way: the receiver may have taken it.
            connection.close()
            words = f"no answer within {self._timeout:g} s" if isinstance(error, TimeoutError) else str(error)
            raise ChannelError(f"{type(error).__name__}: {words}", permanent=False, unsure=True) from error
        if not response.isclosed():
            connection.close()
        return reply

    def reach(self, url: SplitResult) -> None:
        """Connect, and say nothing.

        Raises:
            ChannelError: no connection.
        """
        self._connected(url)

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for connection in self._all:
                connection.close()
            self._all.clear()

    def _connected(self, url: SplitResult) -> http.client.HTTPConnection:
        """This thread's connection to that server, fresh when the server has closed it."""
        kept: dict[Address, http.client.HTTPConnection] = self._own.__dict__.setdefault("kept", {})
        address = (url.scheme, url.hostname or "", url.port)
        connection = kept.get(address)
        if connection is None:
            connection = kept[address] = self._new(*address)
        if connection.sock is not None and select.select([connection.sock], [], [], 0)[0]:
            connection.close()  # something to read before we asked: the end, or nonsense
        if connection.sock is None:
            try:
                connection.connect()
            except OSError as error:
                connection.close()
                raise ChannelError(f"no connection: {error}", permanent=False) from error
        return connection

    def _new(self, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
        if scheme == "https":
            if self._context is None:  # reading the authorities takes a while, and many hubs call nobody by TLS
                self._context = ssl.create_default_context()
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, port, timeout=self._timeout, context=self._context
            )
        else:
            connection = http.client.HTTPConnection(host, port, timeout=self._timeout)
        with self._lock:
            self._all.append(connection)
        return connection

    def _beginning(self, response: http.client.HTTPResponse) -> str:
        """The beginning of the body; a receiver that never ends it cannot hold us, for the status is known."""
        got = b""
        deadline = time.monotonic() + self._timeout
        with suppress(http.client.HTTPException, OSError):
            while len(got) < _ANSWER_BYTES and time.monotonic() < deadline and (more := response.read1(_ANSWER_BYTES)):
                got += more
            if response.length == 0:
                response.read()  # nothing is left; only now does the response let go of the connection
        return got[:_ANSWER_BYTES].decode(errors="replace").replace("\x00", "").strip()
