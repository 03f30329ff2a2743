"""Things that were not there: blobs of what the water model finds strange, at both of its scales."""

from typing import Final

import cv2
import numpy as np

from vision.frame import Image
from vision.geometry.view import View
from vision.proposals.blobs import Blobs, Numbers, connected, distinct, joined
from vision.water.model import Strange
from vision.water.picture import CELL, enlarged

SMALLEST: Final = 6
_GAP: Final = 7
_FINE, _CELLS = 0.0, 1.0
_TOO_SMALL: Final = 0.5
"""A blob under this part of the least size is no beginning of a thing either."""


def strange_blobs(strange: Strange, mask: Image) -> Blobs:
    """The blobs of a strange picture inside a mask (0 or 255), in pixels of the working picture; the same thing once."""
    near = cv2.bitwise_and(cv2.dilate(enlarged(strange.cells, mask.shape[:2]), np.ones((9, 9), np.uint8)), mask)
    fine = cv2.bitwise_and(cv2.morphologyEx(strange.fine, cv2.MORPH_CLOSE, np.ones((_GAP, _GAP), np.uint8)), mask)
    largest = mask.size // 2
    wide = connected(np.asarray(near, np.uint8), 1.0, _CELLS, 2 * CELL * CELL, largest)
    found = joined([connected(np.asarray(fine, np.uint8), 1.0, _FINE, SMALLEST, largest), wide])
    return found.chosen(distinct(found.boxes, found.areas().astype(float), 0.6))


def large_enough(blobs: Blobs, view: View, scale: tuple[float, float]) -> Blobs:
    """The blobs that may be things of the configured least size; `scale` is working pixels for one of the configured frame."""
    boxes = blobs.boxes / np.array([*scale, *scale])
    least = view.config.min_size_m
    sizes = view.sizes(boxes)
    if sizes is None:
        share = _share(blobs)
        return blobs.chosen(np.flatnonzero(share >= _TOO_SMALL * view.config.min_share))
    return blobs.chosen(np.flatnonzero(np.nan_to_num(sizes, nan=-1.0) >= _TOO_SMALL * least))


def _share(blobs: Blobs) -> Numbers:
    width, height = blobs.boxes[:, 2], blobs.boxes[:, 3]
    result: Numbers = width * height / (blobs.shape[0] * blobs.shape[1])
    return result
