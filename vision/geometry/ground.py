"""Ground points as local metres, and local metres as degrees (WGS-84).

Within the few hundred metres a camera sees, an ellipsoid's two radii of curvature at the origin are exact to a millimetre or so.
"""

from collections.abc import Sequence
from math import cos, radians, sin, sqrt
from typing import Final

import numpy as np

from vision.geometry.homography import Points
from vision.site import GroundPoint

_A: Final = 6_378_137.0
_E2: Final = 6.694379990141e-3


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Metres in a degree of longitude and in one of latitude, at a latitude."""
    curve = 1 - _E2 * sin(radians(lat)) ** 2
    east = _A / sqrt(curve) * cos(radians(lat))
    north = _A * (1 - _E2) / curve**1.5
    return radians(east), radians(north)


def origin_of(points: Sequence[GroundPoint], given: tuple[float, float] | None = None) -> tuple[float, float] | None:
    """Longitude and latitude of the local metres' zero: the mean of points in degrees, else the one given."""
    degrees = [(point.lon, point.lat) for point in points if point.lon is not None and point.lat is not None]
    if not degrees:
        return given
    lon, lat = np.array(degrees).mean(axis=0)
    return float(lon), float(lat)


def ground_metres(points: Sequence[GroundPoint]) -> Points:
    """Every point as local metres (east, north), n x 2."""
    if (origin := origin_of(points)) is None:
        return np.array([(point.east, point.north) for point in points], float)
    scale = np.array(metres_per_degree(origin[1]))
    degrees = np.array([(point.lon, point.lat) for point in points], float)
    metres: Points = (degrees - origin) * scale
    return metres


def degrees(origin: tuple[float, float], east: float, north: float) -> tuple[float, float]:
    """Longitude and latitude of a place in local metres."""
    per_lon, per_lat = metres_per_degree(origin[1])
    return origin[0] + east / per_lon, origin[1] + north / per_lat
