"""`intrusion.bank`: a person where nobody is to be: in a bank zone."""

from vision.geometry.view import View
from vision.people.person import person_like
from vision.rules.claim import Claim, Kind, Memoryless, Scene, Timing, track_claim
from vision.rules.zones import zone_at


class IntrusionBank(Memoryless):
    """One event for each bank zone while persons are in it."""

    name = "intrusion.bank"
    level = 3

    def __init__(self, on_s: float) -> None:
        self.timing = Timing(on_s=on_s, off_s=10.0)

    def claims(self, scene: Scene) -> list[Claim]:
        found = []
        for track in scene.tracks:
            zone = zone_at(scene.view.config.banks, track.foot) if track.sure else None
            if zone and person_like(track, scene):
                found.append(track_claim(track, zone.name, group=zone.name))
        return found


def kinds(view: View) -> list[Kind]:
    """The kind of this file."""
    return [IntrusionBank(view.config.limits.intrusion_s)]
