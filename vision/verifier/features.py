"""What a blob is judged by: colour, texture, edge, shape, and how it stands out from what is around it.

Everything is relative to the blob's own size and surroundings, so that near and far, large and small pictures are judged alike. Computed over all blobs at
once: sums over their pixels by counting, sums over boxes from integral pictures.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frame import Image
from vision.proposals.blobs import Blobs, Numbers, Whole

FEATURES: Final = 1
"""The version of the list below; stored examples of another version teach nothing."""

_INNER: Final = ("l", "a", "b", "chroma", "grain", "clipped", "l_std", "a_std", "b_std")
_AROUND: Final = ("l", "a", "b", "chroma", "grain", "clipped", "l_std")
_SHAPE: Final = ("size", "filled", "aspect", "slim", "tilt", "rough", "edge", "edge_to_inside", "edge_to_around")
_CONTRAST: Final = (
    "d_l",
    "d_a",
    "d_b",
    "d_colour",
    "d_spreads",
    "d_far_l",
    "d_far_colour",
    "near_far",
    "up_down",
    "left_right",
    "d_chroma",
    "d_grain",
    "crowd",
    "level",
    "box_grain",
    "box_l_std",
)
NAMES: Final = (
    *(f"in_{name}" for name in _INNER),
    *(f"near_{name}" for name in _AROUND),
    *_SHAPE,
    *_CONTRAST,
)

Features = NDArray[np.float32]


def features(lab: Image, blobs: Blobs) -> Features:
    """The features of every blob of a picture in Lab: n x len(NAMES)."""
    if not len(blobs):
        return np.zeros((0, len(NAMES)), np.float32)
    planes = _planes(lab)
    inner = _inner(planes, blobs)
    sums = _Sums(planes, blobs.boxes)
    near, far, box = sums.ring(0.6), sums.ring(2.0), sums.box()
    columns = [
        *inner.T,
        *near.T,
        *_shape(planes, blobs, inner, near),
        *_contrast(blobs, inner, (near, far, box), sums),
    ]
    return np.column_stack(columns).astype(np.float32)


def _planes(lab: Image) -> NDArray[np.float32]:
    """Lightness, a, b, chroma, grain (local gradient) and clipping, 6 x height x width, grey levels or 0 and 1."""
    level = np.ascontiguousarray(lab[..., 0])
    light, a, b = (np.asarray(part, np.float32) for part in cv2.split(lab))
    across, down = (np.asarray(cv2.Sobel(level, cv2.CV_16S, *way), np.float32) for way in ((1, 0), (0, 1)))
    # Roots of whole numbers by numpy: rounded the same everywhere, which cv2.magnitude is not, and a replay must be.
    chroma, grain = np.sqrt((a - 128) ** 2 + (b - 128) ** 2), np.sqrt(across**2 + down**2) / 4
    return np.stack([light, a, b, chroma, grain, (light > 250).astype(np.float32)])


def _inner(planes: NDArray[np.float32], blobs: Blobs) -> Numbers:
    """Means over each blob's own pixels, and the spread of its lightness and colour: n x 9."""
    area = np.maximum(blobs.areas(), 1)
    values = planes.reshape(len(planes), -1)[:, blobs.pixel]
    means = [np.bincount(blobs.owner, row, len(blobs)) / area for row in values]
    squares = [np.bincount(blobs.owner, row * row, len(blobs)) / area for row in values[:3]]
    spreads = [np.sqrt(np.maximum(square - mean**2, 0)) for square, mean in zip(squares, means, strict=False)]
    return np.column_stack([*means, *spreads])


class _Sums:
    """Means of the planes over boxes and over rings around them, from integral pictures."""

    def __init__(self, planes: NDArray[np.float32], boxes: Whole) -> None:
        self._size = planes.shape[2], planes.shape[1]
        self._boxes = boxes.astype(float)
        rows = [*planes, planes[0] * planes[0]]
        self._integral = np.stack([cv2.integral(row, sdepth=cv2.CV_64F) for row in rows])

    def box(self) -> Numbers:
        """Over the box itself: n x 7, the last is the spread of lightness."""
        return self._told(*self._sum(0, 0, 0, 0))

    def ring(self, grown: float) -> Numbers:
        """Over what lies around the box when it grows by a share of its size on each side."""
        outer, count = self._sum(grown, grown, grown, grown)
        inner, less = self._sum(0, 0, 0, 0)
        return self._told(outer - inner, count - less)

    def side(self, left: float, top: float, right: float, bottom: float) -> Numbers:
        """Over one side of the box alone: grown there and nowhere else."""
        outer, count = self._sum(left, top, right, bottom)
        inner, less = self._sum(0, 0, 0, 0)
        return self._told(outer - inner, count - less)

    def _sum(self, left: float, top: float, right: float, bottom: float) -> tuple[Numbers, Numbers]:
        x, y, w, h = self._boxes.T
        reach_x, reach_y = np.maximum(w, 6), np.maximum(h, 6)
        x0, x1 = self._edge(x - left * reach_x, 0), self._edge(x + w + right * reach_x, 0)
        y0, y1 = self._edge(y - top * reach_y, 1), self._edge(y + h + bottom * reach_y, 1)
        total = self._integral
        sums = total[:, y1, x1] - total[:, y0, x1] - total[:, y1, x0] + total[:, y0, x0]
        return sums, ((x1 - x0) * (y1 - y0)).astype(float)

    def _edge(self, value: Numbers, axis: int) -> Whole:
        return np.clip(np.round(value), 0, self._size[axis]).astype(np.int64)

    def _told(self, sums: Numbers, count: Numbers) -> Numbers:
        means = (sums / np.maximum(count, 1)).T
        spread = np.sqrt(np.maximum(means[:, 6] - means[:, 0] ** 2, 0))
        return np.column_stack([means[:, :6], spread])


def _shape(planes: NDArray[np.float32], blobs: Blobs, inner: Numbers, near: Numbers) -> list[Numbers]:
    """Size, filling, aspect, slimness and tilt of the ellipse, roughness, and how sharp the edge is."""
    area = np.maximum(blobs.areas(), 1).astype(float)
    width, height = blobs.boxes[:, 2].astype(float), blobs.boxes[:, 3].astype(float)
    slim, tilt = _ellipse(blobs, area)
    rim = _rim(blobs)
    around = np.maximum(np.bincount(blobs.owner[rim], minlength=len(blobs)), 1)
    gradient = planes[4].ravel()[blobs.pixel[rim]]
    edge = np.bincount(blobs.owner[rim], gradient, len(blobs)) / around
    return [
        np.log(area),
        area / np.maximum(width * height, 1),
        np.log(width / height),
        slim,
        tilt,
        around / np.sqrt(area),
        edge,
        edge / (inner[:, 4] + 1),
        edge / (near[:, 4] + 1),
    ]


def _ellipse(blobs: Blobs, area: Numbers) -> tuple[Numbers, Numbers]:
    """How much longer than wide (log), and how upright (-1 lying to 1 standing), from the second moments."""
    row, column = (part.astype(float) for part in np.divmod(blobs.pixel, blobs.shape[1]))
    sums = [
        np.bincount(blobs.owner, part, len(blobs)) / area for part in (column, row, column**2, row**2, column * row)
    ]
    xx, yy, xy = sums[2] - sums[0] ** 2 + 0.1, sums[3] - sums[1] ** 2 + 0.1, sums[4] - sums[0] * sums[1]
    root = np.sqrt(np.maximum((xx - yy) ** 2 + 4 * xy**2, 0))
    slim = 0.5 * np.log(np.maximum(xx + yy + root, 0.1) / np.maximum(xx + yy - root, 0.1))
    return slim, (yy - xx) / np.maximum(xx + yy, 0.1)


def _rim(blobs: Blobs) -> Whole:
    """Which pixels of the blobs have a neighbour (of four) outside their own blob."""
    wide = blobs.shape[1] + 2
    row, column = np.divmod(blobs.pixel, blobs.shape[1])
    # Owners lie far apart on one axis, so that a neighbour is looked up for all blobs at once.
    place = (blobs.owner * (blobs.shape[0] + 2) + row + 1) * wide + column + 1
    ordered = np.sort(place)
    inside = np.ones(len(place), bool)
    for step in (1, -1, wide, -wide):
        found = np.minimum(np.searchsorted(ordered, place + step), len(ordered) - 1)
        inside &= ordered[found] == place + step
    return np.flatnonzero(~inside)


def _contrast(
    blobs: Blobs,
    inner: Numbers,
    around: tuple[Numbers, Numbers, Numbers],
    sums: _Sums,
) -> list[Numbers]:
    """How the blob differs from what is near and far, and how even its surroundings are."""
    near, far, box = around
    step, far_step = inner[:, :3] - near[:, :3], inner[:, :3] - far[:, :3]
    sides = [sums.side(*grown) for grown in ((0, 1, 0, 0), (0, 0, 0, 1), (1, 0, 0, 0), (0, 0, 1, 0))]
    x, y, w, h = blobs.boxes.T.astype(float)
    middle = np.column_stack([x + w / 2, y + h / 2])
    apart = np.hypot(*(middle[:, None] - middle).transpose(2, 0, 1))
    reach = 2 * np.sqrt(w * h)
    colour = np.hypot(step[:, 1], step[:, 2])
    return [
        step[:, 0],
        step[:, 1],
        step[:, 2],
        colour,
        np.hypot(step[:, 0], colour) / (near[:, 6] + 3),
        far_step[:, 0],
        np.hypot(far_step[:, 1], far_step[:, 2]),
        np.linalg.norm(near[:, :3] - far[:, :3], axis=1),
        np.linalg.norm(sides[0][:, :3] - sides[1][:, :3], axis=1),
        np.linalg.norm(sides[2][:, :3] - sides[3][:, :3], axis=1),
        inner[:, 3] - near[:, 3],
        inner[:, 4] - near[:, 4],
        np.log1p((apart < reach[:, None]).sum(axis=1)),
        blobs.level,
        box[:, 4],
        box[:, 6],
    ]
