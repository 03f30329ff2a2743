"""What every detector is: pure, with its time from the frame and its whole state to be taken out and put back.

A detector is one file in `vision/detectors/` with `def detector(view: View, model: bytes | None) -> Detector`; `vision.detectors.load` finds it. `model` is
what the site's officers taught it, None for what the project ships.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from vision.detection import Detection
from vision.frame import Frame, Image, Quality
from vision.geometry.view import View


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A frame made ready for all detectors: at working size, moved onto the reference view.

    `small` is height x width x 3 at `scale` times the frame's size; its pixel (x, y) shows the frame's ((x + dx) / scale, (y + dy) / scale) with the shift
    of `quality` taken into account already: `to_frame` says it.
    """

    frame: Frame
    quality: Quality
    view: View
    small: Image
    grey: Image
    scale: float

    def to_frame(self, x: float, y: float) -> tuple[float, float]:
        """The frame's pixel of a pixel of `small`."""
        return x / self.scale + self.quality.dx, y / self.scale + self.quality.dy


@runtime_checkable
class Detector(Protocol):
    """One way of seeing things in a camera's frames; it is shown every usable frame in the order of time."""

    name: str

    def process(self, look: Look) -> list[Detection]:
        """What it sees now; boxes are in pixels of the frame as it came."""
        ...

    def numbers(self) -> dict[str, float]:
        """What it counted in the last frame, by name: goes to the minute's figures."""
        ...

    def export(self) -> bytes:
        """Its whole state; a detector made anew with it continues with bit-identical detections."""
        ...

    def restore(self, state: bytes) -> None:
        """Take up an exported state.

        Raises:
            ValueError: bytes that `export` did not write, or of another version or picture size.
        """
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of one frame: its quality, what was seen, and the counts of the stages."""

    quality: Quality
    detections: tuple[Detection, ...]
    numbers: dict[str, float]
    look: Look | None = None
