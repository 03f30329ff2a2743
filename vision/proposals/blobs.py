"""Connected pixels with their statistics, computed over all blobs of a picture at once."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detection import Mask
from vision.frame import Image

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

_LARGEST: Final = 400
"""Blobs taken from one map; the largest come first."""


@dataclass(frozen=True, eq=False)
class Blobs:
    """n blobs of one picture of `shape`: `boxes` (n x 4: x, y, w, h), `level` and `kind` of the map each came from (n), and their pixels.

    `pixel` holds flat indices into the picture and `owner` the blob of each, in order of the owner; a pixel may belong to several blobs.
    """

    shape: tuple[int, int]
    boxes: Whole
    level: Numbers
    kind: Numbers
    pixel: Whole
    owner: Whole

    def __len__(self) -> int:
        return len(self.boxes)

    def chosen(self, keep: Whole) -> "Blobs":
        """Some of the blobs, by number, in the order given."""
        place = np.full(len(self), -1)
        place[keep] = np.arange(len(keep))
        owner = place[self.owner]
        mine = np.flatnonzero(owner >= 0)
        mine = mine[np.argsort(owner[mine], kind="stable")]
        return Blobs(self.shape, self.boxes[keep], self.level[keep], self.kind[keep], self.pixel[mine], owner[mine])

    def areas(self) -> Whole:
        """Pixels of each blob."""
        return np.bincount(self.owner, minlength=len(self))

    def mask(self, number: int) -> Mask:
        """The pixels of one blob inside its box."""
        x, y, w, h = self.boxes[number]
        row, column = np.divmod(self.pixel[self.owner == number], self.shape[1])
        inside = np.zeros((h, w), bool)
        inside[row - y, column - x] = True
        return Mask.of(inside)


def no_blobs(shape: tuple[int, int]) -> Blobs:
    """The blobs of a picture without any."""
    none = np.zeros(0, np.int64)
    return Blobs(shape, np.zeros((0, 4), np.int64), np.zeros(0), np.zeros(0), none, none)


def connected(mask: Image, level: float, kind: float, smallest: int, largest: int) -> Blobs:
    """The connected parts (8 neighbours) of a mask with an area of `smallest` to `largest` pixels."""
    left, top, wide, high = cv2.boundingRect(mask)
    if not wide:
        return no_blobs(mask.shape[:2])
    # Most masks are empty but for a corner: only the part that is not is looked at.
    part = mask[top : top + high, left : left + wide]
    count, labels, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=8, ltype=cv2.CV_32S)
    stats[:, cv2.CC_STAT_LEFT] += left
    stats[:, cv2.CC_STAT_TOP] += top
    area = stats[:, cv2.CC_STAT_AREA]
    keep = np.flatnonzero((area >= smallest) & (area <= largest))
    keep = keep[keep > 0]
    keep = keep[np.argsort(-area[keep], kind="stable")][:_LARGEST]
    if not len(keep):
        return no_blobs(mask.shape[:2])
    place = np.full(count, -1)
    place[keep] = np.arange(len(keep))
    inside = np.flatnonzero(labels)
    owner = place[labels.ravel()[inside]]
    inside, owner = inside[owner >= 0], owner[owner >= 0]
    row, column = np.divmod(inside, wide)
    pixel = (row + top) * mask.shape[1] + column + left
    order = np.argsort(owner, kind="stable")
    flat = np.ones(len(keep))
    return Blobs(
        mask.shape[:2], stats[keep, :4].astype(np.int64), flat * level, flat * kind, pixel[order], owner[order]
    )


def joined(parts: list[Blobs]) -> Blobs:
    """The blobs of several maps of one picture as one list.

    Raises:
        ValueError: no parts.
    """
    if not parts:
        raise ValueError("no blobs to join: expected one list or more")
    starts = np.cumsum([0, *(len(part) for part in parts[:-1])])
    return Blobs(
        parts[0].shape,
        np.concatenate([part.boxes for part in parts]),
        np.concatenate([part.level for part in parts]),
        np.concatenate([part.kind for part in parts]),
        np.concatenate([part.pixel for part in parts]),
        np.concatenate([part.owner + start for part, start in zip(parts, starts, strict=True)]),
    )


def overlaps(boxes: Whole) -> Numbers:
    """Intersection over union of every box with every other, n x n."""
    left, top, width, height = boxes.T.astype(float)
    right, bottom = left + width, top + height
    across = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    down = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
    shared = np.clip(across, 0, None) * np.clip(down, 0, None)
    area = width * height
    union: Numbers = area[:, None] + area - shared
    result: Numbers = shared / np.maximum(union, 1)
    return result


def distinct(boxes: Whole, rank: Numbers, limit: float) -> Whole:
    """The boxes to keep, best rank first, when of two that overlap by more than `limit` only the better stays."""
    order = np.argsort(-rank, kind="stable")
    if not len(order):
        return order
    clash = overlaps(boxes) > limit
    alive = np.ones(len(order), bool)
    for number in order:
        if alive[number]:
            alive &= ~clash[number]
            alive[number] = True
    return order[alive[order]]
