"""`frame`: one JPEG or PNG; its header is checked here, its pixels are decoded elsewhere, in a process that may die of
them.
"""

import re
from typing import Final

from hub.errors import Refused
from hub.model import Check
from ingest.codec import Arrival, Entry, Picture, Reading, Taken
from ingest.document import shown
from ingest.times import checked, parse, time_of

MESSAGE: Final = "frame"
KINDS: Final = ("camera",)
TAKES_REST: Final = True
NAMES: Final = ("frame_bytes",)

_LARGEST: Final = 2_097_152
_LONGEST_SIDE: Final = 16_384
_MOST_PIXELS: Final = 50_000_000
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_END: Final = b"IEND\xaeB`\x82"
_EPOCH_MS: Final = re.compile(r"\d{1,16}", re.ASCII)

_JPEG_SIZE: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a JPEG frame header (ISO/IEC 10918-1, table B.1): all SOFn; DHT, JPG and DAC lie between them."""
_JPEG_ALONE: Final = frozenset((0x01, *range(0xD0, 0xD8)))
_JPEG_SCAN: Final = 0xDA


def decode(arrival: Arrival, entry: Entry) -> Taken:
    """The picture, and a reading of its size in bytes so that silence rules see the camera.

    Raises:
        Refused: bad_picture, too_large, bad_topic, or a time that cannot be.
    """
    if len(arrival.payload) > _LARGEST:
        raise Refused("too_large", f"a picture of {len(arrival.payload)} bytes, at most {_LARGEST} are taken")
    media, width, height = measure(arrival.payload)
    if not (0 < width <= _LONGEST_SIDE and 0 < height <= _LONGEST_SIDE and width * height <= _MOST_PIXELS):
        raise Refused(
            "bad_picture", f"{width} x {height} pixels: expected at most {_LONGEST_SIDE} a side, {_MOST_PIXELS} in all"
        )
    time, assumed = _time(arrival, entry)
    size = (float(len(arrival.payload)),)
    reading = Reading(time, NAMES, size, None, Check.TIME_ASSUMED if assumed else 0)
    return Taken([reading], picture=Picture(time, media, width, height, assumed))


def measure(picture: bytes) -> tuple[str, int, int]:
    """MIME type, width and height from the header, without decoding.

    Raises:
        Refused: bad_picture.
    """
    if picture.startswith(b"\xff\xd8\xff"):
        return "image/jpeg", *_jpeg_size(picture)
    if picture.startswith(_PNG):
        return "image/png", *_png_size(picture)
    raise Refused("bad_picture", f"neither JPEG nor PNG: it begins with {picture[:8].hex(' ') or 'nothing'}")


def _png_size(picture: bytes) -> tuple[int, int]:
    # PNG (ISO/IEC 15948), 5.6: IHDR comes first, IEND last.
    if picture[12:16] != b"IHDR" or _PNG_END not in picture[-64:]:
        raise Refused("bad_picture", "a PNG that is cut off, or without IHDR")
    return int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])


def _jpeg_size(picture: bytes) -> tuple[int, int]:
    if b"\xff\xd9" not in picture[-1024:]:
        raise Refused("bad_picture", "a JPEG that is cut off: no end marker")
    place = 2
    while place + 9 <= len(picture) and picture[place] == 0xFF:
        marker = picture[place + 1]
        if marker == 0xFF:
            place += 1
        elif marker in _JPEG_ALONE:
            place += 2
        elif marker in _JPEG_SIZE:
            return int.from_bytes(picture[place + 7 : place + 9]), int.from_bytes(picture[place + 5 : place + 7])
        elif marker == _JPEG_SCAN:
            break
        else:
            place += 2 + max(2, int.from_bytes(picture[place + 2 : place + 4]))
    raise Refused("bad_picture", "a JPEG without a frame header before its first scan")


def _time(arrival: Arrival, entry: Entry) -> tuple[int, bool]:
    if arrival.rest:
        if len(arrival.rest) > 1 or not _EPOCH_MS.fullmatch(arrival.rest[0]):
            raise Refused("bad_topic", f"expected .../frame/EPOCH_MS, got {shown('/'.join(arrival.rest))}")
        return checked(int(arrival.rest[0]), arrival.horizon), False
    stamp = arrival.properties.get("ts")
    if stamp is None:
        return time_of(None, arrival, entry)
    if _EPOCH_MS.fullmatch(stamp):
        return checked(int(stamp), arrival.horizon), False
    return checked(parse(stamp, entry.zone), arrival.horizon), False
