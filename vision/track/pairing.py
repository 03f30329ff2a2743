"""Which detection is which track: nearness in the tracks' own space, size, and a gate that no thing outruns."""

from collections.abc import Callable, Sequence
from math import hypot
from typing import Final

import numpy as np

from vision.track.assign import assign
from vision.track.kalman import distance2
from vision.track.spot import Spot
from vision.track.track import Space, Track

GATE: Final = 16.0
"""The squared Mahalanobis distance within which 99.97 % of the sightings of a thing lie (chi-squared, 2 degrees of freedom)."""
SIZE_WEIGHT: Final = 3.0
LARGEST_CHANGE: Final = 4.0
FASTEST: Final = 8.0
"""Metres a second: a boat or a bird; nothing that matters here is faster."""

Paired = dict[int, int]
"""Number of a track to the number of its spot."""


def pair(tracks: Sequence[Track], spots: Sequence[Spot], seconds: float, unit: Callable[[Space], float]) -> Paired:
    """The best pairing of tracks (as expected now) with spots; `unit` is one metre in a space.

    Confirmed tracks choose first, so that a flicker beside a known thing does not take its place.
    """
    found: Paired = {}
    for wanted in (True, False):
        rows = [row for row, track in enumerate(tracks) if track.sure == wanted]
        columns = [column for column in range(len(spots)) if column not in found.values()]
        if rows and columns:
            costs = np.array([_costs(tracks[row], [spots[c] for c in columns], seconds, unit) for row in rows])
            found |= {rows[i]: columns[j] for i, j in assign(costs)}
    return found


def _costs(track: Track, spots: Sequence[Spot], seconds: float, unit: Callable[[Space], float]) -> list[float]:
    """What it costs to take each spot for the track; infinite out of the gate."""
    costs = [float("inf")] * len(spots)
    same = [number for number, spot in enumerate(spots) if spot.space == track.space]
    if not same:
        return costs
    places = np.array([spots[number].place for number in same])
    noises = np.stack([spots[number].noise for number in same])
    reach = unit(track.space) * (2.0 + FASTEST * seconds)
    for number, far in zip(same, distance2(track.motion, places, noises).tolist(), strict=True):
        spot = spots[number]
        change = spot.detection.box.w * spot.detection.box.h / max(track.box.w * track.box.h, 1)
        change = max(change, 1 / change) ** 0.5
        apart = hypot(spot.place[0] - track.place[0], spot.place[1] - track.place[1])
        if far <= GATE and change <= LARGEST_CHANGE and apart <= reach:
            costs[number] = far + SIZE_WEIGHT * float(np.log(change)) ** 2
    return costs
