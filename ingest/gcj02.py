"""GCJ-02, the shifted coordinates of Chinese maps and receivers, to WGS-84 and back.

The shift is a published series of sines of the position (widely used, not official); its inverse is found by iteration,
since the shift changes by less than one part in a thousand over its own length. Outside the box of mainland China there
is no shift.
"""

from math import cos, pi, radians, sin, sqrt
from typing import Final

_AXIS: Final = 6_378_245.0  # Krasovsky 1940, metres
_SQUARED_ECCENTRICITY: Final = 0.006_693_421_622_965_943
_LON: Final = (72.004, 137.8347)
_LAT: Final = (0.8293, 55.8271)
_ROUNDS: Final = 6


def to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """A WGS-84 position in degrees as GCJ-02 shows it."""
    if not (_LON[0] <= lon <= _LON[1] and _LAT[0] <= lat <= _LAT[1]):
        return lon, lat
    east, north = _shift(lon, lat)
    return lon + east, lat + north


def to_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """A GCJ-02 position in degrees as WGS-84; right to less than a millimetre inside the box."""
    true_lon, true_lat = lon, lat
    for _ in range(_ROUNDS):
        shown_lon, shown_lat = to_gcj02(true_lon, true_lat)
        true_lon, true_lat = true_lon + lon - shown_lon, true_lat + lat - shown_lat
    return true_lon, true_lat


def _shift(lon: float, lat: float) -> tuple[float, float]:
    x, y = lon - 105.0, lat - 35.0
    waves = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + waves
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3 + (
        150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)
    ) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + waves
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3 + (
        160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)
    ) * 2 / 3
    curve = 1 - _SQUARED_ECCENTRICITY * sin(radians(lat)) ** 2
    meridian = _AXIS * (1 - _SQUARED_ECCENTRICITY) / (curve * sqrt(curve))
    parallel = _AXIS / sqrt(curve) * cos(radians(lat))
    return east * 180 / (parallel * pi), north * 180 / (meridian * pi)
