"""Colours in CIE L*a*b* (1976, D65) from what a camera gives, by IEC 61966-2-1 (sRGB)."""

from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Lab = tuple[float, float, float]

_LEVELS: Final = np.arange(256) / 255
LINEAR: Final[Values] = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4)
"""The light of each of the 256 levels, 0 to 1."""
_TO_XYZ: Final = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_WHITE: Final = _TO_XYZ.sum(axis=1)
_EDGE: Final = (6 / 29) ** 3


def lab_of(red: float, green: float, blue: float) -> Lab:
    """L*, a*, b* of linear light (0 to 1, more where it is brighter than white)."""
    ratios = _TO_XYZ @ np.array([red, green, blue]) / _WHITE
    bent = np.where(ratios > _EDGE, np.cbrt(ratios), ratios * (29 / 6) ** 2 / 3 + 4 / 29)
    x, y, z = bent.tolist()
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def delta_e(one: Lab, other: Lab, lightness: float = 1.0) -> float:
    """The difference of two colours (CIE76); `lightness` weighs L*, which a camera without a reference cannot be sure of."""
    return sqrt((lightness * (one[0] - other[0])) ** 2 + (one[1] - other[1]) ** 2 + (one[2] - other[2]) ** 2)
