"""A report as rows of the store: where the vehicle is (WGS-84), how fast, with what load and how far, and what stands beside a place that is none.

A report without a satellite fix keeps the receiver's last coordinates with the quality letter D: they stay visible as where it was last seen, and no track,
fence or mean takes them for a new place. Coordinates that cannot be a vehicle's (outside the Earth, swapped, 0/0) are kept as sent with the check `range`;
they are never swapped silently.
"""

import math
from collections.abc import Callable, Mapping
from typing import Final

from hub.model import QUALITY_CODE, Check
from ingest import bd09, gcj02
from ingest.codec import Reading
from ingest.protocols.jt808.location import ENCIPHERED, Location

PLACE: Final = ("lon", "lat")
STATE: Final = ("speed", "heading", "altitude", "load", "ignition", "fix")

_TO_WGS84: Final[Mapping[str, Callable[[float, float], tuple[float, float]]]] = {
    "gcj02": gcj02.to_wgs84,
    "bd09": bd09.to_wgs84,
}
_LOAD: Final = (0.0, 1.0, math.nan, 2.0)
"""Status bits 9-8: 00 empty, 01 half, 10 reserved, 11 full (table 25)."""

_CHINA_LON: Final = (73.0, 136.0)
_CHINA_LAT: Final = (3.0, 54.0)

_UNFIXED: Final = QUALITY_CODE["D"]
_ONE_NAME: Final[Mapping[int, tuple[str, int, float]]] = {
    0x01: ("mileage", 4, 0.1),
    0x02: ("fuel", 2, 0.1),
    0x03: ("recorder_speed", 2, 0.1),
    0x30: ("signal_level", 1, 1.0),
    0x31: ("satellites", 1, 1.0),
}
"""Additional items that are one number: property, bytes, factor (table 27)."""


def placed(location: Location, crs: str) -> tuple[float, float, str]:
    """Longitude and latitude in WGS-84, and why they cannot be a place: `range`, `swapped`, `null`, `enciphered`, or nothing.

    What cannot be a place is not converted.
    """
    lon, lat = location.degrees()
    why = "enciphered" if location.status & ENCIPHERED else doubt(lon, lat)
    if why or crs == "wgs84":
        return lon, lat, why
    lon, lat = _TO_WGS84[crs](lon, lat)
    return round(lon, 7), round(lat, 7), ""


def doubt(lon: float, lat: float) -> str:
    """Why a pair of degrees cannot be where a vehicle is; empty where it can.

    Swapped axes of a place in China lie north of 73 degrees, where nobody drives.
    """
    if lon == 0 and lat == 0:
        return "null"
    if _CHINA_LON[0] <= lat <= _CHINA_LON[1] and _CHINA_LAT[0] <= lon <= _CHINA_LAT[1]:
        return "swapped"
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        return "range"
    return ""


def rows(location: Location, time: int, crs: str, checks: int = 0) -> list[Reading]:
    """One row, or two where the place is in doubt: the check holds for the place alone. `time` is epoch ms."""
    lon, lat, why = placed(location, crs)
    names, values = _state(location)
    if location.fixed:
        if why:
            return [
                Reading(time, PLACE, (lon, lat), None, checks | Check.RANGE),
                Reading(time, names, values, None, checks),
            ]
        return [Reading(time, PLACE + names, (lon, lat, *values), None, checks)]
    letters = (_UNFIXED, _UNFIXED, _UNFIXED) + (0,) * (len(names) - 3)
    found = [Reading(time, names, values, letters, checks)]
    if why != "null":
        marked = checks | Check.RANGE if why else checks
        found.insert(0, Reading(time, PLACE, (lon, lat), (_UNFIXED, _UNFIXED), marked))
    return found


def _state(location: Location) -> tuple[tuple[str, ...], tuple[float, ...]]:
    status, altitude = location.status, location.altitude
    values = [
        location.speed / 10,
        float(location.heading),
        float(altitude - 0x10000 if altitude & 0x8000 else altitude),
        _LOAD[status >> 8 & 3],
        float(status & 1),
        float(status >> 1 & 1),
    ]
    if not location.items:
        return STATE, tuple(values)
    names = list(STATE)
    for item, value in location.items:
        if item in _ONE_NAME:
            name, size, factor = _ONE_NAME[item]
            if len(value) == size and name not in names:
                names.append(name)
                number = int.from_bytes(value)
                values.append(number / 10 if factor == 0.1 else float(number))
        elif item == 0x06 and len(value) == 2 and "cabin_temperature" not in names:
            names.append("cabin_temperature")
            values.append(_temperature(int.from_bytes(value)))
    return tuple(names), tuple(values)


def _temperature(word: int) -> float:
    """Degrees Celsius, the highest bit for minus (table 27, item 0x06)."""
    return float(-(word & 0x7FFF) if word & 0x8000 else word)
