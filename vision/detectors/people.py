"""Persons on the banks and in the water, told by size and shape alone: no network, so the rules want them to stay as well."""

from typing import Final

import cv2
import numpy as np

from vision.detection import Detection
from vision.detector import Look
from vision.frame import Image
from vision.geometry.placing import detection, frame_box, reference_box
from vision.geometry.view import View
from vision.people.shape import person_scores
from vision.proposals.blobs import Blobs
from vision.proposals.temporal import strange_blobs

TELL: Final = 0.5
MOST: Final = 12
FEWEST_PIXELS: Final = 24


def detector(view: View, model: bytes | None) -> "People":  # noqa: ARG001 - shape needs no model
    """The detector of persons of a camera."""
    return People(view)


class People:
    """Looks at what is strange in water and banks; it remembers nothing."""

    name = "people"
    version = "1"

    def __init__(self, view: View) -> None:
        self._view = view
        self._mask: Image | None = None
        self._counts: dict[str, float] = {}

    def process(self, look: Look) -> list[Detection]:
        self._counts = {}
        if look.strange is None or look.strange.phase != "armed":
            return []
        mask = self._watched(look)
        if cv2.countNonZero(cv2.bitwise_and(look.strange.fine, mask)) < FEWEST_PIXELS:
            return []
        blobs = strange_blobs(look.strange, mask)
        if not len(blobs):
            return []
        return self._told(look, blobs)

    def numbers(self) -> dict[str, float]:
        return self._counts

    def export(self) -> bytes:
        return b""

    def restore(self, state: bytes) -> None:
        if state:
            raise ValueError("state of the detector of people: expected none")

    def _watched(self, look: Look) -> Image:
        if self._mask is None:
            height, width = look.small.shape[:2]
            config = self._view.config
            mask = np.maximum(
                self._view.water_pixels(width, height), self._view.zone_pixels(config.banks, width, height)
            )
            mask[self._view.zone_pixels(config.exclusions, width, height) > 0] = 0
            self._mask = mask
        return self._mask

    def _told(self, look: Look, blobs: Blobs) -> list[Detection]:
        boxes = [frame_box(look, *(float(side) for side in box)) for box in blobs.boxes]
        reference = np.array([reference_box(look, box) for box in boxes], float)
        sizes = self._view.sizes(reference)
        fills = blobs.areas() / np.maximum(blobs.boxes[:, 2] * blobs.boxes[:, 3], 1)
        shares = blobs.areas() / (look.small.shape[0] * look.small.shape[1])
        aspects = reference[:, 3] / np.maximum(reference[:, 2], 1e-6)
        persons = person_scores(sizes, shares, aspects, fills)
        found = []
        for number in np.argsort(-persons, kind="stable")[:MOST].tolist():
            if (score := float(persons[number])) >= TELL:
                pixels = blobs.mask(number).pixels()
                found.append(detection(look, boxes[number], pixels, score, "person", self.name))
        self._counts = {"verified": float(len(found))}
        return found
