"""Which tracks are persons, as far as zone, size and shape can tell."""

from typing import Final

from vision.rules.claim import Scene
from vision.track.track import Track

LOWEST_M: Final = 0.9
HIGHEST_M: Final = 2.3
UPRIGHT: Final = 1.3
SEATED: Final = 0.9
SMALLEST_SHARE: Final = 0.0004
LARGEST_SHARE: Final = 0.2
_OTHERS: Final = {"boat", "bird", "vehicle", "wake", "reflection", "smoke", "foam"}


def person_like(track: Track, scene: Scene) -> bool:
    """Whether a confirmed track is a person: named one, or upright and of a person's size where nothing else explains it."""
    nature = scene.natures.get(track.id, "debris")
    if nature == "person":
        return True
    if nature in _OTHERS or track.label in {"artificial", "organic"}:
        return False
    return track.upright >= UPRIGHT and of_a_persons_size(track)


def of_a_persons_size(track: Track) -> bool:
    """Whether a track is as large as a person standing or sitting; without calibration, neither tiny nor most of the picture."""
    if track.size_m is None:
        return SMALLEST_SHARE <= track.share <= LARGEST_SHARE
    return LOWEST_M <= track.size_m <= HIGHEST_M


def unsure(track: Track, scene: Scene) -> bool:
    """Whether a track may be a person although nothing says so: nothing else is known of it either."""
    return scene.natures.get(track.id, "debris") not in _OTHERS and track.label in {"other", "person"}
