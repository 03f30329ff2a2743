"""The truth of a stream as presences: which things were where they are looked for, large enough, and long enough to be events."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.patrol.match import SHORTEST_MS, Presence, Sight, spells
from simulators.river.truth import Seen, Truth

Ring = Sequence[tuple[float, float]]
LEAST_SHARE: Final = 0.5
"""Less of it visible, a thing is known to be there and is no event."""

GROUPS: Final = {
    "debris": "debris",
    "coverage": "debris",
    "boat": "water",
    "swimmer": "water",
    "walker": "bank",
    "angler": "bank",
    "bird": "bird",
    "foam": "foam",
}
"""Which alarms a kind of thing can be meant by."""


def inside(point: tuple[float, float], ring: Ring) -> bool:
    """Whether a point is inside a polygon, by counting crossings."""
    x, y = point
    odd = False
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            odd = not odd
    return odd


@dataclass
class Witness:
    """Collects the truth of frames; `least` is the smallest size that is to be found, in metres."""

    watch: Ring
    walk: Ring
    least: float
    _all: dict[str, list[tuple[Sight, bool]]] = field(default_factory=lambda: defaultdict(list))
    _facts: dict[str, Seen] = field(default_factory=dict)

    def look(self, truth: Truth) -> None:
        """Take one frame's truth; of a frame that shows nothing, or another view, nothing is an event."""
        valid = not truth.fault and truth.view == 0
        for seen in truth.things:
            sight = Sight(truth.time, seen.ground, _box(seen))
            self._all[seen.id].append((sight, valid and self._looked_for(seen)))
            self._facts[seen.id] = seen

    def presences(self) -> list[Presence]:
        """Every event, and beside them everything that was there."""
        found = []
        for name, sights in self._all.items():
            seen = self._facts[name]
            events = spells([sight for sight, counts in sights if counts])
            for number, spell in enumerate(events):
                if spell[-1].time - spell[0].time >= SHORTEST_MS:
                    found.append(_presence(f"{name}/{number}", seen, spell, counts=True))
            found.append(_presence(name, seen, tuple(sight for sight, _ in sights), counts=False))
        return found

    def _looked_for(self, seen: Seen) -> bool:
        if seen.kind == "boat":  # boats may be there; an alarm on one as a person is neither right nor false
            return False
        zone = self.walk if GROUPS[seen.kind] == "bank" else self.watch
        large = seen.size >= self.least or seen.kind == "coverage"
        return large and seen.share >= LEAST_SHARE and inside(seen.ground, zone)


def debris_area(truth: Truth, watch: Ring) -> float:
    """Square metres of debris in the watched water."""
    debris = [seen for seen in truth.things if GROUPS[seen.kind] == "debris" and inside(seen.ground, watch)]
    return float(sum(seen.area * seen.share for seen in debris))


def _presence(name: str, seen: Seen, sights: tuple[Sight, ...], *, counts: bool) -> Presence:
    return Presence(name, seen.kind, seen.cls, seen.size, seen.area, sights, counts)


def _box(seen: Seen) -> tuple[float, float, float, float]:
    left, top, right, bottom = (float(value) for value in seen.box)
    return left, top, right, bottom
