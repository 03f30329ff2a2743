"""BD-09, which shifts GCJ-02 once more in polar coordinates, to WGS-84 and back; the way back is found by iteration."""

from math import atan2, cos, hypot, pi, sin
from typing import Final

from ingest import gcj02

_WAVE: Final = pi * 3000 / 180
_LON: Final = 0.0065
_LAT: Final = 0.006
_ROUNDS: Final = 8


def to_bd09(lon: float, lat: float) -> tuple[float, float]:
    """A WGS-84 position in degrees as BD-09 shows it."""
    return _shifted(*gcj02.to_gcj02(lon, lat))


def to_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """A BD-09 position in degrees as WGS-84; right to less than a millimetre in mainland China."""
    true_lon, true_lat = lon - _LON, lat - _LAT
    for _ in range(_ROUNDS):
        shown_lon, shown_lat = _shifted(true_lon, true_lat)
        true_lon, true_lat = true_lon + lon - shown_lon, true_lat + lat - shown_lat
    return gcj02.to_wgs84(true_lon, true_lat)


def _shifted(lon: float, lat: float) -> tuple[float, float]:
    length = hypot(lon, lat) + 0.00002 * sin(lat * _WAVE)
    angle = atan2(lat, lon) + 0.000003 * cos(lon * _WAVE)
    return length * cos(angle) + _LON, length * sin(angle) + _LAT
