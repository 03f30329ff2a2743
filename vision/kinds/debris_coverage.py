"""`debris.coverage`: how much of the water is covered, in square metres and per cent, with a hysteresis."""

from typing import Final

from msgspec.structs import replace

from vision.events.event import Facts
from vision.geometry.view import View
from vision.rules.claim import Claim, Kind, Memoryless, Scene, Timing
from vision.rules.floating import floating
from vision.track.track import Track

KEEPS: Final = 0.6
"""The part of a limit above which an open event stays open."""


class DebrisCoverage(Memoryless):
    """One event for each water zone while debris and organic matter cover more of it than the limits."""

    name = "debris.coverage"
    level = 3
    timing = Timing(on_s=5.0, off_s=20.0, update_s=120.0)

    def __init__(self) -> None:
        self._numbers: dict[str, float] = {}

    def claims(self, scene: Scene) -> list[Claim]:
        by_zone: dict[str, list[Track]] = {}
        for track, zone in floating(scene, visible=True):
            by_zone.setdefault(zone.name, []).append(track)
        found = [_claim(name, tracks, scene) for name, tracks in sorted(by_zone.items())]
        self._numbers = {
            "coverage_percent": sum(claim.facts.percent or 0.0 for claim in found),
            "coverage_m2": sum(claim.facts.area_m2 or 0.0 for claim in found),
        }
        limits = scene.view.config.limits
        kept = []
        for claim in found:
            over = max(
                (claim.facts.area_m2 or 0.0) / limits.coverage_m2 if limits.coverage_m2 else 0.0,
                (claim.facts.percent or 0.0) / limits.coverage_percent if limits.coverage_percent else 0.0,
            )
            kept += [replace(claim, opens=over >= 1)] if over >= KEEPS else []
        return kept

    def numbers(self) -> dict[str, float]:
        return self._numbers


def _claim(zone: str, tracks: list[Track], scene: Scene) -> Claim:
    areas = [track.area_m2 for track in tracks if track.area_m2 is not None]
    area = sum(areas) if areas and scene.water_m2 else None
    pixels = 100 * sum(track.share for track in tracks) / scene.water if scene.water else 0.0
    lead = max(tracks, key=lambda track: (track.share, -track.id))
    facts = Facts(
        score=round(lead.score, 4),
        area_m2=area,
        percent=min(100.0, 100 * area / scene.water_m2 if area is not None and scene.water_m2 else pixels),
        count=len(tracks),
        pixel=lead.foot,
        metre=lead.place if lead.space == "m" else None,
        lonlat=lead.lonlat,
        zone=zone,
        label=lead.label,
        box=lead.box,
    )
    ids = tuple(track.id for track in sorted(tracks, key=lambda track: (-track.share, track.id)))
    return Claim(subject=f"zone {zone}", since=scene.time, group=f"zone {zone}", tracks=ids[:50], facts=facts)


def kinds(_view: View) -> list[Kind]:
    """The kind of this file."""
    return [DebrisCoverage()]
