"""Suites S2 and S4: drawn debris on real water, and the same water without any."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from benchmarks.patrol.backdrops import HEIGHT, WIDTH, Backdrop
from benchmarks.patrol.segments import PERIOD_MS, START, WARM_UP_S
from simulators.river.lens import Camera
from simulators.river.light import Light
from simulators.river.plate import Plate
from simulators.river.scene import Scene, Traffic
from simulators.river.sensor import add_noise, compressed
from simulators.river.stage import draw
from simulators.river.things import Place, Thing
from simulators.river.traffic import ByChance
from simulators.river.truth import Truth
from simulators.river.waves import Bytes

AFLOAT: Final = Traffic(debris=160, coverage=8)
CLEAN: Final = Traffic()
_NOISE: Final = 1.0
_JPEG: Final = 88


@dataclass(frozen=True)
class Composite:
    """A real sequence with things that a scene's traffic puts on its water, as a river: the picture and its truth at any moment."""

    backdrop: Backdrop
    folder: Path
    traffic: Traffic
    seed: int
    start: int
    after: int
    period: int = 500

    @cached_property
    def scene(self) -> Scene:
        """The scene it is as good as."""
        return self.backdrop.scene(self.traffic)

    def camera(self, _view: int = 0) -> Camera:
        """The assumed camera."""
        return Camera(self.backdrop.lens, WIDTH, HEIGHT)

    def frame(self, moment: int) -> tuple[Bytes, Truth]:
        """The picture and its truth."""
        number = (moment - self.start) // self.period
        picture = self.backdrop.at(self.folder, number)
        things = [(thing, thing.place(moment)) for thing in self._there(moment)]
        seen = draw(picture, things, self.camera(), self.scene.site, self._plate)
        chance = np.random.default_rng([self.seed, moment & 0xFFFFFFFF])
        add_noise(picture, _NOISE, chance, grey=False)
        return compressed(picture, _JPEG), Truth(moment, tuple(seen), words=frozenset(["real", self.backdrop.name]))

    def things(self, moment: int) -> list[tuple[Thing, Place]]:
        """What is there."""
        return [(thing, thing.place(moment)) for thing in self._there(moment)]

    def _there(self, moment: int) -> list[Thing]:
        found = ByChance(self.scene, self.seed).things(moment)
        return [thing for thing in found if thing.born >= self.after]

    @cached_property
    def _plate(self) -> Plate:
        """The light of the sequence, taken from its own brightness."""
        first = self.backdrop.at(self.folder, 0)
        level = float(np.clip(np.asarray(cv2.cvtColor(first, cv2.COLOR_BGR2GRAY)).mean() / 118, 0.5, 1.15))
        clear = np.ones((HEIGHT, WIDTH), np.float32)
        empty = np.zeros((1, 1, 3), np.int16)
        light = Light(40.0, level, (1.0, 1.0, 1.0), _NOISE, False, False)
        return Plate(light, empty, empty, clear, np.zeros(3, np.float32), clear, None)


@dataclass(frozen=True)
class Reel:
    """One composite stream of a backdrop."""

    backdrop: Backdrop
    folder: Path
    traffic: Traffic
    seed: int
    length: int
    warm_up: int = WARM_UP_S
    period: int = PERIOD_MS

    @property
    def name(self) -> str:
        """What it is called in the page."""
        return f"{self.backdrop.name}, {'with debris' if self.traffic.debris else 'clean'}, seed {self.seed}"

    @property
    def armed(self) -> int:
        """When counting begins (epoch ms)."""
        return START + self.warm_up * 1000

    def moments(self) -> range:
        """The times of all frames (epoch ms)."""
        return range(START, self.armed + self.length * 1000, self.period)

    def river(self) -> Composite:
        """What is filmed."""
        return Composite(self.backdrop, self.folder, self.traffic, self.seed, START, self.armed, self.period)
