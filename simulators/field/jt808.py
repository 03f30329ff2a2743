"""A vehicle's JT/T 808 terminal: registers, authenticates, drives an ellipse, holds back what it cannot send, answers the platform.

A state machine like the real one: the clock is handed in, bytes go in and come out; `simulators.field.connection` gives it a socket. It keeps each report
until the platform's 8001 has come; what was not answered when a connection ends is sent again as 0704 of kind 1.
"""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

import numpy as np

from simulators.course import QUIET, Course, Record
from simulators.field.jt808_wire import MOST_BODY, Told, Wire, bcd_time, dword, padded, word

Fault = Literal["wrong_xor", "duplicate", "wrong_auth", "clock_8h", "swapped", "packages", "lost_package", "no_fix"]
FAULTS: Final[tuple[Fault, ...]] = get_args(Fault)

_CENTRE: Final = (121.6, 29.96)
_METRES: Final = 111_320.0
_PATIENCE_MS: Final = 10_000
_HEARTBEAT_MS: Final = 60_000
_BATCH: Final = 15
_MOST_KEPT: Final = 10_000
_EIGHT_HOURS: Final = 8 * 3_600_000
_ACTIVE: Final[Mapping[str, tuple[int, int]]] = {
    **{word: (0x64, kind) for kind, word in enumerate(("forward_collision", "lane_departure", "headway"), 1)},
    **{word: (0x65, kind) for kind, word in enumerate(("fatigue", "phone_use", "smoking", "distraction"), 1)},
}
"""Item and type of an alarm of the scenario (T/JSATL 12)."""
_BITS: Final[Mapping[str, int]] = {"emergency": 0, "overspeed": 1, "power_cut": 8, "collision": 29}
_OBEYED: Final = frozenset({0x8103, 0x8105, 0x8202, 0x8203, 0x8204, 0x8300, 0x8401, *range(0x8600, 0x8608), 0x9208})


@dataclass(frozen=True, slots=True)
class Behaviour:
    """An alarm of the driver: from `at` seconds after the start for `lasts`, item 0x64 or 0x65, type and level (T/JSATL 12); `bit` an alarm bit instead."""

    at: float
    lasts: float = 10.0
    item: int = 0x65
    kind: int = 1
    level: int = 1
    bit: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """One vehicle; `code` is the authentication code it already has (None: it registers), `load` status bits 8 and 9."""

    phone: str
    edition: int = 2019
    plate: str = "浙B12345"
    terminal: str = "SIM0001"
    period_s: float = 5.0
    speed: float = 52.0
    load: int = 3
    seed: int = 1
    code: str | None = None
    behaviours: tuple[Behaviour, ...] = ()
    faults: frozenset[Fault] = frozenset()
    course: Course = QUIET


@dataclass(slots=True)
class Truth:
    """Where the vehicle truly was, WGS-84, epoch ms."""

    time: int
    lon: float
    lat: float
    speed: float


class Terminal:
    """One terminal; `truth` is what it saw, whether or not it was sent yet."""

    def __init__(self, plan: Plan, now: int) -> None:
        self._plan = plan
        self._wire = Wire(plan.phone, plan.edition, 60 if plan.faults & {"packages", "lost_package"} else MOST_BODY)
        self._random = np.random.default_rng(plan.seed)
        self._angle = 2 * math.pi * float(self._random.random())
        self._radius = (0.03 + 0.012 * float(self._random.random()), 0.016 + 0.01 * float(self._random.random()))
        self._code = plan.code
        self._started = self._next = now
        self._online = self._admitted = False
        self._mileage = 12_345.0
        self._held: deque[bytes] = deque(maxlen=100_000)
        self._unanswered: dict[int, tuple[int, list[tuple[int, bytes]], tuple[bytes, ...]]] = {}
        self._sent = now
        self._rung: dict[Behaviour, int] = {}
        self.truth: deque[Truth] = deque(maxlen=_MOST_KEPT)
        self._meant: dict[bytes, Record] = {}
        self._settled: list[Record] = []
        self.parameters = {0x29: dword(round(plan.period_s)), 0x55: dword(80), 0x83: plan.plate.encode("gbk")}
        self.told: deque[Told] = deque(maxlen=_MOST_KEPT)
        self.refused = 0

    @property
    def admitted(self) -> bool:
        """Whether the platform has let it in."""
        return self._admitted

    @property
    def waiting(self) -> int:
        """Reports that the platform has not answered."""
        return len(self._held) + sum(len(reports) for _, _, reports in self._unanswered.values())

    @property
    def next_tick(self) -> int:
        """When it has something to do, epoch ms."""
        return self._next

    # --- the connection

    def connected(self, now: int) -> list[bytes]:
        """What it says first: its registration, or its code where it has one."""
        self._online, self._admitted = True, False
        return self._authenticate(now) if self._code is not None else self._send(0x0100, self._registration(), now)

    def admit(self) -> None:
        """Go on as if the platform had let it in: for those who only want its reports."""
        self._online = self._admitted = True

    def lost(self) -> None:
        """The connection is gone; what was not answered is kept."""
        self._online = self._admitted = False
        for _, _, reports in self._unanswered.values():
            self._held.extend(reports)
        self._unanswered.clear()

    def received(self, data: bytes, now: int) -> list[bytes]:
        """Answers to what the platform says."""
        out: list[bytes] = []
        for told in self._wire.feed(data):
            self.told.append(told)
            out += self._answer(told, now)
        return out

    def tick(self, now: int) -> list[bytes]:
        """The reports that are due, live where there is a connection, held back where there is none."""
        out: list[bytes] = []
        while self._next <= now:
            moment = self._next
            self._next += round(self._plan.period_s * 1000)
            if self._plan.course.silent(moment):
                continue
            report = self._report(moment)
            self._remember(report)
            if self._admitted:
                out += self._send(0x0200, report, now, (report,))
            else:
                self._held.append(report)
        if self._admitted:
            for serial, (sent, frames, reports) in list(self._unanswered.items()):
                if now - sent >= _PATIENCE_MS:
                    self._unanswered[serial] = (now, frames, reports)
                    out += [frame for _, frame in frames]
            if now - self._sent >= _HEARTBEAT_MS:
                out += self._send(0x0002, b"", now)
        return out

    def heartbeats(self, count: int, now: int) -> list[bytes]:
        """Many heartbeats at once, as a broken terminal sends them once it was let in."""
        if not self._admitted:
            return []
        self._sent = now
        return [frame for _ in range(count) for _, frame in self._wire.frames(0x0002)]

    def settled(self) -> list[Record]:
        """The reports that were answered since this was last asked."""
        found, self._settled = self._settled, []
        return found

    def unsettled(self) -> list[Record]:
        """The reports that wait for an answer."""
        return list(self._meant.values())

    def _remember(self, report: bytes) -> None:
        seen = self.truth[-1]
        meant = {"lon": seen.lon, "lat": seen.lat, "speed": seen.speed}
        moment = seen.time - _EIGHT_HOURS if "clock_8h" in self._plan.faults else seen.time
        self._meant[report] = Record(moment // 1000 * 1000, meant)
        if len(self._meant) > _MOST_KEPT:
            del self._meant[next(iter(self._meant))]

    # --- what it says

    def _send(self, message: int, body: bytes, now: int, reports: tuple[bytes, ...] = ()) -> list[bytes]:
        frames = self._wire.frames(message, body)
        self._sent = now
        if reports:
            self._unanswered[frames[-1][0]] = (now, frames, reports)
        out = [frame for _, frame in frames]
        if "lost_package" in self._plan.faults and reports and len(out) > 1:
            del out[len(out) // 2]
        if "wrong_xor" in self._plan.faults and message == 0x0200 and frames[0][0] % 3 == 0:
            broken = bytearray(out[0])
            broken[-6] ^= 1
            out[0] = bytes(broken)
        return out * 2 if "duplicate" in self._plan.faults and reports else out

    def _registration(self) -> bytes:
        maker, model, terminal = {2011: (5, 8, 7), 2013: (5, 20, 7), 2019: (11, 30, 30)}[self._plan.edition]
        body = word(33) + word(211) + padded("SIMUL", maker) + padded("SW-1", model)
        return body + padded(self._plan.terminal, terminal) + b"\x02" + self._plan.plate.encode("gbk")

    def _authenticate(self, now: int) -> list[bytes]:
        code = ("wrong" if "wrong_auth" in self._plan.faults else self._code or "").encode("gbk")
        if self._plan.edition == 2019:
            code = bytes((len(code),)) + code + padded("860000000000001", 15) + padded("1.0", 20)
        return self._send(0x0102, code, now)

    def _report(self, moment: int) -> bytes:
        faults = self._plan.faults
        lon, lat, heading, speed = self._drive(moment)
        self.truth.append(Truth(moment, round(lon, 6), round(lat, 6), round(speed, 1)))
        behaviours = self._behaviours(moment)
        alarm = sum(1 << one.bit for one in behaviours if one.bit is not None)
        status = 1 | (0 if "no_fix" in faults else 2) | self._plan.load << 8 | 1 << 18 | 1 << 19
        if "swapped" in faults:
            lon, lat = lat, lon
        time = bcd_time(moment - _EIGHT_HOURS if "clock_8h" in faults else moment)
        place = dword(round(lat * 1e6)) + dword(round(lon * 1e6))
        body = (
            dword(alarm)
            + dword(status)
            + place
            + word(17)
            + word(round(speed * 10))
            + word(round(heading) % 360)
            + time
        )
        body += b"\x01\x04" + dword(round(self._mileage * 10)) + b"\x02\x02" + word(1834)
        body += b"\x03\x02" + word(round(speed * 10)) + b"\x30\x01\x1f" + b"\x31\x01\x0c"
        for one in behaviours:
            if one.bit is None and one not in self._rung:
                self._rung[one] = len(self._rung) + 1
                value = self._active(one, place, time, round(speed))
                body += bytes((one.item, len(value))) + value
        return body

    def _behaviours(self, moment: int) -> list[Behaviour]:
        planned = [
            one for one in self._plan.behaviours if 0 <= moment - self._started - one.at * 1000 < one.lasts * 1000
        ]
        for item, begun in self._plan.course.running("alarm", moment):
            if item.alarm in _BITS:
                planned.append(Behaviour(round(begun), item.lasts, bit=_BITS[item.alarm]))
            elif item.alarm in _ACTIVE:
                number, kind = _ACTIVE[item.alarm]
                planned.append(Behaviour(round(begun), item.lasts, number, kind, 2 if item.level <= 2 else 1))
        return planned

    def _active(self, one: Behaviour, place: bytes, time: bytes, speed: int) -> bytes:
        number = self._rung[one]
        facts = b"\x00\x0a\x00\x00\x00" if one.item == 0x64 else b"\x07\x00\x00\x00\x00"
        mark = padded(self._plan.terminal, 7) + time + bytes((number & 255, 2, 0))
        return (
            dword(number)
            + bytes((1, one.kind, one.level))
            + facts
            + bytes((speed,))
            + word(17)
            + place
            + time
            + word(1)
            + mark
        )

    def _drive(self, moment: int) -> tuple[float, float, float, float]:
        speed = self._plan.course.bent("speed", self._plan.speed, moment) + float(self._random.normal(0, 2))
        speed = max(0.0, speed)
        along_lon = self._radius[0] * math.cos(math.radians(_CENTRE[1])) * _METRES
        along_lat = self._radius[1] * _METRES
        tangent = math.hypot(along_lon * math.sin(self._angle), along_lat * math.cos(self._angle))
        self._angle += speed / 3.6 * self._plan.period_s / tangent
        self._mileage += speed / 3600 * self._plan.period_s
        heading = math.degrees(math.atan2(-along_lon * math.sin(self._angle), along_lat * math.cos(self._angle))) % 360
        lon = _CENTRE[0] + self._radius[0] * math.cos(self._angle)
        return lon, _CENTRE[1] + self._radius[1] * math.sin(self._angle), heading, speed

    # --- what it answers

    def _answer(self, told: Told, now: int) -> list[bytes]:
        body = told.body
        match told.id:
            case 0x8100:
                if len(body) > 3 and body[2] == 0:
                    self._code = body[3:].decode("gbk")
                    return self._authenticate(now)
                self.refused += 1
                return []
            case 0x8001:
                return self._answered(body[0] << 8 | body[1], body[2] << 8 | body[3], body[4], now)
            case 0x8104 | 0x8106:
                wanted = {int.from_bytes(body[at : at + 4]) for at in range(1, len(body), 4)} or self.parameters.keys()
                found = [(key, self.parameters[key]) for key in sorted(wanted) if key in self.parameters]
                items = b"".join(dword(key) + bytes((len(value),)) + value for key, value in found)
                return self._send(0x0104, word(told.serial) + bytes((len(found),)) + items, now)
            case 0x8107:
                model, terminal = (30, 30) if self._plan.edition == 2019 else (20, 7)
                made = word(7) + padded("SIMUL", 5) + padded("SW-1", model) + padded(self._plan.terminal, terminal)
                return self._send(0x0107, made + bytes(10) + b"\x02H1\x02F1\x03\x40", now)
            case 0x8201:
                return self._send(0x0201, word(told.serial) + self._report(now), now)
            case 0x8608:
                return self._send(0x0608, body[:1] + bytes(4), now)
            case 0x8702:
                return self._send(0x0702, b"\x02" + bcd_time(now), now)
            case 0x8802:
                return self._send(0x0802, word(told.serial) + word(0), now)
        if told.id == 0x8003:
            return self._again(body)
        if told.id == 0x8103:
            self._set_parameters(body)
        result = 0 if told.id in _OBEYED else 3
        return self._send(0x0001, word(told.serial) + word(told.id) + bytes((result,)), now)

    def _answered(self, serial: int, message: int, result: int, now: int) -> list[bytes]:
        if message != 0x0102:
            if result in (0, 4):
                _, _, reports = self._unanswered.pop(serial, (0, [], ()))
                found = [self._meant.pop(report) for report in reports if report in self._meant]
                self._settled += [replace(record, acknowledged=True) for record in found]
            else:
                self.refused += 1
            return []
        if result:
            self.refused += 1
            self._code = self._plan.code
            return []
        self._admitted = True
        out: list[bytes] = []
        while self._held:
            some = tuple(self._held.popleft() for _ in range(min(_BATCH, len(self._held))))
            items = b"".join(word(len(report)) + report for report in some)
            out += self._send(0x0704, word(len(some)) + b"\x01" + items, now, some)
        return out

    def _again(self, body: bytes) -> list[bytes]:
        """The packages that the platform misses; their list is counted by a BYTE, in 2019 by a WORD."""
        first, at = body[0] << 8 | body[1], 4 if self._plan.edition == 2019 else 3
        wanted = [int.from_bytes(body[place : place + 2]) for place in range(at, len(body), 2)]
        for _, frames, _ in self._unanswered.values():
            if frames[0][0] == first:
                return [frames[number - 1][1] for number in wanted]
        return []

    def _set_parameters(self, body: bytes) -> None:
        at = 1
        for _ in range(body[0]):
            key, size = int.from_bytes(body[at : at + 4]), body[at + 4]
            self.parameters[key] = body[at + 5 : at + 5 + size]
            at += 5 + size
