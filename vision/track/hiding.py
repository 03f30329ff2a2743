"""Things that float together: one is hidden in the other's detection for a while, and is the same again when they part."""

from collections.abc import Sequence

import numpy as np

from vision.geometry.view import View
from vision.track.pairing import Paired
from vision.track.spot import Spot
from vision.track.track import Track

REACH = 1.0
"""A thing that comes out of another is found within this many sides of that other's box."""


def hide(tracks: Sequence[Track], paired: Paired, spots: Sequence[Spot], view: View) -> dict[int, int]:
    """Number of each unseen confirmed track that is expected inside another's detection, and that other's id."""
    carriers = [(tracks[row], spots[column]) for row, column in sorted(paired.items())]
    hidden = {}
    for row, track in enumerate(tracks):
        if row in paired or not track.sure or (foot := _foot(track, view)) is None:
            continue
        inside = [carrier.id for carrier, spot in carriers if carrier.space == track.space and _holds(spot, foot)]
        if inside:
            hidden[row] = inside[0]
    return hidden


def emerged(paired: Paired, tracks: Sequence[Track], spots: Sequence[Spot]) -> Paired:
    """The pairing with hidden tracks found again in what nothing else explains, beside the track that hid them."""
    result = dict(paired)
    rows = {track.id: row for row, track in enumerate(tracks)}
    for row, track in enumerate(tracks):
        carrier = rows.get(track.merged)
        if not track.merged or row in result or carrier not in result:
            continue
        beside = spots[result[carrier]]
        free = [number for number in range(len(spots)) if number not in result.values()]
        near = [
            number for number in free if _apart(spots[number], beside) <= REACH * (beside.side + spots[number].side)
        ]
        if near:
            result[row] = min(near, key=lambda number: (_apart(spots[number], beside), number))
    return result


def _apart(one: Spot, other: Spot) -> float:
    return float(np.hypot(one.foot[0] - other.foot[0], one.foot[1] - other.foot[1]))


def _holds(spot: Spot, foot: tuple[float, float]) -> bool:
    """Whether a foot lies within a detection's box, a fifth larger, in pixels of the configured size."""
    scale = spot.side / max((spot.detection.box.w * spot.detection.box.h) ** 0.5, 1e-6)
    wide, high = spot.detection.box.w * scale, spot.detection.box.h * scale
    beside, above = abs(foot[0] - spot.foot[0]), spot.foot[1] - foot[1]
    return bool(beside <= 0.6 * wide and -0.2 * high <= above <= 1.2 * high)


def _foot(track: Track, view: View) -> tuple[float, float] | None:
    """Where the track is expected in the picture."""
    if track.space == "px" or view.plane is None:
        return track.place
    x, y = view.plane.pixel(np.array([track.place]))[0].tolist()
    return (x, y) if np.isfinite((x, y)).all() else None
