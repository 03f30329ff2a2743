"""How much a new thing looks like a person by its size and shape: no network, so it must stand out and stay."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

HEIGHTS_M: Final = (0.6, 1.1, 2.1, 2.8)
"""Heights of persons: none below the first, all between the second and third, none above the last; a sitting angler is 1.1 m and more."""
SHARES: Final = (0.0002, 0.0006, 0.05, 0.2)
"""The same as parts of the picture, where metres are not known."""
ASPECTS: Final = (0.9, 1.5, 4.5, 7.0)
FILLS: Final = (0.2, 0.4, 0.95, 1.01)


def person_scores(sizes: Numbers | None, shares: Numbers, aspects: Numbers, fills: Numbers) -> Numbers:
    """The score (0 to 1) of n things: height in metres (None: by share of the picture), height over width, and filled part of the box."""
    tall = _within(sizes, HEIGHTS_M) if sizes is not None else _within(shares, SHARES)
    shape = _within(aspects, ASPECTS) * _within(fills, FILLS)
    scores: Numbers = np.round(0.9 * np.cbrt(tall * shape), 4)
    return scores


def _within(values: Numbers, edges: tuple[float, float, float, float]) -> Numbers:
    """1 between the middle edges, falling to 0 at the outer ones; 0 for what is not known."""
    fitting = np.interp(np.nan_to_num(values, nan=-1.0), edges, (0.0, 1.0, 1.0, 0.0), left=0.0, right=0.0)
    return np.asarray(fitting, np.float64)
