"""What a tracked thing must be by how it looks, how large it is and how it goes: boats, birds and people do not drift."""

from collections.abc import Iterable, Mapping
from math import hypot
from typing import Final, Literal

from vision.track.bearing import Bearing
from vision.track.track import Track

Nature = Literal[
    "debris", "organic", "foam", "boat", "bird", "person", "vehicle", "wake", "reflection", "smoke", "unknown"
]

BOAT_M: Final = 2.0
UPRIGHT: Final = 1.5
"""Height over width: without metres, what is as tall as this and goes its own way hardly floats; what floats lies."""
WAKE_S: Final = 30.0
WAKE_ANGLE: Final = 0.36
"""The tangent of the half angle of a wake behind a boat (Kelvin, 19.5 degrees)."""
_NAMED: Final[Mapping[str, Nature]] = {
    "boat": "boat",
    "bird": "bird",
    "person": "person",
    "vehicle": "vehicle",
    "smoke": "smoke",
    "foam": "foam",
}

_AFLOAT: Final[Mapping[str, Nature]] = {"organic": "organic", "artificial": "debris"}


def natures(tracks: Iterable[Track], bearings: Mapping[int, Bearing], unit: float) -> dict[int, Nature]:
    """The nature of each track by its id; `unit` is one metre in the tracks' space where that is pixels."""
    tracks = [track for track in tracks if track.state != "gone"]
    alone = {track.id: _alone(track, bearings[track.id]) for track in tracks}
    boats = [track for track in tracks if alone[track.id] == "boat"]
    upper = [track for track in tracks if alone[track.id] in {"boat", "person", "vehicle"}]
    for track in tracks:
        if alone[track.id] in {"debris", "organic", "foam", "bird", "unknown"}:
            if any(_in_wake(track, boat, 1.0 if track.space == "m" else unit) for boat in boats):
                alone[track.id] = "wake"
            elif any(_mirrored(track, thing) for thing in upper):
                alone[track.id] = "reflection"
    return alone


def _alone(track: Track, bearing: Bearing) -> Nature:
    if named := _NAMED.get(track.label):
        return named
    size = track.size_m
    moving = bearing in {"against", "across", "fast"}
    if moving and size is not None:
        if size >= BOAT_M:
            return "boat"
        return "person" if bearing != "fast" and track.upright >= 1.2 and size >= 0.4 else "bird"
    if size is None and (moving or bearing == "free") and track.upright >= UPRIGHT:
        return "unknown"
    if moving:
        return "boat" if track.share >= 0.01 else "bird"
    # What only a shape was seen of is no debris: the verifier looked at it too, and did not say so.
    return _AFLOAT.get(track.label, "unknown")


def _in_wake(track: Track, boat: Track, unit: float) -> bool:
    """Whether a track began in the widening strip that a boat left behind it."""
    if track.space != boat.space:
        return False
    length = boat.size_m or 2.0
    for step in boat.path:
        age = (track.seen - step.time) / 1000
        wide = (length + WAKE_ANGLE * boat.motion.speed / unit * max(age, 0.0)) * unit
        after = 0 <= age <= WAKE_S and track.start >= step.time - 2000
        if after and hypot(track.first[0] - step.place[0], track.first[1] - step.place[1]) <= wide:
            return True
    return False


def _mirrored(track: Track, thing: Track) -> bool:
    """Whether a track hangs under a larger thing and goes along with it, as its picture in the water does."""
    shared = min(track.box.x + track.box.w, thing.box.x + thing.box.w) - max(track.box.x, thing.box.x)
    gap = track.box.y - (thing.box.y + thing.box.h)
    under = -0.25 * thing.box.h <= gap <= 0.75 * thing.box.h and shared >= 0.5 * min(track.box.w, thing.box.w)
    return under and track.box.h <= 1.5 * thing.box.h and track.start >= thing.start - 1000
