"""Where the water carries things: as the site says, or as what drifted here before shows."""

from math import cos, hypot, radians, sin
from typing import Final

import msgspec

from vision.site import Flow
from vision.track.track import Space

ENOUGH: Final = 5
REMEMBERED: Final = 20
COHERENT: Final = 0.7


class Current(msgspec.Struct, frozen=True):
    """The prior velocity of a thing on the water in one space (units a second); `known` says that it may be judged by."""

    velocity: tuple[float, float] = (0.0, 0.0)
    known: bool = False

    @property
    def speed(self) -> float:
        """Units a second."""
        return hypot(*self.velocity)


class Drifts(msgspec.Struct, frozen=True):
    """The mean velocities of the last things that drifted through, in one space."""

    seen: tuple[tuple[float, float], ...] = ()

    def with_one(self, velocity: tuple[float, float]) -> "Drifts":
        """The same with one more, the oldest forgotten."""
        return Drifts((*self.seen, velocity)[-REMEMBERED:])

    def current(self) -> Current:
        """What they agree on; not known while they are few or go different ways."""
        if len(self.seen) < ENOUGH:
            return Current()
        x, y = (sum(velocity[axis] for velocity in self.seen) / len(self.seen) for axis in (0, 1))
        total = sum(hypot(*velocity) for velocity in self.seen) / len(self.seen)
        known = total > 0 and hypot(x, y) >= COHERENT * total
        return Current((x, y), known=True) if known else Current()


def current_of(flow: Flow | None, space: Space, drifts: Drifts) -> Current:
    """The site's flow where it counts (metres), what was learnt otherwise; east is x, north is y."""
    if flow is None or space == "px":
        return drifts.current()
    angle = radians(flow.direction_deg)
    return Current((sin(angle) * flow.speed_m_s, cos(angle) * flow.speed_m_s), known=True)
