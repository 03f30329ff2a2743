"""The training material: the same seed draws the same picture, truth lies where the thing is, and a small forest grows from it."""

import numpy as np
import pytest

from vision.training.examples import CLASSES, examples, matched
from vision.training.picture import drawn
from vision.verifier.forest import read_forest, write_forest


def test_a_seed_draws_the_same_picture_and_another_seed_another() -> None:
    one, again, other = drawn(3, 0, 7), drawn(3, 0, 7), drawn(3, 0, 8)
    assert np.array_equal(one.bgr, again.bgr)
    assert one.boxes == again.boxes
    assert one.bgr.shape != other.bgr.shape or not np.array_equal(one.bgr, other.bgr)
    height, width = one.bgr.shape[:2]
    assert all(b.x >= 0 and b.y >= 0 and b.x + b.w <= width and b.y + b.h <= height for b in one.boxes)


def test_a_forest_grows_from_drawn_pictures() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is in the dependency group train")
    from vision.training.grow import Growth, grown

    learned = examples(range(1000, 1002), 1, 20261123)
    assert set(learned.kind.tolist()) > {0}
    forest = grown(learned, Growth(trees=4, leaf=2, depth=6))
    assert forest.classes == CLASSES
    shares = forest.shares(learned.rows)
    assert (shares[learned.kind > 0, 0].mean()) < shares[learned.kind == 0, 0].mean()
    assert np.array_equal(read_forest(write_forest(forest)).shares(learned.rows), shares)


def test_without_truth_nothing_is_matched() -> None:
    overlap, _ = matched(np.array([[0, 0, 5, 5]]), [])
    assert overlap.tolist() == [0]
