"""A gateway on a bus in memory that listens on a free port, and callers for it."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from hub.bus import Message
from hub.buses.memory import MemoryBus
from hub.catalogue import Device, DevicePut
from hub.clock import ManualClock
from hub.command import Command, CommandAnswer, decode_answer, encode_command
from hub.dead_letter import DeadLetter, decode_dead_letter
from hub.link import FieldLink
from hub.settings import FieldSection, IngestSection, Settings
from hub.topics import ANSWERS, COMMANDS, DEAD_LETTERS, topics
from ingest.field.role import Gateway
from ingest.field.session import FieldProtocol
from ingest.intake import Intake
from ingest.register import Register
from tests.engines.waiting import wait_until_async as until
from tests.field.line_protocol import NAME, PROTOCOL
from tests.ingest.rig import NOW, Ledger

DEADLINE = 20.0


def device(number: int) -> Device:
    """A device that calls itself `dN`."""
    return Device(f"water-bureau/water/w{number}", link=FieldLink(NAME, f"d{number}"))


class Caller:
    """One device's end of a connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, *lines: str) -> None:
        """Send lines."""
        self.writer.write("".join(line + "\n" for line in lines).encode())
        await self.writer.drain()

    async def hear(self) -> str:
        """The next line, "" when the connection has ended."""
        try:
            return (await asyncio.wait_for(self.reader.readline(), DEADLINE)).decode().strip()
        except ConnectionResetError:
            return ""

    def hang_up(self) -> None:
        """End the connection."""
        self.writer.close()


class GatewayRig:
    """`async with rig.running()`, then `await rig.call()`."""

    def __init__(
        self, *devices: Device, bus: MemoryBus | None = None, protocol: FieldProtocol = PROTOCOL, **field: Any
    ) -> None:
        self.clock = ManualClock(NOW)
        self.bus = bus or MemoryBus(self.clock)
        self.bus.ensure_topics(topics(1))
        self.ledger = Ledger()
        self.ledger.changes += [DevicePut(one) for one in devices or (device(1), device(2))]
        self.settings = Settings(field=FieldSection(**field), ingest=IngestSection(flush_ms=1))
        register = Register(self.ledger)
        self.intake = Intake(self.bus, register, self.settings.ingest, self.clock, source="test")
        self.gateway = Gateway(self.settings, self.bus, self.intake, register, self.clock, {protocol.name: protocol})
        self._listens = protocol.name
        self.port = 0
        self._callers: list[Caller] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The gateway, from here to the end of the block; its clock goes on by a beat each round."""
        stop = threading.Event()
        task = asyncio.create_task(
            self.gateway.run({self._listens: ("127.0.0.1", 0)}, stop, lambda: self.clock.advance(50))
        )
        await until(lambda: self.gateway.ready.is_set() or task.done())
        self.port = self.gateway.ports[self._listens]
        try:
            yield
        finally:
            stop.set()
            await task
            for caller in self._callers:
                caller.hang_up()
                with suppress(ConnectionError):
                    await caller.writer.wait_closed()

    async def call(self) -> Caller:
        """A new connection."""
        self._callers.append(Caller(*await asyncio.open_connection("127.0.0.1", self.port)))
        return self._callers[-1]

    async def called(self, number: int) -> Caller:
        """A connection that has said who it is."""
        caller = await self.call()
        await caller.say(f"I am d{number}")
        assert await caller.hear() == "hello"
        return caller

    def ask(self, name: str, station: str, *, command: str = "c1", lasts: int = 60_000, **arguments: Any) -> None:
        """Put a command on the bus."""
        now = self.clock.now()
        asked = Command(command, name, now, now + lasts, station, arguments, "tester")
        self.bus.append([Message(COMMANDS, station.encode(), encode_command(asked))])

    def answers(self) -> list[CommandAnswer]:
        """Everything that was said of commands."""
        return [decode_answer(value) for value in self.values(ANSWERS)]

    def letters(self) -> list[DeadLetter]:
        """Every dead letter."""
        return [decode_dead_letter(value) for value in self.values(DEAD_LETTERS)]

    def values(self, topic: str) -> list[bytes]:
        """What is on a topic."""
        consumer = self.bus.consumer(None, [topic])
        try:
            found: list[bytes] = []
            while records := consumer.poll(0.0):
                found += [record.value or b"" for record in records]
            return found
        finally:
            consumer.close()
