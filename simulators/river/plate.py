"""A view under a light: how bright each pixel is on level water, and how much a wave's slope changes it; made anew as the light changes."""

from dataclasses import dataclass
from math import cos, radians, sin
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from simulators.river.lens import Camera, Floats
from simulators.river.light import Light, light_at, sky_of
from simulators.river.scene import Scene
from simulators.river.view import TILT, View
from simulators.river.waves import STEEPEST, Bytes

_HALF_BYTE: Final = 127.0
_SUNLIGHT: Final = np.array([215, 240, 255], np.float32)
_GLARE: Final = 62.0
_REACH_OF_INFRARED: Final = 15.0
_WANTED_SPREAD: Final = 34.0
_MOST_STRETCH: Final = 1.9
"""A camera spreads a dull picture over more of its grey levels, within limits; colours keep their strength."""


@dataclass(frozen=True, slots=True)
class Glare:
    """Where the sun can be mirrored (top, bottom, left, right), the slopes along and across the view that do it, and how strongly."""

    rows: slice
    columns: slice
    along: Bytes
    across: Bytes
    colour: tuple[int, int, int]
    reach: Floats


@dataclass(frozen=True, slots=True)
class Plate:
    """`still` is the picture without waves, `lean` what a slope byte adds (times 128), both int16; `clear` the share of light that the air lets through."""

    light: Light
    still: NDArray[np.int16]
    lean: NDArray[np.int16]
    clear: Floats
    air: Floats
    beam: Floats
    glare: Glare | None
    stretch: float = 1.0
    pivot: float = 0.0

    def shade(self, colour: Floats, clear: float, beam: float) -> Floats:
        """A colour under white light as it looks through `clear` air, lit by `beam` of the camera's own lamp."""
        lit = colour * self.light.paint
        if self.light.infrared:
            lit = np.full(3, lit.mean(), np.float32) * beam
        seen = lit * clear + self.air * (1 - clear)
        stretched: Floats = seen + np.float32((float(seen.mean()) - self.pivot) * (self.stretch - 1))
        return stretched


def plate_of(scene: Scene, camera: Camera, view: View, hour: float, sun_bearing: float) -> Plate:
    """The plate at an hour of the day; `sun_bearing` is degrees from the camera's view."""
    light = light_at(hour, scene.condition)
    sky = sky_of(light, scene.condition).astype(np.float32)
    clear = _clear(view.distance, scene.condition.fog)
    air = sky[0] * (0.8 if scene.condition.fog else 1.0)
    beam = (
        np.clip(_REACH_OF_INFRARED / np.maximum(view.distance, 4), 0, 1.6) ** 2
        if light.infrared
        else np.ones_like(view.distance)
    )
    still, lean = _water(scene, view, light, sky)
    if light.infrared:
        lean = lean + np.float32(34) * light.level
    land = _land(view, light, sky, scene.condition.lamps)
    wet = view.water[..., None]
    still, lean = still * wet + land * (1 - wet), lean * wet
    if light.infrared:
        still, lean = (
            item.mean(axis=2, keepdims=True) * beam[..., None] * np.ones(3, np.float32) for item in (still, lean)
        )
    still = still * clear[..., None] + air * (1 - clear[..., None])
    stretch, pivot = _stretch(still, fog=0 < scene.condition.fog < 500, dark=light.dark)
    still = still + (still.mean(axis=2, keepdims=True) - pivot) * (stretch - 1)
    lean = lean * clear[..., None] * (stretch * STEEPEST / _HALF_BYTE * 128)
    glare = _glare(scene, camera, view, light, sun_bearing)
    whole = np.clip(still, 0, 255).astype(np.int16), np.clip(lean, -255, 255).astype(np.int16)
    return Plate(light, *whole, clear, air, beam.astype(np.float32), glare, stretch, pivot)


def _stretch(still: Floats, *, fog: bool, dark: bool) -> tuple[float, float]:
    """How much the camera spreads the levels, and around which."""
    pivot, spread = float(still.mean()), float(still.mean(axis=2).std())
    limit = 1.0 if fog or dark else _MOST_STRETCH
    return float(np.clip(_WANTED_SPREAD / max(spread, 1.0), 1.0, limit)), pivot


def _clear(distance: Floats, sight: float) -> Floats:
    # Koschmieder: at the distance of sight two per cent of the contrast are left.
    return (
        np.exp(-3.912 * distance / sight).astype(np.float32) if sight else np.exp(-distance / 2600).astype(np.float32)
    )


def _water(scene: Scene, view: View, light: Light, sky: Floats) -> tuple[Floats, Floats]:
    body = np.array(scene.site.body, np.float32) * light.paint
    seen = []
    for layers, fresnel in zip(view.mirror, view.fresnel, strict=True):
        behind = sky[layers.sky.astype(np.int32)]
        bank = layers.colour * light.paint * (0.25 if light.dark else 1.0)
        mirrored = bank + behind * (1 - layers.cover[..., None])
        seen.append(mirrored * fresnel[..., None] + body * (1 - fresnel[..., None]))
    # Waves too small to be seen one by one blur the mirror; their mean square slope grows with the wind.
    side = float(np.clip((0.0008 + 0.00512 * scene.condition.wind) / (4 * TILT**2), 0.03, 0.3))
    still, lean = side * (seen[0] + seen[2]) + (1 - 2 * side) * seen[1], (seen[2] - seen[0]) / (2 * TILT)
    if light.dark and not light.infrared and scene.condition.lamps:
        streak = cv2.GaussianBlur(np.sum([item.lamps for item in view.mirror], axis=0), (0, 0), sigmaX=2.0, sigmaY=26)
        glow = streak[..., None] * np.array([150, 220, 255], np.float32)
        still, lean = still + np.minimum(glow * 3, 170), lean + np.minimum(glow * 22, 900)
    shape = view.water.shape[1], view.water.shape[0]
    at_rest, by_slope = (
        np.asarray(cv2.resize(item, shape, interpolation=cv2.INTER_LINEAR), np.float32) for item in (still, lean)
    )
    return at_rest, by_slope


def _land(view: View, light: Light, sky: Floats, lamps: int) -> Floats:
    direct = view.direct
    dark = np.float32(0.3 if light.dark and not light.infrared else 1.0)
    behind = np.where(
        (view.rays[..., 2] < 0)[..., None], view.soil * light.paint * dark, sky[direct.sky.astype(np.int32)]
    )
    land = direct.colour * light.paint * dark + behind * (1 - direct.cover[..., None])
    if light.dark and not light.infrared and lamps:
        halo = cv2.GaussianBlur(direct.lamps, (0, 0), 14) * 1.5 + direct.lamps
        land = land + np.minimum(halo[..., None] * np.array([190, 235, 255], np.float32), 255)
    return land.astype(np.float32)


def _glare(scene: Scene, camera: Camera, view: View, light: Light, sun_bearing: float) -> Glare | None:
    strength = 255 * (1 - scene.condition.cloud) ** 1.5 if light.sun > 2 else 0.0
    if strength < 40 or abs((sun_bearing + 180) % 360 - 180) > _GLARE:
        return None
    pan, high = radians(camera.lens.pan), radians(light.sun)
    sun = np.array(
        [sin(radians(sun_bearing) + pan) * cos(high), cos(radians(sun_bearing) + pan) * cos(high), sin(high)]
    )
    half = sun - view.rays
    upward = np.maximum(half[..., 2], 1e-3)
    along = -(half[..., 0] * sin(pan) + half[..., 1] * cos(pan)) / upward
    across = -(half[..., 0] * cos(pan) - half[..., 1] * sin(pan)) / upward
    near = (view.water > 0) & (np.abs(along) < STEEPEST) & (np.abs(across) < STEEPEST)
    if not near.any():
        return None
    rows, columns = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
    window = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    first, second = (
        np.clip(item[window] * _HALF_BYTE / STEEPEST + 128, 0, 255).astype(np.uint8) for item in (along, across)
    )
    blue, green, red = (int(part) for part in _SUNLIGHT * strength / 255)
    reach = _clear(view.distance[window], scene.condition.fog) * near[window]
    return Glare(*window, first, second, (blue, green, red), reach.astype(np.float32))
