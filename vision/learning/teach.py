"""Teaching a site: from labelled examples to a model that was judged on examples it never saw."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from vision.learning.site import SiteModel, design, sigmoid
from vision.verifier.features import FEATURES, NAMES, Features
from vision.verifier.forest import Forest
from vision.verifier.judge import log_odds

FEWEST: Final = 50
FEWEST_EACH: Final = 8
FOLDS: Final = 5
_STEPS: Final = 30
_HOLD_ODDS: Final = 2.0
_HOLD_FEATURES: Final = 4.0
_HOLD_BIAS: Final = 0.1
_LEAST_GAIN: Final = 0.01


class Example(msgspec.Struct, frozen=True):
    """One alarm an officer judged: its features, whether it was debris, and why not.

    `group` keeps examples of one event together: they are held back together. `features_version` is that of the list of features.
    """

    features: tuple[float, ...]
    debris: bool
    group: str
    reason: str = ""
    features_version: int = FEATURES


@dataclass(frozen=True, slots=True)
class Grade:
    """How well scores tell debris apart on held-back examples: mean log loss, balanced accuracy at 0.5, average precision."""

    loss: float
    accuracy: float
    precision: float


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What teaching gave: the model, both grades on held-back examples, and whether it may replace what was before."""

    model: SiteModel
    before: Grade
    after: Grade
    examples: int
    better: bool


class TooFew(ValueError):
    """Not enough to learn from; the message says what is missing."""


def teach(examples: Sequence[Example], forest: Forest, current: SiteModel | None = None) -> Lesson:
    """A site's model from its examples, judged in five parts against the current one (or the forest alone) on each part held back.

    The lesson is `better` when the held-back loss falls by a hundredth and accuracy does not; it replaces nothing by itself. The current model has seen the
    examples it was taught with, so what is judged against is the forest corrected by nothing but the other parts of the examples, or the forest itself,
    whichever is stronger.

    Raises:
        TooFew: under 50 examples of these features, or under 8 of either kind.
        ValueError: features that are not finite or not as many as there are names.
    """
    rows, debris, groups = _table(examples)
    odds = log_odds(1 - forest.shares(rows)[:, 0])
    held_back = np.zeros(len(rows))
    for part in range(FOLDS):
        out = groups % FOLDS == part
        if out.any() and 0 < debris[~out].sum() < (~out).sum():
            taught = _fit(rows[~out], odds[~out], debris[~out], forest.digest)
            held_back[out] = taught.scores(rows[out], odds[out])
        else:
            held_back[out] = sigmoid(odds[out])
    before, after = grade(sigmoid(odds), debris), grade(held_back, debris)
    better = after.loss <= before.loss - _LEAST_GAIN and after.accuracy >= before.accuracy
    model = _fit(rows, odds, debris, forest.digest)
    version, parent = (current.version + 1, current.digest) if current else (1, "")
    named = SiteModel(model.centre, model.scale, model.weights, model.forest, version, parent)
    return Lesson(named, before, after, len(rows), better)


def grade(score: NDArray[np.float64], debris: NDArray[np.bool_]) -> Grade:
    """How well scores (n) tell debris (n) apart."""
    kept = np.clip(score, 1e-6, 1 - 1e-6)
    loss = -np.where(debris, np.log(kept), np.log(1 - kept))
    right = (score >= 0.5) == debris
    halves = [float(right[side].mean()) if side.any() else 1.0 for side in (debris, ~debris)]
    order = np.argsort(-score, kind="stable")
    hits = debris[order]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return Grade(float(loss.mean()), sum(halves) / 2, float(precision[hits].mean()) if hits.any() else 0.0)


def _table(examples: Sequence[Example]) -> tuple[Features, NDArray[np.bool_], NDArray[np.int64]]:
    fit = [one for one in examples if one.features_version == FEATURES]
    debris = np.array([one.debris for one in fit], bool)
    if len(fit) < FEWEST or min(debris.sum(), (~debris).sum()) < FEWEST_EACH:
        told = f"{int(debris.sum())} confirmed and {int((~debris).sum())} rejected"
        raise TooFew(f"{told}: expected {FEWEST} together and {FEWEST_EACH} of each")
    if any(len(one.features) != len(NAMES) for one in fit):
        raise ValueError(f"an example of another length: expected {len(NAMES)} features")
    rows = np.array([one.features for one in fit], np.float32)
    if not np.isfinite(rows).all():
        raise ValueError("an example with a feature that is no number: expected finite values")
    names = sorted({one.group for one in fit})
    number = {name: place for place, name in enumerate(names)}
    return rows, debris, np.array([number[one.group] for one in fit])


def _fit(rows: Features, odds: NDArray[np.float64], debris: NDArray[np.bool_], forest: str) -> SiteModel:
    """Newton's steps on the logistic loss, both sides weighing the same, held near the forest by a ridge."""
    centre, scale = rows.mean(axis=0, dtype=float), rows.std(axis=0, dtype=float) + 1e-3
    table = design(rows, odds, centre, scale)
    start = np.zeros(table.shape[1])
    start[0] = 1.0
    hold = np.full(table.shape[1], _HOLD_FEATURES)
    hold[0], hold[-1] = _HOLD_ODDS, _HOLD_BIAS
    weigh = np.where(debris, 0.5 / debris.mean(), 0.5 / (1 - debris.mean()))
    weights = start.copy()
    for _ in range(_STEPS):
        share = sigmoid(table @ weights)
        slope = table.T @ (weigh * (share - debris)) + hold * (weights - start)
        bend = (table * (weigh * share * (1 - share))[:, None]).T @ table + np.diag(hold)
        step = np.linalg.solve(bend, slope)
        weights = weights - step
        if float(np.abs(step).max()) < 1e-8:
            break
    return SiteModel(centre, scale, weights, forest)
