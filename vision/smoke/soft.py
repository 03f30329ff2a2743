"""Where a picture is soft and grey as smoke is: little colour, no sharp edge, and light that changes slowly from place to place.

A single picture cannot tell smoke from cloud or a wall; time and zone do that (`vision.smoke.plume`). Nothing here was learnt from pictures.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frame import Image

WIDTH: Final = 320
CELL: Final = 8
CHROMA: Final = 16.0
SHARP: Final = 7.0
SOFT: Final = (0.6, 9.0)
LIGHT: Final = (28.0, 238.0)
"""Colour (a*, b*), edges between neighbouring pixels, change from cell to cell, and lightness, all in levels of 8 bits."""
HALF: Final = 0.35
"""From here on a cell is soft."""
WHOLE: Final = 0.4
"""The part of the picture that is smoke when the score is 1."""

Cells = NDArray[np.float32]


def working(bgr: Image) -> Image:
    """A picture 320 pixels wide and a whole number of cells high; one that is so already is given back."""
    height = max(CELL, round(bgr.shape[0] * WIDTH / bgr.shape[1]) // CELL * CELL)
    if bgr.shape[:2] == (height, WIDTH):
        return bgr
    return np.asarray(cv2.resize(bgr, (WIDTH, height), interpolation=cv2.INTER_AREA), np.uint8)


def softness(bgr: Image) -> Cells:
    """How much each cell (rows x columns; 40 columns) looks like smoke, 0 to 1."""
    mean, chroma, edges = cell_means(working(bgr))
    # Smoke changes slowly: cells differ from those around them, pixels hardly from their neighbours.
    around = cv2.blur(mean, (5, 5))
    change = np.sqrt(np.maximum(cv2.blur(mean * mean, (5, 5)) - around * around, 0))
    grey = _falling(chroma, CHROMA)
    smooth = _falling(edges, SHARP)
    alive = np.clip((change - SOFT[0]) / SOFT[0], 0, 1) * _falling(change, 2 * SOFT[1])
    lit = ((mean > LIGHT[0]) & (mean < LIGHT[1])).astype(np.float32)
    return np.asarray(grey * smooth * alive * lit, np.float32)


def cell_means(small: Image) -> NDArray[np.float32]:
    """Lightness, colour and edges of each cell of a working picture (3 x rows x columns), in levels of 8 bits."""
    lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB).astype(np.float32)
    light = np.ascontiguousarray(lab[:, :, 0])
    chroma = np.hypot(lab[:, :, 1] - 128, lab[:, :, 2] - 128)
    edges = np.abs(cv2.Laplacian(light, cv2.CV_32F))
    return np.stack([_mean(light), _mean(chroma), _mean(edges)])


def image_score(bgr: Image) -> float:
    """How likely smoke is in a picture, 0 to 1, from the largest connected soft part of it."""
    soft = softness(bgr)
    count, _, stats, _ = cv2.connectedComponentsWithStats((soft > HALF).astype(np.uint8), connectivity=4)
    largest = int(stats[1:, cv2.CC_STAT_AREA].max()) if count > 1 else 0
    return float(min(1.0, largest / soft.size / WHOLE))


def _mean(values: NDArray[np.float32]) -> Cells:
    size = values.shape[1] // CELL, values.shape[0] // CELL
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)


def _falling(values: Cells, limit: float) -> Cells:
    """1 at 0, one half at the limit, 0 at twice the limit."""
    return np.asarray(np.clip(1 - values / (2 * limit), 0, 1), np.float32)
