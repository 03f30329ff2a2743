"""What connected devices cost: thousands of loggers and vehicles on the real part `field`, on the embedded bus; every answered record is looked for there."""

import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.field.devices import Fleet
from benchmarks.field.load import SPARE_FILES, Told
from benchmarks.hub_process import Hub, Plan
from benchmarks.processes import Meter, memory
from benchmarks.result import Result, Say, Scale, judged, percentile
from hub.batch import decode_batch
from hub.buses import open_bus
from hub.descriptors import allow_open
from hub.topics import OBSERVATIONS
from tests.engines import free_port

CPU: Final = 0.5
P99_MS: Final = 1000.0
SESSION: Final = 30 << 10
_WHOLE: Final = Fleet(5_000, 2_000)
_QUICK: Final = Fleet(500, 200)
_PART: Final = "field"
_CALLS: Final = 400
_FILL: Final = (15, 25)
"""Records of each logger and vehicle that fill its tap: then a session holds what it will ever hold."""

_FILL_RATE: Final = 1_000


class LoadFailed(RuntimeError):
    """The load's process ended; its words are on the screen."""


class Measured(msgspec.Struct, frozen=True):
    """One run: CPU seconds of the part while all devices kept to their periods, resident bytes before and after, and what the bus held."""

    fleet: Fleet
    cpu: float
    empty: int
    connected: int
    full: int
    filled: Told
    steady: Told
    load_cpu: float
    answered: int
    missing: int
    twice: int


def run(scale: Scale, say: Say) -> list[Result]:
    """CPU, time to the answer, memory, and whether what was answered is stored."""
    fleet = _fitting(_QUICK if scale.short else _WHOLE, say)
    seconds = scale.pick(20, round(scale.minutes * 60))
    found = _measure(fleet, seconds, say)
    return _rows(found)


def _fitting(fleet: Fleet, say: Say) -> Fleet:
    """As many devices as files may be open."""
    allowed = allow_open(fleet.size + SPARE_FILES) - SPARE_FILES
    if allowed >= fleet.size:
        return fleet
    say(f"only {allowed} sockets may be open here (ulimit -Hn): fewer devices than the goal speaks of")
    return Fleet(fleet.loggers * allowed // fleet.size, fleet.vehicles * allowed // fleet.size)


def _measure(fleet: Fleet, seconds: int, say: Say) -> Measured:
    ports = free_port(), free_port()
    listen = {name: f"127.0.0.1:{port}" for name, port in zip(("hj212", "jt808"), ports, strict=True)}
    with tempfile.TemporaryDirectory(prefix="field-") as folder:
        out = Path(folder, "answered.json")
        with Hub(Plan(parts=(_PART,), devices=fleet.register, listen=listen)) as hub, _load(fleet, ports, out) as load:
            pid = hub.pids()[_PART]
            empty = memory(pid).resident
            told = load.phase(f"connect {_CALLS}")
            connected = memory(pid).resident
            say(
                f"{fleet.size} connected in {told.seconds:.0f} s, {(connected - empty) / fleet.size / 1024:.1f} KB each"
            )
            filled = load.phase(f"fill {_FILL[0]} {_FILL[1]} {_FILL_RATE}")
            say(f"{filled.answered} of {filled.sent} records of the past answered in {filled.seconds:.0f} s")
            load.begin(f"steady {seconds}")
            meter = Meter({_PART: pid, "load": load.pid})
            steady = load.end()
            spent = meter.spent()
            say(f"{steady.answered} of {steady.sent} answered, p99 {percentile(steady.waits, 0.99):.0f} ms")
            full = memory(pid).resident
            load.phase("end")
            answered, missing, twice = _compare(hub, out)
    share, load_share = spent[_PART] / steady.seconds, spent["load"] / steady.seconds
    return Measured(fleet, share, empty, connected, full, filled, steady, load_share, answered, missing, twice)


def _rows(found: Measured) -> list[Result]:
    fleet, steady = found.fleet, found.steady
    who = f"{fleet.loggers} HJ 212 loggers, {fleet.vehicles} JT/T 808 vehicles"
    rate = steady.sent / steady.seconds
    each = (found.full - found.empty) / fleet.size
    p99 = percentile(steady.waits, 0.99)
    behind = f"the load was late by {steady.behind:.2f} s at worst and took {found.load_cpu:.0%} of a core"
    whole = not (found.missing or found.twice or steady.unanswered or steady.lost or steady.refused)
    return [
        Result(
            figure=f"CPU of `field`, {who}",
            reach=f"<= {CPU:.0%} of a core",
            measured=f"{found.cpu:.0%}",
            verdict=judged(found.cpu <= CPU),
            bound="CPU",
            notes=(
                f"{rate:.0f} messages/s for {steady.seconds:.0f} s on the embedded bus: {found.cpu / rate * 1e6:.0f} us a message with all that is around it",
            ),
        ),
        Result(
            figure=f"last byte to durable answer, p99, {who}",
            reach=f"<= {P99_MS:.0f} ms",
            measured=f"{p99:.0f} ms",
            verdict=judged(p99 <= P99_MS),
            bound="the disk's sync",
            notes=(
                f"p50 {percentile(steady.waits, 0.5):.0f} ms, worst {max(steady.waits):.0f} ms of {steady.answered}; {behind}",
            ),
        ),
        Result(
            figure=f"memory a session, {who}",
            reach=f"<= {SESSION >> 10} KB",
            measured=f"{each / 1024:.1f} KB",
            verdict=judged(each <= SESSION),
            notes=(
                f"resident {found.empty >> 20} MB before, {found.connected >> 20} MB connected, {found.full >> 20} MB with the last frames of each kept",
            ),
        ),
        Result(
            figure=f"answered records that are stored, {who}",
            reach="all, once",
            measured=f"{found.answered - found.missing} of {found.answered}",
            verdict=judged(whole),
            notes=(
                (
                    f"{found.twice} twice on the bus; {found.filled.unanswered + steady.unanswered} not answered, {steady.refused} refused, "
                    f"{steady.lost} connections lost"
                ),
                f"{found.filled.answered} of them were sent as held back, {found.filled.answered / found.filled.seconds:.0f} a second",
            ),
        ),
    ]


class _Load:
    """The devices' process."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.pid = process.pid

    def phase(self, words: str) -> Told:
        """A whole phase."""
        self._ask(words)
        return self.end()

    def begin(self, words: str) -> None:
        """A phase, up to the moment at which its first record goes out."""
        self._ask(words)
        self._line()

    def end(self) -> Told:
        """What came of it."""
        while (line := self._line()) == "go":
            pass
        return msgspec.json.decode(line, type=Told)

    def _ask(self, words: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(words + "\n")
        self._process.stdin.flush()

    def _line(self) -> str:
        assert self._process.stdout is not None
        if not (line := self._process.stdout.readline()):
            raise LoadFailed("the devices' process ended")
        return line.strip()


@contextmanager
def _load(fleet: Fleet, ports: tuple[int, int], out: Path) -> Iterator[_Load]:
    numbers = [str(number) for number in (*ports, fleet.loggers, fleet.vehicles)]
    command = [sys.executable, "-m", "benchmarks.field.load", *numbers, str(out)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield _Load(process)
        finally:
            process.kill()


def _compare(hub: Hub, out: Path) -> tuple[int, int, int]:
    """How many records were answered, how many of them the bus lacks, how many rows it has twice."""
    answered = {
        (station, time)
        for station, times in msgspec.json.decode(out.read_bytes(), type=dict[str, list[int]]).items()
        for time in times
    }
    rows: Counter[tuple[str, int, str]] = Counter()
    with open_bus("embedded://", hub.data) as bus:
        end = bus.ends(OBSERVATIONS)[0]
        with closing(bus.consumer(None, [OBSERVATIONS])) as reader:
            read = 0
            while read < end:
                for record in reader.poll(1.0):
                    read = record.offset + 1
                    rows.update(_rows_of(record.value or b""))
    stored = {(station, time) for station, time, _ in rows}
    return len(answered), len(answered - stored), sum(number - 1 for number in rows.values())


def _rows_of(value: bytes) -> Iterator[tuple[str, int, str]]:
    batch = decode_batch(value)
    for block in batch.blocks:
        shape = ",".join(block.properties)
        for station, time in zip(block.station.tolist(), block.time.tolist(), strict=True):
            yield batch.stations[station], int(time), shape
