"""`smoke.suspected`: a plume that stands, rises and stays: straw or rubbish is burnt."""

from vision.geometry.view import View
from vision.rules.claim import Claim, Kind, Memoryless, Scene, Timing, track_claim
from vision.rules.zones import zone_at


class SmokeSuspected(Memoryless):
    """One event for each sky zone while a plume is seen in it."""

    name = "smoke.suspected"
    level = 2
    timing = Timing(on_s=0.0, off_s=60.0, update_s=300.0)

    def __init__(self, stays_s: float) -> None:
        self._stays_ms = 1000 * stays_s

    def claims(self, scene: Scene) -> list[Claim]:
        found = []
        for track in scene.tracks:
            if track.label != "smoke" or not track.sure:
                continue
            middle = track.foot[0], track.foot[1] - track.box.h / 2
            zone = zone_at(scene.view.config.sky, middle, track.box.h)
            if zone and track.seen - track.start >= self._stays_ms:
                found.append(track_claim(track, zone.name, group=zone.name))
            elif zone:
                scene.suppress("brief", track)
        return found


def kinds(view: View) -> list[Kind]:
    """The kind of this file."""
    return [SmokeSuspected(view.config.limits.smoke_s)]
