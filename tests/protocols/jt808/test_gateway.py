"""Terminals on real connections: each report that was answered is on the bus, whoever else misbehaves beside them."""

import asyncio
import threading
from contextlib import suppress

from hub.batch import decode_batch
from hub.buses.memory import MemoryBus
from hub.catalogue import Device, DevicePut
from hub.clock import ManualClock
from hub.link import FieldLink
from hub.settings import FieldSection, IngestSection, Settings
from hub.topics import OBSERVATIONS, topics
from ingest.field.role import Gateway
from ingest.intake import Intake
from ingest.protocols.jt808 import Jt808
from ingest.register import Register
from simulators.field.connection import Manner, drive
from simulators.field.jt808 import Plan, Terminal
from tests.engines.waiting import wait_until_async as until
from tests.ingest.rig import NOW, Ledger

FLEET = 8


def stored(bus: MemoryBus) -> set[tuple[str, int]]:
    """Station and time of every row on the bus."""
    consumer = bus.consumer(None, [OBSERVATIONS])
    found = set()
    try:
        while records := consumer.poll(0.0):
            for batch in (decode_batch(record.value or b"") for record in records):
                for block in batch.blocks:
                    found |= {
                        (batch.stations[number], int(time))
                        for number, time in zip(block.station.tolist(), block.time.tolist(), strict=True)
                    }
    finally:
        consumer.close()
    return found


async def drive_fleet(port: int, phones: list[str], clock: ManualClock) -> tuple[list[Terminal], Terminal]:
    """A terminal for each phone, until two reports of each are answered; and one that nobody knows."""
    plans = [Plan(phone, (2011, 2013, 2019)[n % 3], period_s=1, seed=n) for n, phone in enumerate(phones)]
    terminals = [Terminal(plan, NOW) for plan in plans]
    stranger = Terminal(Plan("13999999999", code="guess"), NOW)
    manners = [Manner(), Manner(chunk=1), Manner(chunk=7), Manner(flood=20)]
    drivers = [
        asyncio.create_task(drive("127.0.0.1", port, terminal, manners[n % 4], clock.now))
        for n, terminal in enumerate([*terminals, stranger])
    ]
    try:
        await until(lambda: all(len(terminal.truth) - terminal.waiting >= 2 for terminal in terminals))
    finally:
        for driver in drivers:
            driver.cancel()
        await asyncio.gather(*drivers, return_exceptions=True)
    return terminals, stranger


async def run() -> None:
    clock = ManualClock(NOW)
    bus = MemoryBus(clock)
    bus.ensure_topics(topics(1))
    ledger = Ledger()
    phones = [str(13_800_000_000 + number) for number in range(FLEET)]
    ledger.changes += [
        DevicePut(Device(f"transport/vehicle/{phone}", secret_hash="$7$s", link=FieldLink("jt808", phone)))
        for phone in phones
    ]
    settings = Settings(field=FieldSection(), ingest=IngestSection(flush_ms=1))
    register = Register(ledger)
    intake = Intake(bus, register, settings.ingest, clock, source="test")
    gateway = Gateway(settings, bus, intake, register, clock, {"jt808": Jt808()})
    stop = threading.Event()
    task = asyncio.create_task(gateway.run({"jt808": ("127.0.0.1", 0)}, stop, lambda: clock.advance(50)))
    try:
        await until(lambda: gateway.ready.is_set() or task.done())
        terminals, stranger = await drive_fleet(gateway.ports["jt808"], phones, clock)
    finally:
        stop.set()
        with suppress(asyncio.CancelledError):
            await task
    rows = stored(bus)
    for terminal, phone in zip(terminals, phones, strict=True):
        answered = {(f"transport/vehicle/{phone}", seen.time) for seen in terminal.truth} & rows
        assert len(answered) >= len(terminal.truth) - terminal.waiting >= 2
    assert stranger.refused > 0


def test_a_fleet_on_real_connections() -> None:
    asyncio.run(run())
