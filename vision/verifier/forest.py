"""A forest of decision trees as arrays: every tree is walked for every blob at once, in numpy alone.

Stored as an `.npz` of plain arrays (no pickle): reading it runs nothing.
"""

import hashlib
import io
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

LARGEST_FILE: Final = 4_000_000
_ARRAYS: Final = ("feature", "threshold", "left", "right", "value", "root")


@dataclass(frozen=True, eq=False)
class Forest:
    """Trees laid end to end: node i asks whether `feature[i]` <= `threshold[i]` and goes `left[i]` or `right[i]`; a leaf is its own child.

    `value` holds each leaf's share of each class (nodes x classes), `root` where each tree begins, `version` the list of features, and `digest` the SHA-256 of
    the file.
    """

    feature: NDArray[np.int16]
    threshold: NDArray[np.float32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float32]
    root: NDArray[np.int32]
    classes: tuple[str, ...]
    version: int
    depth: int
    digest: str = ""

    def shares(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """The mean share of each class over the trees for each row of features: n x classes.

        Raises:
            ValueError: rows with too few features.
        """
        if rows.ndim != 2 or rows.shape[1] <= int(self.feature.max(initial=0)):
            raise ValueError(
                f"features of shape {rows.shape}: expected n x {int(self.feature.max(initial=0)) + 1} or wider"
            )
        if not len(rows):
            return np.zeros((0, len(self.classes)))
        node = np.broadcast_to(self.root, (len(rows), len(self.root))).copy()
        number = np.arange(len(rows))[:, None]
        for _ in range(self.depth):
            goes_left = rows[number, self.feature[node]] <= self.threshold[node]
            node = np.where(goes_left, self.left[node], self.right[node])
        means: NDArray[np.float64] = self.value[node].mean(axis=1, dtype=np.float64)
        return means


def write_forest(forest: Forest) -> bytes:
    """The forest as the bytes of an `.npz`; equal forests give equal bytes (no times inside)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        told = {name: getattr(forest, name) for name in _ARRAYS}
        told["classes"] = np.array(forest.classes)
        told["facts"] = np.array([forest.version, forest.depth])
        for name, array in told.items():
            part = io.BytesIO()
            np.lib.format.write_array(part, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), part.getvalue(), zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()


def read_forest(raw: bytes) -> Forest:
    """The forest in the bytes of an `.npz`.

    Raises:
        ValueError: too large, not such a file, or arrays that do not make trees.
    """
    if len(raw) > LARGEST_FILE:
        raise ValueError(f"model of {len(raw)} bytes: expected at most {LARGEST_FILE}")
    try:
        with np.load(io.BytesIO(raw), allow_pickle=False) as held:
            arrays = {name: held[name] for name in _ARRAYS}
            classes, facts = tuple(str(name) for name in held["classes"]), held["facts"]
    except (KeyError, OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"model file: expected an .npz that the training wrote ({error})") from error
    _check(arrays, len(classes))
    digest = hashlib.sha256(raw).hexdigest()
    return Forest(**arrays, classes=classes, version=int(facts[0]), depth=int(facts[1]), digest=digest)


@cache
def shipped() -> Forest:
    """The forest that the project ships, trained by `python -m vision.training`."""
    return read_forest((Path(__file__).parent / "model.npz").read_bytes())


def _check(arrays: dict[str, NDArray[np.generic]], classes: int) -> None:
    nodes = len(arrays["feature"])
    whole = all(len(arrays[name]) == nodes for name in ("threshold", "left", "right", "value"))
    steps = [np.asarray(arrays[name], np.int64) for name in ("left", "right", "root")]
    inside = all(((step >= 0) & (step < nodes)).all() for step in steps)
    if not whole or not inside or arrays["value"].shape != (nodes, classes):
        raise ValueError("model file: expected trees whose nodes point at each other")
