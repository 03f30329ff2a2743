"""Smooth chance: the stuff that water, stone, soil and leaves are drawn from."""

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
Chance = np.random.Generator


def cloud(
    chance: Chance, width: int, height: int, cells: tuple[float, float], octaves: int = 4, fade: float = 0.55
) -> Plane:
    """Fractal noise of mean 0 and spread 1; `cells` is how many features lie across and down at the coarsest."""
    total = np.zeros((height, width), np.float32)
    strength = 1.0
    for octave in range(octaves):
        across, down = (int(np.clip(n * 2**octave, 2, side)) for n, side in zip(cells, (width, height), strict=True))
        rough = chance.standard_normal((down, across), np.float32)
        total += strength * cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC)
        strength *= fade
    return np.asarray((total - total.mean()) / (total.std() + 1e-6), np.float32)


def tinted(plane: Plane, dark: NDArray[np.float64], light: NDArray[np.float64]) -> Plane:
    """A colour picture from a plane in spreads: -2 is all dark, 2 all light (BGR)."""
    part = np.clip(plane / 4 + 0.5, 0, 1)[..., None]
    return np.asarray(dark + part * (light - dark), np.float32)


def hue(
    chance: Chance, hues: tuple[float, float], saturation: tuple[float, float], value: tuple[float, float]
) -> NDArray[np.float64]:
    """A colour (BGR, 0 to 255) from ranges of hue (degrees), saturation and value (0 to 1)."""
    degrees = chance.uniform(*hues) % 360
    pixel = np.array([[[degrees, chance.uniform(*saturation), chance.uniform(*value)]]], np.float32)
    return np.asarray(cv2.cvtColor(pixel, cv2.COLOR_HSV2BGR)[0, 0] * 255, np.float64)


def waves(chance: Chance, width: int, height: int, far: float) -> Plane:
    """The slope of a water surface seen at a slant: short steep rows of noise, finer towards the top (`far` times)."""
    steps = np.linspace(0, 1, height, dtype=np.float32)
    stretch = far ** (1 - steps)
    depth = np.cumsum(stretch)
    depth *= height / depth[-1]
    crest = cloud(chance, width, height, (chance.uniform(8, 40), chance.uniform(20, 90)), 4, chance.uniform(0.4, 0.75))
    across = (np.arange(width, dtype=np.float32)[None] - width / 2) * stretch[:, None] ** 0.7 + width / 2
    down = np.broadcast_to(depth[:, None], (height, width)).astype(np.float32)
    return np.asarray(cv2.remap(crest, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.float32)
