"""The devices of a scenario that call the hub themselves, by field protocols: built from its file, driven on connections, their records told."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import numpy as np

from simulators.course import Course, Record, Signals
from simulators.field.connection import FieldDevice, Manner, drive
from simulators.scenario import DeviceOf, Scenario, Speech, devices_of

Address = tuple[str, int]
Tell = Callable[[str, Record], None]
_TELL_EVERY: Final = 1.0
_STEP: Final = 1.0
_FLOOD_STEP: Final = 0.2


@dataclass(frozen=True, slots=True)
class Member:
    """One device, the station it is registered as, and how it uses its connection."""

    station: str
    protocol: str
    device: FieldDevice
    manner: Manner


def members_of(scenario: Scenario, *, seed: int, start: int) -> list[Member]:
    """Every device that speaks a field protocol; `start` is the epoch ms of the scenario's beginning."""
    members = []
    for one in devices_of(scenario):
        if (speech := one.fleet.speech) is not None:
            happenings = tuple(item for item in scenario.happenings if item.device == one.name)
            device = _FORMS[speech.protocol](one, speech, Course(start, happenings), seed + one.number)
            manner = Manner(speech.chunk, speech.pause, speech.flood, _FLOOD_STEP if speech.flood else _STEP)
            members.append(
                Member(f"{scenario.department}/{one.fleet.kind}/{one.name}", speech.protocol, device, manner)
            )
    return members


class FieldRun:
    """Drives the members whose protocol has an address, on a thread with a loop of its own, until `close`."""

    def __init__(
        self, members: list[Member], addresses: Mapping[str, Address], clock: Callable[[], int], tell: Tell
    ) -> None:
        self._members = [one for one in members if one.protocol in addresses]
        self._addresses = addresses
        self._clock = clock
        self._tell = tell
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="field-devices", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._ready = threading.Event()

    def start(self) -> None:
        """Begin to call."""
        self._thread.start()
        self._ready.wait()

    def close(self) -> None:
        """Hang up; what was not answered is told as it stands."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        calls = [
            asyncio.create_task(drive(*self._addresses[one.protocol], one.device, one.manner, self._clock))
            for one in self._members
        ]
        self._ready.set()
        while not self._stop.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(_TELL_EVERY):
                    await self._stop.wait()
            self._tell_settled()
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        self._tell_settled()
        for one in self._members:
            for record in one.device.unsettled():
                self._tell(one.station, record)

    def _tell_settled(self) -> None:
        for one in self._members:
            for record in one.device.settled():
                self._tell(one.station, record)


def _logger(one: DeviceOf, speech: Speech, course: Course, seed: int) -> FieldDevice:
    from simulators.field.hj212 import Faults, Logger

    signals = Signals(one.fleet.signals, course.happenings, np.random.default_rng([seed, 212]))

    def measure(now: int) -> dict[str, float]:
        values = signals.values(now, (now - course.start) / 1000)
        return {code: values[name] for name, code in speech.codes.items()}

    faults = Faults(
        "wrong" if "wrong_crc" in speech.faults else "modbus" if "modbus_crc" in speech.faults else "right",
        duplicate="duplicate" in speech.faults,
        wrong_password="wrong_password" in speech.faults,
        clock_hours=-8 if "clock_8h" in speech.faults else 0,
    )
    names = {code: name for name, code in speech.codes.items()}
    identity, interval = speech.identities[one.number], round(one.fleet.period * 1000)
    return Logger(
        identity,
        speech.password,
        speech.form or "32",
        seed,
        faults,
        interval=interval,
        course=course,
        measure=measure,
        names=names,
    )


def _terminal(one: DeviceOf, speech: Speech, course: Course, seed: int) -> FieldDevice:
    from simulators.field.jt808 import FAULTS, Plan, Terminal

    plate = one.fleet.names_zh[one.number].replace("·", "") if one.number < len(one.fleet.names_zh) else "浙B00000"
    plan = Plan(
        speech.identities[one.number],
        int(speech.form or 2019),
        plate,
        f"SIM{one.number:04d}",
        one.fleet.period,
        load=(3, 1, 0)[one.number % 3],
        seed=seed,
        code="guess" if "wrong_auth" in speech.faults else None,
        faults=frozenset(fault for fault in FAULTS if fault in speech.faults),
        course=course,
    )
    return Terminal(plan, course.start)


def _rtu(one: DeviceOf, speech: Speech, course: Course, seed: int) -> FieldDevice:
    from simulators.field.sl651 import FAULTS, Plan, Rtu

    plan = Plan(
        speech.identities[one.number],
        speech.password,
        ascii=speech.form == "ascii",
        period_s=one.fleet.period,
        rain_mm_h=1.0,
        seed=seed,
        faults=frozenset(fault for fault in FAULTS if fault in speech.faults),
        course=course,
    )
    return Rtu(plan, course.start)


_FORMS: Final[Mapping[str, Callable[[DeviceOf, Speech, Course, int], FieldDevice]]] = {
    "hj212": _logger,
    "jt808": _terminal,
    "sl651": _rtu,
}
