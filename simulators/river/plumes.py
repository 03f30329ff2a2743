"""Dye or silt spreading in the water, and smoke rising from a bank."""

from dataclasses import dataclass
from functools import cached_property
from math import cos, radians, sin
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from simulators.river.lens import Camera, Exact, Floats
from simulators.river.plate import Plate
from simulators.river.scene import Scene
from simulators.river.truth import Plume
from simulators.river.view import View
from simulators.river.waves import Bytes

_COARSE: Final = 4
_SEEN: Final = 0.1
_PUFFS: Final = 70
_EVERY: Final = 1.1
_HUES: Final = ((0.0, 0.45, 0.9), (-0.1, -0.95, 0.3), (0.75, 0.1, 0.65), (-0.5, 0.75, -0.45))
"""Directions in Lab: silt, green dye, milk, red dye."""


@dataclass(frozen=True)
class Dye:
    """From `traffic.dye_at` seconds on the water changes its colour, from the upstream side of the watched water on, by up to `dye_delta` (CIE76)."""

    scene: Scene
    view: View
    seed: int

    @cached_property
    def _ground(self) -> Exact:
        return np.clip(self.view.ground[::_COARSE, ::_COARSE], -500, 500)

    @cached_property
    def _wet(self) -> Floats:
        return self.view.water[::_COARSE, ::_COARSE]

    def strength(self, seconds: float) -> float:
        """How far it has come, 0 to 1: full after five minutes."""
        at = self.scene.traffic.dye_at
        return float(np.clip((seconds - at) / 300, 0, 1)) if at >= 0 else 0.0

    def stain(self, picture: Bytes, seconds: float) -> Plume | None:
        """Colour a picture; the difference is that of the water's mean colour as the picture shows it."""
        strength = self.strength(seconds)
        if strength <= 0:
            return None
        ring, flow = np.array(self.scene.site.watch), np.array(self.scene.site.flow)
        upstream = ring.mean(axis=0) - flow / max(float(np.hypot(*flow)), 1e-6) * np.ptp(ring, axis=0).max() * 0.6
        away = np.hypot(*(np.moveaxis(self._ground, 2, 0) - upstream[:, None, None]))
        reach = 2 + 45 * strength
        mask = np.clip((reach - away) / 6, 0, 1).astype(np.float32) * self._wet
        if not (mask > _SEEN).any():
            return None
        step = self._step(picture) * strength
        coarse = (mask[..., None] * step).astype(np.int16)
        added = cv2.resize(coarse, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        cv2.add(picture, added, dst=picture, dtype=cv2.CV_8U)
        return Plume("dye", _box(mask), strength, self.scene.traffic.dye_delta)

    def _step(self, picture: Bytes) -> Floats:
        """What to add to blue, green, red for the full difference."""
        mean = picture[::8, ::8][self.view.water[::8, ::8] > 0].mean(axis=0).astype(np.float32) / 255
        lab = cv2.cvtColor(mean.reshape(1, 1, 3), cv2.COLOR_BGR2LAB)
        hue = np.array(_HUES[self.seed % len(_HUES)], np.float32)
        shifted = lab + self.scene.traffic.dye_delta * hue / np.linalg.norm(hue)
        back = cv2.cvtColor(shifted.astype(np.float32), cv2.COLOR_LAB2BGR)
        step: Floats = (back.reshape(3) - mean) * 255
        return step


@dataclass(frozen=True)
class Smoke:
    """From `traffic.smoke_at` seconds on puffs rise from the top of the first bank that has one, and drift with the wind."""

    scene: Scene
    camera: Camera
    seed: int

    @cached_property
    def _foot(self) -> Exact:
        bank = next(bank for bank in self.scene.site.banks if bank.top > 0)
        along = np.random.default_rng([self.seed, 53]).uniform(-0.22, 0.22) * bank.distance
        bearing = radians(bank.bearing)
        east = bank.distance * sin(bearing) + along * cos(bearing) + 3 * sin(bearing)
        return np.array([east, bank.distance * cos(bearing) - along * sin(bearing) + 3 * cos(bearing), bank.wall + 1.0])

    def rise(self, picture: Bytes, seconds: float, plate: Plate) -> Plume | None:
        """Draw the smoke over a picture."""
        at = self.scene.traffic.smoke_at
        if at < 0 or seconds < at:
            return None
        cover = np.zeros((picture.shape[0] // _COARSE, picture.shape[1] // _COARSE), np.float32)
        newest = int((seconds - at) / _EVERY)
        for number in range(max(0, newest - _PUFFS), newest + 1):
            self._puff(cover, number, max(0.0, seconds - at - number * _EVERY))
        cover = np.asarray(cv2.GaussianBlur(cover, (0, 0), 2.2), np.float32)
        if not (cover > _SEEN).any():
            return None
        whole = cv2.resize(np.minimum(cover, 0.75), picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        rows = slice(0, int(np.flatnonzero(whole.max(axis=1) > 0.01)[-1]) + 1)
        grey = plate.shade(np.array([196, 194, 192], np.float32), 0.95, 1.0)
        share = whole[rows, :, None]
        picture[rows] = (picture[rows] * (1 - share) + grey * share).astype(np.uint8)
        return Plume("smoke", _box(cover), float(min(cover.max(), 1)))

    def _puff(self, cover: Floats, number: int, age: float) -> None:
        chance = np.random.default_rng([self.seed, 61, number]).uniform(-1, 1, 4)
        wind, towards = self.scene.condition.wind, radians(self.scene.condition.wind_from + 180)
        drift = (0.35 * wind + 0.1) * age + 0.4 * chance[0] * age**0.5
        place = self._foot + np.array(
            [drift * sin(towards), drift * cos(towards), 1.15 * age**0.85 * (1 + 0.15 * chance[1])]
        )
        (pixel,) = self.camera.pixels(place[None])
        scale = self.camera.focal / max(float(self.camera.distance(place[None])[0]), 1)
        if not np.isfinite(pixel).all() or abs(pixel).max() > 4 * self.camera.width:
            return
        radius = max(1, int((0.5 + 0.13 * age) * (1 + 0.3 * chance[2]) * scale / _COARSE))
        layer = np.zeros_like(cover)
        cv2.circle(layer, (int(pixel[0] / _COARSE), int(pixel[1] / _COARSE)), radius, 1.0, -1)
        cover += layer * np.float32(0.34 * np.exp(-age / 38))


def _box(mask: NDArray[np.float32]) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero((mask > _SEEN).any(axis=1)), np.flatnonzero((mask > _SEEN).any(axis=0))
    return (
        int(columns[0]) * _COARSE,
        int(rows[0]) * _COARSE,
        int(columns[-1] + 1) * _COARSE,
        int(rows[-1] + 1) * _COARSE,
    )
