"""Growing a forest from examples, and what it reaches at sites that were held back.

scikit-learn is needed here and nowhere else (dependency group `train`).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier

from vision.training.examples import CLASSES, Examples
from vision.verifier.features import FEATURES
from vision.verifier.forest import Forest


@dataclass(frozen=True, slots=True)
class Growth:
    """How a forest is grown: trees, the fewest examples in a leaf, the longest way to it, and the seed."""

    trees: int = 110
    leaf: int = 5
    depth: int = 20
    seed: int = 1


def grown(examples: Examples, how: Growth) -> Forest:
    """The forest that examples give; the same examples and seed give the same forest."""
    model = ExtraTreesClassifier(
        how.trees,
        min_samples_leaf=how.leaf,
        max_depth=how.depth,
        max_features=0.4,
        class_weight=dict(enumerate(_weights(examples.kind))),
        random_state=how.seed,
        n_jobs=1,
    )
    model.fit(examples.rows, examples.kind)
    return _as_arrays([tree.tree_ for tree in model.estimators_])


def _weights(kind: NDArray[np.int64]) -> list[float]:
    """Debris together counts half as much as all that is nothing."""
    counts = np.bincount(kind, minlength=len(CLASSES)).astype(float)
    something = counts[1:].sum()
    return [1.0, *(0.5 * counts[0] / something for _ in counts[1:])]


def _as_arrays(trees: list[Any]) -> Forest:
    """The trees of scikit-learn laid end to end; there a leaf has children of -1, here it is its own child."""
    starts = np.cumsum([0, *(tree.node_count for tree in trees[:-1])])
    parts = [_one(tree, int(start)) for tree, start in zip(trees, starts, strict=True)]
    feature, threshold, left, right, value = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Forest(
        feature.astype(np.int16),
        threshold.astype(np.float32),
        left.astype(np.int32),
        right.astype(np.int32),
        np.round(value, 3).astype(np.float32),  # a share to the thousandth packs into a quarter of the file
        starts.astype(np.int32),
        CLASSES,
        FEATURES,
        max(int(tree.max_depth) for tree in trees),
    )


def _one(tree: Any, start: int) -> tuple[NDArray[Any], ...]:
    own, leaf = np.arange(tree.node_count) + start, np.asarray(tree.children_left) < 0
    share = np.asarray(tree.value)[:, 0, :]
    return (
        np.where(leaf, 0, tree.feature),
        np.where(leaf, 0, tree.threshold),
        np.where(leaf, own, tree.children_left + start),
        np.where(leaf, own, tree.children_right + start),
        share / share.sum(axis=1, keepdims=True),
    )
