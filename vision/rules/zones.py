"""In which zone a place in the picture lies."""

from collections.abc import Sequence

import cv2
import numpy as np

from vision.site import Zone


def zone_at(zones: Sequence[Zone], foot: tuple[float, float], slack: float = 0.0) -> Zone | None:
    """The first zone that holds a place (pixels of the configured size) or ends within `slack` pixels of it."""
    for zone in zones:
        ring = np.array(zone.points, np.float32)
        if cv2.pointPolygonTest(ring, foot, measureDist=True) >= -slack:
            return zone
    return None


def edge_distance(zones: Sequence[Zone], foot: tuple[float, float]) -> float:
    """How far a place is from the nearest edge of any zone, in pixels, inside or out; infinite without zones."""
    rings = [np.array(zone.points, np.float32) for zone in zones]
    return min((abs(cv2.pointPolygonTest(ring, foot, measureDist=True)) for ring in rings), default=float("inf"))
