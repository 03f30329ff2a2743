"""An area that a caller names: a box or a polygon in degrees WGS-84."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from api.problem import invalid
from hub.batch import Floats

BOX: Final = "west,south,east,north in degrees WGS-84, such as 121.5,29.9,121.7,30.05"
RING: Final = "3 to 500 corners lon,lat with blanks between, in degrees WGS-84"
_MOST_CORNERS: Final = 500


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """A closed ring of corners, (n,) each."""

    lon: Floats
    lat: Floats

    def holds(self, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
        """Which places lie inside: an odd number of the ring's sides lies east of them."""
        found = np.zeros(len(lon), np.bool_)
        for x, y, to_x, to_y in zip(self.lon, self.lat, np.roll(self.lon, -1), np.roll(self.lat, -1), strict=True):
            if y == to_y:
                continue
            between = (lat >= min(y, to_y)) & (lat < max(y, to_y))
            found ^= between & (lon < x + (lat - y) / (to_y - y) * (to_x - x))
        return found


def box_of(text: str) -> Area:
    """The box written as `west,south,east,north`.

    Raises:
        Problem: `invalid-parameter`.
    """
    numbers = _numbers(text.split(","))
    if numbers is None or len(numbers) != 4 or not _on_earth(numbers[::2], numbers[1::2]):
        raise invalid("bbox", BOX)
    west, south, east, north = numbers
    if not (west < east and south < north):
        raise invalid("bbox", f"{BOX}; west of east and south of north")
    return Area(np.array([west, east, east, west]), np.array([south, south, north, north]))


def ring_of(text: str) -> Area:
    """The polygon written as `lon,lat lon,lat ...`; it is closed by itself.

    Raises:
        Problem: `invalid-parameter`.
    """
    corners = [_numbers(corner.split(",")) for corner in text.split()]
    if not 3 <= len(corners) <= _MOST_CORNERS:
        raise invalid("polygon", RING)
    pairs = [corner for corner in corners if corner is not None and len(corner) == 2]
    lon, lat = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    if len(pairs) != len(corners) or not _on_earth(lon, lat):
        raise invalid("polygon", RING)
    return Area(np.array(lon), np.array(lat))


def _numbers(words: list[str]) -> list[float] | None:
    try:
        return [float(word) for word in words]
    except ValueError:
        return None


def _on_earth(lon: list[float], lat: list[float]) -> bool:
    return all(-180 <= one <= 180 for one in lon) and all(-90 <= one <= 90 for one in lat)
