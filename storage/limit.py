"""A limit that values must keep."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hub.batch import Floats


@dataclass(frozen=True, slots=True)
class Limit:
    """Values must lie within [low, high]; `open` ones must not reach the bound itself. In the property's unit.

    A bound that changes over the time of a series is one of each of its values, (n,).
    """

    low: float | Floats = -math.inf
    high: float | Floats = math.inf
    open: bool = False
    text: str = ""

    def broken(self, value: Floats) -> NDArray[np.bool_]:
        """Which values do not keep it, shape (n,); NaN keeps every limit."""
        if self.open:
            return (value <= self.low) | (value >= self.high)
        return (value < self.low) | (value > self.high)
