"""What a track is at each frame: new, confirmed, static or gone."""

from math import hypot
from typing import Final

from msgspec.structs import replace

from vision.site import Persist
from vision.track.spot import Spot
from vision.track.track import Step, Track

CONFIRM: Final = 0.5
"""The median score from which on a track is believed; once believed it stays so."""
SCORES: Final = 10
SIZES: Final = 9
STILL_MS: Final = 10_000
LOST_MS: Final = 5000
LOST_STILL_MS: Final = 30_000
STEP_MS: Final = 1000
STEPS: Final = 120


def noted(track: Track, spot: Spot) -> Track:
    """The track with what one sighting says of it."""
    item = spot.detection
    votes = {**track.votes, item.label: track.votes.get(item.label, 0.0) + item.score}
    return replace(
        track,
        box=item.box,
        foot=spot.foot,
        hits=(*track.hits, True),
        scores=(*track.scores, item.score)[-SCORES:],
        votes=votes,
        sizes=_with(track.sizes, item.size_m),
        areas=_with(track.areas, item.area_m2),
        shares=_with(track.shares, item.share),
        shapes=_with(track.shapes, item.box.h / max(item.box.w, 1)),
        lonlat=(float(item.lonlat[0]), float(item.lonlat[1])) if item.lonlat else track.lonlat,
        detector=item.detector,
    )


def advance(track: Track, time: int, persist: Persist, unit: float, *, forgotten: bool = False) -> Track:
    """The track with its state at a frame's time; `forgotten` when so long passed without frames that only still things are expected back."""
    track = replace(track, hits=track.hits[-persist.n :], scores=track.scores[-SCORES:], path=_walked(track))
    if forgotten and track.state != "static":
        return replace(track, state="gone")
    if track.state == "new":
        return _young(track, time, persist)
    return _grown(track, time, unit)


def _young(track: Track, time: int, persist: Persist) -> Track:
    if sum(track.hits) >= persist.k and track.score >= CONFIRM:
        return replace(track, state="confirmed", confirmed=time)
    misses = len(track.hits) - sum(track.hits)
    lost = len(track.hits) == persist.n and sum(track.hits) < persist.k and not track.visible
    hopeless = misses > persist.n - persist.k and not track.visible
    return replace(track, state="gone") if lost or hopeless or track.unseen_ms > LOST_MS else track


def _grown(track: Track, time: int, unit: float) -> Track:
    if track.unseen_ms > (LOST_STILL_MS if track.state == "static" else LOST_MS):
        return replace(track, state="gone")
    if not track.visible:
        return track
    blur = 2 * hypot(track.motion.cov[0] ** 0.5, track.motion.cov[5] ** 0.5)
    slack = max(0.3 * unit, 0.25 * (track.size_m or 0.0), blur)
    if hypot(track.place[0] - track.anchor[0], track.place[1] - track.anchor[1]) > slack:
        return replace(track, state="confirmed", anchor=track.place, still_since=time)
    return replace(track, state="static") if time - track.still_since >= STILL_MS else track


def _walked(track: Track) -> tuple[Step, ...]:
    """The path with a step for each second, every second one of the older half dropped when it gets long."""
    if not track.visible or track.seen - track.path[-1].time < STEP_MS:
        return track.path
    path = (*track.path, Step(track.seen, track.place, track.foot))
    return path if len(path) <= STEPS else (*path[: STEPS // 2 : 2], *path[STEPS // 2 :])


def _with(values: tuple[float, ...], value: float | None) -> tuple[float, ...]:
    return values if value is None else (*values, value)[-SIZES:]
