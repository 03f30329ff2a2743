"""Suite S3: real photographs with labelled debris, each judged alone: average precision at an overlap of one half, and precision at half the recall."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from benchmarks.patrol.match import Box, iou

OVERLAP: Final = 0.5
WIDTH: Final = 960


@dataclass(frozen=True, slots=True)
class Still:
    """What was labelled in a picture, and what was found, with scores; boxes in pixels of the picture as it is judged."""

    name: str
    labels: tuple[Box, ...]
    found: tuple[tuple[float, Box], ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """Precision and recall at every score, best first."""

    recall: tuple[float, ...]
    precision: tuple[float, ...]
    labels: int

    def average(self) -> float:
        """The area under the curve of the greatest precision at each recall or above (all points, as PASCAL VOC 2010)."""
        area, before, best = 0.0, 0.0, self._best()
        for recall, precision in zip(self.recall, best, strict=True):
            area += (recall - before) * precision
            before = recall
        return area

    def precision_at(self, recall: float) -> float | None:
        """The greatest precision at that recall or above; None where it is never reached."""
        return max((p for r, p in zip(self.recall, self.precision, strict=True) if r >= recall), default=None)

    def _best(self) -> list[float]:
        best, greatest = [], 0.0
        for precision in reversed(self.precision):
            greatest = max(greatest, precision)
            best.append(greatest)
        return best[::-1]


def curve(stills: Sequence[Still], overlap: float = OVERLAP) -> Curve:
    """The curve over all pictures: a find is right if it overlaps a label that no better find took."""
    total = sum(len(still.labels) for still in stills)
    finds = sorted(
        ((score, number, box) for number, still in enumerate(stills) for score, box in still.found), reverse=True
    )
    taken: set[tuple[int, int]] = set()
    recall, precision, right = [], [], 0
    for place, (_, number, box) in enumerate(finds, 1):
        fits = [(iou(box, label), at) for at, label in enumerate(stills[number].labels) if (number, at) not in taken]
        best = max(fits, default=(0.0, -1))
        if best[0] >= overlap:
            taken.add((number, best[1]))
            right += 1
        recall.append(right / max(total, 1))
        precision.append(right / place)
    return Curve(tuple(recall), tuple(precision), total)


def judged(folder: Path) -> Iterator[Still]:
    """Every picture of a folder (images/*.jpg, labels/*.txt in YOLO's form) as the shipped verifier judges it, with no water drawn in."""
    for path in sorted((folder / "images").glob("*.jpg")):
        picture = cv2.imread(str(path))
        if picture is None:
            continue
        height = round(picture.shape[0] * WIDTH / picture.shape[1])
        sized = np.asarray(cv2.resize(picture, (WIDTH, height), interpolation=cv2.INTER_AREA), np.uint8)
        yield Still(path.stem, labels_of(folder / "labels" / f"{path.stem}.txt", WIDTH, height), _found(sized))


def labels_of(path: Path, width: int, height: int, classes: Sequence[int] = (0,)) -> tuple[Box, ...]:
    """The boxes of the classes in a YOLO label file; none without a file."""
    boxes = []
    for line in path.read_text().splitlines() if path.exists() else []:
        kind, *values = line.split()
        if int(kind) in classes and len(values) >= 4:
            x, y, w, h = (float(value) for value in values[:4])
            boxes.append(((x - w / 2) * width, (y - h / 2) * height, (x + w / 2) * width, (y + h / 2) * height))
    return tuple(boxes)


def _found(bgr: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> tuple[tuple[float, Box], ...]:
    from vision.proposals.spatial import candidates
    from vision.verifier.features import features
    from vision.verifier.judge import best, verifier

    lab = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2LAB), np.uint8)
    blobs = candidates(lab, np.full(lab.shape[:2], 255, np.uint8))
    score, _ = verifier().judged(features(lab, blobs))
    chosen = best(blobs, score)
    boxes = [tuple(float(value) for value in blobs.boxes[number]) for number in chosen]
    return tuple((float(score[n]), (x, y, x + w, y + h)) for n, (x, y, w, h) in zip(chosen, boxes, strict=True))
