"""What a stream led to: the truth's presences, the alarms, and what it cost."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from benchmarks.patrol.match import Alarm, Pair, Presence, Sight, matched
from benchmarks.patrol.presences import GROUPS
from vision.events.event import PatrolEvent

Ground = Callable[[float, float], tuple[float, float] | None]
"""A pixel's place in metres."""

MEANT_BY: Final = {
    "debris.item": "debris",
    "debris.coverage": "debris",
    "debris.accumulation": "debris",
    "intrusion.water": "water",
    "intrusion.bank": "bank",
    "fishing.suspected": "bank",
}
"""What a kind of alarm is about; all others are about the camera, the water's colour or smoke."""

LEAST_COVERED: Final = 0.5
"""An alarm of coverage is right where that share of the square metres it is set to lie there, wherever its middle is."""


@dataclass(frozen=True)
class Outcome:
    """One segment's result. `covered` is the debris in the watched water (m2) by time, `busy_ms` CPU time of the patrol, `held` bytes it added."""

    name: str
    words: frozenset[str]
    seconds: float
    frames: int
    presences: tuple[Presence, ...]
    alarms: tuple[Alarm, ...]
    covered: dict[int, float]
    faults: tuple[tuple[str, int, int], ...]
    busy_ms: float = 0.0
    held: int = 0
    blind: float = 0.0
    armed: int = 0
    states: Counter[str] = field(default_factory=Counter)
    version: str = ""

    def of(self, about: str) -> list[Pair]:
        """The alarms about debris, the water or the bank, judged against everything that was there."""
        alarms = [alarm for alarm in self.alarms if MEANT_BY.get(alarm.kind) == about and alarm.told >= self.armed]
        there = [item for item in self.presences if GROUPS[item.kind] == about]
        return [self._by_area(pair) for pair in matched(alarms, there)]

    def events(self, about: str) -> list[Presence]:
        """The events that were to be found."""
        return [item for item in self.presences if item.counts and GROUPS[item.kind] == about]

    def _by_area(self, pair: Pair) -> Pair:
        """An alarm of coverage speaks of all debris together."""
        if pair.verdict != "false" or pair.alarm.kind != "debris.coverage":
            return pair
        near = min(self.covered, key=lambda time: abs(time - pair.alarm.told), default=None)
        enough = near is not None and self.covered[near] >= LEAST_COVERED * 2.0
        return Pair(pair.alarm, "small" if enough else "false", None)


def alarms_of(events: Iterable[PatrolEvent], ground: Ground) -> list[Alarm]:
    """The alarms in a stream's events: when each was opened, and every place that it was said to be."""
    grouped: dict[str, list[PatrolEvent]] = {}
    for event in events:
        grouped.setdefault(event.event_id, []).append(event)
    return [_alarm(said, ground) for said in grouped.values()]


def _alarm(said: Sequence[PatrolEvent], ground: Ground) -> Alarm:
    sights = {}
    for event in said:
        for time, x, y in event.path:
            sights[time] = Sight(time, ground(x, y), None)
    for event in said:
        box = (
            None
            if event.box is None
            else (event.box.x, event.box.y, event.box.x + event.box.w, event.box.y + event.box.h)
        )
        if event.state != "close" or event.seen == event.time:
            sights[event.seen] = Sight(event.seen, event.metre, box)
    sizes = [event.size_m for event in said if event.size_m is not None]
    ordered = tuple(sights[time] for time in sorted(sights))
    size = float(np.median(sizes)) if sizes else None
    return Alarm(said[0].event_id, said[0].kind, said[0].time, ordered, size, max(event.score for event in said))
