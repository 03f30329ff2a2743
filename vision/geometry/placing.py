"""From a blob in a working picture to a detection in the frame: its box, its mask, and where calibrated its place and size in metres."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detection import Box, Detection, Label, Mask
from vision.detector import Look
from vision.geometry.view import View


def frame_box(look: Look, x: float, y: float, w: float, h: float) -> Box:
    """The frame's box of a box in the small picture, cut at the frame's borders."""
    left, top = look.to_frame(x, y)
    right, lower = look.to_frame(x + w, y + h)
    width, height = look.frame.size
    x0, y0 = int(np.clip(round(left), 0, width - 1)), int(np.clip(round(top), 0, height - 1))
    x1, y1 = int(np.clip(round(right), x0 + 1, width)), int(np.clip(round(lower), y0 + 1, height))
    return Box(x0, y0, x1 - x0, y1 - y0)


def detection(
    look: Look,
    box: Box,
    pixels: NDArray[np.bool_],
    score: float,
    label: Label,
    detector: str,
    features: Sequence[float] = (),
) -> Detection:
    """A thing in a box of the frame, with its pixels at any size, measured by the camera's plane."""
    fitted = cv2.resize(pixels.astype(np.uint8), (box.w, box.h), interpolation=cv2.INTER_NEAREST) > 0
    width, height = look.frame.size
    size, area, ground = measured(look.view, reference_box(look, box), float(fitted.sum()) / (box.w * box.h))
    return Detection(
        box,
        Mask.of(fitted),
        round(float(score), 6),
        label,
        detector,
        share=round(float(fitted.sum()) / (width * height), 9),
        size_m=size,
        area_m2=area,
        ground=ground,
        lonlat=None if ground is None else look.view.lonlat(*ground),
        features=tuple(float(value) for value in features),
    )


def reference_box(look: Look, box: Box) -> tuple[float, float, float, float]:
    """A box of the frame in the pixels of the configured size, on the reference view."""
    width, height = look.frame.size
    across, down = look.view.config.width / width, look.view.config.height / height
    return (box.x - look.quality.dx) * across, (box.y - look.quality.dy) * down, box.w * across, box.h * down


def measured(
    view: View, box: tuple[float, float, float, float], filled: float
) -> tuple[float | None, float | None, tuple[float, float] | None]:
    """Longest side (m), area of water (m2) and foot (east, north) of a thing in a box; None without calibration or beyond the horizon.

    The area is that of the ground under the box where the thing lies flat. What stands up is taken as deep as it is wide: the ground behind it is hidden, not
    covered.
    """
    x, y, w, h = box
    sizes, places = view.sizes(np.array([box])), view.ground(np.array([(x + w / 2, y + h)]))
    per_pixel = view.square_metres(np.array([(x + w / 2, y + h / 2)]))
    if sizes is None or places is None or per_pixel is None:
        return None, None, None
    values = [float(sizes[0]), float(per_pixel[0]), *(float(v) for v in places[0])]
    if not np.isfinite(values).all():
        return None, None, None
    size, square, east, north = values
    wide = size * min(1.0, w / max(h, 1e-9))
    area = min(square * w * h, wide * wide) * filled
    return round(size, 3), round(area, 4), (round(east, 3), round(north, 3))
