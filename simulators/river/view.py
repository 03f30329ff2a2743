"""What one camera position sees, whatever the light: which pixels are water, what stands on the banks, and what the water mirrors."""

from dataclasses import dataclass
from functools import lru_cache
from math import cos, radians, sin
from typing import Final

import cv2
import numpy as np

from simulators.river.land import PER_METRE, WIDE, strip_of
from simulators.river.lens import Camera, Exact, Floats
from simulators.river.scene import Bank, Site

TILT: Final = 0.12
"""The slope, both ways, at which the mirror is looked into to learn how waves change it."""

SKY_ROWS: Final = 256
_LAMP_Z: Final = 5.2
_LAMP_WIDE: Final = 0.35
_FAR: Final = 1e4
_COARSE: Final = 2


@dataclass(frozen=True, slots=True)
class Layers:
    """Colour of what covers (already multiplied with its cover), the cover, the lamps' light, row of the sky behind, metres to it."""

    colour: Floats
    cover: Floats
    lamps: Floats
    sky: Floats
    distance: Floats


@dataclass(frozen=True, slots=True)
class View:
    """Direct layers at full size; the mirror at half size for a facet tilted away, level, and towards; all that a light turns into a picture."""

    ground: Floats
    water: Floats
    direct: Layers
    soil: Floats
    distance: Floats
    mirror: tuple[Layers, Layers, Layers]
    fresnel: tuple[Floats, Floats, Floats]
    rays: Floats


@lru_cache(maxsize=6)
def view_of(camera: Camera, site: Site, lamps: int, seed: int) -> View:
    """The view of a camera; the last few are kept."""
    rays = camera.grid()
    rays /= np.linalg.norm(rays, axis=2, keepdims=True)
    pole = np.array([0.0, 0.0, camera.lens.height])
    down = np.where(rays[..., 2] < -1e-6, -camera.lens.height / np.minimum(rays[..., 2], -1e-6), _FAR)
    ground = rays[..., :2] * down[..., None]
    below = rays[..., 2] < -1e-6
    water = below & np.all(
        [_normal(bank) @ ground.reshape(-1, 2).T < bank.distance for bank in site.banks], axis=0
    ).reshape(below.shape)
    direct = _look(np.broadcast_to(pole, rays.shape), rays, site, lamps, seed)
    distance = np.where(water, down, np.minimum(direct.distance, down)).astype(np.float32)
    coarse = (slice(None, None, _COARSE), slice(None, None, _COARSE))
    start = np.dstack([ground[coarse], np.zeros_like(down[coarse])])
    start[~water[coarse]] = 0
    away, level, towards = (
        _look(start, _mirrored(rays[coarse], slope), site, lamps, seed) for slope in (-TILT, 0.0, TILT)
    )
    fresnel = _fresnel(rays[coarse], -TILT), _fresnel(rays[coarse], 0.0), _fresnel(rays[coarse], TILT)
    kept_ground, kept_rays = (
        item.astype(np.float32) for item in (ground, rays)
    )  # half the memory; a view is kept for as long as its camera
    soil = _soil(ground, seed)
    return View(
        kept_ground, water.astype(np.float32), direct, soil, distance, (away, level, towards), fresnel, kept_rays
    )


def on_water(site: Site, east: float, north: float) -> bool:
    """Whether a place is water."""
    return all(float(_normal(bank) @ (east, north)) < bank.distance for bank in site.banks)


def _normal(bank: Bank) -> Exact:
    return np.array([sin(radians(bank.bearing)), cos(radians(bank.bearing))])


def _mirrored(rays: Exact, slope: float) -> Exact:
    flat = np.hypot(rays[..., 0], rays[..., 1])
    height = np.clip(np.arctan2(-rays[..., 2], flat) + 2 * slope, 0.004, 1.45)
    turned = rays[..., :2] / flat[..., None] * np.cos(height)[..., None]
    return np.dstack([turned, np.sin(height)])


def _fresnel(rays: Exact, slope: float) -> Floats:
    flat = np.hypot(rays[..., 0], rays[..., 1])
    facing = np.sin(np.clip(np.arctan2(-rays[..., 2], flat) + slope, 0.01, 1.57))
    return (0.02 + 0.98 * (1 - facing) ** 5).astype(np.float32)


def _look(start: Exact, rays: Exact, site: Site, lamps: int, seed: int) -> Layers:
    shape = rays.shape[:2]
    colour, cover = np.zeros((*shape, 3), np.float32), np.zeros(shape, np.float32)
    light, nearest = np.zeros(shape, np.float32), np.full(shape, _FAR, np.float32)
    for bank in site.banks:
        if bank.top <= 0:
            continue
        paint, strip, glow, reach = _bank(start, rays, bank, lamps, seed)
        # Nearer growth covers what is behind it; what is behind shows through its gaps.
        front = (reach < nearest)[..., None]
        over = np.where(front, paint + colour * (1 - strip[..., None]), colour + paint * (1 - cover[..., None]))
        light = np.where(front[..., 0], glow + light * (1 - strip), light + glow * (1 - cover))
        colour, cover = over.astype(np.float32), (cover + strip - cover * strip).astype(np.float32)
        nearest = np.where(strip > 0.5, np.minimum(nearest, reach), nearest).astype(np.float32)
    sky = np.clip(rays[..., 2], 0, 1) * (SKY_ROWS - 1)
    return Layers(colour, cover, light.astype(np.float32), sky.astype(np.float32), nearest)


def _bank(start: Exact, rays: Exact, bank: Bank, lamps: int, seed: int) -> tuple[Floats, Floats, Floats, Floats]:
    paint, cover = strip_of(bank, seed)
    normal = _normal(bank)
    away = bank.distance - start[..., :2] @ normal
    towards = rays[..., :2] @ normal
    reach = np.where((towards > 1e-6) & (away > 0), away / np.maximum(towards, 1e-6), _FAR)
    hit = start + rays * reach[..., None]
    along = hit[..., 0] * normal[1] - hit[..., 1] * normal[0]
    x = np.remainder(along * PER_METRE, WIDE - 1).astype(np.float32)
    y = np.where(reach < _FAR, hit[..., 2] * PER_METRE, -1e4).astype(np.float32)
    y = np.where(y > -PER_METRE, np.maximum(y, 0), y)
    seen = np.asarray(cv2.remap(cover, x, y, cv2.INTER_LINEAR), np.float32)
    colours = cv2.remap(paint, x, y, cv2.INTER_LINEAR)
    glow = np.zeros_like(seen)
    for lamp in np.random.default_rng([seed, 58]).uniform(-45, 45, lamps):
        glow += np.exp(-(((along - lamp) / _LAMP_WIDE) ** 2) - ((hit[..., 2] - _LAMP_Z) / _LAMP_WIDE) ** 2).astype(
            np.float32
        )
    return colours * seen[..., None], seen, np.where(reach < _FAR, glow, 0).astype(np.float32), reach.astype(np.float32)


def _soil(ground: Exact, seed: int) -> Floats:
    """Grass and earth of the near bank by place."""
    random = np.random.default_rng([seed, 59])
    grain = cv2.GaussianBlur(random.normal(0, 1, (512, 512)).astype(np.float32), (0, 0), 1.5)
    patches = cv2.GaussianBlur(random.normal(0, 1, (512, 512)).astype(np.float32), (0, 0), 12)
    tile = np.float32(1) + 0.45 * grain + 3.2 * patches
    x, y = (np.remainder(ground[..., axis] * 40, 511).astype(np.float32) for axis in (0, 1))
    shade = cv2.remap(tile, x, y, cv2.INTER_LINEAR)
    return np.clip(shade[..., None] * np.array([62, 98, 88], np.float32), 8, 200)
