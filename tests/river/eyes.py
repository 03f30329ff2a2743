"""Eyes that see what is true: every thing in the water and on the banks with its own box, so that what is left to judge is the rest of the patrol."""

import numpy as np

from benchmarks.patrol.subject import Filmed
from simulators.river.truth import Seen as There
from vision.camera import CameraConfig
from vision.detection import Box, Detection, Label, Mask
from vision.detector import Seen
from vision.frame import Frame, Quality
from vision.geometry.view import view_of
from vision.pipeline import Patrol

LABELS: dict[str, Label] = {
    "debris": "artificial",
    "coverage": "organic",
    "foam": "foam",
    "boat": "boat",
    "bird": "bird",
    "swimmer": "person",
    "walker": "person",
    "angler": "person",
}


class TrueEyes:
    """A sight that looks the truth up."""

    version = "truth"

    def __init__(self, config: CameraConfig, river: Filmed) -> None:
        self._view = view_of(config)
        self._river = river

    def see(self, frame: Frame) -> Seen:
        """What is in the frame."""
        _, truth = self._river.frame(frame.time)
        if truth.fault:
            return Seen(Quality("black" if truth.fault == "black" else "degraded", truth.fault), (), {})
        found = [self._of(item, frame) for item in truth.things if item.share > 0.3]
        return Seen(Quality(), tuple(item for item in found if item is not None), {})

    def acknowledge(self, box: Box) -> None:
        """The truth is no other for it."""

    def export(self) -> bytes:
        """There is no state."""
        return b""

    def restore(self, state: bytes) -> None:
        """There is none."""

    def _of(self, item: There, frame: Frame) -> Detection | None:
        left, top, right, bottom = item.box
        box = Box(left, top, right - left, bottom - top)
        if box.w <= 0 or box.h <= 0:
            return None
        size = self._view.sizes(np.array([box], float))
        mask = Mask(box.w, box.h, (0, box.w * box.h))
        share = box.w * box.h / (frame.size[0] * frame.size[1])
        metres = float(size[0]) if size is not None else None
        return Detection(box, mask, 0.95, LABELS[item.kind], "truth", share, metres, item.area, item.ground)


def clear_sighted(config: CameraConfig, river: Filmed | None = None, /) -> Patrol:
    """A patrol with such eyes."""
    assert river is not None
    return Patrol(config, TrueEyes(config, river))
