"""The water's surface: slopes of many waves by wind and water depth's dispersion, as a tile that repeats, at any moment.

Deep-water gravity and capillary waves, omega^2 = g k + (sigma/rho) k^3; mean square slope by wind after Cox and Munk (1954), 0.003 + 0.00512 U.
"""

from dataclasses import dataclass
from functools import cached_property
from math import cos, pi, radians, sin, sqrt
from typing import Final

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from simulators.river.lens import Exact, Floats

Bytes = NDArray[np.uint8]

SIDE: Final = 192
METRES: Final = 7.7
LEVELS: Final = 4
STEEPEST: Final = 0.5
"""The slope that a byte of 255 stands for; 128 is level."""

_GRAVITY: Final = 9.81
_CAPILLARY: Final = 7.4e-5
_EDGE: Final = 1


@dataclass(frozen=True)
class Waves:
    """Waves of a wind (m/s, from degrees) on water that flows (m/s east, north); `bearing` is where the camera looks."""

    wind: float
    wind_from: float
    flow: tuple[float, float]
    bearing: float
    seed: int

    @cached_property
    def _numbers(self) -> tuple[Exact, Exact]:
        step = 2 * pi / METRES
        ticks = np.fft.fftfreq(SIDE, 1 / SIDE) * step
        east, north = np.meshgrid(ticks, ticks)
        return east, north

    @cached_property
    def _speeds(self) -> Exact:
        """Radians a second of each wave as a pole in the ground sees it."""
        east, north = self._numbers
        number = np.hypot(east, north)
        still = np.sqrt(_GRAVITY * number + _CAPILLARY * number**3)
        speeds: Exact = still + east * self.flow[0] + north * self.flow[1]
        return speeds

    @cached_property
    def _spectra(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Amplitude and phase at time 0 of the slope along the view, and the same across it."""
        east, north = self._numbers
        number = np.hypot(east, north)
        number[0, 0] = 1.0
        towards = radians(self.wind_from + 180)
        along = (east * sin(towards) + north * cos(towards)) / number
        spread = 0.25 + 0.75 * np.clip(along, 0, 1) ** 2
        longest = max(0.25, 0.35 * self.wind)
        heights = np.exp(-0.5 / (number * longest) ** 2) * number**-1.75 * spread * (number < 0.7 * number.max())
        random = np.random.default_rng([self.seed, 31])
        waves = heights * (random.normal(size=number.shape) + 1j * random.normal(size=number.shape))
        waves[0, 0] = 0
        view = radians(self.bearing)
        slopes = [waves * (east * sin(view) + north * cos(view)), waves * (east * cos(view) - north * sin(view))]
        total = sqrt(sum(float((np.abs(item) ** 2).sum()) for item in slopes) / 2)
        scale = sqrt(0.0008 + 0.00512 * self.wind) / total
        parts = [part for item in slopes for part in (np.abs(item) * scale, np.angle(item))]
        return tuple(part.astype(np.float32) for part in parts)

    def tile(self, seconds: float, *, across: bool = False) -> Bytes:
        """Slopes along (or across) the view at a moment as the atlas `places` points into; 128 is level, 127 steps are `STEEPEST`."""
        amplitude, phase = self._spectra[2:] if across else self._spectra[:2]
        turned = (phase - np.remainder(self._speeds * seconds, 2 * pi)).astype(np.float32)
        waves = cv2.merge(cv2.polarToCart(amplitude, turned))
        slopes = cv2.extractChannel(cv2.dft(waves, flags=cv2.DFT_INVERSE), 0)
        level = cv2.convertScaleAbs(slopes + STEEPEST * 128 / 127, alpha=127 / STEEPEST)
        return _atlas(np.asarray(level, np.uint8))


def _atlas(level: Bytes) -> Bytes:
    """The tile at full, half, quarter and eighth size side by side, each with a wrapped edge."""
    parts = []
    for _ in range(LEVELS):
        parts.append(cv2.copyMakeBorder(level, _EDGE, _EDGE, _EDGE, _EDGE, cv2.BORDER_WRAP))
        level = np.asarray(cv2.resize(level, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    atlas = np.full((parts[0].shape[0], sum(part.shape[1] for part in parts)), 128, np.uint8)
    left = 0
    for part in parts:
        atlas[: part.shape[0], left : left + part.shape[1]] = part
        left += part.shape[1]
    return atlas


def places(ground: Exact, footprint: Exact, dither: Floats, *, scale: float, turn: float) -> tuple[MatLike, MatLike]:
    """Where in the atlas each pixel looks: ground (h x w x 2 metres), how many metres a pixel spans, chance in 0..1 that hides the seams of the sizes."""
    side, bent = METRES * scale, radians(turn)
    east = ground[..., 0] * cos(bent) - ground[..., 1] * sin(bent)
    north = ground[..., 0] * sin(bent) + ground[..., 1] * cos(bent)
    level = np.clip(np.log2(np.maximum(footprint * SIDE / side, 1e-3)) + dither, 0, LEVELS - 1).astype(int)
    size = (SIDE >> level).astype(float)
    lefts = np.cumsum([0] + [(SIDE >> n) + 2 * _EDGE for n in range(LEVELS - 1)])
    x = lefts[level] + _EDGE + np.remainder(east / side, 1) * size
    y = _EDGE + np.remainder(north / side, 1) * size
    return cv2.convertMaps(x.astype(np.float32), y.astype(np.float32), cv2.CV_16SC2)
