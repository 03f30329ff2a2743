"""The body of 0x0200: 28 bytes that are always there, then additional items (JT/T 808-2013, 8.18)."""

import struct
from typing import Final

import msgspec

from ingest.field.session import ProtocolError

BASIC: Final = struct.Struct(">IIIIHHH6s")

FIXED, SOUTH, WEST = 1 << 1, 1 << 2, 1 << 3
ENCIPHERED: Final = 1 << 5

Item = tuple[int, bytes]


class Location(msgspec.Struct, frozen=True, gc=False):
    """One report as it came: `lat` and `lon` in millionths of a degree without sign, `altitude` m, `speed` 0.1 km/h, `heading` degrees, `time` BCD GMT+8.

    `items` are id and value of what is additional; `tail` is what stands behind the last whole item and fits none.
    """

    alarm: int
    status: int
    lat: int
    lon: int
    altitude: int
    speed: int
    heading: int
    time: bytes
    items: tuple[Item, ...] = ()
    tail: bytes = b""

    @property
    def fixed(self) -> bool:
        """Whether satellites gave the place."""
        return bool(self.status & FIXED)

    def degrees(self) -> tuple[float, float]:
        """Longitude and latitude with their signs, in the receiver's own datum."""
        lon, lat = self.lon / 1e6, self.lat / 1e6
        return -lon if self.status & WEST else lon, -lat if self.status & SOUTH else lat


def read_location(body: bytes) -> Location:
    """The report in a body; items that do not fit are left in `tail`.

    Raises:
        ProtocolError: bad_length, shorter than the basic information.
    """
    end = len(body)
    if end < 28:
        raise ProtocolError("bad_length", f"position: {end} bytes, the basic information has 28 (8.18)")
    alarm, status, lat, lon, altitude, speed, heading, time = BASIC.unpack_from(body)
    if end == 28:
        return Location(alarm, status, lat, lon, altitude, speed, heading, time)
    items = []
    place = 28
    while place + 2 <= end:
        start = place + 2
        stop = start + body[place + 1]
        if stop > end:
            break
        items.append((body[place], body[start:stop]))
        place = stop
    return Location(alarm, status, lat, lon, altitude, speed, heading, time, tuple(items), body[place:])


def write_location(location: Location) -> bytes:
    """The bytes of a report.

    Raises:
        ProtocolError: bad_value, a number or an item too large for its field.
    """
    try:
        out = bytearray(BASIC.pack(*(getattr(location, name) for name in _BASIC)))
    except struct.error as error:
        raise ProtocolError("bad_value", f"position: {error}") from None
    for item, value in location.items:
        if not (0 <= item <= 0xFF and len(value) <= 0xFF):
            raise ProtocolError("bad_value", f"item {item:#x}: id and length are one byte each")
        out += bytes((item, len(value))) + value
    return bytes(out) + location.tail


_BASIC: Final = ("alarm", "status", "lat", "lon", "altitude", "speed", "heading", "time")
