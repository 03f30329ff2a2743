"""Rounding by GB/T 8170-2008 clause 3: to the nearest, and a value half-way between two goes to the even one.

A float stands for the shortest decimal text that means it (0.15 is 0.15, not 0.1499999...), as it was sent and is shown.
"""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

import numpy as np

from hub.batch import Floats

_NEAR_HALF: Final = 1e-6
_EXACT: Final = float(1 << 50)


def decimal(value: float) -> Decimal:
    """The number that the float's text says."""
    return Decimal(repr(float(value)))


def round_even(value: float, digits: int) -> float:
    """`value` to so many decimals; negative `digits` round to tens, hundreds and so on. NaN and infinities stay."""
    number = decimal(value)
    if not number.is_finite():
        return float(value)
    step = Decimal((0, (1,), -digits))
    return float((number / step).to_integral_value(ROUND_HALF_EVEN) * step)


def round_columns(value: Floats, digits: int) -> Floats:
    """`round_even` of each value, shape kept: binary arithmetic decides where it cannot be wrong, decimal text near the half."""
    flat = np.asarray(value, np.float64).ravel()
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = flat * 10.0**digits if digits >= 0 else flat / 10.0**-digits
        result = np.rint(scaled)
        result = result / 10.0**digits if digits >= 0 else result * 10.0**-digits
        close = np.abs(np.abs(scaled - np.floor(scaled)) - 0.5) < _NEAR_HALF * np.maximum(1.0, np.abs(scaled))
        unsure = np.isfinite(flat) & (close | (np.abs(scaled) > _EXACT))
    for place in np.flatnonzero(unsure):
        result[place] = round_even(float(flat[place]), digits)
    return result.reshape(np.shape(value))


def decimals(text: str) -> int:
    """How many decimals a number is written with: 2 of "0.15", 1 of "1.0", 0 of "15"."""
    return len(text.partition(".")[2])
