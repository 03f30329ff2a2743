"""The part `field` of the ingest role: listens for every field protocol of the settings and brings what devices send to the bus."""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Final

from hub.bus import Bus
from hub.buses import open_bus
from hub.clock import Clock, SystemClock
from hub.descriptors import allow_open
from hub.errors import BusUnavailable, ConfigError, Fault
from hub.follow import CatalogueFollower
from hub.health import HealthFile
from hub.settings import Settings
from ingest.field.connection import Connection
from ingest.field.desk import CommandDesk
from ingest.field.directory import LinkDirectory
from ingest.field.listeners import listeners
from ingest.field.session import FieldProtocol
from ingest.field.switchboard import Switchboard
from ingest.intake import Intake
from ingest.protocols import load_protocols
from ingest.register import Register
from ingest.role import MOST_HELD, stop_signal

_LOG: Final = logging.getLogger(__name__)
SOURCE: Final = "hub-field"
_BEAT: Final = 0.05
_SWEEP: Final = 5.0
_POLL: Final = 0.2
_OTHER_FILES: Final = 256
"""Files that are open beside connections."""


def run_field(settings: Settings, stop: threading.Event | None = None) -> None:
    """Take what field devices send until SIGTERM, or until `stop` is set.

    Raises:
        ConfigError: `[field.listen]` names a protocol or an address that cannot be.
    """
    stop = stop or stop_signal()
    clock = SystemClock()
    places = listeners(settings)
    wanted = settings.field.max_sessions + _OTHER_FILES
    if (most := allow_open(wanted)) < wanted:
        words = "only %d files may be open (ulimit -Hn): fewer connections than field.max_sessions = %d are taken"
        _LOG.warning(words, most, settings.field.max_sessions)
    with open_bus(settings.engines.bus, settings.hub.data) as bus:
        follower = CatalogueFollower(bus)
        follower.start()
        try:
            register = Register(follower)
            intake = Intake(bus, register, settings.ingest, clock, source=SOURCE)
            health = HealthFile(settings.hub.data, "field", clock)
            gateway = Gateway(settings, bus, intake, register, clock, load_protocols(tuple(places)))
            asyncio.run(gateway.run(places, stop, lambda: gateway.report(health, bus)))
            health.remove()
        finally:
            follower.close()


class Gateway:
    """The listeners, the loop that brings records to the bus, and the thread that reads commands."""

    def __init__(
        self,
        settings: Settings,
        bus: Bus,
        intake: Intake,
        register: Register,
        clock: Clock,
        protocols: Mapping[str, FieldProtocol],
    ) -> None:
        self._protocols = protocols
        self._intake = intake
        self._clock = clock
        self._desk = CommandDesk(bus, intake.say)
        self.board = Switchboard(settings.field, settings.hub.zone, intake, LinkDirectory(register), self._desk, clock)
        self._bringing: asyncio.Task[None] | None = None
        self.ports: dict[str, int] = {}
        self.ready = threading.Event()

    async def run(
        self, places: dict[str, tuple[str, int]], stop: threading.Event, report: Callable[[], None] = lambda: None
    ) -> None:
        """Serve until `stop` is set; then end the connections and bring the rest to the bus.

        Raises:
            ConfigError: a port cannot be listened on.
        """
        loop = asyncio.get_running_loop()
        servers = [await self._listen(self._protocols[name], *place) for name, place in places.items()]
        reading = threading.Thread(target=self._read_commands, args=(loop, stop), name="commands", daemon=True)
        reading.start()
        self.ready.set()
        swept = self._clock.monotonic()
        try:
            while not stop.is_set():
                await asyncio.sleep(_BEAT)
                self.board.tick()
                await self._bring()
                if self._clock.monotonic() - swept > _SWEEP:
                    swept = self._clock.monotonic()
                    self.board.sweep()
                report()
        finally:
            for server in servers:
                server.close()
            self.board.close()
            await asyncio.sleep(0)
            if self._bringing is not None:
                await self._bringing
            await self._flush()
            await asyncio.to_thread(reading.join)
            self._desk.close()

    def report(self, health: HealthFile, bus: Bus) -> None:
        """Write the health file once a second."""
        if not health.due():
            return
        durable, trouble = self._intake.health()
        state = bus.health()
        detail = "; ".join(part for part in (trouble, state.detail, self.board.trouble()) if part)
        counters = self._intake.counters.as_dict() | self.board.counters() | {"held_bytes": self._intake.held}
        health.write(ok=durable and state.ok, detail=detail, counters=counters)

    async def _listen(self, protocol: FieldProtocol, host: str, port: int) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(
                lambda: Connection(protocol, self.board), host or None, port, backlog=1024
            )
        except OSError as error:
            fault = Fault("hub.toml", 0, f"field.listen.{protocol.name}", f"cannot listen on {host}:{port}: {error}")
            raise ConfigError([fault]) from error
        self.ports[protocol.name] = server.sockets[0].getsockname()[1]
        return server

    async def _bring(self) -> None:
        """What is due goes to the bus, and whose record is durable is told; a bus that makes us wait holds up nothing else."""
        if self._bringing is not None and self._bringing.done():
            self._bringing.result()
            self._bringing = None
        if self._bringing is None and (self._intake.due() or self._intake.stalled):
            self._bringing = asyncio.create_task(self._flush())
        if self._bringing is not None:
            await asyncio.wait((self._bringing,), timeout=_BEAT)
        self.board.hold(held=self._intake.held > MOST_HELD or self._intake.stalled)

    async def _flush(self) -> None:
        self.board.durable(await asyncio.to_thread(self._intake.flush))

    def _read_commands(self, loop: asyncio.AbstractEventLoop, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                commands = self._desk.poll(_POLL, self._clock.now())
            except BusUnavailable:
                stop.wait(0.5)
                continue
            for command in commands:
                loop.call_soon_threadsafe(self.board.command, command)
