"""Floating debris: what is strange in the water, looked at closely and judged by the verifier."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detection import Detection, Label
from vision.detector import Look
from vision.frame import Image
from vision.geometry.placing import detection, frame_box
from vision.geometry.view import View
from vision.proposals.blobs import Blobs, connected, joined
from vision.proposals.spatial import TILE, candidates
from vision.proposals.temporal import large_enough, strange_blobs
from vision.proposals.tiles import SIDE, Tile, cut, tiles
from vision.verifier.features import features
from vision.verifier.judge import Verifier, best, verifier

STILL: Final = 0.4
"""A single picture is compared with its own water only: nothing says what is new, so more has to be sure."""
TELL: Final = 0.3
"""Lower scores are not worth following: a track needs a higher median."""
MOST: Final = 40
JUDGED: Final = 60
"""Blobs of one tile that are judged, largest first: where nothing is water all is strange, and no end of it."""
_NEW: Final = 0.4
_PART: Final = 0.7
"""A box that lies this much within a better one is a part of the same thing: on open water things lie side by side."""


def detector(view: View, model: bytes | None) -> "Debris":
    """The debris detector of a camera."""
    return Debris(view, verifier(model))


class Debris:
    """Judges what is strange in the water; it remembers nothing, the water model does."""

    name = "debris"

    def __init__(self, view: View, judge: Verifier) -> None:
        self._view, self._judge = view, judge
        self._water: Image | None = None
        self._counts: dict[str, float] = {}

    @property
    def version(self) -> str:
        return self._judge.version

    def process(self, look: Look) -> list[Detection]:
        if look.strange is None or look.strange.phase != "armed":
            self._counts = {}
            return []
        raw = strange_blobs(look.strange, self._mask(look))
        blobs = large_enough(raw, self._view, _reference_scale(look))
        chosen = tiles(blobs, blobs.areas(), look.small.shape[:2])
        found = [thing for tile in chosen for thing in self._in_tile(look, tile)]
        found = _apart(sorted(found, key=lambda thing: -thing.score))[:MOST]
        kept = [thing for thing in found if thing.score >= TELL]
        self._counts = {
            "raw": float(len(raw)),
            "large_enough": float(len(blobs)),
            "tiles": float(len(chosen)),
            "judged": float(len(found)),
            "verified": float(len(kept)),
        }
        return kept

    def still(self, look: Look) -> list[Detection]:
        """What a single usable picture shows against its own water; no time tells there what is new, stones and reeds are judged as well."""
        assert look.layers is not None
        lab = look.layers.lab
        blobs = large_enough(candidates(lab, self._mask(look)), self._view, _reference_scale(look))
        if not len(blobs):
            return []
        rows = features(lab, blobs)
        score, labels = self._judge.judged(rows)
        whole = Tile(0, 0, look.small.shape[1], 1.0)
        sure = [int(n) for n in best(blobs, score) if score[n] >= STILL][:MOST]
        return _apart([_told(look, whole, blobs, n, float(score[n]), labels[n], rows[n]) for n in sure])

    def numbers(self) -> dict[str, float]:
        return self._counts

    def export(self) -> bytes:
        return b""

    def restore(self, state: bytes) -> None:
        if state:
            raise ValueError("state of the debris detector: expected none")

    def _mask(self, look: Look) -> Image:
        if self._water is None:
            self._water = self._view.water_pixels(look.small.shape[1], look.small.shape[0])
        return self._water

    def _in_tile(self, look: Look, tile: Tile) -> list[Detection]:
        """What a tile holds, one detection for each thing, whatever its score."""
        lab, new = _close_up(look, tile, self._mask(look))
        grown = np.asarray(cv2.dilate(new, np.ones((7, 7), np.uint8)), np.uint8)
        blobs = joined(
            [candidates(lab, grown, TILE), connected(new, TILE.levels[0], 0.0, TILE.smallest, SIDE * SIDE // 4)]
        )
        blobs = blobs.chosen(np.flatnonzero(_new_share(blobs, new) >= _NEW))
        if len(blobs) > JUDGED:
            blobs = blobs.chosen(np.sort(np.argsort(-blobs.areas(), kind="stable")[:JUDGED]))
        rows = features(lab, blobs)
        score, labels = self._judge.judged(rows)
        return [
            _told(look, tile, blobs, int(n), float(score[n]), labels[n], rows[n]) for n in best(blobs, score)[:MOST]
        ]


def _reference_scale(look: Look) -> tuple[float, float]:
    config = look.view.config
    return look.small.shape[1] / config.width, look.small.shape[0] / config.height


def _close_up(look: Look, tile: Tile, mask: Image) -> tuple[Image, Image]:
    """A tile of the frame itself in Lab, and what of it is strange (0 or 255)."""
    assert look.strange is not None
    x, y = look.to_frame(tile.x, tile.y)
    part = cut(look.frame.bgr, x, y, tile.side / look.scale[0], SIDE)
    wide = cv2.resize(look.strange.cells, look.small.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    new = cv2.bitwise_and(cv2.bitwise_or(look.strange.fine, wide), mask)
    square = np.zeros((tile.side, tile.side), np.uint8)
    inside = new[tile.y : tile.y + tile.side, tile.x : tile.x + tile.side]
    square[: inside.shape[0], : inside.shape[1]] = inside
    sized = cv2.resize(square, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.cvtColor(part, cv2.COLOR_BGR2LAB), np.uint8), np.asarray(sized, np.uint8)


def _new_share(blobs: Blobs, new: Image) -> NDArray[np.float64]:
    """How much of each blob is strange."""
    hits = (new.ravel()[blobs.pixel] > 0).astype(float)
    share: NDArray[np.float64] = np.bincount(blobs.owner, hits, len(blobs)) / np.maximum(blobs.areas(), 1)
    return share


def _told(
    look: Look, tile: Tile, blobs: Blobs, number: int, score: float, label: Label, row: NDArray[np.float32]
) -> Detection:
    x, y, w, h = blobs.boxes[number] / tile.zoom
    box = frame_box(look, tile.x + x, tile.y + y, w, h)
    return detection(look, box, blobs.mask(number).pixels(), score, label, Debris.name, row.tolist())


def _apart(found: list[Detection]) -> list[Detection]:
    """The best first; tiles may overlap and show a thing twice."""
    kept: list[Detection] = []
    for thing in found:
        if all(thing.box.overlap(other.box) < 0.4 and thing.box.inside(other.box) < _PART for other in kept):
            kept.append(thing)
    return kept
