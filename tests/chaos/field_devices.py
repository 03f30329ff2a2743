"""The load: simulated loggers, vehicles and hydrology stations on real connections, which keep what was not answered and send it again."""

import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from hub.catalogue import Device
from hub.link import FieldLink
from simulators.course import Record
from simulators.field.connection import Manner, wall_clock
from simulators.field.district import Address, FieldRun, Member
from simulators.field.hj212 import Faults, Logger
from simulators.field.jt808 import Behaviour, Plan, Terminal
from simulators.field.sl651 import Plan as StationPlan
from simulators.field.sl651 import Rtu

FACTORS: Final = {"w01001": "ph", "w01018": "cod", "w21003": "nh3_n"}
"""Factors whose values the hub keeps as they are; the others need a conversion."""

SPEED: Final = 10
"""How many times as fast hydrology stations live: their times have no seconds."""

_BACK_MS: Final = 3_600_000
_EACH: Final = 4
_AT_ONCE: Final = Manner()
_MANNERS: Final = (_AT_ONCE, Manner(chunk=7), _AT_ONCE, _AT_ONCE)
_ALWAYS: Final = 1e6
_BEHAVIOURS: Final[Mapping[int, tuple[Behaviour, ...]]] = {
    0: (Behaviour(1, _ALWAYS, bit=1),),
    1: (Behaviour(2, _ALWAYS, bit=0),),
    2: tuple(Behaviour(at, 2, kind=1 + at // 3 % 4) for at in range(2, 600, 3)),
}
RINGING: Final = {("field/vehicle/v0", "overspeed"), ("field/vehicle/v1", "emergency")}
"""Alarms that are on all the time: one alert each, whatever happens to the hub."""

Key = tuple[str, int]
"""Station and epoch ms."""


@dataclass
class Told:
    """What the devices told of their records, by station and time: two of one second where a device's clock was set back."""

    answered: dict[Key, list[Mapping[str, object]]] = field(default_factory=dict)
    unanswered: set[Key] = field(default_factory=set)
    newest: dict[str, int] = field(default_factory=dict)

    def take(self, station: str, record: Record) -> None:
        """One record that was answered, or given up."""
        key = station, record.moment
        if record.acknowledged:
            self.answered.setdefault(key, []).append(record.truth)
            self.unanswered.discard(key)
            self.newest[station] = max(self.newest.get(station, 0), record.moment)
        elif key not in self.answered:
            self.unanswered.add(key)


class Devices:
    """All of them; `register` are their entries."""

    def __init__(self) -> None:
        self.told = Told()
        self._began = wall_clock()
        loggers = [_logger(number) for number in range(_EACH)]
        vehicles = [_vehicle(number, self._began) for number in range(_EACH)]
        self._rtus = [_station(number, self._began - _BACK_MS) for number in range(_EACH)]
        self._members = [*loggers, *vehicles, *self._rtus]
        self._runs: list[FieldRun] = []
        self.register = [_entry(member, number % _EACH) for number, member in enumerate(self._members)]

    def start(self, places: Mapping[str, Address]) -> None:
        """Begin to call."""
        real = [member for member in self._members if member.protocol != "sl651"]
        self._runs = [
            FieldRun(real, places, wall_clock, self.told.take),
            FieldRun(self._rtus, places, self._fast, self.told.take),
        ]
        for run in self._runs:
            run.start()

    def close(self) -> None:
        """Hang up; what still waits is told."""
        for run in self._runs:
            run.close()
        self._runs.clear()

    def marks(self) -> dict[str, int]:
        """What every device's clock shows now."""
        return {one.station: self._fast() if one.protocol == "sl651" else wall_clock() for one in self._members}

    def answered_since(self, marks: Mapping[str, int]) -> bool:
        """Whether every device had a record answered that it made after its mark."""
        newest = dict(self.told.newest)
        return all(newest.get(station, 0) > mark for station, mark in marks.items())

    def given_up(self) -> set[Key]:
        """Reports that a station sent three times without an answer; it keeps them, and waits to be asked."""
        found: set[Key] = set()
        for member in self._rtus:
            assert isinstance(member.device, Rtu)
            waiting = {id(report) for report in member.device.waiting}
            found |= {
                (member.station, report.moment // 60_000 * 60_000)
                for report in member.device.reports
                if not report.confirmed and id(report) not in waiting
            }
        return found

    def _fast(self) -> int:
        return self._began - _BACK_MS + (wall_clock() - self._began) * SPEED


def _logger(number: int) -> Member:
    faults = Faults(duplicate=number == 2)
    logger = Logger(f"CHAOS{number}", seed=number, faults=faults, interval=1000, names=FACTORS)
    return Member(f"field/source/l{number}", "hj212", logger, _MANNERS[number])


def _vehicle(number: int, now: int) -> Member:
    edition = (2011, 2013, 2019, 2019)[number]
    plan = Plan(f"1380000000{number}", edition, period_s=1.0, seed=number, behaviours=_BEHAVIOURS.get(number, ()))
    return Member(f"field/vehicle/v{number}", "jt808", Terminal(plan, now), _MANNERS[number])


def _station(number: int, now: int) -> Member:
    plan = StationPlan(f"001234567{number}", ascii=number % 2 == 1, period_s=60.0, seed=number)
    rtu = Rtu(plan, now + number * 60_000 // _EACH)
    return Member(f"field/water/w{number}", "sl651", rtu, _MANNERS[number])


def _entry(member: Member, number: int) -> Device:
    identity, password = {
        "hj212": (f"CHAOS{number}", "123456"),
        "jt808": (f"1380000000{number}", "chaos"),
        "sl651": (f"001234567{number}", "1234"),
    }[member.protocol]
    return Device(member.station, link=FieldLink(member.protocol, identity, password))


class Flood:
    """Somebody who sends what is no frame to a listener as fast as it is taken, calls again when he is sent away, and never listens."""

    def __init__(self, place: Address, what: bytes) -> None:
        self._place, self._what = place, what
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="flood", daemon=True)
        self.sent = 0
        self._thread.start()

    def end(self) -> None:
        """Stop."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(0.05):
            try:
                with socket.create_connection(self._place, timeout=1) as link:
                    while not self._over.is_set():
                        self.sent += link.send(self._what)
            except OSError:
                continue
