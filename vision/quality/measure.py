"""Plain numbers of one picture: light, contrast, sharpness, noise, clipping, colour."""

import hashlib
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from vision.frame import Image

CLIPPED: Final = 250
_PART: Final = 320
"""Noise is measured on a part of the frame as it came: making it small would hide it."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Grey levels 0 to 255 but for `clipped`, a share of the water; `digest` is the same for the same pixels only.

    `near` is how far the nearest water stands out from the brightest of the picture: fog brings all to its own colour, the farthest first.
    """

    luma: float
    bright: float
    contrast: float
    sharpness: float
    noise: float
    clipped: float
    chroma: float
    near: float
    digest: bytes


def measure(bgr: Image, small: Image, grey: Image, water: Image) -> Measured:
    """The numbers of a frame, given also small (BGR and grey) and with the water's pixels (0 or 255) of the same size as those."""
    tiny = np.asarray(cv2.resize(grey, (320, 180), interpolation=cv2.INTER_AREA), np.uint8)
    mean, deviation = cv2.meanStdDev(tiny)
    return Measured(
        luma=float(mean[0, 0]),
        bright=_ninety_ninth(tiny),
        contrast=float(deviation[0, 0]),
        sharpness=_sharpness(grey),
        noise=_noise(bgr),
        clipped=_clipped(grey, water),
        chroma=_chroma(small),
        near=_near(small, water),
        digest=hashlib.blake2b(small[::4, ::4].tobytes(), digest_size=16).digest(),
    )


def _ninety_ninth(grey: Image) -> float:
    """The level that one pixel in a hundred is over; the brightest few are a lamp, or a clock written into the picture."""
    some = grey[::3, ::3].ravel()
    place = some.size * 99 // 100
    return float(np.partition(some, place)[place])


def _sharpness(grey: Image) -> float:
    """The mean step between neighbours two apart (Brenner's measure, as a mean of magnitudes)."""
    return float(cv2.mean(cv2.absdiff(grey[:, 2:], grey[:, :-2]))[0])


def _noise(bgr: Image) -> float:
    """The spread of sensor noise from a kernel that edges and slopes leave alone (Immerkaer 1996)."""
    top, left = max((bgr.shape[0] - _PART) // 2, 0), max((bgr.shape[1] - _PART) // 2, 0)
    part = np.ascontiguousarray(bgr[top : top + _PART : 1, left : left + _PART, 1])
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    answer = cv2.filter2D(part, cv2.CV_16S, kernel)
    # The median of magnitudes: texture is in fewer than half of the pixels, noise is in all.
    size = np.abs(answer[::2, ::2]).ravel()
    return float(np.median(size)) / 0.6745 / 6


def _clipped(grey: Image, water: Image) -> float:
    bright = cv2.bitwise_and((grey >= CLIPPED).view(np.uint8), water)
    return cv2.countNonZero(bright) / max(cv2.countNonZero(water), 1)


def _near(small: Image, water: Image) -> float:
    """The distance in Lab (8-bit levels) between the lowest quarter of the water and the brightest twentieth of the picture."""
    few = cv2.resize(small, (160, 90), interpolation=cv2.INTER_AREA)
    wet = cv2.resize(water, (160, 90), interpolation=cv2.INTER_NEAREST) > 0
    rows = np.flatnonzero(wet.any(axis=1))
    if not len(rows):
        return 0.0
    lab = np.asarray(cv2.cvtColor(few, cv2.COLOR_BGR2LAB), np.float64)
    lowest = wet.copy()
    lowest[: rows[0] + (rows[-1] - rows[0]) * 3 // 4] = False
    veil = lab[lab[..., 0] >= np.quantile(lab[..., 0], 0.95)].mean(axis=0)
    return float(np.linalg.norm(lab[lowest].mean(axis=0) - veil))


def _chroma(small: Image) -> float:
    """How far the channels lie apart: under 2 for infra-red, which cameras send as grey."""
    part = small[::4, ::4].astype(np.int16)
    return float(np.abs(part.max(axis=2) - part.min(axis=2)).mean())
