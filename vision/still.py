"""One picture by itself: what can be said of it without knowing what was there before."""

from collections.abc import Mapping
from dataclasses import replace

from vision.detector import Seen
from vision.detectors.debris import Debris
from vision.frame import Frame
from vision.geometry.view import View
from vision.see import Eye
from vision.verifier.judge import verifier


def seen_alone(view: View, frame: Frame, models: Mapping[str, bytes] | None = None) -> Seen:
    """The quality of a picture and the debris that stands out from the picture's own water; surer and fewer than what time would show.

    Raises:
        ValueError: a model that its detector cannot read.
    """
    seen = Eye(view, models, [Debris.name]).see(frame)
    if seen.look is None or seen.look.layers is None:
        return seen
    found = Debris(view, verifier((models or {}).get(Debris.name))).still(seen.look)
    return replace(seen, detections=tuple(found))
