"""How many values a core-second go through the rules' Faust worker with 4 rules on each datastream, on both logs."""

from collections.abc import Iterator
from contextlib import closing
from typing import Final

import numpy as np

from benchmarks import fleet
from benchmarks.hub_process import Hub, Plan
from benchmarks.processes import Meter
from benchmarks.result import Result, Say, Scale, judged, median, missing, spread
from hub.batch import Batch, Block, Floats, Index, Ints, encode_batch
from hub.bus import Bus, Message
from hub.buses import open_bus
from hub.clock import SystemClock
from hub.config import load_settings
from hub.partition import partition_of
from hub.topics import CATALOGUE, OBSERVATIONS
from tests.engines import Kafka, wait_until

REACH: Final = 300_000
ROWS: Final = 500
"""Messages of a full batch, as ingest makes them under load."""

RULES_PER_STREAM: Final = 4
_STEP_MS: Final = 5000
_GROUP: Final = 50


def run(scale: Scale, say: Say) -> list[Result]:
    """A row for the embedded log and one for Kafka."""
    rows = [_measure("embedded log", "embedded://", scale, say)]
    if why := Kafka.missing():
        return [*rows, missing(_title("Kafka"), f">= {REACH}", why)]
    kafka = Kafka.launch()
    try:
        return [*rows, _measure("Kafka", kafka.url, scale, say)]
    finally:
        kafka.wipe()


def _measure(name: str, url: str, scale: Scale, say: Say) -> Result:
    batches, rounds = scale.pick(400, 2000), 3
    plan = Plan(bus=url, rules=fleet.four_rules(), parts=("rules",))
    with Hub(plan) as hub, closing(open_bus(url, hub.data)) as bus:
        partitions = load_settings(hub.folder / "hub.toml").partitions
        source = Source(bus, partitions)
        found: list[float] = []
        for number in range(rounds + 1):
            meter, before = Meter(hub.pids()), hub.passed()
            values = source.feed(batches)
            hub.wait_passed(before + values // fleet.VALUES, 180)
            found.append(values / meter.spent()["rules"])
            say(f"{name}: {found[-1]:.0f} values a core-second" + ("" if number else " (warming up)"))
        source.breach()
        wait_until(lambda: hub.counters("rules").get("alerts", 0) >= RULES_PER_STREAM, 30, "the alerts of a breach")
    return Result(
        figure=_title(name),
        reach=f">= {REACH}",
        measured=f"{median(found[1:]):.0f}",
        verdict=judged(median(found[1:]) >= REACH),
        bound="the rules worker's CPU",
        notes=(
            f"median (range) of {rounds} rounds of {batches} batches of {ROWS} messages: {spread(found[1:], '.0f')}; {partitions} partition(s)",
            f"a breach of one datastream at the end fired the {RULES_PER_STREAM} rules on it",
        ),
    )


class Source:
    """Appends full batches of the fleet's readings, as ingest would, with event time going on."""

    def __init__(self, bus: Bus, partitions: int) -> None:
        self._bus = bus
        self._catalogue = bus.ends(CATALOGUE)[0]
        self._now = SystemClock().now()
        self._chance = np.random.default_rng(1)
        self._stations: list[tuple[int, tuple[str, ...]]] = []
        for number in range(partitions):
            names = map(fleet.station_name, range(fleet.STATIONS))
            mine = tuple(name for name in names if partition_of(name.encode(), partitions) == number)
            self._stations.append((number, mine))
        self._next = [0] * partitions
        self._sequence = 0

    def feed(self, batches: int, rows: int = ROWS) -> int:
        """Append this many, of so many messages each, fifty at a time; how many values they held."""
        messages = list(self._make(batches, rows))
        for first in range(0, len(messages), _GROUP):
            self._bus.append(messages[first : first + _GROUP])
        return batches * rows * fleet.VALUES

    def breach(self) -> None:
        """Append a batch in which one station's pH is over every limit for minutes, and still one that a probe can show."""
        partition, stations = self._stations[0]
        time = self._now + self._next[partition] // len(stations) * _STEP_MS + np.arange(60) * _STEP_MS
        value = np.full((60, 1), fleet.QUANTITIES[0].limit * 1.5)
        self._bus.append([self._message(partition, stations, np.zeros(60, np.uint32), time, value)])

    def _make(self, batches: int, rows: int) -> Iterator[Message]:
        starts = np.array([each.start for each in fleet.QUANTITIES])
        for number in range(batches):
            partition, stations = self._stations[number % len(self._stations)]
            place = self._next[partition] + np.arange(rows)
            self._next[partition] += rows
            station = (place % len(stations)).astype(np.uint32)
            value = starts * self._chance.uniform(0.95, 1.05, (rows, fleet.VALUES))
            yield self._message(partition, stations, station, self._now + place // len(stations) * _STEP_MS, value)

    def _message(self, partition: int, stations: tuple[str, ...], station: Index, time: Ints, value: Floats) -> Message:
        self._sequence += 1
        names = tuple(each.name for each in fleet.QUANTITIES[: value.shape[1]])
        block = Block(names, station, time.astype(np.int64), value)
        batch = Batch("bench", self._sequence, int(time[-1]), self._catalogue, stations, (block,))
        return Message(OBSERVATIONS, stations[0].encode(), encode_batch(batch), partition)


def _title(name: str) -> str:
    return f"values a core-second through Faust, 4 rules a datastream, {name}"
