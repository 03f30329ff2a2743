"""`fishing.suspected`: a person who stays at one place in a bank zone, standing or sitting, for longer than the limit."""

from math import hypot
from typing import Final

from vision.geometry.view import View
from vision.people.person import of_a_persons_size, person_like
from vision.rules.claim import Claim, Kind, Memoryless, Scene, Timing, track_claim
from vision.rules.zones import zone_at
from vision.track.track import Track

STAYS_M: Final = 3.0
"""Who fishes moves no further than this from the place."""
NEAR: Final = 0.01


class FishingSuspected(Memoryless):
    """One event for each person."""

    name = "fishing.suspected"
    level = 3
    timing = Timing(on_s=0.0, off_s=30.0, merge_m=STAYS_M, update_s=300.0)

    def claims(self, scene: Scene) -> list[Claim]:
        config, found = scene.view.config, []
        for track in scene.tracks:
            zone = zone_at(config.banks, track.foot, NEAR * config.width) if track.sure else None
            if zone is None or not person_like(track, scene) or not of_a_persons_size(track):
                continue
            reach = STAYS_M * (1.0 if track.space == "m" else scene.unit)
            if track.seen - _stays_since(track, reach) >= 1000 * config.limits.dwell_s:
                found.append(track_claim(track, zone.name))
        return found


def _stays_since(track: Track, reach: float) -> int:
    """Since when a track has been within reach of where it is now."""
    since = track.seen
    for step in reversed(track.path):
        if hypot(step.place[0] - track.place[0], step.place[1] - track.place[1]) > reach:
            return since
        since = step.time
    return since


def kinds(_view: View) -> list[Kind]:
    """The kind of this file."""
    return [FishingSuspected()]
