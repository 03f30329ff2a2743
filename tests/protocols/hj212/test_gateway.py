"""Loggers on real connections: every record that was answered is on the bus, whatever others do beside them; the wrong ones are named."""

import asyncio
from collections import Counter
from contextlib import suppress
from typing import Any

from hub.batch import decode_batch
from hub.catalogue import Device
from hub.link import FieldLink
from hub.topics import OBSERVATIONS
from ingest.protocols.hj212 import Hj212
from ingest.protocols.hj212.times import read_time
from simulators.field.connection import Manner, drive
from simulators.field.hj212 import Faults, Logger
from tests.engines.waiting import wait_until_async as until
from tests.field.rig import GatewayRig

GOOD: dict[str, tuple[Faults, Manner, dict[str, Any]]] = {
    "A0": (Faults(), Manner(), {}),
    "A1": (Faults(), Manner(chunk=1), {}),
    "A2": (Faults(duplicate=True), Manner(chunk=50), {}),
    "A3": (Faults(crc="modbus"), Manner(), {"crc": "modbus"}),
    "A4": (Faults(flood=5), Manner(), {}),
}
BAD = {
    "B0": (Faults(crc="wrong"), "bad_crc"),
    "B1": (Faults(crc="modbus"), "bad_crc"),
    "B2": (Faults(wrong_password=True), "bad_password"),
    "FF": (Faults(), "unknown_device"),
}


def station(mn: str) -> str:
    return f"eco/source/{mn}"


def data_time(frame: bytes) -> int:
    return read_time(frame.decode().partition("DataTime=")[2][:14])


def rows(rig: GatewayRig) -> Counter[tuple[str, int]]:
    """How many rows with values of the moment there are on the bus, by station and time."""
    found: Counter[tuple[str, int]] = Counter()
    for batch in map(decode_batch, rig.values(OBSERVATIONS)):
        for block in batch.blocks:
            if "ph" in block.properties:
                pairs = zip(block.station.tolist(), block.time.tolist(), strict=True)
                found.update((batch.stations[number], int(time)) for number, time in pairs)
    return found


async def talk(rig: GatewayRig, loggers: dict[str, Logger]) -> None:
    """Let all of them talk until the good ones were answered and the bad ones refused."""
    manners = {mn: manner for mn, (_, manner, _) in GOOD.items()}
    async with rig.running():
        drivers = [
            asyncio.create_task(drive("127.0.0.1", rig.port, logger, manners.get(mn, Manner()), rig.clock.now))
            for mn, logger in loggers.items()
        ]
        await until(
            lambda: (
                all(len(loggers[mn].answered) >= 4 for mn in GOOD)
                and {letter.reason for letter in rig.letters()} >= {reason for _, reason in BAD.values()}
                and all("1012" in loggers[mn].done for mn in ("A0", "A1"))
            )
        )
        for driver in drivers:
            driver.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*drivers, return_exceptions=True)


def test_every_answered_record_is_stored_and_the_wrong_ones_are_named() -> None:
    devices = [
        Device(station(mn), secret_hash="$7$s", link=FieldLink("hj212", mn, "123456", **GOOD.get(mn, ({}, {}, {}))[2]))
        for mn in (*GOOD, *BAD)
        if mn != "FF"
    ]
    rig = GatewayRig(*devices, protocol=Hj212())
    faults = {mn: fault for mn, (fault, _, _) in GOOD.items()} | {mn: fault for mn, (fault, _) in BAD.items()}
    loggers = {mn: Logger(mn, seed=number, faults=faults[mn], interval=1000) for number, mn in enumerate(faults)}
    asyncio.run(talk(rig, loggers))
    stored = rows(rig)
    for mn in GOOD:
        answered = [frame for frame in loggers[mn].answered if b"CN=2011" in frame]
        assert all(stored[station(mn), time] >= 1 for time in map(data_time, answered))
    twice = [*loggers["A2"].answered, *(kept.frame for kept in loggers["A2"].kept.values())]
    sent = Counter(data_time(frame) for frame in twice if b"CN=2011" in frame)
    assert all(number <= sent[time] for (name, time), number in stored.items() if name == station("A2"))
    for mn, (_, reason) in BAD.items():
        assert not loggers[mn].answered
        assert not any(name == station(mn) for name, _ in stored)
        assert any(letter.reason == reason for letter in rig.letters())
