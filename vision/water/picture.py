"""A picture as the water model sees it: lightness, colour and gradient, at two scales."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from vision.frame import Image

CELL: Final = 4
"""A cell of the coarse scale is this many pixels wide and high."""


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """Lab and gradient (height x width x 4), and the same in cells."""

    fine: Image
    cells: Image

    @property
    def lab(self) -> Image:
        """The colour alone, height x width x 3."""
        return np.ascontiguousarray(self.fine[..., :3])


def layers(small: Image) -> Layers:
    """The layers of a picture in BGR whose sides are multiples of CELL."""
    lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB)
    light = np.ascontiguousarray(lab[..., 0])
    gradient = cv2.morphologyEx(light, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    fine = np.empty((*small.shape[:2], 4), np.uint8)
    cv2.mixChannels([lab, gradient], [fine], [0, 0, 1, 1, 2, 2, 3, 3])
    size = small.shape[1] // CELL, small.shape[0] // CELL
    return Layers(fine, np.asarray(cv2.resize(fine, size, interpolation=cv2.INTER_AREA), np.uint8))


def any_channel(beyond: Image) -> Image:
    """Where any of four channels is not 0: height x width of 0 and 255."""
    any_set: Image = (np.ascontiguousarray(beyond).view(np.uint32)[..., 0] != 0).view(np.uint8) * np.uint8(255)
    return any_set


def enlarged(cells: Image, shape: tuple[int, int]) -> Image:
    """A map of cells at the size of the picture."""
    return np.asarray(cv2.resize(cells, (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST), np.uint8)
