"""The colour of the water in one frame: the median over the polygon without glint, darkness and things, against the reference patch."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.colour.lab import LINEAR, Lab, lab_of
from vision.detection import Box
from vision.detector import Look
from vision.frame import Image

STEP: Final = 4
"""Every fourth pixel each way is enough for a median."""
GLINT: Final = 235
DARK: Final = 12
FEWEST: Final = 100
PATCH_LIGHT: Final = (0.02, 0.97)
NOMINAL: Final = 0.5
"""The light that the patch is taken to give back in each colour: then what the water gives back is comparable at any hour."""
NIGHT: Final = 0.008


def water_colour(look: Look, water: Image, things: Sequence[Box]) -> Lab | None:
    """L*, a*, b* of the water; None at night, in infra-red, with too little water to be seen, or with a patch too dark or clipped.

    `water` is 0 or 255 at the size of `look.small`; `things` are boxes in the frame that are no water.
    """
    if look.quality.infrared:
        return None
    sampled = look.small[::STEP, ::STEP]
    chosen = (water[::STEP, ::STEP] > 0) & ~_covered(look, things)[::STEP, ::STEP]
    darkest, brightest = sampled.min(axis=2), sampled.max(axis=2)
    chosen &= (darkest < GLINT) & (brightest > DARK)
    if np.count_nonzero(chosen) < FEWEST:
        return None
    light = _light(sampled[chosen])
    if light.mean() < NIGHT or (gains := _gains(look)) is None:
        return None
    blue, green, red = (light * gains).tolist()
    return lab_of(red, green, blue)


def _light(pixels: Image) -> NDArray[np.float64]:
    """The median of each channel as light; the median commutes with what bends the levels."""
    found: NDArray[np.float64] = LINEAR[np.median(pixels.reshape(-1, 3), axis=0).astype(np.uint8)]
    return found


def _gains(look: Look) -> NDArray[np.float64] | None:
    """What makes the patch grey; ones without a patch, None with one that cannot be read now."""
    patch, config = look.view.config.reference_patch, look.view.config
    if patch is None:
        return np.ones(3)
    across, down = look.small.shape[1] / config.width, look.small.shape[0] / config.height
    left, top = round(patch.x * across), round(patch.y * down)
    right, lower = max(round((patch.x + patch.w) * across), left + 1), max(round((patch.y + patch.h) * down), top + 1)
    light = _light(look.small[top:lower, left:right])
    if not (PATCH_LIGHT[0] <= light.min() and light.max() <= PATCH_LIGHT[1]):
        return None
    gains: NDArray[np.float64] = NOMINAL / light
    return gains


def _covered(look: Look, things: Sequence[Box]) -> NDArray[np.bool_]:
    covered = np.zeros(look.small.shape[:2], bool)
    for box in things:
        left, top = (box.x - look.quality.dx) * look.scale[0], (box.y - look.quality.dy) * look.scale[1]
        x, y = max(0, int(left)), max(0, int(top))
        covered[y : int(top + box.h * look.scale[1]) + 1, x : int(left + box.w * look.scale[0]) + 1] = True
    return covered
