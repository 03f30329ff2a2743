"""How a thing goes compared with the water: with it, against it, across it, too fast for it, or not at all."""

from math import hypot
from typing import Literal

from vision.track.flow import Current
from vision.track.track import Track

Bearing = Literal["unknown", "still", "flow", "against", "across", "fast", "free"]
"""`unknown`: seen too briefly to tell; `free`: it moves, and no flow is known to hold it against."""

_WATCHED_MS = 2000


def bearing(track: Track, current: Current, unit: float) -> Bearing:
    """The bearing of a track; `unit` is one metre in its space (1 for metres).

    It is judged by the way made since the track began, which ripples and a jittering box do not make.
    """
    seconds = (track.seen - track.start) / 1000
    if seconds * 1000 < _WATCHED_MS:
        return "unknown"
    way = track.place[0] - track.first[0], track.place[1] - track.first[1]
    made, speed = hypot(*way), hypot(*way) / seconds
    blur = 3 * hypot(track.motion.cov[0] ** 0.5, track.motion.cov[5] ** 0.5)
    if track.state == "static" or made < max(0.5 * unit, blur):
        return "still"
    if speed > max(2.5 * unit, 2.5 * current.speed + unit):
        return "fast"
    if not current.known or current.speed < 0.05 * unit:
        return "free"
    along = (way[0] * current.velocity[0] + way[1] * current.velocity[1]) / (made * current.speed)
    if along > 0.5:
        return "flow"
    if speed < 0.25 * unit:
        return "free"  # eddies and wind carry slow things anywhere
    return "against" if along < -0.5 else "across"
