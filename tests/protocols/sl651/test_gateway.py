"""Stations on real connections: what was confirmed is on the bus, whoever misbehaves beside them; a dead letter is taken again."""

import asyncio
import threading
from contextlib import suppress

from hub.batch import decode_batch
from hub.buses.memory import MemoryBus
from hub.catalogue import DevicePut
from hub.clock import ManualClock
from hub.dead_letter import DeadLetter
from hub.settings import FieldSection, IngestSection, Settings
from hub.topics import FRAMES, OBSERVATIONS, topics
from ingest.field.again import take_again
from ingest.field.role import Gateway
from ingest.intake import Intake
from ingest.protocols.sl651.protocol import Sl651
from ingest.register import Register
from simulators.field.connection import Manner, drive
from simulators.field.sl651 import Fault, Plan, Rtu
from simulators.field.sl651_wire import Wire
from tests.engines.waiting import wait_until_async as until
from tests.ingest.rig import NOW, Ledger, rows_of
from tests.protocols.sl651.pictures import JPEG
from tests.protocols.sl651.rig import STATION, W1, station

ADDRESSES = [f"{12345678 + number:010d}" for number in range(6)]
FAULTS: list[set[Fault]] = [set(), set(), {"duplicate"}, {"lost_packet"}, {"wrong_crc"}, {"wrong_password"}]
MANNERS = [Manner(), Manner(chunk=1), Manner(chunk=7), Manner(), Manner(), Manner(flood=20)]


class Field:
    """A register with the stations, a bus in memory, and the intake between them."""

    def __init__(self) -> None:
        self.clock = ManualClock(NOW)
        self.bus = MemoryBus(self.clock)
        self.bus.ensure_topics(topics(1))
        ledger = Ledger()
        ledger.changes += [DevicePut(station(name_of(address), address)) for address in ADDRESSES]
        self.settings = Settings(field=FieldSection(), ingest=IngestSection(flush_ms=1))
        self.register = Register(ledger)
        self.intake = Intake(self.bus, self.register, self.settings.ingest, self.clock, source="test")

    def values(self, topic: str) -> list[bytes]:
        """What is on a topic."""
        consumer = self.bus.consumer(None, [topic])
        found: list[bytes] = []
        while records := consumer.poll(0.0):
            found += [record.value or b"" for record in records]
        consumer.close()
        return found

    def rows(self) -> set[tuple[str, int, str]]:
        """Station, time and property of every value."""
        batches = map(decode_batch, self.values(OBSERVATIONS))
        return {(row.station, row.time, row.name) for batch in batches for row in rows_of(batch)}


def name_of(address: str) -> str:
    """The device of a station."""
    return f"water-bureau/water/s{address}"


async def run(field: Field, stations: list[Rtu]) -> None:
    """Let the stations talk to a gateway until each of the good ones has two reports confirmed."""
    gateway = Gateway(field.settings, field.bus, field.intake, field.register, field.clock, {"sl651": Sl651()})
    stop = threading.Event()
    task = asyncio.create_task(gateway.run({"sl651": ("127.0.0.1", 0)}, stop, lambda: field.clock.advance(50)))
    await until(lambda: gateway.ready.is_set() or task.done())
    drivers = [
        asyncio.create_task(drive("127.0.0.1", gateway.ports["sl651"], one, manner, field.clock.now))
        for one, manner in zip(stations, MANNERS, strict=True)
    ]
    await until(lambda: all(confirmed(one) >= 2 for one in stations[:5]))
    for driver in drivers:
        driver.cancel()
    await asyncio.gather(*drivers, return_exceptions=True)
    stop.set()
    with suppress(asyncio.CancelledError):
        await task


def confirmed(one: Rtu) -> int:
    """How many of its reports the centre has said it has."""
    return sum(report.confirmed for report in one.reports)


def test_stations_on_real_connections() -> None:
    field = Field()
    stations = [
        Rtu(
            Plan(
                address,
                ascii=place == 1,
                period_s=1,
                picture_s=5 if place == 3 else 0,
                picture=JPEG,
                seed=place,
                faults=frozenset(faults),
            ),
            NOW,
        )
        for place, (address, faults) in enumerate(zip(ADDRESSES, FAULTS, strict=True))
    ]
    asyncio.run(run(field, stations))
    rows, pictures = field.rows(), field.values(FRAMES)
    for one, address in zip(stations, ADDRESSES, strict=True):
        for report in one.reports:
            if report.confirmed and report.truth:
                seconds = report.moment // 60_000 * 60_000  # the time observed has no seconds (6.6.2.8)
                assert (name_of(address), seconds, "rain_total") in rows
    assert pictures
    assert set(pictures) == {JPEG}
    assert not confirmed(stations[5])
    assert not [row for row in rows if row[0] == name_of(ADDRESSES[5])]


def test_a_dead_letter_is_taken_again_once_its_cause_is_mended() -> None:
    field = Field()
    wire = Wire(STATION, "FFFF")
    raw = wire.frame(0x32, wire.head(1, NOW) + wire.site("H", NOW) + wire.element("39", 3.5))
    letter = DeadLetter(NOW, "sl651", f"field/sl651/{STATION}", "bad_password", "", raw, W1)
    receipt = take_again(field.intake, letter, zone="Asia/Shanghai", retried="1")
    assert (receipt.values, receipt.refusals) == (1, ())
    assert field.rows() == {(name_of(STATION), NOW, "level")}
