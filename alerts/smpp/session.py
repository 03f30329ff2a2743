"""One bound connection to a message centre, used by one thread at a time; bound again when it is gone."""

import itertools
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from alerts.channel import ChannelError
from alerts.smpp.pdu import (
    BIND_TRANSMITTER,
    ENQUIRE_LINK,
    GENERIC_NACK,
    HEADER,
    LONGEST,
    RESPONSE,
    STATUS,
    SUBMIT_SM,
    UNBIND,
    Pdu,
    bind_body,
    message_id,
)

IDLE_S: Final = 20.0
"""After so long a silence the link is asked for before it is trusted with a message."""

_BUSY: Final = {0x58: 5.0, 0x14: 30.0, 0x05: 10.0}
"""Throttled, queue full, bound already: seconds."""

_REFUSED: Final = frozenset(
    (0x01, 0x02, 0x03, 0x06, 0x07, 0x0A, 0x0B, 0x0E, 0x0F, 0x15, 0x43, 0x48, 0x49, 0x50, 0x51, 0x53, 0x61, 0x62)
)


@dataclass(frozen=True, slots=True)
class Login:
    """Where the message centre is and who we are there; `timeout` in seconds bounds every wait."""

    host: str
    port: int
    tls: bool
    system_id: str
    password: str = field(repr=False)
    system_type: str
    timeout: float


class Session:
    """Submits messages; many threads may ask, one is served at a time."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._numbers = itertools.cycle(range(1, 0x7FFFFFFF))
        self._heard = 0.0

    def submit(self, bodies: list[bytes]) -> tuple[str, str]:
        """Submit the pieces of one message; the centre's id of the first, and its words.

        Raises:
            ChannelError: it was not taken, or a part of it only (then it is unsure).
        """
        with self._held():
            self._ready()
            ids: list[str] = []
            for body in bodies:
                try:
                    reply = self._ask(SUBMIT_SM, body, unsure=True)
                    _judge(reply, f"piece {len(ids) + 1} of {len(bodies)}: " if len(bodies) > 1 else "")
                except ChannelError as error:
                    error.unsure = error.unsure or bool(ids)
                    raise
                ids.append(message_id(reply.body))
            return ids[0], "ESME_ROK" + (f" {len(ids)} pieces: {' '.join(ids)}" if len(ids) > 1 else "")

    def reach(self) -> None:
        """Bind, and ask whether the link is there.

        Raises:
            ChannelError: the centre does not answer, or refuses.
        """
        with self._held():
            self._ready()
            _judge(self._ask(ENQUIRE_LINK, b"", unsure=False))

    def close(self) -> None:
        """Say good-bye, when nobody is speaking."""
        if self._lock.acquire(timeout=0.2):
            try:
                if self._socket is not None:
                    with suppress(OSError):
                        self._send(Pdu(UNBIND, 0, next(self._numbers)))
                self._drop()
            finally:
                self._lock.release()

    @contextmanager
    def _held(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=self._login.timeout):
            raise ChannelError("the line to the message centre is in use", permanent=False)
        try:
            yield
        finally:
            self._lock.release()

    def _ready(self) -> None:
        """A bound connection that answers."""
        if self._socket is not None and time.monotonic() - self._heard > IDLE_S:
            with suppress(ChannelError):
                self._ask(ENQUIRE_LINK, b"", unsure=False)
        if self._socket is None:
            self._connect()

    def _connect(self) -> None:
        login = self._login
        try:
            connection = socket.create_connection((login.host, login.port), login.timeout)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if login.tls:
                connection = ssl.create_default_context().wrap_socket(connection, server_hostname=login.host)
        except OSError as error:
            raise ChannelError(f"no connection: {error}", permanent=False) from error
        self._socket = connection
        reply = self._ask(BIND_TRANSMITTER, bind_body(login.system_id, login.password, login.system_type), unsure=False)
        try:
            _judge(reply, "bind: ")
        except ChannelError:
            self._drop()
            raise

    def _ask(self, command: int, body: bytes, *, unsure: bool) -> Pdu:
        """Send, and read until the answer to it comes; what the centre asks meanwhile is answered.

        Raises:
            ChannelError: no answer; `unsure` says whether the request may have been taken all the same.
        """
        number = next(self._numbers)
        deadline = time.monotonic() + self._login.timeout
        try:
            self._send(Pdu(command, 0, number, body))
            while True:
                pdu = self._read(deadline)
                if pdu.sequence == number and pdu.command in {command | RESPONSE, GENERIC_NACK}:
                    self._heard = time.monotonic()
                    return pdu
                if pdu.command == ENQUIRE_LINK:
                    self._send(Pdu(ENQUIRE_LINK | RESPONSE, 0, pdu.sequence))
                elif pdu.command == UNBIND:
                    self._send(Pdu(UNBIND | RESPONSE, 0, pdu.sequence))
                    raise ConnectionError("the message centre unbinds")
        except (OSError, ValueError) as error:
            self._drop()
            words = f"no answer within {self._login.timeout:g} s" if isinstance(error, TimeoutError) else str(error)
            raise ChannelError(f"{type(error).__name__}: {words}", permanent=False, unsure=unsure) from error

    def _send(self, pdu: Pdu) -> None:
        if self._socket is None:
            raise ConnectionError("not connected")
        self._socket.settimeout(self._login.timeout)
        self._socket.sendall(pdu.encode())

    def _read(self, deadline: float) -> Pdu:
        head = self._exactly(4, deadline)
        length = int.from_bytes(head, "big")
        if not HEADER.size <= length <= LONGEST:
            raise ValueError(f"not SMPP: {head.hex()}")
        return Pdu.decode(head + self._exactly(length - 4, deadline))

    def _exactly(self, count: int, deadline: float) -> bytes:
        got = b""
        while len(got) < count:
            left = deadline - time.monotonic()
            if left <= 0 or self._socket is None:
                raise TimeoutError
            self._socket.settimeout(left)
            if not (more := self._socket.recv(count - len(got))):
                raise ConnectionError("the message centre hung up")
            got += more
        return got

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _judge(pdu: Pdu, where: str = "") -> None:
    if not pdu.status and pdu.command != GENERIC_NACK:
        return
    code = pdu.status
    words = f"{where}{STATUS.get(code, f'0x{code:08X}')}" + (" (generic_nack)" if pdu.command == GENERIC_NACK else "")
    number = code if code < 1 << 31 else None
    wait = _BUSY.get(code, 0.0)
    raise ChannelError(
        words, permanent=code in _REFUSED, code=number, wait=wait, busy="receiver" if code in _BUSY else ""
    )
