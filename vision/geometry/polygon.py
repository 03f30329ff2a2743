"""Polygons in pixels: whether one is simple, what it holds, and the pixels it covers."""

import cv2
import numpy as np
from numpy.typing import NDArray

Ring = NDArray[np.float64]
"""The corners of a polygon as rows of (x, y)."""


def crosses_itself(ring: Ring) -> tuple[int, int] | None:
    """The numbers of two sides that meet where they should not (side i runs from corner i to the next), or None for a simple polygon."""
    count = len(ring)
    for i in range(count):
        for j in range(i + 1, count):
            neighbours = j == i + 1 or (i == 0 and j == count - 1)
            if not neighbours and _meet(ring[i], ring[(i + 1) % count], ring[j], ring[(j + 1) % count]):
                return i, j
    return None


def area(ring: Ring) -> float:
    """The enclosed area of a simple polygon, in the square of its unit."""
    x, y = ring[:, 0], ring[:, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def covered(rings: list[Ring], width: int, height: int) -> NDArray[np.uint8]:
    """Which pixels lie in any of the polygons: height x width, 255 inside and 0 outside."""
    mask = np.zeros((height, width), np.uint8)
    for ring in rings:
        cv2.fillPoly(mask, [np.round(ring).astype(np.int32)], 255)
    return mask


def _meet(a: Ring, b: Ring, c: Ring, d: Ring) -> bool:
    """Whether the closed sides ab and cd share a point."""
    turns = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    ends = ((turns[0], a, b, c), (turns[1], a, b, d), (turns[2], c, d, a), (turns[3], c, d, b))
    return any(turn == 0 and _within(p, q, r) for turn, p, q, r in ends)


def _turn(a: Ring, b: Ring, c: Ring) -> float:
    return float(np.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])))


def _within(a: Ring, b: Ring, c: Ring) -> bool:
    return bool((np.minimum(a, b) <= c).all() and (c <= np.maximum(a, b)).all())
