"""`water.colour`: the water has another colour than usual at this hour, for longer than the limit: dye, silt, algae, oil."""

from typing import Final

import msgspec

from vision.colour.lab import Lab, delta_e
from vision.colour.measure import water_colour
from vision.colour.usual import Usual, middle
from vision.events.event import Facts
from vision.frame import Image
from vision.geometry.view import View
from vision.rules.claim import Claim, Kind, Scene, Timing

EVERY_MS: Final = 5000
MINUTE_MS: Final = 60_000
KEEPS: Final = 0.7
"""The part of the limit above which an open event stays open."""
UNSURE: Final = 0.3
"""The weight of lightness without a reference patch: sun and cloud change it as much as silt does."""
LEARNS: Final = 0.6
"""A colour closer to the usual than this part of the limit is learnt."""
STALE_MS: Final = 180_000
NEW_USUAL_MS: Final = 12 * 3_600_000
"""A colour that stays for so long is the water's own now."""


class _Memory(msgspec.Struct):
    usual: Usual
    minute: int = 0
    labs: tuple[Lab, ...] = ()
    measured: int = 0
    judged: int = 0
    delta: float = 0.0
    lab: Lab = (0.0, 0.0, 0.0)
    reference: Lab = (0.0, 0.0, 0.0)
    strange_since: int = 0


class WaterColour:
    """One event while the colour differs; the median of each minute is what is judged."""

    name = "water.colour"
    level = 2
    blind = False

    def __init__(self, view: View) -> None:
        limits = view.config.limits
        self._limit = limits.colour_delta_e
        self._weight = 1.0 if view.config.reference_patch else UNSURE
        self.timing = Timing(on_s=limits.colour_s, off_s=max(300.0, limits.colour_s / 2), update_s=600.0)
        self._view, self._water = view, None if not view.config.water else view.config.water[0].name
        self._mask: Image | None = None
        self._memory = _Memory(Usual())

    def claims(self, scene: Scene) -> list[Claim]:
        memory = self._memory
        if scene.look is not None and scene.time - memory.measured >= EVERY_MS:
            self._measure(scene)
        fresh = scene.time - memory.judged <= STALE_MS
        if not memory.judged or not fresh or memory.delta < KEEPS * self._limit:
            return []
        lightness, red, yellow = memory.lab
        values = {"delta_e": memory.delta, "lightness": lightness, "red_green": red, "yellow_blue": yellow}
        facts = Facts(
            score=min(1.0, memory.delta / (2 * self._limit)),
            percent=100.0,
            zone=self._water or "",
            values={name: round(value, 2) for name, value in values.items()},
        )
        over = memory.delta > self._limit
        return [Claim(subject="water", since=memory.strange_since, opens=over, group="water", facts=facts)]

    def numbers(self) -> dict[str, float]:
        return {"colour_delta_e": self._memory.delta} if self._memory.judged else {}

    def export(self) -> bytes:
        return msgspec.msgpack.encode(self._memory)

    def restore(self, state: bytes) -> None:
        try:
            self._memory = msgspec.msgpack.decode(state, type=_Memory)
        except msgspec.DecodeError as error:
            raise ValueError(f"not a state of water.colour: {error}") from error

    def _measure(self, scene: Scene) -> None:
        memory, look = self._memory, scene.look
        assert look is not None
        if self._mask is None:
            self._mask = self._view.water_pixels(look.small.shape[1], look.small.shape[0])
        memory.measured = scene.time
        minute = scene.time - scene.time % MINUTE_MS
        if minute != memory.minute:
            if memory.labs:
                self._judge(memory.minute, middle(memory.labs))
            memory.minute, memory.labs = minute, ()
        things = [track.box for track in scene.tracks if track.visible]
        if (lab := water_colour(look, self._mask, things)) is not None:
            memory.labs = (*memory.labs, lab)

    def _judge(self, minute: int, lab: Lab) -> None:
        """Hold a minute's colour against the usual one, and learn it where it is no stranger."""
        memory = self._memory
        # While the water is strange nothing is learnt, and what was usual before stays so.
        usual = memory.usual.at(minute) or (memory.reference if memory.strange_since else None)
        memory.lab = lab
        if usual is None:
            memory.usual.add(minute, lab)
            memory.judged = 0
            return
        memory.reference = usual
        memory.judged, memory.delta = minute + MINUTE_MS, delta_e(lab, usual, self._weight)
        if memory.delta < KEEPS * self._limit:
            memory.strange_since = 0
        elif not memory.strange_since:
            memory.strange_since = minute
        settled = memory.strange_since and minute - memory.strange_since >= NEW_USUAL_MS
        if memory.delta < LEARNS * self._limit or settled:
            memory.usual.add(minute, lab)


def kinds(view: View) -> list[Kind]:
    """The kind of this file."""
    return [WaterColour(view)]
