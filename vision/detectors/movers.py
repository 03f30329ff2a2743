"""Whatever is new and large in the watched area, named or not: people on the bank, boats, swimmers. What it is, size and zone tell the rules."""

from typing import Final

import cv2
import numpy as np

from vision.detection import Detection
from vision.detector import Look
from vision.frame import Image
from vision.geometry.placing import detection, frame_box
from vision.geometry.view import View
from vision.proposals.blobs import connected

LEAST_M: Final = 0.5
LEAST_SHARE: Final = 0.0004
LARGEST_SHARE: Final = 0.25
LEAST_FILLED: Final = 0.3
MOST: Final = 20
VERSION: Final = "1"


def detector(view: View, model: bytes | None) -> "Movers":
    """The movers of a camera; it has nothing to learn.

    Raises:
        ValueError: a model.
    """
    if model is not None:
        raise ValueError("a model for movers: expected none")
    return Movers(view)


class Movers:
    """Tells blobs of what is strange by their size alone; its score is how solid the blob is."""

    name = "movers"
    version = VERSION

    def __init__(self, view: View) -> None:
        self._view = view
        self._told = 0

    def process(self, look: Look) -> list[Detection]:
        self._told = 0
        if look.strange is None or look.strange.phase != "armed":
            return []
        whole = _joined(look.strange.fine)
        least = round(LEAST_SHARE * whole.size)
        blobs = connected(whole, 0.0, 0.0, least, round(LARGEST_SHARE * whole.size))
        found: list[Detection] = []
        for number in range(min(len(blobs), MOST)):
            x, y, w, h = (float(v) for v in blobs.boxes[number])
            filled = float((look.strange.fine[int(y) : int(y + h), int(x) : int(x + w)] > 0).mean())
            box = frame_box(look, x, y, w, h)
            thing = detection(look, box, blobs.mask(number).pixels(), min(0.15 + 0.8 * filled, 0.95), "other", self.name)
            if filled >= LEAST_FILLED and (thing.size_m is None or thing.size_m >= LEAST_M):
                found.append(thing)
        self._told = len(found)
        return found

    def numbers(self) -> dict[str, float]:
        return {"told": float(self._told)}

    def export(self) -> bytes:
        return b""

    def restore(self, state: bytes) -> None:
        if state:
            raise ValueError("state of the movers: expected none")


def _joined(fine: Image) -> Image:
    """Parts of one thing grown together, and specks taken away: clothes and skin differ from the bank, shade does not."""
    solid = cv2.morphologyEx(fine, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((13, 9), np.uint8)), np.uint8)
