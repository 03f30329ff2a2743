"""Where a detection is in the space its tracks live in, and how well that is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vision.detection import Detection
from vision.frame import Quality
from vision.geometry.view import View
from vision.track.kalman import Array
from vision.track.track import Space

PIXEL_ERROR: Final = 1.5
SIZE_ERROR: Final = 0.1
WORST_METRES: Final = 5.0
"""Beyond this standard deviation on the ground (near the horizon) a place in metres says nothing, and pixels are used."""


@dataclass(frozen=True, eq=False)
class Spot:
    """A detection's foot in metres or pixels with its covariance (2 x 2); `foot` and `side` are pixels of the configured frame size."""

    detection: Detection
    space: Space
    place: tuple[float, float]
    noise: Array
    foot: tuple[float, float]
    side: float


def spots_of(detections: Sequence[Detection], quality: Quality, view: View, size: tuple[int, int]) -> list[Spot]:
    """A spot for each detection in a frame of `size` (width, height), its shift against the reference view taken out."""
    if not detections:
        return []
    scale = np.array([view.config.width / size[0], view.config.height / size[1]])
    feet = (np.array([item.box.foot for item in detections]) - (quality.dx, quality.dy)) * scale
    sides = np.array([(item.box.w, item.box.h) for item in detections]) * scale
    errors = np.maximum(PIXEL_ERROR, SIZE_ERROR * sides)
    return [_spot(*each) for each in zip(detections, feet, sides, errors, _on_ground(view, feet, errors), strict=True)]


def _on_ground(view: View, feet: Array, errors: Array) -> list[Array | None]:
    """The covariance of each foot in metres, None where the ground is not known well enough."""
    centre = view.ground(feet)
    right, lower = view.ground(feet + np.array([1.0, 0.0])), view.ground(feet + np.array([0.0, 1.0]))
    if centre is None or right is None or lower is None:
        return [None] * len(feet)
    slopes = np.stack([right - centre, lower - centre], axis=2) * errors[:, None, :]
    covariances = slopes @ slopes.transpose(0, 2, 1) + np.eye(2) * 1e-4
    return [noise if _fine(noise) else None for noise in covariances]


def _fine(noise: Array) -> bool:
    return bool(np.isfinite(noise).all() and np.trace(noise) <= WORST_METRES**2)


def _spot(item: Detection, foot: Array, sides: Array, errors: Array, noise: Array | None) -> Spot:
    at = float(foot[0]), float(foot[1])
    side = float(np.sqrt(max(sides[0] * sides[1], 1.0)))
    if item.ground is None or noise is None or not np.isfinite(item.ground).all():
        return Spot(item, "px", at, np.diag(errors**2), at, side)
    return Spot(item, "m", (float(item.ground[0]), float(item.ground[1])), noise, at, side)
