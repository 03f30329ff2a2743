"""Tracks from detections, frame by frame; the same frames give bit-identical tracks."""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from msgspec.structs import replace

from vision.detection import Detection
from vision.frame import Quality
from vision.geometry.view import View
from vision.track.flow import Current, Drifts, current_of
from vision.track.hiding import emerged, hide
from vision.track.kalman import begin, correct, predict
from vision.track.pairing import Paired, pair
from vision.track.spot import Spot, spots_of
from vision.track.states import advance, noted
from vision.track.track import Space, Step, Track

GAP_MS: Final = 5000
"""A longer step between two frames counts as time in which nothing could be seen."""
FORGET_MS: Final = 60_000
"""After so long without a frame only still things are looked for where they were."""
PUSH: Final = 0.05
SPREAD: Final = 1.0
"""Acceleration (m^2/s^3) and prior speed (m/s) of things on water; in pixels, of a frame taken to be 20 m wide."""
FRAME_METRES: Final = 20.0


class Followed(msgspec.Struct):
    """What the tracker remembers between frames."""

    time: int = 0
    last_id: int = 0
    tracks: tuple[Track, ...] = ()
    drifts: dict[str, Drifts] = {}


class Tracker:
    """Follows things for one camera; `update` is called once for every usable frame, in the order of time."""

    def __init__(self, view: View, gap_ms: int = GAP_MS) -> None:
        self._view, self._persist, self._gap_ms = view, view.config.persist, gap_ms
        self._state = Followed()

    def unit(self, space: Space) -> float:
        """One metre in a space, as well as that is known."""
        return 1.0 if space == "m" else self._view.config.width / FRAME_METRES

    def current(self, space: Space) -> Current:
        """The flow of the water in a space."""
        return current_of(self._view.config.flow, space, self._state.drifts.get(space, Drifts()))

    @property
    def tracks(self) -> tuple[Track, ...]:
        """What is followed now."""
        return self._state.tracks

    def drop(self) -> None:
        """Forget all tracks, and keep what was learnt of the flow: the camera's clock was set."""
        self._state.tracks = ()

    def drifted(self, track: Track) -> None:
        """Learn the flow from a thing that has drifted through."""
        known = self._state.drifts.get(track.space, Drifts())
        self._state.drifts = {**self._state.drifts, track.space: known.with_one(track.motion.velocity)}

    def update(
        self, time: int, detections: Sequence[Detection], quality: Quality, size: tuple[int, int]
    ) -> tuple[Track, ...]:
        """All tracks after a frame of `size` (width, height), those that ended with it as `gone`.

        Raises:
            ValueError: a time that is not after the last frame's.
        """
        if self._state.tracks and time <= self._state.time:
            raise ValueError(f"frame at {time}: expected one after {self._state.time}")
        elapsed = time - self._state.time if self._state.tracks else 0
        spots = spots_of(detections, quality, self._view, size)
        expected = [self._predicted(track, elapsed) for track in self._state.tracks]
        paired = emerged(pair(expected, spots, elapsed / 1000, self.unit), expected, spots)
        tracks = self._moved(expected, paired, spots, time, elapsed)
        tracks += self._born(expected, paired, spots, time)
        self._state.time = time
        self._state.tracks = tuple(track for track in tracks if track.state != "gone")
        return tuple(tracks)

    def export(self) -> bytes:
        """The whole state; a tracker made anew with it goes on with the same tracks."""
        return msgspec.msgpack.encode(self._state)

    def restore(self, state: bytes) -> None:
        """Take up an exported state.

        Raises:
            ValueError: bytes that `export` did not write.
        """
        try:
            self._state = msgspec.msgpack.decode(state, type=Followed)
        except msgspec.DecodeError as error:
            raise ValueError(f"not a tracker's state: {error}") from error

    def _predicted(self, track: Track, elapsed: int) -> Track:
        unit = self.unit(track.space)
        push = PUSH * unit**2 * (0.1 if track.state == "static" else 1.0)
        return replace(track, motion=predict(track.motion, elapsed / 1000, push))

    def _moved(
        self, expected: Sequence[Track], paired: Paired, spots: Sequence[Spot], time: int, elapsed: int
    ) -> list[Track]:
        seen = {row: spots[column] for row, column in paired.items()}
        hidden = hide(expected, paired, spots, self._view)
        forgotten = elapsed > FORGET_MS
        moved = []
        for row, track in enumerate(expected):
            if row in seen:
                after = noted(_corrected(track, seen[row], time), seen[row])
            else:
                unseen = 0 if row in hidden else min(elapsed, self._gap_ms)
                after = replace(
                    track, hits=(*track.hits, False), unseen_ms=track.unseen_ms + unseen, merged=hidden.get(row, 0)
                )
                if row not in hidden:
                    after = replace(after, scores=(*track.scores, 0.0))
            moved.append(advance(after, time, self._persist, self.unit(track.space), forgotten=forgotten))
        return moved

    def _born(self, expected: Sequence[Track], paired: Paired, spots: Sequence[Spot], time: int) -> list[Track]:
        taken = set(paired.values())
        fresh = sorted((spot for column, spot in enumerate(spots) if column not in taken), key=_order)
        carriers = [(track, spots[paired[row]]) for row, track in enumerate(expected) if row in paired]
        born = []
        for birth, spot in enumerate(fresh):
            self._state.last_id += 1
            current, unit = self.current(spot.space), self.unit(spot.space)
            velocity = current.velocity if current.known else (0.0, 0.0)
            spread = 0.5 * current.speed + 0.3 * unit if current.known else SPREAD * unit
            track = Track(
                id=self._state.last_id,
                start=time,
                birth=birth,
                space=spot.space,
                motion=begin(spot.place, spot.noise, velocity, spread),
                seen=time,
                box=spot.detection.box,
                foot=spot.foot,
                anchor=spot.place,
                still_since=time,
                path=(Step(time, spot.place, spot.foot),),
                first=spot.place,
                parent=_parent(spot, carriers),
            )
            born.append(advance(noted(track, spot), time, self._persist, unit))
        return born


def _corrected(track: Track, spot: Spot, time: int) -> Track:
    return replace(track, motion=correct(track.motion, spot.place, spot.noise), seen=time, unseen_ms=0, merged=0)


def _order(spot: Spot) -> tuple[float, float, float]:
    return (*spot.foot, spot.side)


def _parent(spot: Spot, carriers: Sequence[tuple[Track, Spot]]) -> int:
    """The track whose last box held the place of a new spot, and which has shrunk since: the new one broke off it."""
    for track, now in carriers:
        box, old = spot.detection.box, track.box
        x, y = box.x + box.w / 2, box.y + box.h / 2
        inside = old.x <= x <= old.x + old.w and old.y <= y <= old.y + old.h
        if track.sure and inside and now.detection.mask.area < 0.85 * np.prod(old[2:]):
            return track.id
    return 0
