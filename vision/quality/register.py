"""Where the camera looks against the view it was set up for: the shift between two pictures by the phase of their edges.

Edges, so that neither the light nor a switch to infra-red counts as a move; only what is not water, because water moves by itself.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frame import Image

SIZE: Final = (320, 180)
Edges = NDArray[np.float32]
_LEAST_LAND: Final = 0.1
_SOFT: Final = 1.5
"""Ripples and sensor noise are finer than banks: what is finer than this (pixels of SIZE) is no edge."""
_FAINT: Final = 3.0
_BETTER: Final = 0.08
_SLOWLY: Final = 0.02


@dataclass(frozen=True, slots=True)
class Shift:
    """How far the picture lies from the reference, in pixels of SIZE, and how like it is to the reference there (-1 to 1)."""

    dx: float
    dy: float
    likeness: float


def window_of(water: Image) -> Edges:
    """How much each pixel of SIZE counts: a bell against the borders, without the water where enough land is left."""
    bell = cv2.createHanningWindow(SIZE, cv2.CV_32F)
    wet = cv2.resize(water, SIZE, interpolation=cv2.INTER_AREA)
    land = cv2.GaussianBlur(255.0 - wet.astype(np.float32), (0, 0), 2) / 255
    if float(land.mean()) < _LEAST_LAND:
        return np.asarray(bell, np.float32)
    return np.asarray(np.sqrt(np.asarray(bell, np.float32)) * land, np.float32)


def edges_of(grey: Image) -> Edges:
    """The edges of a picture at SIZE, each in its own light: a gradient divided by what is usual around it."""
    tiny = cv2.resize(grey, SIZE, interpolation=cv2.INTER_AREA).astype(np.float32)
    soft = cv2.GaussianBlur(tiny, (0, 0), _SOFT)
    steep = cv2.magnitude(cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1))
    return np.asarray(steep / (cv2.blur(steep, (31, 31)) + _FAINT), np.float32)


def shift_of(reference: Edges, edges: Edges, window: Edges, before: tuple[float, float] = (0.0, 0.0)) -> Shift:
    """The shift from the reference to a picture, both given as edges; another than `before` only where the two fit better there.

    The height of the peak alone is no proof: on water, in fog and by night chance makes peaks as high as a true shift does.
    """
    first, second = ((part - part.mean()) * window for part in (reference, edges))
    (dx, dy), _ = cv2.phaseCorrelate(first, second)
    there, here = (_likeness(reference, edges, window, shift) for shift in ((dx, dy), before))
    # The same place to a pixel, only measured again: the newer is the finer.
    same = max(abs(dx - before[0]), abs(dy - before[1])) < 1 and there >= here
    if same or there > here + _BETTER:
        return Shift(float(dx), float(dy), there)
    return Shift(*before, here)


def _likeness(reference: Edges, edges: Edges, window: Edges, shift: tuple[float, float]) -> float:
    """The correlation of two pictures' edges, the second one moved back by a shift."""
    move = np.array([[1, 0, -shift[0]], [0, 1, -shift[1]]], np.float32)
    back = cv2.warpAffine(edges, move, SIZE, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    weight = window * window
    whole = float(weight.sum())
    first, second = (part - float((part * weight).sum()) / whole for part in (reference, np.asarray(back, np.float32)))
    spread = float(np.sqrt(float((first * first * weight).sum()) * float((second * second * weight).sum())))
    return float((first * second * weight).sum()) / (spread + 1e-6)


def refreshed(reference: Edges, edges: Edges) -> Edges:
    """The reference, a little nearer to a picture that was seen from the same place: trees grow, leaves fall."""
    return np.asarray(reference + _SLOWLY * (edges - reference), np.float32)


def moved_back(picture: Image, dx: int, dy: int) -> Image:
    """A picture shifted by whole pixels onto the reference view; its rim is repeated."""
    if not dx and not dy:
        return picture
    move = np.array([[1, 0, -dx], [0, 1, -dy]], np.float32)
    size = picture.shape[1], picture.shape[0]
    return np.asarray(
        cv2.warpAffine(picture, move, size, flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )
