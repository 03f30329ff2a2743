"""Connections of devices, as cheap as can be: bytes made beforehand go out, answers are matched with what they answer."""

import asyncio
from time import perf_counter
from typing import cast

from benchmarks.field.devices import Upload
from simulators.field.jt808_wire import Wire


class Call(asyncio.Protocol):
    """One connection; `answered` holds the time that each answered record carries, `waits` for how long, in seconds."""

    def __init__(self) -> None:
        self.sent: dict[bytes, tuple[Upload, float]] = {}
        self.answered: list[int] = []
        self.waits: list[float] = []
        self.refused = 0
        self.lost = False
        self.greeted = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport | None = None
        self._asked: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True

    def send(self, upload: Upload) -> None:
        """Send a record; it waits for its answer from its last byte on."""
        if self.transport is not None and not self.lost:
            self.transport.write(upload.frame)
        self.sent[upload.key] = upload, perf_counter()

    def let_in(self) -> None:
        """The hub knows who it is."""
        if not self.greeted.done():
            self.greeted.set_result(None)

    def answer(self, key: bytes, now: float) -> None:
        """A record is answered."""
        if (found := self.sent.pop(key, None)) is not None:
            self.answered.append(found[0].time)
            self.waits.append(now - found[1])
            if self._asked is not None and not self.sent:
                self._asked.set_result(None)
                self._asked = None

    async def all_answered(self) -> None:
        """Wait until nothing waits for an answer."""
        if self.sent:
            self._asked = asyncio.get_running_loop().create_future()
            await self._asked


class LoggerCall(Call):
    """HJ 212: 9014 names the QN."""

    def __init__(self) -> None:
        super().__init__()
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        now = perf_counter()
        *lines, self._rest = (self._rest + data).split(b"\r\n")
        for line in lines:
            if b"CN=9014" in line:
                self.answer(line[9:26], now)
                self.let_in()


class VehicleCall(Call):
    """JT/T 808: 8001 names the serial number."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def data_received(self, data: bytes) -> None:
        now = perf_counter()
        for told in self._wire.feed(data):
            if told.id != 0x8001:
                continue
            if told.body[4]:
                self.refused += 1
            elif told.body[2:4] == b"\x01\x02":
                self.let_in()
            else:
                self.answer(told.body[:2], now)
