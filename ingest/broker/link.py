"""One socket: bytes in to packets, packets out in few writes, slow readers noticed."""

import asyncio
from typing import Protocol

from ingest.broker.access import Access
from ingest.broker.connection import Connection, Refused
from ingest.broker.exchange import Exchange
from ingest.broker.packets import Connect
from ingest.broker.reasons import Reason
from ingest.broker.stream import PacketStream


class House(Protocol):
    """What a link needs of the broker it belongs to."""

    exchange: Exchange
    access: Access
    refused: Refused

    def now(self) -> int:
        """Epoch milliseconds."""
        ...

    def new_id(self) -> str:
        """A client id for a client that has none."""
        ...

    def verify(self, link: "ClientLink", connect: Connect) -> None:
        """Check the credentials and call `link.verified`."""
        ...

    def arrived(self, link: "ClientLink") -> bool:
        """A connection was made; whether there is room for it."""
        ...

    def left(self, link: "ClientLink") -> None:
        """A connection is gone."""
        ...

    def unsent(self, link: "ClientLink") -> None:
        """The link has bytes to write at the end of this turn."""
        ...


class ClientLink(asyncio.Protocol):
    """The asyncio side of one client."""

    def __init__(self, house: House) -> None:
        self.unsettled = 0
        self.last_heard = 0.0
        self.slow = False
        self.holding = False
        self._house = house
        self._loop = asyncio.get_running_loop()
        limits = house.exchange.limits
        self._limits = limits
        self._stream = PacketStream(max_packet=limits.max_packet)
        self._out: list[bytes] = []
        self._out_bytes = 0
        self._transport: asyncio.Transport | None = None
        self._closing = False
        self.connection = Connection(house.exchange, house.access, self, house.refused, house.new_id)

    # -- asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError(f"a stream transport is needed, not {transport!r}")
        self._transport = transport
        transport.set_write_buffer_limits(high=self._limits.write_buffer)
        self.last_heard = self._loop.time()
        if not self._house.arrived(self):
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Bytes came, cut anywhere."""
        self.last_heard = self._loop.time()
        packets = self._stream.feed(data)
        if packets or self._stream.error:
            self.connection.take(packets, self._stream.error, self._house.now())
            self._house.unsent(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone, whoever closed it."""
        self._closing = True
        self.connection.lost(self._house.now())
        self._house.left(self)

    def pause_writing(self) -> None:
        """The client does not read."""
        self.slow = True

    def resume_writing(self) -> None:
        """The client reads again."""
        self.slow = False
        if self.connection.session is not None and not self.connection.closed:
            self._house.exchange.wake(self.connection.session)
            self._house.unsent(self)

    # -- for the connection and the exchange

    def send(self, data: bytes) -> None:
        """Queue bytes for the end of this turn of the loop."""
        if not self._closing:
            self._out.append(data)
            self._out_bytes += len(data)
            if len(self._out) == 1:
                self._house.unsent(self)

    def settle(self, data: bytes) -> None:
        """Send an acknowledgement whose batch is on disk."""
        self.unsettled -= 1
        self.send(data)

    def room(self) -> int:
        """Bytes that may be queued now; 0 until a slow client reads again."""
        return 0 if self.slow else max(1, self._limits.write_buffer - self._out_bytes)

    def cut(self, reason: Reason) -> None:
        """Disconnect for `reason`."""
        self.connection.end(reason, self._house.now())

    def close(self) -> None:
        """Close once what was sent is written; a client that does not read is not waited for."""
        if not self._closing:
            self.write()
            self._closing = True
            if self._transport is not None:
                if self.slow:
                    self._transport.abort()
                else:
                    self._transport.close()
                    self._loop.call_later(self._limits.connect_timeout, self._transport.abort)

    def hold(self, on: bool) -> None:
        """Leave the client's bytes in its socket."""
        if on != self.holding and self._transport is not None and not self._closing:
            self.holding = on
            if on:
                self._transport.pause_reading()
            else:
                self.last_heard = self._loop.time()
                self._transport.resume_reading()

    def verify(self, connect: Connect) -> None:
        """Have the credentials checked while nothing more is read."""
        self.hold(True)
        self._house.verify(self, connect)

    def verified(self, known: bool) -> None:
        """The answer of `Access.authenticate`."""
        self.hold(False)
        self.connection.verified(known, self._house.now())
        self._house.unsent(self)

    # -- for the broker

    def write(self) -> None:
        """Give everything queued to the socket in one piece."""
        if self._out and self._transport is not None and not self._closing:
            data = self._out[0] if len(self._out) == 1 else b"".join(self._out)
            self._out = []
            self._out_bytes = 0
            self._transport.write(data)

    def check_silence(self, now: float) -> None:
        """End a client that was silent for too long; `now` in the loop's seconds."""
        connection = self.connection
        if self.holding or self._closing:
            return
        silent = now - self.last_heard
        if connection.session is None:
            if silent > self._limits.connect_timeout:
                connection.lost(self._house.now())
        elif connection.keep_alive and silent > connection.keep_alive:
            self._house.exchange.counters.keep_alive_timeouts += 1
            connection.end(Reason.KEEP_ALIVE_TIMEOUT, self._house.now())
