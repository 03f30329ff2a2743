"""`debris.item`: one thing that people threw away, or a large branch or raft, afloat on the water."""

from typing import Final

from vision.geometry.view import View
from vision.rules.claim import Claim, Kind, Memoryless, Scene, Timing, track_claim
from vision.rules.floating import floating
from vision.track.track import Track

ORGANIC_M2: Final = 0.5
ORGANIC_M: Final = 1.0
"""Leaves and twigs are part of the coverage; a raft or a branch of this size is a thing of its own."""
WATCHED_MS: Final = 2000
STILL_MS: Final = 3000
"""What does not move is watched longer: ripples and glints stand too, but not for long."""
ARMING_MS: Final = 10_000
SURE: Final = 0.75
"""What lay there when the camera was switched on is told only if it looks very much like debris: stones and posts lie there too."""


class DebrisItem(Memoryless):
    """One event for each thing."""

    name = "debris.item"
    level = 3
    timing = Timing(on_s=0.0, off_s=5.0, merge_m=1.5)

    def claims(self, scene: Scene) -> list[Claim]:
        found = []
        for track, zone in floating(scene):
            if cause := _held_back(track, scene):
                scene.suppress(cause, track)
            else:
                found.append(track_claim(track, zone.name))
        return found


def _held_back(track: Track, scene: Scene) -> str:
    """Why a floating thing is no event of its own, empty when it is one."""
    config, bearing = scene.view.config, scene.bearings.get(track.id, "unknown")
    if track.size_m is not None and track.area_m2 is not None:
        if track.size_m < config.min_size_m or track.area_m2 < config.min_area_m2:
            return "small"
    elif track.share < config.min_share:
        return "small"
    if scene.natures.get(track.id) == "organic" and not _large(track):
        return "organic"
    watched = track.seen - track.start
    if watched < WATCHED_MS or (bearing in {"still", "free", "unknown"} and watched < STILL_MS):
        return "brief"
    if bearing == "still" and track.start - scene.armed < ARMING_MS and track.score < SURE:
        return "clutter"
    return ""


def _large(track: Track) -> bool:
    if track.size_m is None:
        return track.share >= 0.005
    return track.size_m >= ORGANIC_M or (track.area_m2 or 0.0) >= ORGANIC_M2


def kinds(_view: View) -> list[Kind]:
    """The kind of this file."""
    return [DebrisItem()]
