"""A simulated HJ 212 logger without its wire: it uploads real-time, minute and hour data, keeps what is not answered, and does what it is asked.

Its encoder is its own: nothing here is shared with the code that it tests.
"""

import random
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from simulators.course import QUIET, Course, Record
from simulators.field.hj212_wire import BEIJING, Crc, check_of, digits_of, frame_of

MINUTE: Final = 60_000
HOUR: Final = 3_600_000
ANSWER_MS: Final = 10_000
SEND_MOST: Final = 4
KEPT_MOST: Final = 5_000

CHANNELS: Final = {
    "31": {"a21026": (35.0, "mg/m3"), "a21002": (80.0, "mg/m3"), "a34013": (8.0, "mg/m3"), "a19001": (9.0, "%")},
    "32": {"w00000": (20.0, "L/s"), "w01001": (7.2, ""), "w01018": (45.0, "mg/L"), "w21003": (2.5, "mg/L")},
    "21": {"w01001": (7.6, ""), "w01009": (7.0, "mg/L"), "w01010": (18.0, "Cel"), "w21011": (0.12, "mg/L")},
    "22": {"a34004": (38.0, "ug/m3"), "a34002": (60.0, "ug/m3"), "a05024": (90.0, "ug/m3")},
}
"""Factors by system: about what they read."""

_KINDS: Final = {"2011": "", "2051": "_minute", "2061": "_hour"}
"""What a period adds to the name of a property."""


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with a logger; `flood`: how many times too often it sends, `deaf`: it hears no answer."""

    crc: Crc = "right"
    duplicate: bool = False
    wrong_password: bool = False
    clock_hours: int = 0
    flood: int = 1
    deaf: bool = False


@dataclass(slots=True)
class Kept:
    """One record that was not answered yet."""

    frame: bytes
    due: int
    record: Record | None = None
    sent: int = 1


@dataclass
class Logger:
    """The device without its wire: what it sends by itself, and what it answers. Times epoch ms.

    `measure` gives its values by code at a moment (None: some about those of its system); `names` the property of each code, for the truth.
    """

    mn: str
    password: str = "123456"  # noqa: S105 - the word of a device that is none
    st: str = "32"
    seed: int = 0
    faults: Faults = field(default_factory=Faults)
    edition: int = 1
    interval: int = 30_000
    minute_interval: int = 10 * MINUTE
    overtime: int = ANSWER_MS
    course: Course = QUIET
    measure: Callable[[int], Mapping[str, float]] | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    records: dict[tuple[str, int], str] = field(default_factory=dict)
    kept: dict[str, Kept] = field(default_factory=dict)
    answered: deque[bytes] = field(default_factory=lambda: deque(maxlen=KEPT_MOST))
    done: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_MOST))
    clock_error: int = 0
    running: bool = True

    def __post_init__(self) -> None:
        self._chance = random.Random(f"{self.mn} {self.seed}")
        self._values = {code: level for code, (level, _) in CHANNELS[self.st].items()}
        self._next = dict.fromkeys(("2011", "2051", "2061"), 0)
        self._number = 0
        self._rest = b""
        self._started = False
        self._settled: list[Record] = []
        self.clock_error += self.faults.clock_hours * HOUR

    # --- what its connection calls

    def connected(self, now: int) -> list[bytes]:
        """What it says first: after power-up 2081 and 1013; later what was not answered, oldest first."""
        if not self._started:
            self._started = True
            return self._start(now)
        self._rest = b""
        for kept in self.kept.values():
            kept.sent, kept.due = 1, now + self.overtime
        return [kept.frame for kept in self.kept.values()]

    def lost(self) -> None:
        """The connection ended; what was not answered is kept."""

    def heartbeats(self, count: int, now: int) -> list[bytes]:
        """So many requests for the time at once: it has no heartbeat of its own."""
        return [self._frame(self._qn(now), "1013", "") for _ in range(count)]

    def settled(self) -> list[Record]:
        """The records that were answered since this was last asked."""
        found, self._settled = self._settled, []
        return found

    def unsettled(self) -> list[Record]:
        """The records that wait for an answer."""
        return [kept.record for kept in self.kept.values() if kept.record is not None]

    # --- what it sends by itself

    def _start(self, now: int) -> list[bytes]:
        restarted = f"DataTime={digits_of(self._clock(now))};RestartTime={digits_of(self._clock(now) - MINUTE)}"
        return [*self._upload("2081", restarted, now), *self._upload("1013", "", now)]

    def tick(self, now: int) -> list[bytes]:
        """Everything it is time for: new records, and old ones that nobody answered."""
        frames: list[bytes] = []
        if self.course.silent(now):
            return frames
        for cn, every in (("2011", self.interval), ("2051", self.minute_interval), ("2061", HOUR)):
            if self._next[cn] <= now and (self.running or cn != "2011"):
                begin = self._clock(now) if cn == "2011" else (self._clock(now) // every - 1) * every
                first, self._next[cn] = self._next[cn] == 0, (now // every + 1) * every
                if cn == "2011" or not first:
                    content, record = self._record(cn, begin, now)
                    frames += self._upload(cn, content, now, record) * self.faults.flood
        for kept in self.kept.values():
            if kept.due <= now and kept.sent < SEND_MOST:
                kept.sent, kept.due = kept.sent + 1, now + self.overtime
                frames.append(kept.frame)
        return frames

    def wake(self, now: int) -> int:
        """When `tick` has something again."""
        again = [kept.due for kept in self.kept.values() if kept.sent < SEND_MOST]
        return max(now + 1, min([*self._next.values(), *again]))

    def _clock(self, now: int) -> int:
        return now + self.clock_error

    def _record(self, cn: str, begin: int, now: int) -> tuple[str, Record]:
        items = []
        truth: dict[str, object] = {}
        calibrated = {item.property for item, _ in self.course.running("calibration", now)}
        for code, value in self._measured(now).items():
            low, high, name = value * 0.9, value * 1.1, self.names.get(code, code)
            flag = "C" if name in calibrated else "N"
            truth[f"{name}{_KINDS[cn]}"] = round(value, 3)
            if cn == "2011":
                items.append(f"{code}-Rtd={value:.3f},{code}-Flag={flag}")
            else:
                items.append(f"{code}-Min={low:.3f},{code}-Avg={value:.3f},{code}-Max={high:.3f},{code}-Flag={flag}")
        content = f"DataTime={digits_of(begin)};" + ";".join(items)
        if cn != "2011":
            self.records[cn, begin] = content
            if len(self.records) > KEPT_MOST:
                del self.records[min(self.records, key=lambda key: key[1])]
        return content, Record(begin // 1000 * 1000, truth)

    def _measured(self, now: int) -> Mapping[str, float]:
        if self.measure is not None:
            return self.measure(now)
        for code, level in self._values.items():
            self._values[code] = max(0.0, level * (1 + self._chance.gauss(0, 0.02)))
        return self._values

    def _upload(self, cn: str, content: str, now: int, record: Record | None = None) -> list[bytes]:
        frame = self._frame(self._qn(now), cn, content, answer=True)
        qn = frame[9:26].decode()
        if len(self.kept) < KEPT_MOST:
            self.kept[qn] = Kept(frame, now + self.overtime, record)
        return [frame, frame] if self.faults.duplicate else [frame]

    def _qn(self, now: int) -> str:
        self._number += 1
        return f"{digits_of(self._clock(now))}{self._number % 1000:03d}"

    def _frame(self, qn: str, cn: str, content: str, *, answer: bool = False, st: str = "") -> bytes:
        password = "000000" if self.faults.wrong_password else self.password
        flag = self.edition << 2 | answer
        head = f"QN={qn};ST={st or self.st};CN={cn};PW={password};MN={self.mn};Flag={flag}"
        return frame_of(f"{head};CP=&&{content}&&", self.faults.crc)

    # --- what it answers

    def received(self, data: bytes, now: int) -> list[bytes]:
        """What it says to these bytes of the hub."""
        *lines, self._rest = (self._rest + data).split(b"\r\n")
        frames: list[bytes] = []
        for line in lines:
            head = dict(re.findall(r"(\w+)=([^;&]*)", line.decode().partition("CP=")[0][6:]))
            content = re.search(r"CP=&&(.*)&&", line.decode())
            check = check_of(line[6:-4], modbus=self.faults.crc == "modbus")
            if self.faults.deaf or not head or content is None or check != int(line[-4:], 16):
                continue
            if head["CN"] in ("9013", "9014"):
                if (kept := self.kept.pop(head["QN"], None)) is not None:
                    self.answered.append(kept.frame)
                    if kept.record is not None:
                        self._settled.append(replace(kept.record, acknowledged=True))
            else:
                frames += self._obey(head, dict(re.findall(r"([\w-]+)=([^;,]*)", content[1])), now)
        return frames

    def _obey(self, head: dict[str, str], asked: dict[str, str], now: int) -> list[bytes]:
        qn, cn = head["QN"], head["CN"]

        def reply(code: str, content: str) -> bytes:
            return self._frame(qn, code, content, st="91")

        if head["PW"] != self.password:
            return [reply("9011", "QnRtn=3")]
        self.done.append(cn)
        if cn in ("2012", "2022"):
            self.running = self.running and cn != "2012"
            return [reply("9013", "")]
        if cn in ("2051", "2061", "2031") and "BeginTime" in asked:
            found = self._stored(cn, asked["BeginTime"], asked["EndTime"])
            data = [self._frame(qn, cn, content, answer=True) for content in found]
            return [reply("9011", "QnRtn=1"), *data, reply("9012", "ExeRtn=1" if found else "ExeRtn=100")]
        answers = self._get(cn, asked, now)
        wrong = not self._set(cn, asked, now)
        data = [self._frame(qn, cn, answers)] if answers else []
        ending = [] if cn in ("2011", "2021") else [reply("9012", f"ExeRtn={3 if wrong else 1}")]
        return [reply("9011", "QnRtn=1"), *data, *ending]

    def _stored(self, cn: str, begin: str, end: str) -> list[str]:
        return [
            content
            for (kind, time), content in sorted(self.records.items())
            if kind == cn and begin <= digits_of(time) <= end
        ]

    def _get(self, cn: str, asked: dict[str, str], now: int) -> str:
        factor = asked.get("PolId", "w01018")
        answers = {
            "1011": f"SystemTime={digits_of(self._clock(now))}",
            "1061": f"RtdInterval={self.interval // 1000}",
            "1063": f"MinInterval={self.minute_interval // MINUTE}",
            "3015": f"DataTime={digits_of(self._clock(now))};VaseNo=3",
            "3017": f"PolId={factor};CstartTime=000000;Ctime=2",
            "3018": f"PolId={factor};Stime=30",
            "3019": f"PolId={factor};{factor}-SN=SN{self.mn[:8]}",
            "3020": f"DataTime={digits_of(self._clock(now))};PolId={factor};i11001-Info=//ok; all clean//",
        }
        return answers.get(cn, "")

    def _set(self, cn: str, asked: dict[str, str], now: int) -> bool:
        if cn == "1000":
            self.overtime = int(asked["OverTime"]) * 1000
        elif cn == "1012":
            told = datetime.strptime(asked["SystemTime"], "%Y%m%d%H%M%S").replace(tzinfo=BEIJING)
            self.clock_error = int(told.timestamp() * 1000) - now + self.faults.clock_hours * HOUR
        elif cn == "1062":
            self.interval = int(asked["RtdInterval"]) * 1000
        elif cn == "1064":
            self.minute_interval = int(asked["MinInterval"]) * MINUTE
        elif cn == "1072":
            self.password = asked["NewPW"]
        return True
