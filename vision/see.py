"""From a frame to what is seen in it: the quality gate, the reference view, the water, and every detector; no clock, no files."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import cv2
import numpy as np

from vision import detectors
from vision.detection import Box, Detection
from vision.detector import Detector, Look, Seen
from vision.frame import Frame, Image, Quality
from vision.geometry.placing import reference_box
from vision.geometry.view import View
from vision.quality.gate import Gate, GateState
from vision.quality.register import moved_back
from vision.quality.stillness import StillState
from vision.state import pack, unpack
from vision.water.model import WaterModel
from vision.water.picture import CELL, layers

WORK_WIDTH: Final = 960
HOLDS: Final = 0.6
"""A detection that scores this much keeps its place from becoming background."""


class Eye:
    """What one camera sees; frames come in the order of time, and equal frames give equal detections, bit for bit."""

    def __init__(self, view: View, models: Mapping[str, bytes] | None = None, chosen: list[str] | None = None) -> None:
        self.view = view
        self._size = _working_size(view.config.width, view.config.height)
        width, height = self._size
        watched = np.asarray(cv2.bitwise_or(view.water_pixels(width, height), _banks(view, width, height)), np.uint8)
        self._gate = Gate(watched, view.config.width / view.config.height)
        self._water = WaterModel(watched)
        self._detectors: list[Detector] = detectors.load(view, chosen, models)
        self._last: Look | None = None
        told = "|".join(f"{one.name}={one.version}" for one in self._detectors)
        self.version = f"{told[:160]}#{hashlib.sha256(told.encode()).hexdigest()[:8]}"

    def see(self, frame: Frame) -> Seen:
        """The quality of a frame and what is in it; nothing is said of a frame that is not good enough, nor while the water is being learned."""
        small = np.asarray(cv2.resize(frame.bgr, self._size, interpolation=cv2.INTER_AREA), np.uint8)
        grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
        quality = self._gate.step(frame, small, grey)
        look = self._look(frame, quality, small, grey)
        self._last = look
        found: list[Detection] = []
        numbers: dict[str, float] = {}
        if look.strange is not None:
            numbers |= {
                "strange_share": look.strange.share,
                "glint_share": look.strange.glint,
                "light": look.strange.light,
            }
            for one in self._detectors:
                found += one.process(look)
                numbers |= {f"{one.name}.{name}": value for name, value in one.numbers().items()}
            found = _named_first(found)
            self._water.hold(
                [self._small_box(thing.box) for thing in found if thing.label != "other" and thing.score >= HOLDS]
            )
        return Seen(look.quality, tuple(found), numbers, look)

    def acknowledge(self, box: Box) -> None:
        """What lies in a box (pixels of the last frame) is known of and may become part of the picture."""
        if self._last is not None:
            self._water.acknowledge([self._small_box(box)])

    def accept_view(self) -> None:
        """Take the view of the next frame as the camera's new reference, and learn the water anew."""
        self._gate.accept_view()

    def _look(self, frame: Frame, quality: Quality, small: Image, grey: Image) -> Look:
        across, down = (s / f for s, f in zip(self._size, frame.size, strict=True))
        dx, dy = round(quality.dx * across), round(quality.dy * down)
        # Moved by whole pixels: what is reported is what was done, so places fit to the pixel.
        settled = _with_shift(quality, dx / across, dy / down)
        if not quality.usable:
            return Look(frame, settled, self.view, small, grey, (across, down))
        small, grey = moved_back(small, dx, dy), moved_back(grey, dx, dy)
        seen = layers(small)
        strange = self._water.step(seen, frame.time)
        return Look(frame, settled, self.view, small, grey, (across, down), seen, strange)

    def _small_box(self, box: Box) -> tuple[int, int, int, int]:
        assert self._last is not None
        x, y, w, h = reference_box(self._last, box)
        across, down = self._size[0] / self.view.config.width, self._size[1] / self.view.config.height
        return round(x * across), round(y * down), max(round(w * across), 1), max(round(h * down), 1)

    def export(self) -> bytes:
        """The whole state; an eye made for the same view that takes it up goes on with bit-identical detections."""
        gate = asdict(self._gate.state)
        gate["reference"] = {str(mode): edges for mode, edges in gate["reference"].items()}
        for usual in ("sharp", "like"):
            gate[usual] = {str(mode): value for mode, value in gate[usual].items()}
        still = asdict(self._gate.stillness.state)
        still["lively"] = {str(mode): value for mode, value in still["lively"].items()}
        inner = {one.name: one.export() for one in self._detectors}
        return pack({"gate": gate, "still": still, "water": self._water.export(), "detectors": inner})

    def restore(self, state: bytes) -> None:
        """Take up an exported state.

        Raises:
            ValueError: bytes that `export` did not write, or of another picture size.
        """
        held = unpack(state)
        try:
            self._gate.state = _gate_state(held["gate"])
            self._gate.stillness.state = _still_state(held["still"])
            self._water.restore(held["water"])
            for one in self._detectors:
                if one.name in held["detectors"]:
                    one.restore(held["detectors"][one.name])
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"state of another form: {error}") from error
        self._last = None


def _named_first(found: list[Detection]) -> list[Detection]:
    """Detections without what a nameless one only repeats of a named one."""
    named = [thing for thing in found if thing.label != "other"]
    again = [any(max(one.box.inside(thing.box), thing.box.inside(one.box)) > 0.5 for one in named) for thing in found]
    return [thing for thing, told in zip(found, again, strict=True) if thing.label != "other" or not told]


def _gate_state(told: dict[str, Any]) -> GateState:
    modes = {"True": True, "False": False}
    told["reference"] = {modes[mode]: edges for mode, edges in told["reference"].items()}
    for usual in ("sharp", "like"):
        told[usual] = {modes[mode]: value for mode, value in told.get(usual, {}).items()}
    told["shift"] = tuple(told["shift"])
    return GateState(**told)


def _still_state(told: dict[str, Any]) -> StillState:
    told["lively"] = {mode == "True": value for mode, value in told["lively"].items()}
    return StillState(**told)


def _working_size(width: int, height: int) -> tuple[int, int]:
    """At most WORK_WIDTH wide, both sides whole numbers of cells."""
    scale = min(1.0, WORK_WIDTH / width)
    across, down = (max(round(side * scale / CELL), 8) * CELL for side in (width, height))
    return across, down


def _banks(view: View, width: int, height: int) -> Image:
    banks = view.zone_pixels(view.config.banks, width, height)
    banks[view.zone_pixels(view.config.exclusions, width, height) > 0] = 0
    return banks


def _with_shift(quality: Quality, dx: float, dy: float) -> Quality:
    return Quality(
        **{
            **{name: getattr(quality, name) for name in quality.__struct_fields__},
            "dx": round(dx, 3),
            "dy": round(dy, 3),
        }
    )
