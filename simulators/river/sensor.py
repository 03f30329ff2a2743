"""The camera's own part: noise, shaking, compression, and what can be wrong with it."""

from dataclasses import dataclass
from functools import lru_cache
from math import sin, tau
from typing import Final

import cv2
import numpy as np

from simulators.river.scene import Condition, Fault
from simulators.river.waves import Bytes

_MARGIN: Final = 48
_PAN_TAKES: Final = 1.5


def fault_at(condition: Condition, seconds: float) -> Fault | None:
    """What is wrong with the camera so many seconds after the start."""
    return next((item for item in condition.faults if item.at <= seconds < item.at + item.lasts), None)


@lru_cache(maxsize=8)
def _grain(height: int, width: int, quarters: int, *, grey: bool) -> tuple[Bytes, Bytes]:
    random = np.random.default_rng([quarters, height, width])
    size = height + _MARGIN, width + _MARGIN
    drawn = random.standard_normal((*size, 1 if grey else 3), dtype=np.float32)
    # A sensor's noise reaches us through its demosaicing and smoothing: neighbours are alike.
    field = np.asarray(cv2.GaussianBlur(drawn, (0, 0), 0.55), np.float32).reshape(*size, -1)
    field = np.broadcast_to(np.round(field * (quarters / 4 / field.std())), (*size, 3))
    return np.clip(field, 0, 255).astype(np.uint8), np.clip(-field, 0, 255).astype(np.uint8)


def add_noise(picture: Bytes, deviation: float, chance: np.random.Generator, *, grey: bool) -> None:
    """Noise of a standard deviation (grey levels) over a picture."""
    height, width = picture.shape[:2]
    more, less = _grain(height, width, max(1, round(deviation * 4)), grey=grey)
    top, left = (int(value) for value in chance.integers(0, _MARGIN, 2))
    window = slice(top, top + height), slice(left, left + width)
    cv2.add(picture, more[window], dst=picture)
    cv2.subtract(picture, less[window], dst=picture)


@dataclass(frozen=True)
class Shake:
    """A pole in the wind: two swings that never fall together; `pixels` is how far."""

    pixels: float
    seed: int

    def at(self, seconds: float) -> tuple[float, float]:
        """How far the picture is shifted, in pixels right and down."""
        if not self.pixels:
            return 0.0, 0.0
        start = self.seed % 97
        gust = 0.5 + 0.5 * sin(tau * seconds / 23.0 + start)
        right = sin(tau * 1.93 * seconds + start) * 0.7 + sin(tau * 4.7 * seconds) * 0.3
        down = sin(tau * 2.41 * seconds + 2 * start) * 0.7 + sin(tau * 5.3 * seconds) * 0.3
        return self.pixels * gust * right, self.pixels * gust * 0.6 * down


def shifted(picture: Bytes, shift: tuple[float, float]) -> Bytes:
    """The picture moved by so many pixels."""
    matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
    size = picture.shape[1], picture.shape[0]
    moved = cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)


def panning(condition: Condition, seconds: float) -> tuple[int, bool]:
    """Which view the camera has (0 before it is turned, 1 after), and whether it is turning now."""
    since = seconds - condition.pan_at
    if condition.pan_at < 0 or since < 0:
        return 0, False
    return int(since >= _PAN_TAKES / 2), since < _PAN_TAKES


def spoilt(picture: Bytes, kind: str, seed: int) -> Bytes:
    """A picture of a camera that is black, covered or out of focus."""
    if kind == "black":
        return np.full_like(picture, 4)
    if kind == "blur":
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), picture.shape[1] / 110), np.uint8)
    random = np.random.default_rng([seed, 67])
    cloth = cv2.GaussianBlur(random.normal(0, 1, picture.shape[:2]).astype(np.float32), (0, 0), picture.shape[1] / 16)
    shade = 52 + cloth / max(float(np.abs(cloth).max()), 1e-6) * 16
    return np.repeat(shade[..., None], 3, axis=2).astype(np.uint8)


def compressed(picture: Bytes, quality: int) -> Bytes:
    """The picture after a JPEG of that quality.

    Raises:
        RuntimeError: OpenCV could not encode it.
    """
    done, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise RuntimeError("OpenCV could not encode a picture it was given")
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)
