"""Smoke above the horizon: where a camera has sky zones, and only there."""

from dataclasses import asdict
from typing import Any, Final

import numpy as np

from vision.detection import Detection
from vision.detector import Look
from vision.geometry.placing import detection, frame_box
from vision.geometry.view import View
from vision.smoke.plume import Plume, Plumes, PlumeState
from vision.smoke.soft import CELL, WIDTH
from vision.state import pack, unpack

MASK: Final = (160, 90)


def detector(view: View, model: bytes | None) -> "Smoke":  # noqa: ARG001 - nothing is learnt from pictures
    """The smoke detector of a camera."""
    return Smoke(view)


class Smoke:
    """Tells plumes; how long they must stay is the rules' business."""

    name = "smoke"
    version = "1"

    def __init__(self, view: View) -> None:
        sky = view.zone_pixels(view.config.sky, *MASK) if view.config.sky else None
        self._plumes = Plumes(sky) if sky is not None and sky.any() else None
        self._counts: dict[str, float] = {}

    def process(self, look: Look) -> list[Detection]:
        if self._plumes is None or look.quality.infrared:
            return []
        found = self._plumes.see(look.small, look.frame.time)
        self._counts = {"plumes": float(len(found))}
        return [_told(look, plume) for plume in found]

    def numbers(self) -> dict[str, float]:
        return self._counts

    def export(self) -> bytes:
        if self._plumes is None or self._plumes.state.usual is None:
            return b""
        state = self._plumes.state
        return pack(asdict(state))

    def restore(self, state: bytes) -> None:
        if self._plumes is None or not state:
            return
        held: dict[str, Any] = unpack(state)
        try:
            self._plumes.state = PlumeState(**held)
        except TypeError as error:
            raise ValueError(f"state of the smoke detector of another form: {error}") from error


def _told(look: Look, plume: Plume) -> Detection:
    side = CELL * look.small.shape[1] / WIDTH
    x, y, w, h = (value * side for value in plume.box)
    box = frame_box(look, x, y, w, h)
    return detection(
        look,
        box,
        np.asarray(plume.cells, bool),
        plume.score,
        "smoke",
        Smoke.name,
        (plume.thick, plume.rise, plume.grown),
    )
