"""A picture of a camera with its own time, and what can be said of its quality."""

from dataclasses import dataclass
from typing import Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""Pixels as OpenCV holds them: height x width x 3 (blue, green, red), or height x width (grey)."""

QualityState = Literal["ok", "degraded", "black", "frozen", "moved", "blind"]

LARGEST_SIDE: Final = 8192
SMALLEST_SIDE: Final = 32


class Quality(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a frame is good for; `cause` says why it is not `ok`, in the words of `vision.quality`.

    `sharpness`, `contrast`, `noise` and `luma` are in grey levels (0 to 255), `clipped` is a share of the water, `dx` and `dy` are the shift against the
    reference view in pixels of the frame.
    """

    state: QualityState = "ok"
    cause: str = ""
    sharpness: float = 0.0
    contrast: float = 0.0
    noise: float = 0.0
    luma: float = 0.0
    clipped: float = 0.0
    infrared: bool = False
    dx: float = 0.0
    dy: float = 0.0

    @property
    def usable(self) -> bool:
        """Whether detectors may look at the frame: nothing is said of what cannot be seen; through a thin fog what is near can."""
        return self.state == "ok" or (self.state, self.cause) == ("degraded", "fog")


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture; `time` is the camera's own (epoch ms), `bgr` is height x width x 3 of uint8, `jpeg` the bytes it came as.

    Raises:
        ValueError: pixels of another shape, type or size; the message says which.
    """

    camera: str
    time: int
    seq: int
    bgr: Image
    jpeg: bytes | None = None

    def __post_init__(self) -> None:
        check_image(self.bgr)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.bgr.shape[1], self.bgr.shape[0]


def check_image(bgr: Image) -> None:
    """Refuse what is no picture of ours.

    Raises:
        ValueError: not height x width x 3 of uint8, or a side outside 32 to 8192.
    """
    if not isinstance(bgr, np.ndarray) or bgr.dtype != np.uint8:
        kind = getattr(bgr, "dtype", type(bgr).__name__)
        raise ValueError(f"picture of {kind}: expected an array of uint8")
    if bgr.ndim != 3 or bgr.shape[2] != 3:
        raise ValueError(f"picture of shape {bgr.shape}: expected height x width x 3")
    if not all(SMALLEST_SIDE <= side <= LARGEST_SIDE for side in bgr.shape[:2]):
        raise ValueError(
            f"picture of {bgr.shape[1]} x {bgr.shape[0]}: expected sides of {SMALLEST_SIDE} to {LARGEST_SIDE}"
        )
