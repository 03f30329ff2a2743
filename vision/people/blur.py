"""The twin of a picture in which nobody can be recognised."""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from vision.detection import Box
from vision.frame import Image
from vision.geometry.polygon import Ring, covered

MARGIN: Final = 0.25
BLOCKS: Final = 6
"""A blurred rectangle keeps so many blocks across its shorter side: a person is seen to be one, and not who."""


def blurred(bgr: Image, boxes: Sequence[Box], rings: Sequence[Ring] = ()) -> Image:
    """A copy with boxes (a quarter larger on each side) and polygons blurred away; both in pixels of this picture."""
    twin = bgr.copy()
    height, width = bgr.shape[:2]
    for box in boxes:
        left, top = max(0, int(box.x - MARGIN * box.w)), max(0, int(box.y - MARGIN * box.h))
        right = min(width, int(np.ceil(box.x + box.w * (1 + MARGIN))))
        lower = min(height, int(np.ceil(box.y + box.h * (1 + MARGIN))))
        if right > left and lower > top:
            twin[top:lower, left:right] = _coarse(twin[top:lower, left:right], min(right - left, lower - top) / BLOCKS)
    if rings:
        inside = covered(list(rings), width, height) > 0
        twin[inside] = _coarse(bgr, max(8.0, min(width, height) / 40))[inside]
    return twin


def _coarse(part: Image, block: float) -> Image:
    """A picture with all detail below a block's size taken away, by averaging and a box filter."""
    height, width = part.shape[:2]
    small = (max(1, round(width / max(block, 1.0))), max(1, round(height / max(block, 1.0))))
    few = cv2.resize(part, small, interpolation=cv2.INTER_AREA)
    soft = cv2.resize(few, (width, height), interpolation=cv2.INTER_LINEAR)
    reach = max(3, int(block))
    return np.asarray(cv2.blur(soft, (reach, reach)), np.uint8)
