"""What a detector says it sees: where, how large, how sure, and the pixels it means."""

from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

Label = Literal["artificial", "organic", "foam", "boat", "bird", "person", "vehicle", "smoke", "other"]
"""What a thing is taken for; `other` is an anomaly without a name."""

LARGEST_MASK: Final = 8192 * 8192


class Box(NamedTuple):
    """A rectangle in pixels of the frame: left, top, width, height."""

    x: int
    y: int
    w: int
    h: int

    @property
    def foot(self) -> tuple[float, float]:
        """The middle of the lower edge: where a thing stands on the ground or the water."""
        return self.x + self.w / 2, float(self.y + self.h)

    def overlap(self, other: "Box") -> float:
        """Intersection over union with another box, 0 to 1."""
        width = min(self.x + self.w, other.x + other.w) - max(self.x, other.x)
        height = min(self.y + self.h, other.y + other.h) - max(self.y, other.y)
        shared = max(width, 0) * max(height, 0)
        union = self.w * self.h + other.w * other.h - shared
        return shared / union if union else 0.0

    def inside(self, other: "Box") -> float:
        """How much of this box lies within another, 0 to 1."""
        width = min(self.x + self.w, other.x + other.w) - max(self.x, other.x)
        height = min(self.y + self.h, other.y + other.h) - max(self.y, other.y)
        return max(width, 0) * max(height, 0) / max(self.w * self.h, 1)


class Mask(msgspec.Struct, frozen=True):
    """The pixels of a thing inside its box, row by row, as lengths of runs: unset first, then set, and so on.

    Raises:
        ValueError: a size that is not positive or too large, a run below 0, or runs that do not fill the size.
    """

    width: int
    height: int
    runs: tuple[int, ...]

    def __post_init__(self) -> None:
        if self.width <= 0 or self.height <= 0 or self.width * self.height > LARGEST_MASK:
            raise ValueError(
                f"mask of {self.width} x {self.height}: expected positive sides, at most {LARGEST_MASK} pixels"
            )
        if min(self.runs, default=-1) < 0:
            raise ValueError("mask runs: expected one or more lengths, none below 0")
        if sum(self.runs) != self.width * self.height:
            raise ValueError(f"mask runs fill {sum(self.runs)} pixels: expected {self.width * self.height}")

    @classmethod
    def of(cls, pixels: NDArray[np.bool_]) -> "Mask":
        """The mask of an array (height x width), where true is the thing.

        Raises:
            ValueError: not two axes, or one of them empty.
        """
        if pixels.ndim != 2:
            raise ValueError(f"mask of shape {pixels.shape}: expected height x width")
        flat = pixels.astype(bool, copy=False).ravel()
        edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
        runs = np.diff(np.concatenate(([0], edges, [flat.size]))).tolist()
        first = [0] if flat.size and flat[0] else []
        return cls(pixels.shape[1], pixels.shape[0], tuple(first + runs))

    def pixels(self) -> NDArray[np.bool_]:
        """The array the mask was made of, height x width."""
        values = np.arange(len(self.runs)) % 2 == 1
        return np.repeat(values, self.runs).reshape(self.height, self.width)

    @property
    def area(self) -> int:
        """How many pixels are set."""
        return sum(self.runs[1::2])


@dataclass(frozen=True, slots=True)
class Detection:
    """One thing in one frame.

    `size_m` is its longest visible side, `area_m2` the water it covers, `ground` its foot in local metres (east, north) and `lonlat` the same in degrees; all
    are None without calibration. `share` is its part of the frame, which is known always. `features` is what the verifier judged it by: stored with an
    alarm it becomes a labelled example.
    """

    box: Box
    mask: Mask
    score: float
    label: Label
    detector: str
    share: float
    size_m: float | None = None
    area_m2: float | None = None
    ground: tuple[float, float] | None = None
    lonlat: tuple[float, float] | None = None
    features: tuple[float, ...] = field(default=(), compare=False, repr=False)
