"""Where an alert's time goes: when its reading was durable, and when the alert was, from the log's own times."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Final

from benchmarks.hub_process import Hub
from benchmarks.listeners import Arrivals, Heard
from benchmarks.load import Alarm
from benchmarks.result import percentile
from hub.alert import decode_transition
from hub.bus import Bus, Record
from hub.buses import open_bus
from hub.topics import ALERTS, OBSERVATIONS

_NOTHING_MORE: Final = 0.3


def stages(hub: Hub, alarms: Sequence[Alarm], arrivals: Arrivals) -> str:
    """p50 and p99 in ms of each stage between sending and hearing, as text; empty when no alert was heard of."""
    with closing(open_bus(hub.plan.bus, hub.data)) as bus:
        read = {(each.partition, each.offset): each.time for each in _records(bus, OBSERVATIONS)}
        spoken = _spoken(bus)
    rows = []
    for alarm in alarms:
        heard = arrivals.first.get(Heard(alarm.device, alarm.ts))
        place, said = spoken.get(Heard(alarm.device, alarm.ts), ((0, -1), 0))
        if heard is not None and place in read:
            rows.append((read[place] - alarm.sent * 1000, said - read[place], heard * 1000 - said))
    names = ("sent to durable", "to the alert", "to heard")
    columns = zip(names, zip(*rows, strict=True), strict=True) if rows else ()
    return ", ".join(f"{name} {percentile(found, 0.5):.0f}/{percentile(found, 0.99):.0f}" for name, found in columns)


def _spoken(bus: Bus) -> dict[Heard, tuple[tuple[int, int], int]]:
    """For each fired alert: the batch that brought it, and when it was appended (epoch ms)."""
    found: dict[Heard, tuple[tuple[int, int], int]] = {}
    for record in _records(bus, ALERTS):
        said = decode_transition(record.value or b"")
        if said.fired is not None:
            heard = Heard(said.target.device, said.breach_start)
            found.setdefault(heard, ((said.partition, said.offset), record.time))
    return found


def _records(bus: Bus, topic: str) -> Iterator[Record]:
    """Everything that is on a topic, until nothing comes for a moment; ticks come once a second."""
    with closing(bus.consumer(None, [topic])) as consumer:
        while records := consumer.poll(_NOTHING_MORE):
            yield from records
