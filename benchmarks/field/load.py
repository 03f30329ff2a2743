"""`python -m benchmarks.field.load HJ212_PORT JT808_PORT LOGGERS VEHICLES OUT`: the devices in a process of their own.

Each line on standard input is a phase: `connect RATE` (calls a second), `fill LOGGERS VEHICLES RATE` (so many records of the past from each device, at so
many a second in all, as loggers send them that were away), `steady SECONDS` (each device at its period). A line of JSON answers it; `end` writes everything
that was answered into OUT. `go` comes before the answer of a phase that had to make its records first.
"""

import asyncio
import itertools
import random
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from operator import attrgetter
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.field.calls import Call, LoggerCall, VehicleCall
from benchmarks.field.devices import (
    LOGGER_MS,
    VEHICLE_MS,
    Fleet,
    Upload,
    address,
    greeting,
    logger_uploads,
    phone,
    vehicle_uploads,
)
from hub.descriptors import allow_open
from simulators.field.jt808_wire import Wire

SPARE_FILES: Final = 64
_HANDS: Final = 64
"""Calls that are made at once."""

_PAST_MS: Final = 7 * 24 * 3_600_000
_LONG_AGO_MS: Final = 2 * _PAST_MS
_ANSWERS_WITHIN: Final = 30.0
_ENCODING_MS: Final = 0.5
"""Allowed for each record that is made beforehand."""


class Told(msgspec.Struct):
    """What came of a phase; `waits` in ms, `behind` by how much the load itself was late at worst, seconds."""

    sent: int = 0
    answered: int = 0
    unanswered: int = 0
    refused: int = 0
    lost: int = 0
    behind: float = 0.0
    seconds: float = 0.0
    waits: list[float] = []


class Load:
    """All devices."""

    def __init__(self, fleet: Fleet, ports: tuple[int, int]) -> None:
        self._fleet = fleet
        self._ports = ports
        self.calls: list[Call] = []

    async def connect(self, rate: float) -> Told:
        """Every device calls and is let in: a vehicle by its code, a logger by its first record."""
        begun, hands = time.monotonic(), asyncio.Semaphore(_HANDS)

        async def call(number: int) -> Call:
            async with hands:
                return await self._call(number)

        making = []
        for number in range(self._fleet.size):
            await asyncio.sleep(max(0.0, begun + number / rate - time.monotonic()))
            making.append(asyncio.create_task(call(number)))
        self.calls = list(await asyncio.gather(*making))
        return self._told(time.monotonic() - begun)

    async def fill(self, loggers: int, vehicles: int, rate: float) -> Told:
        """Records of the past, everybody in turn."""
        due = _ready_at(self._fleet.loggers * loggers + self._fleet.vehicles * vehicles)
        past = due - _PAST_MS
        every = round(1000 * self._fleet.size / rate)
        made = []
        for number, call in enumerate(self.calls):
            begin = due + round(1000 * number / rate)
            place = number - self._fleet.loggers
            if place < 0:
                uploads = logger_uploads(number, past, loggers, due=begin, every=every)
            else:
                uploads = vehicle_uploads(place, past, vehicles, due=begin, every=every)
            made += [(upload, call) for upload in uploads]
        return await self._play(made)

    async def steady(self, seconds: float) -> Told:
        """Each device at its period, at moments of its own."""
        chance = random.Random(1)
        due = _ready_at(seconds * (self._fleet.loggers * 1000 / LOGGER_MS + self._fleet.vehicles * 1000 / VEHICLE_MS))
        made = []
        for number, call in enumerate(self.calls):
            place = number - self._fleet.loggers
            period = LOGGER_MS if place < 0 else VEHICLE_MS
            first = due + chance.randrange(period)
            count = max(0, round((seconds * 1000 - (first - due)) / period + 0.5))
            if not count:
                continue
            if place < 0:
                uploads = logger_uploads(number, first, count, due=first, every=period)
            else:
                uploads = vehicle_uploads(place, first, count, due=first, every=period)
            made += [(upload, call) for upload in uploads]
        return await self._play(made)

    def answered(self) -> dict[str, list[int]]:
        """By station, the times of all records that were answered."""
        names = (device.station for device in self._fleet.register())
        return {name: call.answered for name, call in zip(names, self.calls, strict=True)}

    async def _call(self, number: int) -> Call:
        place = number - self._fleet.loggers
        port = self._ports[place >= 0]
        made = LoggerCall() if place < 0 else VehicleCall(Wire(phone(place), 2019))
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: made, "127.0.0.1", port, local_addr=(address(number), 0))
        assert made.transport is not None
        if place < 0:
            made.send(next(logger_uploads(number, _now() - _LONG_AGO_MS, 1, due=_now(), every=1)))
        else:
            made.transport.write(greeting(place, _now()))
        async with asyncio.timeout(_ANSWERS_WITHIN):
            await made.greeted
        return made

    async def _play(self, made: Iterable[tuple[Upload, Call]]) -> Told:
        for call in self.calls:
            call.waits.clear()
        ordered = sorted(made, key=lambda one: one[0].due)
        await asyncio.sleep(max(0, ordered[0][0].due - _now()) / 1000)
        # On a busy machine they may have been made too late: everything is put off by as much then.
        late = max(0, _now() - ordered[0][0].due)
        _say("go")
        behind, begun = 0, time.monotonic()
        for number, (upload, call) in enumerate(ordered):
            if (wait := upload.due + late - _now()) > 0 or number % _HANDS == 0:
                await asyncio.sleep(max(0, wait) / 1000)
            behind = max(behind, _now() - upload.due - late)
            call.send(upload)
        if not any(call.lost for call in self.calls):
            await self._answers()
        told = self._told(time.monotonic() - begun)
        return msgspec.structs.replace(told, sent=len(ordered), behind=behind / 1000)

    async def _answers(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_ANSWERS_WITHIN):
                for call in self.calls:
                    await call.all_answered()

    def _told(self, seconds: float) -> Told:
        waits = [1000 * wait for wait in itertools.chain.from_iterable(map(attrgetter("waits"), self.calls))]
        return Told(
            answered=len(waits),
            unanswered=sum(len(call.sent) for call in self.calls),
            refused=sum(call.refused for call in self.calls),
            lost=sum(call.lost for call in self.calls),
            seconds=seconds,
            waits=waits,
        )


def _now() -> int:
    return time.time_ns() // 1_000_000


def _ready_at(records: float) -> int:
    """A whole second by which so many records have been made."""
    return (_now() + round(records * _ENCODING_MS)) // 1000 * 1000 + 2000


async def _serve(load: Load, out: Path) -> None:
    loop = asyncio.get_running_loop()
    phases: dict[str, Callable[..., Awaitable[Told]]] = {
        "connect": load.connect,
        "fill": load.fill,
        "steady": load.steady,
    }
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        name, *numbers = line.split()
        if name == "end":
            await asyncio.to_thread(out.write_bytes, msgspec.json.encode(load.answered()))
            told = Told()
        else:
            told = await phases[name](*(float(number) if "." in number else int(number) for number in numbers))
        _say(msgspec.json.encode(told).decode())


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """The command line."""
    hj212, jt808, loggers, vehicles = (int(word) for word in sys.argv[1:5])
    fleet = Fleet(loggers, vehicles)
    allow_open(fleet.size + SPARE_FILES)
    asyncio.run(_serve(Load(fleet, (hj212, jt808)), Path(sys.argv[5])))


if __name__ == "__main__":
    main()
