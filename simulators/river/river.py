"""The river: a picture and its truth at any moment, the same whatever was asked before."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

import cv2
import msgspec
import numpy as np
from cv2.typing import MatLike

from simulators.river.lens import Camera
from simulators.river.plate import Plate, plate_of
from simulators.river.plumes import Dye, Smoke
from simulators.river.scene import HOUR_MS, Scene
from simulators.river.sensor import Shake, add_noise, compressed, fault_at, panning, shifted, spoilt
from simulators.river.stage import draw
from simulators.river.things import Place, Thing
from simulators.river.traffic import ByChance, Traffic
from simulators.river.truth import Plume, Seen, Truth
from simulators.river.view import View, view_of
from simulators.river.waves import Bytes, Waves, places
from simulators.river.weather import Rain, Shadows, Surface, wake

LIGHT_MS: Final = 30_000
"""How long a plate is used before the light is looked at again."""

_FINE, _BROAD = (1.0, 12.0), (5.3, 51.0)
"""Scale and turn of the two tiles of waves; together they do not repeat within sight."""

_SHARES: Final = (0.85, 0.6)


@dataclass(frozen=True)
class _Looking:
    """All that depends on where the camera looks."""

    camera: Camera
    view: View
    fine: tuple[MatLike, MatLike]
    broad: tuple[MatLike, MatLike]
    surface: Surface
    shadows: Shadows
    rain: Rain
    dye: Dye
    smoke: Smoke


@dataclass(frozen=True)
class River:
    """A scene drawn with a seed; the scene's hour is that of `start` (epoch ms), before which nothing is."""

    scene: Scene
    seed: int
    start: int = 0
    traffic: Traffic | None = None

    def frame(self, moment: int) -> tuple[Bytes, Truth]:
        """The picture (height x width x 3, uint8) at a moment (epoch ms), and its truth."""
        seconds = (moment - self.start) / 1000
        condition = self.scene.condition
        fault = fault_at(condition, seconds)
        if fault is not None and fault.kind == "frozen":
            held = self.start + int(fault.at * 1000) - 1
            return self._sound(held)[0], Truth(moment, words=self._words(seconds), fault="frozen")
        picture, truth = self._sound(moment)
        if fault is not None:
            blurred = spoilt(picture, fault.kind, self.seed)
            return blurred, Truth(moment, words=truth.words, fault=fault.kind, view=truth.view, level=truth.level)
        return picture, truth

    def camera(self, view: int = 0) -> Camera:
        """The camera as it looks before (0) and after (1) it was turned."""
        lens = self.scene.site.lens
        turned = msgspec.structs.replace(lens, pan=lens.pan + view * self.scene.condition.pan_by)
        return Camera(turned, self.scene.width, self.scene.height)

    def things(self, moment: int) -> list[tuple[Thing, Place]]:
        """What is there at a moment, in the picture or not; costs no picture."""
        return [(thing, thing.place(moment)) for thing in self._traffic.things(moment)]

    @cached_property
    def _traffic(self) -> Traffic:
        return self.traffic or ByChance(self.scene, self.seed)

    def _sound(self, moment: int) -> tuple[Bytes, Truth]:
        """The picture of a camera that works."""
        seconds, condition = (moment - self.start) / 1000, self.scene.condition
        view, turning = panning(condition, seconds)
        looking = _looking(self, view)
        plate = _plate(self, view, (moment - self.start) // LIGHT_MS)
        chance = np.random.default_rng([self.seed, 83, moment & 0xFFFFFFFF, moment >> 32])
        things = self.things(moment)
        picture = self._water(looking, plate, things, seconds, chance)
        dye = looking.dye.stain(picture, seconds)
        seen = draw(picture, things, looking.camera, self.scene.site, plate)
        smoke = looking.smoke.rise(picture, seconds, plate)
        if condition.passing and not plate.light.dark:
            looking.shadows.fall(picture, seconds)
        if condition.rain:
            looking.rain.fall(picture, chance)
        shift = Shake(condition.shake, self.seed).at(seconds)
        if any(shift):
            picture = shifted(picture, shift)
        if turning:
            picture = np.asarray(cv2.blur(picture, (self.scene.width // 30, 3)), np.uint8)
        add_noise(picture, plate.light.noise, chance, grey=plate.light.infrared)
        if condition.jpeg:
            picture = compressed(picture, condition.jpeg)
        plumes = tuple(item for item in (dye, smoke) if item is not None)
        return picture, self._truth(moment, seen, plumes, shift, view)

    def _truth(
        self, moment: int, seen: list[Seen], plumes: tuple[Plume, ...], shift: tuple[float, float], view: int
    ) -> Truth:
        right, down = round(shift[0]), round(shift[1])
        moved = [_moved(item, right, down) for item in seen] if right or down else seen
        words = self._words((moment - self.start) / 1000)
        plate = _plate(self, view, (moment - self.start) // LIGHT_MS)
        return Truth(moment, tuple(moved), plumes, words, "", view, plate.light.level, shift)

    def _words(self, seconds: float) -> frozenset[str]:
        plate = _plate(self, panning(self.scene.condition, seconds)[0], int(seconds * 1000) // LIGHT_MS)
        condition = self.scene.condition
        told = {
            "infrared": plate.light.infrared,
            "dark": plate.light.dark,
            "glint": plate.glare is not None,
            "rain": condition.rain > 0,
            "fog": 0 < condition.fog < 500,
            "shake": condition.shake >= 1,
            "foam": condition.foam > 0.2,
            "clouds": condition.passing > 0,
            "calm": condition.wind < 1.2,
            "ripple": 1.2 <= condition.wind < 6,
            "rough": condition.wind >= 6,
        }
        return frozenset([condition.name, *(word for word, holds in told.items() if holds)])

    def _water(
        self,
        looking: _Looking,
        plate: Plate,
        things: list[tuple[Thing, Place]],
        seconds: float,
        chance: np.random.Generator,
    ) -> Bytes:
        waves = _waves(self)
        tile = waves.tile(seconds)
        slopes = _slopes(tile, looking)
        for thing, place in things:
            if thing.cls == "skiff":
                wake(slopes, thing, place, looking.camera)
        if self.scene.condition.rain:
            looking.rain.rings(slopes, chance)
        leaning = slopes.astype(np.int16)
        leaning -= 128
        moved = cv2.merge([leaning, leaning, leaning])
        np.multiply(moved, plate.lean, out=moved)
        np.right_shift(moved, 7, out=moved)
        if self.scene.condition.foam > 0.05 or self.scene.condition.mottle > 0.25:
            carried = looking.surface.at(seconds, plate.light.level)
            np.add(moved, cv2.merge([carried, carried, carried]), out=moved)
        picture = np.asarray(cv2.add(plate.still, moved, dtype=cv2.CV_8U), np.uint8)
        if plate.glare is not None:
            _sparkle(picture, slopes, waves.tile(seconds, across=True), looking, plate)
        return picture


def _moved(seen: Seen, right: int, down: int) -> Seen:
    left, top, other, bottom = seen.box
    box = left + right, top + down, other + right, bottom + down
    return Seen(seen.id, seen.kind, seen.cls, box, seen.size, seen.area, seen.ground, seen.share, seen.moving)


def _slopes(tile: Bytes, looking: _Looking) -> Bytes:
    fine = cv2.remap(tile, *looking.fine, cv2.INTER_LINEAR)
    broad = cv2.remap(tile, *looking.broad, cv2.INTER_LINEAR)
    level = 128 * (1 - sum(_SHARES))
    return np.asarray(cv2.addWeighted(fine, _SHARES[0], broad, _SHARES[1], level), np.uint8)


_SQUARES: Final = np.minimum(np.arange(256) ** 2 / 4, 255).astype(np.uint8)
_FLASH: Final = np.array([255 * np.exp(-value / 16) for value in range(256)], np.uint8)


def _sparkle(picture: Bytes, slopes: Bytes, across: Bytes, looking: _Looking, plate: Plate) -> None:
    """The sun in those facets that mirror it."""
    glare = plate.glare
    if glare is None:
        return
    window = glare.rows, glare.columns
    maps = [(places_[0][window], places_[1][window]) for places_ in (looking.fine, looking.broad)]
    fine, broad = (cv2.remap(across, *item, cv2.INTER_LINEAR) for item in maps)
    other = cv2.addWeighted(fine, _SHARES[0], broad, _SHARES[1], 128 * (1 - sum(_SHARES)))
    off = cv2.add(
        cv2.LUT(cv2.absdiff(slopes[window], glare.along), _SQUARES), cv2.LUT(cv2.absdiff(other, glare.across), _SQUARES)
    )
    flash = cv2.multiply(cv2.LUT(off, _FLASH), glare.reach, dtype=cv2.CV_8U)
    part = picture[window]
    lit = cv2.merge([cv2.convertScaleAbs(flash, alpha=colour / 255) for colour in glare.colour])
    picture[window] = cv2.add(part, lit)


@lru_cache(maxsize=8)
def _waves(river: River) -> Waves:
    condition, site = river.scene.condition, river.scene.site
    return Waves(condition.wind, condition.wind_from, site.flow, site.lens.pan, river.seed)


@lru_cache(maxsize=8)
def _looking(river: River, view: int) -> _Looking:
    camera, scene, seed = river.camera(view), river.scene, river.seed
    seen = view_of(camera, scene.site, scene.condition.lamps, seed)
    dither = np.random.default_rng([seed, 89]).uniform(0, 1, seen.water.shape).astype(np.float32)
    near = np.maximum(seen.distance, 1).astype(float)
    # A pixel spans more along the view than across it; the mean of both keeps near waves sharp and far ones quiet.
    footprint = near / camera.focal * np.sqrt(np.clip(near / camera.lens.height, 1, 200))
    ground = np.clip(seen.ground.astype(float), -3000, 3000)
    fine, broad = (places(ground, footprint, dither, scale=scale, turn=turn) for scale, turn in (_FINE, _BROAD))
    surface = Surface(scene.condition, scene.site.flow, seen, seed)
    shadows, rain = Shadows(scene.condition, seen, seed), Rain(scene.condition.rain, camera, seed)
    return _Looking(
        camera, seen, fine, broad, surface, shadows, rain, Dye(scene, seen, seed), Smoke(scene, camera, seed)
    )


@lru_cache(maxsize=6)
def _plate(river: River, view: int, step: int) -> Plate:
    scene, looking = river.scene, _looking(river, view)
    hour = (scene.condition.hour + step * LIGHT_MS / HOUR_MS) % 24
    bearing = (hour - 6) * 15 + 90 - scene.site.north - looking.camera.lens.pan
    return plate_of(
        scene, looking.camera, looking.view, hour, bearing if scene.condition.sun is None else scene.condition.sun
    )
