"""Blobs of drawn pictures with what they are: the rows a forest is grown from."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detection import Box
from vision.proposals.blobs import Blobs, Whole
from vision.proposals.spatial import WHOLE, candidates
from vision.training.picture import Drawn, drawn
from vision.verifier.features import Features, features

CLASSES: Final = ("nothing", "artificial", "organic")
_IS: Final = 0.5
_IS_NOT: Final = 0.42
_APART: Final = 0.05
_NEGATIVES: Final = 50


@dataclass(frozen=True, eq=False)
class Examples:
    """Rows of features (n x names), the class of each (index into CLASSES), and its site."""

    rows: Features
    kind: Whole
    site: Whole


def examples(sites: range, each: int, seed: int) -> Examples:
    """The examples of some sites, `each` pictures of every one."""
    parts = [_of_picture(drawn(site, number, seed), seed) for site in sites for number in range(each)]
    return Examples(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def matched(boxes: Whole, truth: list[Box]) -> tuple[NDArray[np.float64], Whole]:
    """For each box the best overlap (intersection over union) with the truth, and with which."""
    if not truth:
        return np.zeros(len(boxes)), np.zeros(len(boxes), np.int64)
    shared = np.array([[Box(*(int(v) for v in box)).overlap(other) for other in truth] for box in boxes])
    shared = shared.reshape(len(boxes), len(truth))
    return shared.max(axis=1), shared.argmax(axis=1)


def _of_picture(picture: Drawn, seed: int) -> tuple[Features, Whole, Whole]:
    lab = np.asarray(cv2.cvtColor(picture.bgr, cv2.COLOR_BGR2LAB), np.uint8)
    blobs = candidates(lab, np.full(lab.shape[:2], 255, np.uint8), WHOLE)
    rows = features(lab, blobs)
    kind, keep = _told(blobs, picture, np.random.default_rng([seed, picture.site, len(blobs)]))
    return rows[keep], kind[keep], np.full(len(keep), picture.site)


def _told(blobs: Blobs, picture: Drawn, chance: np.random.Generator) -> tuple[Whole, Whole]:
    """The class of each blob, and which to learn from: what half overlaps a thing is neither."""
    overlap, which = matched(blobs.boxes, picture.boxes)
    kinds = np.array([CLASSES.index(label) for label in picture.labels] or [0])
    kind = np.where(overlap >= _IS, kinds[which], 0)
    # Parts of things and things with their surroundings are learned as nothing: a box must fit.
    parts = chance.permutation(np.flatnonzero((overlap >= _APART) & (overlap < _IS_NOT)))[:_NEGATIVES]
    apart = chance.permutation(np.flatnonzero(overlap < _APART))[:_NEGATIVES]
    return kind, np.sort(np.concatenate([np.flatnonzero(overlap >= _IS), parts, apart]))
