"""A site's own judgement: a logistic correction on top of the shipped forest, small enough to be read.

score = sigmoid(weight * log odds of the forest + weights . standardised features + bias). It begins as the forest itself (weight 1, all else 0) and is held
near it, so that fifty examples correct and do not forget.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from vision.verifier.features import FEATURES, NAMES, Features

LARGEST: Final = 100_000


class _Stored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    features: int
    forest: str
    version: int
    parent: str
    centre: list[float]
    scale: list[float]
    weights: list[float]


@dataclass(frozen=True, slots=True, eq=False)
class SiteModel:
    """`centre` and `scale` standardise the features (each as long as NAMES); `weights` are those of the log odds, of the features, and the bias.

    `version` counts up at each retraining, `parent` is the digest of the model before (empty: the forest alone), `forest` that of the forest taught on.
    """

    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    weights: NDArray[np.float64]
    forest: str
    version: int = 1
    parent: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of the stored bytes."""
        return hashlib.sha256(write_site(self)).hexdigest()

    def scores(self, rows: Features, odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """The score of every row (n x names), given the forest's log odds (n)."""
        told: NDArray[np.float64] = sigmoid(design(rows, odds, self.centre, self.scale) @ self.weights)
        return told


def design(
    rows: Features, odds: NDArray[np.float64], centre: NDArray[np.float64], scale: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What the weights are multiplied with: log odds, features in spreads (no further than 3), one."""
    return np.column_stack([odds, np.clip((rows - centre) / scale, -3, 3), np.ones(len(rows))])


def sigmoid(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log odds as a probability, without overflow."""
    share: NDArray[np.float64] = 0.5 * (1 + np.tanh(0.5 * odds))
    return share


def write_site(model: SiteModel) -> bytes:
    """The model as canonical JSON."""
    lists = (model.centre.tolist(), model.scale.tolist(), model.weights.tolist())
    return msgspec.json.encode(_Stored(FEATURES, model.forest, model.version, model.parent, *lists), order="sorted")


def read_site(raw: bytes) -> SiteModel:
    """The model in JSON.

    Raises:
        ValueError: not such a model, or one of other features.
    """
    try:
        stored = msgspec.json.decode(raw[:LARGEST], type=_Stored)
    except msgspec.DecodeError as error:
        raise ValueError(f"site model: {error}") from error
    if stored.features != FEATURES:
        raise ValueError(f"site model of features {stored.features}: expected {FEATURES}; teach it anew")
    arrays = [np.array(part, float) for part in (stored.centre, stored.scale, stored.weights)]
    if [len(part) for part in arrays] != [len(NAMES), len(NAMES), len(NAMES) + 2] or not (arrays[1] > 0).all():
        raise ValueError(f"site model: expected {len(NAMES)} features with scales above 0")
    centre, scale, weights = arrays
    return SiteModel(centre, scale, weights, stored.forest, stored.version, stored.parent)
