"""Which tracks are things that float and stay: the ground of all kinds of debris events."""

from collections.abc import Iterator

from vision.rules.claim import Scene
from vision.rules.zones import zone_at
from vision.site import Zone
from vision.track.track import Track


def floating(scene: Scene, *, visible: bool = False) -> Iterator[tuple[Track, Zone]]:
    """Confirmed tracks of debris and organic matter on the water, with their zone; the others are suppressed with their nature as cause."""
    config = scene.view.config
    for track in scene.tracks:
        if not track.sure or (visible and not track.visible):
            continue
        zone = zone_at(config.water, track.foot)
        if zone is None or zone_at(config.exclusions, track.foot):
            continue
        nature = scene.natures.get(track.id, "debris")
        if nature in {"debris", "organic"}:
            yield track, zone
        else:
            scene.suppress(nature, track)
