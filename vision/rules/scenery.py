"""Scenes from frames: what is seen is followed, and what the followed things are is worked out."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from vision.detection import Box, Detection
from vision.detector import Seen
from vision.frame import Frame, Quality
from vision.geometry.view import View
from vision.rules.claim import Scene
from vision.track.bearing import Bearing, bearing
from vision.track.nature import natures
from vision.track.track import Track
from vision.track.tracker import Tracker

GRID: Final = (160, 90)
FARTHEST_M2: Final = 1.0
"""Water of which one pixel shows more than this is too far away to be counted."""
SAME: Final = 0.35
LEARNT_MS: Final = 5000
"""Things that drifted for so long teach the flow."""


class Scenery:
    """Makes the scenes of one camera, with its tracker."""

    def __init__(self, view: View, tracker: Tracker) -> None:
        self._view, self._tracker = view, tracker
        self._unit = tracker.unit("px")
        self._water, self._water_m2 = _water(view)

    def at(self, frame: Frame, seen: Seen, armed: int) -> Scene:
        """The scene of a frame; one that cannot be used leaves the tracks as they were."""
        tracks = self._tracker.tracks
        if seen.quality.usable:
            tracks = self._tracker.update(frame.time, once(seen.detections), seen.quality, frame.size)
        bearings = {track.id: self._bearing(track) for track in tracks}
        found = natures(tracks, bearings, self._unit)
        scene = Scene(
            time=frame.time,
            armed=armed,
            camera=frame.camera,
            view=self._view,
            quality=seen.quality,
            look=seen.look,
            tracks=tracks,
            bearings=bearings,
            natures=found,
            unit=self._unit,
            water=self._water,
            water_m2=self._water_m2,
        )
        self._ended(scene)
        return scene

    def nothing(self, time: int, armed: int, absent: str, quality: Quality | None = None) -> Scene:
        """The scene without a frame: `absent` says why."""
        quality = quality or Quality("blind", absent)
        return Scene(time, armed, self._view.config.id, self._view, quality, unit=self._unit, absent=absent)

    def boxes(self, tracks: Sequence[int]) -> list[Box]:
        """Where tracks are now, by their ids; those that are gone have none."""
        return [track.box for track in self._tracker.tracks if track.id in tracks]

    def _bearing(self, track: Track) -> Bearing:
        unit = 1.0 if track.space == "m" else self._unit
        return bearing(track, self._tracker.current(track.space), unit)

    def _ended(self, scene: Scene) -> None:
        """Count flickers that were never believed; learn the flow from what drifted through."""
        for track in scene.tracks:
            if track.state != "gone":
                continue
            if not track.confirmed:
                scene.suppress("persistence", track)
            elif scene.bearings[track.id] in {"flow", "free"} and track.seen - track.start >= LEARNT_MS:
                self._tracker.drifted(track)


def once(detections: Sequence[Detection]) -> list[Detection]:
    """One detection for each thing: of those of different detectors that overlap, one with a name before one without, and then the surest."""
    order = sorted(range(len(detections)), key=lambda number: _rank(detections[number], number))
    kept: list[int] = []
    for number in order:
        item = detections[number]
        others = (detections[other] for other in kept)
        if not any(item.detector != other.detector and item.box.overlap(other.box) >= SAME for other in others):
            kept.append(number)
    return [detections[number] for number in sorted(kept)]


def _rank(item: Detection, number: int) -> tuple[bool, float, int]:
    return item.label == "other", -item.score, number


def _water(view: View) -> tuple[float, float | None]:
    """The part of the frame that is water, and its square metres where they are known, over a coarse grid."""
    water = view.water_pixels(*GRID) > 0
    share = float(water.mean())
    rows, columns = np.nonzero(water)
    cell = np.array([view.config.width / GRID[0], view.config.height / GRID[1]])
    areas = view.square_metres((np.column_stack([columns, rows]) + 0.5) * cell)
    if areas is None:
        return share, None
    near = areas[np.isfinite(areas) & (areas <= FARTHEST_M2)]
    return share, float(near.sum() * cell.prod()) or None
