"""`debris.accumulation`: what has gathered at a boom or a bank and does not leave."""

from typing import Final

from vision.geometry.view import View
from vision.rules.claim import Claim, Kind, Memoryless, Scene, Timing, track_claim
from vision.rules.floating import floating
from vision.rules.zones import edge_distance, zone_at
from vision.track.track import Track

NEAR: Final = 0.02
"""At a boom or a bank: within this part of the picture's width of it."""


class DebrisAccumulation(Memoryless):
    """One event for each boom, and for the bank of each water zone, while still things stay there longer than the limit."""

    name = "debris.accumulation"
    level = 3
    timing = Timing(on_s=0.0, off_s=30.0, update_s=600.0)

    def claims(self, scene: Scene) -> list[Claim]:
        longest = 1000 * scene.view.config.limits.accumulation_s
        found = []
        for track, zone in floating(scene):
            if track.state != "static" or track.seen - track.still_since < longest:
                continue
            if where := _gathering(track, zone.name, scene.view):
                found.append(track_claim(track, where, group=where))
        return found


def _gathering(track: Track, water: str, view: View) -> str:
    """The boom or bank a thing lies at; empty in open water."""
    config, slack = view.config, NEAR * view.config.width
    if boom := zone_at(config.booms, track.foot, slack):
        return boom.name
    if bank := zone_at(config.banks, track.foot, slack):
        return bank.name
    edges = [zone for zone in config.water if zone.name == water]
    return f"{water} (bank)" if edge_distance(edges, track.foot) <= slack else ""


def kinds(_view: View) -> list[Kind]:
    """The kind of this file."""
    return [DebrisAccumulation()]
