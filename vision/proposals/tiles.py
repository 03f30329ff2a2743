"""Where to look closely: a few square tiles that hold the strange places of a frame."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frame import Image
from vision.proposals.blobs import Blobs, Whole

Held = NDArray[np.bool_]

SIDE: Final = 320
"""A tile's side in its own pixels."""
MOST: Final = 4
_NEAR: Final = (160, 320)
"""Sides in pixels of the working picture: half its scale for small things, its own for large ones."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A square of the working picture, looked at with `zoom` times its pixels."""

    x: int
    y: int
    side: int
    zoom: float


def tiles(blobs: Blobs, weight: Whole, shape: tuple[int, int], most: int = MOST) -> list[Tile]:
    """At most `most` tiles over the blobs, each around the heaviest blob that no tile holds yet; smaller tiles where only small things are."""
    boxes, left = blobs.boxes, np.ones(len(blobs), bool)
    found: list[Tile] = []
    for number in np.argsort(-weight, kind="stable"):
        if not left[number] or len(found) == most:
            continue
        x, y, w, h = boxes[number]
        side = _NEAR[0] if max(w, h) <= _NEAR[0] // 3 else _NEAR[1]
        tile = _around(boxes[left], (x + w / 2, y + h / 2), side, shape)
        found.append(tile)
        left &= ~_held(boxes, tile)
        left[number] = False
    return found


def cut(bgr: Image, x: float, y: float, side: float, pixels: int) -> Image:
    """A square of a picture at another size; what lies outside repeats the rim."""
    scale = pixels / side
    left, top = max(int(x) - 2, 0), max(int(y) - 2, 0)
    part = bgr[top : int(y + side) + 3, left : int(x + side) + 3]
    if not part.size:
        part, left, top = bgr, 0, 0
    if scale < 1:  # averaging, or fine waves would turn into patterns
        part = np.asarray(cv2.blur(part, (max(round(1 / scale), 1),) * 2), np.uint8)
    move = np.array([[scale, 0, (left - x) * scale], [0, scale, (top - y) * scale]])
    square = cv2.warpAffine(part, move, (pixels, pixels), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(square, np.uint8)


def _around(boxes: Whole, middle: tuple[float, float], side: int, shape: tuple[int, int]) -> Tile:
    """A tile that holds a place, moved so that it holds more of what is near."""
    centres = boxes[:, :2] + boxes[:, 2:] / 2
    near = (np.abs(centres - middle) < side * 0.4).all(axis=1)
    x, y = centres[near].mean(axis=0) if near.any() else middle
    side_x, side_y = min(side, shape[1]), min(side, shape[0])
    left = int(np.clip(x - side / 2, 0, max(shape[1] - side_x, 0)))
    top = int(np.clip(y - side / 2, 0, max(shape[0] - side_y, 0)))
    return Tile(left, top, side, SIDE / side)


def _held(boxes: Whole, tile: Tile) -> Held:
    x, y, w, h = boxes.T
    held: Held = (x >= tile.x) & (y >= tile.y) & (x + w <= tile.x + tile.side) & (y + h <= tile.y + tile.side)
    return held
