"""Things that differ from their surroundings in one picture: needs no memory, so it serves stills, tiles and the verifier's training alike.

The water around a place is the median over a window; how much it varies is the median of the distances to that (robust against the thing itself). The
distance of a pixel in those units is cut at several levels, each giving blobs: one level fits no two lights.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frame import Image
from vision.proposals.blobs import Blobs, connected, distinct, joined, no_blobs

Map = NDArray[np.float32]

_SHRINK: Final = 4
_FLOOR: Final = (5.0, 2.5, 2.5)
"""The least spread of lightness and colour (grey levels): JPEG and sensor noise are never an anomaly."""
_SAME: Final = 0.8
_COMPARED: Final = 3
"""How many times more blobs are compared with each other than are kept."""


@dataclass(frozen=True, slots=True)
class Search:
    """How thoroughly to look: windows in pixels of the picture, levels of z, and the sizes of blobs in pixels.

    `joins` are gaps that are closed: a thing of several colours is one thing; the wider ones in the map of all differences only.
    """

    windows: tuple[int, ...] = (80, 260)
    levels: tuple[float, ...] = (2.0, 3.2, 5.0, 8.0, 12.0)
    maps: tuple[str, ...] = ("bright", "dark", "colour", "any")
    joins: tuple[int, ...] = (5, 13, 27)
    smallest: int = 14
    largest_share: float = 0.2
    most: int = 400


WHOLE: Final = Search()
"""For a still."""
TILE: Final = Search(windows=(100,), levels=(3.0, 5.0, 9.0), maps=("any",), joins=(5, 15), most=60)
"""For a tile that an anomaly of the water model pointed to."""


def candidates(lab: Image, mask: Image, search: Search = WHOLE) -> Blobs:
    """The blobs of a picture in Lab (height x width x 3) inside a mask (0 or 255), without those that are nearly the same."""
    largest = max(int(search.largest_share * lab.shape[0] * lab.shape[1]), search.smallest)
    parts = [connected(part, level, kind, search.smallest, largest) for part, level, kind in _maps(lab, mask, search)]
    found = joined(parts) if parts else no_blobs(lab.shape[:2])
    # A firm blob at a high level is better than the same with a ragged edge; large ones come before specks.
    rank = found.level * np.sqrt(np.maximum(found.boxes[:, 2] * found.boxes[:, 3], 1))
    best = np.argsort(-rank, kind="stable")[: _COMPARED * search.most]
    return found.chosen(best[distinct(found.boxes[best], rank[best], _SAME)][: search.most])


def _maps(lab: Image, mask: Image, search: Search) -> Iterator[tuple[Image, float, float]]:
    """Every mask to be cut into blobs, with its level and the number of its map and window."""
    for wide, window in enumerate(search.windows):
        signed = difference(lab, window)
        for kind, name in enumerate(search.maps):
            z = _one_map(signed, name)
            reaches = search.joins if name == "any" else search.joins[:1]
            for level in search.levels:
                over = cv2.bitwise_and((z > level).view(np.uint8), mask)
                for reach in reaches:
                    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (reach, reach))
                    part = cv2.morphologyEx(over, cv2.MORPH_CLOSE, kernel)
                    yield np.asarray(part, np.uint8), level, float(kind + len(search.maps) * wide)


def difference(lab: Image, window: int) -> Map:
    """How far each pixel is from the water around it, in spreads: height x width x 3, signed."""
    height, width = lab.shape[:2]
    cells = max(width // _SHRINK, 8), max(height // _SHRINK, 8)
    small = cv2.resize(lab, cells, interpolation=cv2.INTER_AREA)
    side = min(max(window // _SHRINK, 3) | 1, (min(cells) - 1) | 1)
    around = cv2.medianBlur(small, side)
    spread = cv2.medianBlur(cv2.absdiff(small, around), side)
    limits = spread.astype(np.float32) * np.float32(1.48) + np.array(_FLOOR, np.float32)
    distance = cv2.subtract(lab, cv2.resize(around, (width, height)), dtype=cv2.CV_32F)
    wide = np.asarray(cv2.resize(limits, (width, height)), np.float32)
    return np.divide(np.asarray(distance, np.float32), wide, dtype=np.float32)


def _one_map(signed: Map, name: str) -> Map:
    light, a, b = signed[..., 0], signed[..., 1], signed[..., 2]
    # Not cv2.magnitude: its last bit is not the same everywhere, and a replay must be.
    colour = np.sqrt(a * a + b * b, dtype=np.float32)
    match name:
        case "bright":
            return np.ascontiguousarray(light)
        case "dark":
            return np.negative(light)
        case "colour":
            return colour
        case _:
            whole: Map = np.sqrt(light * light + colour * colour, dtype=np.float32)
            return whole
