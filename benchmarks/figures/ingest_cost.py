"""What a message costs ingest, in CPU, against Telegraf writing JSON to a file; one run, alternated."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

from benchmarks.hub_process import Hub, Plan
from benchmarks.peers import Telegraf
from benchmarks.processes import Meter
from benchmarks.publisher import Load
from benchmarks.result import Result, Say, Scale, judged, median, missing, spread
from tests.engines import Mosquitto, wait_until

READERS: Final = {"bulk": 0.35, "public": 1.2}
"""paho's ways of reading, and the reach of each: its cost over Telegraf's."""

PROTOCOLS: Final = {"bulk": "auto", "public": "3.1.1"}
"""What each speaks: paho takes MQTT 5 properties apart in Python, message by message, so its public path is spared them; Telegraf
speaks 3.1.1 too.
"""

SPACED: Final = 3000
WARM_UP: Final = 3000
_WITHIN: Final = 180.0


@dataclass(frozen=True, slots=True)
class Subject:
    """A consumer of one broker: its process, and how many messages it has done with."""

    name: str
    broker: Mosquitto
    pid: int
    done: Callable[[], int]


def run(scale: Scale, say: Say) -> list[Result]:
    """A row for each way of reading, from full speed; what it costs at evenly spaced messages stands in the notes."""
    if why := Telegraf.missing():
        return [missing(_title(reader), f"<= {reach}", why) for reader, reach in READERS.items()]
    with _subjects() as subjects:
        # The first messages teach ingest its devices; that is paid once, not for each message.
        _rounds(subjects, WARM_UP, SPACED, 1, lambda _: None)
        full = _rounds(subjects, scale.pick(30_000, 100_000), 0, 3, say)
        spaced = _rounds(subjects, scale.pick(9_000, 45_000), SPACED, scale.pick(1, 3), say)
    return [_row(reader, reach, full, spaced) for reader, reach in READERS.items()]


@contextmanager
def _subjects() -> Iterator[list[Subject]]:
    with ExitStack() as opened:
        broker = _broker(opened)
        telegraf = Telegraf.beside(broker)
        opened.callback(telegraf.kill)
        found = [Subject("telegraf", broker, telegraf.pid, telegraf.lines.count)]
        for reader in READERS:
            broker = _broker(opened)
            plan = Plan(mqtt=broker.url, parts=("ingest",), reader=reader, protocol=PROTOCOLS[reader])
            hub = opened.enter_context(Hub(plan))
            found.append(Subject(reader, broker, hub.pids()["ingest"], hub.passed))
        yield found


def _broker(opened: ExitStack) -> Mosquitto:
    broker = Mosquitto.launch()
    opened.callback(broker.wipe)
    return broker


def _rounds(subjects: list[Subject], messages: int, rate: float, rounds: int, say: Say) -> Mapping[str, list[float]]:
    costs: dict[str, list[float]] = {subject.name: [] for subject in subjects}
    for _ in range(rounds):
        for subject in subjects:
            costs[subject.name].append(_cost(subject, messages, rate))
        say(
            ", ".join(f"{name} {found[-1]:.1f}" for name, found in costs.items())
            + f" us a message at {rate or 'full speed'}"
        )
    return costs


def _cost(subject: Subject, messages: int, rate: float) -> float:
    """CPU microseconds a message."""
    before = subject.done()
    meter = Meter({subject.name: subject.pid})
    with Load(subject.broker.port, messages, rate=rate) as load:
        load.finish()
    what = f"{messages} messages through {subject.name}"
    wait_until(lambda: subject.done() - before >= messages, _WITHIN, what)
    return meter.spent()[subject.name] / messages * 1e6


def _row(reader: str, reach: float, full: Mapping[str, list[float]], spaced: Mapping[str, list[float]]) -> Result:
    ratio = median(full[reader]) / median(full["telegraf"])
    at_rate = median(spaced[reader]) / median(spaced["telegraf"])
    return Result(
        figure=_title(reader),
        reach=f"<= {reach}",
        measured=f"{ratio:.2f}",
        verdict=judged(ratio <= reach),
        notes=(
            f"CPU us a message at full speed, median (range): {reader} {spread(full[reader])}, telegraf {spread(full['telegraf'])}",
            f"at {SPACED} messages/s evenly spaced: {reader} {spread(spaced[reader])}, telegraf {spread(spaced['telegraf'])}: {at_rate:.2f}",
            f"protocol {PROTOCOLS[reader]}; ingest syncs to disk before it acknowledges, Telegraf's file is never synced",
        ),
    )


def _title(reader: str) -> str:
    return f"ingest CPU a message / Telegraf's (json -> file), {reader} path"
