"""The protocol's matching: what was there, what was alarmed, and which belongs to which. Pure; times are epoch ms, places metres and pixels."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import hypot
from typing import Final, Literal

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""

NEAR_M: Final = 0.5
LEAST_IOU: Final = 0.1
SHORTEST_MS: Final = 3000
SAME_MS: Final = 750
"""How far apart in time two sights are compared: frames come every half second."""

JOINS_MS: Final = 10_000
"""Out of sight for less, a thing is still the same event."""

Verdict = Literal["hit", "duplicate", "small", "false"]


@dataclass(frozen=True, slots=True)
class Sight:
    """Something at one moment; `metre` or `box` may be unknown."""

    time: int
    metre: tuple[float, float] | None
    box: Box | None


@dataclass(frozen=True, slots=True)
class Presence:
    """Something truly there: `counts` says whether it is an event (large and long enough, where it is looked for) or only known to be there."""

    id: str
    kind: str
    cls: str
    size: float
    area: float
    sights: tuple[Sight, ...]
    counts: bool

    @property
    def first(self) -> int:
        """When it was first there."""
        return self.sights[0].time

    @property
    def last(self) -> int:
        """When it was last there."""
        return self.sights[-1].time


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm: when it was told and where what it means was, from when it was first seen until it ended."""

    id: str
    kind: str
    told: int
    sights: tuple[Sight, ...]
    size: float | None = None
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Pair:
    """What became of an alarm: the presence it means, if any."""

    alarm: Alarm
    verdict: Verdict
    presence: Presence | None


def iou(one: Box, other: Box) -> float:
    """Intersection over union of two boxes, 0 to 1."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(width, 0.0) * max(height, 0.0)
    whole = (one[2] - one[0]) * (one[3] - one[1]) + (other[2] - other[0]) * (other[3] - other[1]) - shared
    return shared / whole if whole > 0 else 0.0


def closeness(alarm: Alarm, presence: Presence) -> float:
    """How well an alarm fits a presence at their best common moment: 0 where it does not, up to 2 (1 for the place and 1 for the box)."""
    best = 0.0
    for sight in alarm.sights:
        for there in _around(presence.sights, sight.time):
            best = max(best, _fit(sight, there))
    return best


def matched(alarms: Iterable[Alarm], presences: Sequence[Presence]) -> list[Pair]:
    """Every alarm with its verdict, in the order in which they were told.

    An alarm belongs to the event it fits best, as the protocol asks for no more than nearness. The first of an event is its hit, further ones are duplicates;
    one on what is there but is no event (too
    small, too short, outside) is `small` and counts neither way; one that fits nothing is false.
    """
    hit: set[str] = set()
    pairs = []
    for alarm in sorted(alarms, key=lambda item: (item.told, item.id)):
        fits = [(item.counts, closeness(alarm, item), -place) for place, item in enumerate(presences)]
        best = max((fit for fit in fits if fit[1] > 0), default=None)
        if best is None:
            pairs.append(Pair(alarm, "false", None))
            continue
        presence = presences[-best[2]]
        verdict: Verdict = "small" if not presence.counts else "duplicate" if presence.id in hit else "hit"
        hit.update([presence.id] if presence.counts else [])
        pairs.append(Pair(alarm, verdict, presence))
    return pairs


def spells(sights: Sequence[Sight], joins: int = JOINS_MS) -> list[tuple[Sight, ...]]:
    """Sights of one thing in the order of time, cut where it was away for longer than `joins` ms."""
    parts: list[list[Sight]] = []
    for sight in sights:
        if parts and sight.time - parts[-1][-1].time <= joins:
            parts[-1].append(sight)
        else:
            parts.append([sight])
    return [tuple(part) for part in parts]


def _around(sights: Sequence[Sight], time: int) -> Iterable[Sight]:
    return (item for item in sights if abs(item.time - time) <= SAME_MS)


def _fit(alarm: Sight, there: Sight) -> float:
    place = overlap = 0.0
    if alarm.metre is not None and there.metre is not None:
        away = hypot(alarm.metre[0] - there.metre[0], alarm.metre[1] - there.metre[1])
        place = 1 - away / (2 * NEAR_M) if away <= NEAR_M else 0.0
    if alarm.box is not None and there.box is not None:
        shared = iou(alarm.box, there.box)
        overlap = shared if shared >= LEAST_IOU else 0.0
    return place + overlap
