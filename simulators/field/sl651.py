"""A hydrology station of SL 651-2014: measures a river, reports by M1 or M2, sends pictures by M3, answers queries by M4.

A state machine like the real one: the clock is handed in, bytes go in and come out; `simulators.field.connection` gives it a socket. In M2 it keeps each
report until it is confirmed and sends it at most twice again; what was not confirmed when a connection ends goes first when there is a new one.
"""

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

import numpy as np

from simulators.course import QUIET, Course, Record
from simulators.field.sl651_wire import Down, Wire, stamp

Fault = Literal["wrong_crc", "duplicate", "wrong_password", "clock_8h", "lost_packet", "no_level"]
FAULTS: Final[tuple[Fault, ...]] = get_args(Fault)

EOT, ENQ, ACK, NAK, ESC = 0x04, 0x05, 0x06, 0x15, 0x1B
_PATIENCE_MS: Final = 10_000
_RESENDS: Final = 2
_KEEPING_MS: Final = 40_000
_HOUR_MS, _SLOT_MS = 3_600_000, 300_000
_EIGHT_HOURS: Final = 8 * _HOUR_MS
_PACKET: Final = 1000
_WRONG_EVERY: Final = 5
_BASE_M: Final = 3.0
_TIP_MM: Final = 0.5
_MOST_KEPT: Final = 5_000
_PROPERTIES: Final = {"20": "rain", "26": "rain_total", "39": "level", "38": "battery"}


@dataclass(frozen=True, slots=True)
class Plan:
    """One station; `mode` 1 waits for no confirmation. Periods in seconds, 0: never."""

    station: str
    password: str = "1234"  # noqa: S105 - what stations leave the factory with
    mode: Literal[1, 2] = 2
    ascii: bool = False
    period_s: float = 300.0
    even_s: float = 0.0
    picture_s: float = 0.0
    picture: bytes = b""
    test: bool = False
    rain_mm_h: float = 20.0
    seed: int = 1
    faults: frozenset[Fault] = frozenset()
    course: Course = QUIET


@dataclass(slots=True)
class Report:
    """One report; `moment` epoch ms is the observation's, `confirmed` whether the centre has it."""

    function: int
    serial: int
    moment: int
    frames: list[bytes]
    truth: dict[str, float | None]
    sent: int = 0
    tries: int = 0
    confirmed: bool = False


@dataclass(slots=True)
class Weather:
    """The river and the rain at this place; the same seed gives the same days."""

    random: np.random.Generator
    rain_mm_h: float
    course: Course = QUIET
    total: float = 0.0
    tips: deque[tuple[int, float]] = field(default_factory=lambda: deque(maxlen=_MOST_KEPT))
    _filled: float = 0.0
    _seen: int = 0

    def step(self, now: int) -> None:
        """Rain until now, at about its rate (`rain_rate` in a scenario, mm/h); the bucket tips at 0.5 mm."""
        hours = min(now - self._seen, _HOUR_MS) / _HOUR_MS if self._seen else 0.0
        self._seen = now
        rate = self.course.bent("rain_rate", self.rain_mm_h, now)
        self._filled += rate * hours * 2 * float(self.random.random())
        while self._filled >= _TIP_MM:
            self._filled -= _TIP_MM
            self.total = round(self.total + _TIP_MM, 1)
            self.tips.append((now, _TIP_MM))

    def since(self, moment: int, until: int) -> float:
        """Rain of a period, mm."""
        return round(sum(depth for time, depth in self.tips if moment < time <= until), 1)

    def level(self, moment: int) -> float:
        """Water level, m."""
        tide = _BASE_M + 0.6 * math.sin(2 * math.pi * (moment % 44_700_000) / 44_700_000)
        return round(self.course.bent("level", tide, moment), 3)


class Rtu:
    """One station."""

    def __init__(self, plan: Plan, now: int) -> None:
        self.plan = plan
        password = "FFFF" if "wrong_password" in plan.faults else plan.password
        self.wire = Wire(plan.station, password, ascii_=plan.ascii)
        self.weather = Weather(np.random.default_rng(plan.seed), plan.rain_mm_h, plan.course)
        self.reports: deque[Report] = deque(maxlen=_MOST_KEPT)
        self._settled: list[Record] = []
        self.waiting: deque[Report] = deque()
        self.on_line = False
        self.heard: deque[Down] = deque(maxlen=_MOST_KEPT)
        self._offset = -_EIGHT_HOURS if "clock_8h" in plan.faults else 0
        self._serial = 0
        self._frames = 0
        self._due = {
            "timed": now,
            "even": now,
            "picture": now,
            "hour": now // _HOUR_MS * _HOUR_MS + _HOUR_MS,
            "keeping": now,
        }
        self._connected = False
        self._new_password = ""

    def clock(self, now: int) -> int:
        """What its own clock shows."""
        return now + self._offset

    # --- what its connection calls

    def connected(self, now: int) -> list[bytes]:
        """A connection was made."""
        self._connected = True
        if self.plan.test and not self.reports:
            self._report(0x30, now, self._measured(now))
        return self._send_next(now)

    def lost(self) -> None:
        """The connection ended; what was not confirmed is sent again."""
        self._connected = self.on_line = False
        for report in self.waiting:
            report.sent = report.tries = 0

    def tick(self, now: int) -> list[bytes]:
        """Time has come to `now`."""
        self.weather.step(now)
        if not self.plan.course.silent(now):
            self._make(now)
        out = self._send_next(now)
        if self._connected and self.on_line and now >= self._due["keeping"]:
            self._due["keeping"] = now + _KEEPING_MS
            out.append(self.wire.frame(0x2F, self.wire.head(max(1, self._serial), self.clock(now))))
        return out

    def received(self, data: bytes, now: int) -> list[bytes]:
        """Bytes from the centre."""
        out: list[bytes] = []
        for down in self.wire.heard(data):
            self.heard.append(down)
            out += self._answer(down, now) if down.end == ENQ else self._told(down)
        return [*out, *self._send_next(now)]

    def heartbeats(self, count: int, now: int) -> list[bytes]:
        """Link-keeping reports, as many as asked for: a flood."""
        return [self.wire.frame(0x2F, self.wire.head(max(1, self._serial), self.clock(now)))] * count

    def settled(self) -> list[Record]:
        """The reports that were confirmed or given up since this was last asked."""
        found, self._settled = self._settled, []
        return found

    def unsettled(self) -> list[Record]:
        """The reports that wait for the centre."""
        return [self._record(report) for report in self.waiting if report.truth]

    def _record(self, report: Report) -> Record:
        truth: dict[str, object] = {_PROPERTIES[code]: value for code, value in report.truth.items()}
        return Record(
            report.moment // 60_000 * 60_000, truth, report.confirmed
        )  # the time observed has no seconds (6.6.2.8)

    def _settle(self, report: Report) -> None:
        if report.truth:
            self._settled.append(self._record(report))

    # --- reports

    def _make(self, now: int) -> None:
        if self._is_due("timed", self.plan.period_s, now):
            storm = self.weather.since(now - 60_000, now) >= 1.0
            self._report(0x33 if storm else 0x32, now, self._measured(now))
        if self._is_due("even", self.plan.even_s, now):
            self._even(now)
        if self._is_due("picture", self.plan.picture_s if self.plan.picture else 0, now):
            self._picture(0x36, now)
        if now >= self._due["hour"]:
            self._hour(self._due["hour"])
            self._due["hour"] += _HOUR_MS

    def _is_due(self, what: str, period: float, now: int) -> bool:
        if not period or now < self._due[what]:
            return False
        self._due[what] = now + round(period * 1000)
        return True

    def _measured(self, now: int) -> dict[str, float | None]:
        level = None if "no_level" in self.plan.faults else self.weather.level(now)
        rain = self.weather.since(now - 24 * _HOUR_MS, now)
        return {"20": rain, "26": self.weather.total, "39": level, "38": 12.6}

    def _report(self, function: int, now: int, values: dict[str, float | None]) -> None:
        self._serial = self._serial % 65535 + 1
        body = self.wire.head(self._serial, self.clock(now)) + self.wire.site("H", self.clock(now))
        body += b"".join(self.wire.element(code, value) for code, value in values.items())
        self._queue(Report(function, self._serial, self.clock(now), [self.wire.frame(function, body)], values))

    def _even(self, now: int) -> None:
        self._serial = self._serial % 65535 + 1
        first = now - 11 * _SLOT_MS
        levels: list[float | None] = [self.weather.level(first + slot * _SLOT_MS) for slot in range(12)]
        body = self.wire.head(self._serial, self.clock(now)) + self.wire.site("H", self.clock(first))
        frame = self.wire.frame(0x31, body + self.wire.series("39", 5, levels))
        self._queue(Report(0x31, self._serial, self.clock(first), [frame], {"39": levels[0]}))

    def _hour(self, end: int) -> None:
        self._serial = self._serial % 65535 + 1
        first = end - _HOUR_MS + _SLOT_MS
        ends = [first + slot * _SLOT_MS for slot in range(12)]
        rain: list[int | None] = [min(254, round(10 * self.weather.since(at - _SLOT_MS, at))) for at in ends]
        levels: list[int | None] = [round(100 * (self.weather.level(at) - _BASE_M + 1)) for at in ends]
        body = self.wire.head(self._serial, self.clock(end)) + self.wire.site("H", self.clock(first))
        body += self.wire.group("F4", "DRP", rain, 1) + self.wire.group("F5", "DRZ1", levels, 2)
        body += (
            b"TT %s " % stamp(self.clock(end), 10).encode()
            if self.wire.ascii
            else b"\xf0\xf0" + bytes.fromhex(stamp(self.clock(end), 10))
        )
        body += self.wire.element("26", self.weather.total) + self.wire.element("38", 12.6)
        self._queue(
            Report(0x34, self._serial, self.clock(end), [self.wire.frame(0x34, body)], {"26": self.weather.total})
        )

    def _picture(self, function: int, now: int) -> None:
        self._serial = self._serial % 65535 + 1
        whole = self.wire.head(self._serial, self.clock(now)) + self.wire.site("H", self.clock(now))
        whole += self.wire.special("F3", "PIC", self.plan.picture)
        parts = [whole[at : at + _PACKET] for at in range(0, len(whole), _PACKET)]
        frames = [
            self.wire.frame(function, part, more=place < len(parts), packet=(len(parts), place))
            for place, part in enumerate(parts, start=1)
        ]
        self._queue(Report(function, self._serial, self.clock(now), frames, {}))

    def _queue(self, report: Report) -> None:
        self.reports.append(report)
        self.waiting.append(report)

    # --- sending

    def _send_next(self, now: int) -> list[bytes]:
        out: list[bytes] = []
        while self._connected and self.waiting:
            report = self.waiting[0]
            if report.tries and now - report.sent < _PATIENCE_MS:
                break
            if report.tries > _RESENDS:
                self._settle(self.waiting.popleft())  # kept in its own memory; the centre may ask for it by 38H
                continue
            lost = report.tries == 0 and "lost_packet" in self.plan.faults and len(report.frames) > 2
            frames = [frame for place, frame in enumerate(report.frames) if not (lost and place == 1)]
            report.sent, report.tries = now, report.tries + 1
            out += [self._spoilt(frame) for frame in frames] * (2 if "duplicate" in self.plan.faults else 1)
            if self.plan.mode == 1 and len(report.frames) == 1:
                self._settle(self.waiting.popleft())
        return out

    def _spoilt(self, frame: bytes) -> bytes:
        self._frames += 1
        if "wrong_crc" in self.plan.faults and self._frames % _WRONG_EVERY == 0:
            return frame[:-1] + bytes((frame[-1] ^ 1,))
        return frame

    def _told(self, down: Down) -> list[bytes]:
        if down.function == 0x49 and self._new_password:  # in force once the centre has confirmed it (6.6.4.23)
            self.wire.password, self._new_password = self._new_password, ""
        report = self.waiting[0] if self.waiting else None
        if report is None or down.function != report.function:
            return []
        if down.end == NAK:
            packet = report.frames[down.number - 1]
            # A packet that is asked for again ends with ETX; so it gets a check of its own.
            body = packet[30:-5] if self.wire.ascii else packet[17:-3]
            return [self.wire.frame(report.function, body, packet=(down.total, down.number))]
        if down.serial == report.serial:
            report.confirmed = True
            self._settle(self.waiting.popleft())
            self.on_line = down.end == ESC
        return []

    # --- queries

    def _answer(self, down: Down, now: int) -> list[bytes]:
        function = down.function
        if function == 0x36:
            self._picture(function, now)
            return []
        if function == 0x4A:
            sent = down.sent
            self._offset = 0 if abs(int(sent[:8]) - int(stamp(now, 8))) <= 1 else self._offset
        self._serial = self._serial % 65535 + 1
        head = self.wire.head(self._serial, self.clock(now))
        return [self.wire.frame(function, head + self._told_of(function, down, now))]

    def _told_of(self, function: int, down: Down, now: int) -> bytes:
        wire, plain = self.wire, self.wire.site()
        match function:
            case 0x37 | 0x3A:
                values = self._measured(now)
                return wire.site("H", self.clock(now)) + b"".join(
                    wire.element(code, value) for code, value in values.items()
                )
            case 0x38:
                first = now // _HOUR_MS * _HOUR_MS - 11 * _SLOT_MS
                levels: list[float | None] = [self.weather.level(first + slot * _SLOT_MS) for slot in range(12)]
                return wire.site("H", self.clock(first)) + wire.series("39", 5, levels)
            case 0x39:
                return wire.special("F2", "RGZS", b"Z 3.21 ")
            case 0x45:
                return plain + bytes((6,)) + b"SIM1.0"
            case 0x46:
                return plain + (b"ZT 00000080 " if wire.ascii else bytes.fromhex("452000000080"))
            case 0x49 if not wire.ascii:
                self._new_password = down.rest[-2:].hex().upper()
                return plain + down.rest[-4:]
            case 0x40 | 0x42 | 0x4B | 0x4C | 0x4D | 0x4E | 0x4F:
                return plain + down.rest
            case 0x41:
                return plain + (
                    b"03 %s " % wire.password.encode() if wire.ascii else bytes.fromhex("0310" + wire.password)
                )
            case 0x43:
                return plain + (b"20 01 " if wire.ascii else bytes.fromhex("200801"))
            case 0x50:
                return plain + bytes(64)
            case _:
                return plain
