"""`intrusion.water`: a person in the water."""

from vision.geometry.view import View
from vision.people.person import person_like
from vision.rules.claim import Claim, Kind, Memoryless, Scene, Timing, track_claim
from vision.rules.zones import zone_at


class IntrusionWater(Memoryless):
    """One event for each water zone while persons are in it."""

    name = "intrusion.water"
    level = 2

    def __init__(self, on_s: float) -> None:
        self.timing = Timing(on_s=on_s, off_s=10.0, merge_m=3.0)

    def claims(self, scene: Scene) -> list[Claim]:
        found = []
        for track in scene.tracks:
            if not track.sure or not person_like(track, scene) or zone_at(scene.view.config.banks, track.foot):
                continue
            if zone := zone_at(scene.view.config.water, track.foot):
                found.append(track_claim(track, zone.name, group=zone.name))
        return found


def kinds(view: View) -> list[Kind]:
    """The kind of this file."""
    return [IntrusionWater(view.config.limits.intrusion_s)]
