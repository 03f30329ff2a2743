"""Whether two pictures that follow each other show the same place: a folder may hold single pictures of many."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frame import Image

EDGES: Final = (128, 72)
COLOURS: Final = (32, 18)
UNLIKE: Final = 0.5
CHANGED: Final = 8.0


@dataclass(frozen=True, eq=False)
class Glance:
    """A picture's edges and colours, small, and its size."""

    size: tuple[int, int]
    edges: NDArray[np.float32]
    colours: NDArray[np.float32]


def glance(bgr: Image) -> Glance:
    """A glance at a picture."""
    grey = cv2.cvtColor(cv2.resize(bgr, EDGES, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY).astype(np.float32)
    colours = cv2.resize(bgr, COLOURS, interpolation=cv2.INTER_AREA).astype(np.float32)
    return Glance((bgr.shape[1], bgr.shape[0]), grey - cv2.GaussianBlur(grey, (0, 0), 4), colours)


def cut(before: Glance, after: Glance) -> bool:
    """Whether another place is seen: of another size, or with other edges and other colours at once.

    Pictures of one fixed camera correlate by more than 0.9 in their edges, of different places by less than 0.2; light that is switched changes colours only.
    """
    if before.size != after.size:
        return True
    correlation = float((before.edges * after.edges).sum())
    correlation /= float(np.sqrt((before.edges**2).sum() * (after.edges**2).sum())) + 1e-6
    return correlation < UNLIKE and float(np.abs(before.colours - after.colours).mean()) > CHANGED
