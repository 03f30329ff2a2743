"""Places on the ground and how far they are apart."""

from dataclasses import dataclass
from math import cos, hypot, isfinite, radians
from typing import Final

_METRES_A_DEGREE: Final = 111_194.93  # of a sphere of 6371.009 km, the mean radius of WGS-84


@dataclass(frozen=True, slots=True)
class Place:
    """A point in WGS-84, degrees; `accuracy_m` is how far off it may be."""

    lon: float
    lat: float
    accuracy_m: float | None = None

    def __post_init__(self) -> None:
        if not (isfinite(self.lon) and isfinite(self.lat) and -180 <= self.lon <= 180 and -90 <= self.lat <= 90):
            raise ValueError(f"lon, lat: expected -180 to 180 and -90 to 90, got {self.lon}, {self.lat}")


def metres_between(one: Place, other: Place) -> float:
    """The distance over ground, m; right to 0.1 % within a district."""
    east = ((other.lon - one.lon + 180) % 360 - 180) * cos(radians((one.lat + other.lat) / 2))
    return hypot(east, other.lat - one.lat) * _METRES_A_DEGREE
