"""What every detector is: pure, with its time from the frame and its whole state to be taken out and put back.

A detector is one file in `vision/detectors/` with `def detector(view: View, model: bytes | None) -> Detector`; `vision.detectors.load` finds it. `model` is
what the site's officers taught it, None for what the project ships.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from vision.detection import Detection
from vision.frame import Frame, Image, Quality
from vision.geometry.view import View
from vision.water.model import Strange
from vision.water.picture import Layers


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A frame made ready for all detectors: at working size, moved onto the reference view.

    `small` is height x width x 3 at `scale` (across, down) times the frame's size, `grey` its lightness, `layers` its colour and gradient, and `strange` what
    is new in the watched area; the last two are None while the frame is not good enough to be looked at. The shift of `quality` is taken out already:
    `to_frame` gives the frame's own pixels.
    """

    frame: Frame
    quality: Quality
    view: View
    small: Image
    grey: Image
    scale: tuple[float, float]
    layers: Layers | None = None
    strange: Strange | None = None

    def to_frame(self, x: float, y: float) -> tuple[float, float]:
        """The frame's pixel of a pixel of `small`."""
        return x / self.scale[0] + self.quality.dx, y / self.scale[1] + self.quality.dy


@runtime_checkable
class Detector(Protocol):
    """One way of seeing things in a camera's frames; it is shown every usable frame in the order of time."""

    name: str

    @property
    def version(self) -> str:
        """What it judges by, as events name it: of a model the hash."""
        ...

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
