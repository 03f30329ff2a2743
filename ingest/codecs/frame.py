"""`frame`: one JPEG or PNG; its header is checked here, its pixels are decoded elsewhere, in a process that may die of
them.
"""

import re
from typing import Final

from hub.errors import Refused
from hub.measure import measure
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
_EPOCH_MS: Final = re.compile(r"\d{1,16}", re.ASCII)


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
