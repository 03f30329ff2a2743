"""Which pictures are kept for how long: the first and the best of every track, the last of every open event, and small ones of the last ten seconds."""

from collections.abc import Iterable
from typing import Final

import cv2
import msgspec
from msgspec.structs import replace

from vision.detection import Box
from vision.events.shot import Shot, bytes_of, encoded
from vision.frame import Frame, Image
from vision.overlay import Mark
from vision.people.person import person_like, unsure
from vision.rules.claim import Scene
from vision.rules.zones import zone_at
from vision.track.track import Track

STRIP_MS: Final = 10_000
STRIP_STEP_MS: Final = 500
THUMB_WIDTH: Final = 240
LAST_STEP_MS: Final = 2000
GOOD_STEP_MS: Final = 60_000
MOST_SHOTS: Final = 40
BETTER: Final = 0.05


class Roll(msgspec.Struct, frozen=True):
    """The frames (by seq) that show a track: first, best with its score, and last."""

    first: int
    best: int
    score: float
    last: int


class Reel(msgspec.Struct):
    """All that the film keeps."""

    shots: dict[int, Shot] = {}
    rolls: dict[int, Roll] = {}
    thumbs: tuple[Shot, ...] = ()
    good: Shot | None = None
    before: Shot | None = None


class Film:
    """Sees every frame and keeps what events may need."""

    def __init__(self) -> None:
        self.reel = Reel()

    def see(self, frame: Frame, scene: Scene, needed: Iterable[int]) -> None:
        """Keep what is worth keeping of a frame; `needed` are the tracks of open events."""
        known = {track.id: track for track in scene.tracks if track.state != "gone"}
        keep = known.keys() | set(needed)
        rolls = {number: roll for number, roll in self.reel.rolls.items() if number in keep}
        changed = {
            track.id: roll
            for track in known.values()
            if scene.quality.usable
            and track.visible
            and (roll := _rolled(track, rolls.get(track.id), frame, self.reel))
        }
        thumb_due = not self.reel.thumbs or frame.time - self.reel.thumbs[-1].time >= STRIP_STEP_MS
        if changed or thumb_due:
            self._take(frame, scene, changed, thumb_due=thumb_due)
        self.reel.rolls = rolls | changed
        self._prune(set(needed))

    def now(self, frame: Frame, scene: Scene) -> Shot:
        """A frame as it is."""
        return _shot(frame, scene, bytes_of(frame))

    def _take(self, frame: Frame, scene: Scene, changed: dict[int, Roll], *, thumb_due: bool) -> None:
        if changed:
            self.reel.shots = {**self.reel.shots, frame.seq: self.now(frame, scene)}
        if thumb_due:
            thumbs = [one for one in self.reel.thumbs if frame.time - one.time <= STRIP_MS]
            self.reel.thumbs = (*thumbs, _thumb(frame, scene))
        if scene.quality.usable and (self.reel.good is None or frame.time - self.reel.good.time >= GOOD_STEP_MS):
            self.reel.before, self.reel.good = self.reel.good, self.now(frame, scene)

    def _prune(self, needed: set[int]) -> None:
        """Forget pictures that nobody needs, and the oldest tracks' ones when there are too many; those of events stay."""
        for number in sorted(self.reel.rolls):
            used = {seq for roll in self.reel.rolls.values() for seq in (roll.first, roll.best, roll.last)}
            if len(used) <= MOST_SHOTS:
                break
            if number not in needed:
                del self.reel.rolls[number]
        used = {seq for roll in self.reel.rolls.values() for seq in (roll.first, roll.best, roll.last)}
        self.reel.shots = {seq: shot for seq, shot in self.reel.shots.items() if seq in used}


def _rolled(track: Track, roll: Roll | None, frame: Frame, reel: Reel) -> Roll | None:
    """What changes in a track's roll with this frame; None when nothing does."""
    if roll is None:
        # A track whose first picture had to go begins again only once it is believed.
        return Roll(frame.seq, frame.seq, track.scores[-1], frame.seq) if track.sure or len(track.hits) == 1 else None
    score = track.scores[-1]
    if score >= roll.score + BETTER:
        return replace(roll, best=frame.seq, score=score, last=frame.seq)
    last = reel.shots.get(roll.last)
    if track.sure and (last is None or frame.time - last.time >= LAST_STEP_MS):
        return replace(roll, last=frame.seq)
    return None


def _shot(frame: Frame, scene: Scene, data: bytes) -> Shot:
    tracks = [track for track in scene.tracks if track.visible]
    people = tuple(track.box for track in tracks if person_like(track, scene))
    return Shot(
        time=frame.time,
        seq=frame.seq,
        data=data,
        people=people,
        banks=_anybody(scene),
        boxes={track.id: track.box for track in tracks},
        marks=tuple((track.id, Mark(track.box, _words(track, scene))) for track in tracks if track.sure),
    )


def _anybody(scene: Scene) -> bool:
    """Whether somebody may be on the banks unrecognised: something unnamed moves there, or it is too dark or too poor a picture to tell."""
    banks = scene.view.config.banks
    if not banks:
        return False
    if scene.quality.state != "ok" or scene.quality.infrared:
        return True
    return any(unsure(track, scene) and zone_at(banks, track.foot) for track in scene.tracks)


def _thumb(frame: Frame, scene: Scene) -> Shot:
    width, height = frame.size
    small: Image = cv2.resize(frame.bgr, (THUMB_WIDTH, max(1, round(height * THUMB_WIDTH / width))))  # type: ignore[assignment]  # uint8 in, uint8 out
    ratio = THUMB_WIDTH / width
    shot = _shot(frame, scene, encoded(small))
    people = tuple(Box(*(round(side * ratio) for side in box)) for box in shot.people)
    return replace(shot, people=people, boxes={}, marks=())


def _words(track: Track, scene: Scene) -> str:
    size = f" {track.size_m:.1f} m" if track.size_m is not None else ""
    return f"{scene.natures.get(track.id, track.label)}{size} {track.score:.2f}"
