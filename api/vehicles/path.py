"""A vehicle's positions as columns, joined by time, without those that are no place it was at."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hub.batch import Bytes, Floats, Ints
from hub.model import QUALITY_CODE, VALID_QUALITY, Check
from storage.series import Points

NAMES: Final = ("lon", "lat", "speed", "heading", "load")
LOADS: Final = ("empty", "half", "full")

_METRES: Final = 111_195.0
"""Metres of one degree on a sphere of 6371 km."""

_UNFIXED: Final = QUALITY_CODE["D"]
_TOO_FAST: Final = 300 / 3.6
"""Metres a second that no vehicle does: there and back again at more than that is a fault of the receiver."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """Positions in order of time, columns (n,): time ms, degrees WGS-84, km/h, degrees, load 0 to 2 (NaN: unknown), quality codes, check bits."""

    time: Ints
    lon: Floats
    lat: Floats
    speed: Floats
    heading: Floats
    load: Floats
    quality: Bytes
    checks: Bytes

    def __len__(self) -> int:
        return len(self.time)

    def take(self, index: "Mask | NDArray[np.intp]") -> "Path":
        """The positions at `index`."""
        return Path(*(getattr(self, column.name)[index] for column in fields(self)))

    def flat(self) -> tuple[Floats, Floats]:
        """Metres east and north of the middle; good to a thousandth over some hundred kilometres."""
        if not len(self):
            return self.lon, self.lat
        lon, lat = (self.lon.min() + self.lon.max()) / 2, (self.lat.min() + self.lat.max()) / 2
        return (self.lon - lon) * _METRES * np.cos(np.radians(lat)), (self.lat - lat) * _METRES

    def metres(self) -> Floats:
        """From each position to the next, (n - 1,)."""
        middle = np.radians((self.lat[1:] + self.lat[:-1]) / 2)
        found: Floats = np.hypot(np.diff(self.lon) * np.cos(middle), np.diff(self.lat)) * _METRES
        return found

    def nearest(self, time: int, within: int) -> int | None:
        """Which position was newest at `time`, unless it was older than `within` ms or there was none."""
        place = int(np.searchsorted(self.time, time, side="right")) - 1
        return place if place >= 0 and time - int(self.time[place]) <= within else None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many positions are not on the path: without a satellite fix, no place for a vehicle, a jump there and back."""

    unfixed: int = 0
    doubtful: int = 0
    jumps: int = 0


EMPTY: Final = Path(*(np.empty(0, kind) for kind in (np.int64, *[np.float64] * 5, np.uint8, np.uint8)))


def path_of(found: Mapping[str, Points]) -> tuple[Path, LeftOut]:
    """The path that the values of these properties make, and what was left out of it."""
    if "lon" not in found or "lat" not in found:
        return EMPTY, LeftOut()
    lon, lat = found["lon"], found["lat"]
    time, east, north = np.intersect1d(lon.time, lat.time, assume_unique=True, return_indices=True)
    quality = np.maximum(lon.quality[east], lat.quality[north])
    checks = lon.checks[east] | lat.checks[north]
    others = [_at(time, found.get(name)) for name in NAMES[2:]]
    whole = Path(time, lon.value[east], lat.value[north], others[0], others[1], others[2], quality, checks)
    unfixed = quality == _UNFIXED
    doubtful = ~unfixed & ~_usable(quality, checks)
    path = whole.take(~unfixed & ~doubtful)
    jumps = _jumps(path)
    return path.take(~jumps), LeftOut(int(unfixed.sum()), int(doubtful.sum()), int(jumps.sum()))


def _usable(quality: Bytes, checks: Bytes) -> Mask:
    """Checks that compare a value with those before it say nothing of a place: who parks is not stuck."""
    found: Mask = np.isin(quality, VALID_QUALITY) & ((checks & int(Check.RANGE)) == 0)
    return found


def _at(time: Ints, points: Points | None) -> Floats:
    """The usable values at exactly these times, NaN where there is none."""
    found = np.full(len(time), np.nan)
    if points is None or not len(points.time) or not len(time):
        return found
    good = _usable(points.quality, points.checks)
    times, values = points.time[good], points.value[good]
    place = np.searchsorted(times, time)
    inside = place < len(times)
    hit = np.zeros(len(time), np.bool_)
    hit[inside] = times[place[inside]] == time[inside]
    found[hit] = values[place[hit]]
    return found


def _jumps(path: Path) -> Mask:
    found = np.zeros(len(path), np.bool_)
    if len(path) > 2:
        fast = path.metres() > np.diff(path.time) / 1000 * _TOO_FAST
        found[1:-1] = fast[1:] & fast[:-1]
    return found
