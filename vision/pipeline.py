"""The whole patrol of one camera: a frame in, what is seen, followed and said of it out; no clock, no files, no network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, Protocol

import msgspec

from vision import kinds as all_kinds
from vision.camera import CameraConfig, config_hash
from vision.detection import Box, Detection
from vision.detector import Seen
from vision.events.event import PatrolEvent, event_id
from vision.events.exhibit import Exhibit
from vision.events.film import Film, Reel
from vision.events.minute import MINUTE_MS, Minute
from vision.events.shot import Shot
from vision.events.telling import Teller, Told
from vision.frame import Frame, Quality
from vision.geometry.view import View, view_of
from vision.rules.book import Book, Named, Page
from vision.rules.claim import Kind, Scene
from vision.rules.scenery import Scenery
from vision.see import Eye
from vision.track.track import Track
from vision.track.tracker import GAP_MS, Tracker

VERSION: Final = 1
LATE_FRAMES: Final = 3
"""So many frames in a row from before the newest one mean that the camera's clock was set back."""


class Sight(Protocol):
    """What turns frames into detections; `version` names its models."""

    version: str

    def see(self, frame: Frame) -> Seen:
        """The quality of a frame and what is in it."""
        ...

    def acknowledge(self, box: Box) -> None:
        """What lies in a box (pixels of the last frame) is known of and may become part of the picture."""
        ...

    def export(self) -> bytes:
        """Its whole state."""
        ...

    def restore(self, state: bytes) -> None:
        """Take up an exported state.

        Raises:
            ValueError: bytes that `export` did not write.
        """
        ...


class Span(msgspec.Struct, frozen=True):
    """A stretch of time [start, end) before a frame in which the water was seen, or could not be, and why."""

    start: int
    end: int
    state: Literal["seen", "blind"]
    cause: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What one frame led to.

    `evidence` are the pieces that the events name, as bytes to be stored before the events are told. `numbers` are those of a whole minute that began at
    `minute`, there with its first frame after; empty otherwise. `span` is for the ledger of coverage; time in no span is time without frames.
    """

    quality: Quality
    detections: tuple[Detection, ...] = ()
    tracks: tuple[Track, ...] = ()
    events: tuple[PatrolEvent, ...] = ()
    evidence: tuple[Exhibit, ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)
    minute: int | None = None
    span: Span | None = None


class _State(msgspec.Struct):
    version: int
    config: str
    time: int
    armed: int
    late: int
    usable: bool
    sight: bytes
    tracker: bytes
    pages: dict[str, Page]
    reel: Reel
    told: Told
    minute: Minute


class Patrol:
    """One camera; `step` is called for each frame. Frames further apart than `gap_ms` leave time unseen between them."""

    def __init__(
        self, config: CameraConfig, sight: Sight, *, kinds: Sequence[Kind] | None = None, gap_ms: int = GAP_MS
    ) -> None:
        self.view: View = view_of(config)
        self._sight, self._gap_ms, self._hash = sight, gap_ms, config_hash(config)
        self._tracker = Tracker(self.view, gap_ms)
        self._scenery = Scenery(self.view, self._tracker)
        chosen = all_kinds.load(self.view) if kinds is None else kinds
        self._book = Book(config.id, chosen, config.cooldown_s, self._tracker.unit("px"))
        self._film = Film()
        self._teller = Teller(self.view, sight.version, self._hash, self._film)
        self._minute = Minute()
        self._time = self._armed = self._late = 0
        self._usable = False

    def step(self, frame: Frame) -> Step:
        """What a frame leads to; one from before the newest is only counted, unless the camera's clock was set back."""
        if self._time and frame.time <= self._time:
            self._late += 1
            if self._late < LATE_FRAMES:
                self._minute.late += 1
                return Step(Quality("degraded", "clock"))
            return self._set_back(frame)
        self._late = 0
        return self._forward(frame)

    def absent(self, time: int, cause: str) -> Step:
        """No frames come: said by whoever waits for them, at a time after the newest frame's."""
        scene = self._scenery.nothing(max(time, self._time), self._armed, cause)
        named = self._book.step(scene, 0, seen=False)
        events, evidence = self._told(named, scene.time, None)
        return Step(scene.quality, events=events, evidence=evidence)

    def finish(self, time: int) -> Step:
        """Close all that is open: the camera is taken away or set up anew."""
        events, evidence = self._told(self._book.finish(time), time, None)
        return Step(Quality(), events=events, evidence=evidence)

    def judge(self, name: str, verdict: Literal["acknowledged", "rejected"]) -> bool:
        """Take an officer's word on the open event of a name; whether it is open.

        An acknowledged one is told again only when it closes; a rejected one closes with the next frame, and what lies still there is not told for a day.
        """
        episode = self._book.judge(name, verdict)
        if episode is None:
            return False
        for box in self._scenery.boxes(episode.claim.tracks):
            self._sight.acknowledge(box)
        return True

    def open_events(self) -> list[str]:
        """The ids of all open events."""
        return [event_id(self.view.config.id, kind.name, one.since, one.birth) for kind, one in self._book.open()]

    def export(self) -> bytes:
        """The whole state; a patrol of the same configuration that takes it up goes on with the same events, none twice."""
        return msgspec.msgpack.encode(
            _State(
                VERSION,
                self._hash,
                self._time,
                self._armed,
                self._late,
                self._usable,
                self._sight.export(),
                self._tracker.export(),
                self._book.export(),
                self._film.reel,
                self._teller.told,
                self._minute,
            )
        )

    def restore(self, state: bytes) -> None:
        """Take up an exported state.

        Raises:
            ValueError: bytes that `export` did not write, of another version, or of another configuration.
        """
        try:
            found = msgspec.msgpack.decode(state, type=_State)
        except msgspec.DecodeError as error:
            raise ValueError(f"not a patrol's state: {error}") from error
        if (found.version, found.config) != (VERSION, self._hash):
            raise ValueError(f"state of version {found.version} and configuration {found.config[:8]}")
        self._sight.restore(found.sight)
        self._tracker.restore(found.tracker)
        self._book.restore(found.pages)
        self._film.reel, self._teller.told, self._minute = found.reel, found.told, found.minute
        self._time, self._armed, self._late, self._usable = found.time, found.armed, found.late, found.usable

    def _forward(self, frame: Frame) -> Step:
        elapsed = min(frame.time - self._time, self._gap_ms) if self._time else 0
        self._armed = self._armed or frame.time
        numbers, minute = self._turn(frame.time)
        seen = self._sight.see(frame)
        scene = self._scenery.at(frame, seen, self._armed)
        span = self._span(frame.time, elapsed, seen.quality)
        self._film.see(frame, scene, self._needed())
        named = self._book.step(scene, elapsed, seen=seen.quality.usable)
        self._teller.follow(scene.tracks, self._needed(named))
        events, evidence = self._told(named, frame.time, self._film.now(frame, scene) if named else None)
        self._count(seen, scene)
        self._time, self._usable = frame.time, seen.quality.usable
        return Step(seen.quality, seen.detections, scene.tracks, events, evidence, numbers, minute, span)

    def _set_back(self, frame: Frame) -> Step:
        """The camera's clock was set: tracks are lost, open events stay, and it is told."""
        scene = self._scenery.nothing(self._time + 1, self._armed, "", Quality("degraded", "clock"))
        named = self._book.step(scene, 0, seen=False)
        events, evidence = self._told(named, scene.time, None)
        self._tracker.drop()
        self._time = self._late = 0
        step = self._forward(frame)
        return replace(step, events=(*events, *step.events), evidence=(*evidence, *step.evidence))

    def _needed(self, named: Sequence[Named] = ()) -> set[int]:
        """The tracks that events are about: their pictures and paths are kept."""
        cases = [episode for _, episode in self._book.open()] + [change.episode for _, change in named]
        return {track for episode in cases for track in episode.claim.tracks[:3]}

    def _told(
        self, named: Sequence[Named], time: int, now: Shot | None
    ) -> tuple[tuple[PatrolEvent, ...], tuple[Exhibit, ...]]:
        told = [self._teller.tell(kind, change, time, now) for kind, change in named]
        for event, _ in told:
            if event.state == "open":
                self._minute.events[event.kind] = self._minute.events.get(event.kind, 0) + 1
        return tuple(event for event, _ in told), tuple(piece for _, pieces in told for piece in pieces)

    def _turn(self, time: int) -> tuple[dict[str, float], int | None]:
        """The figures of the minute before, and its start, when this frame begins another."""
        start = time - time % MINUTE_MS
        before = self._minute
        if before.frames and before.start == start:
            return {}, None
        self._minute = Minute(start=start)
        return (before.numbers(), before.start) if before.frames else ({}, None)

    def _span(self, time: int, elapsed: int, quality: Quality) -> Span | None:
        """What the time since the last frame was good for: seen when both its ends were."""
        if not elapsed:
            return None
        if self._usable and quality.usable:
            self._minute.seen_ms += elapsed
            return Span(time - elapsed, time, "seen")
        cause = "recovering" if quality.usable else quality.cause or quality.state
        self._minute.blind_ms[cause] = self._minute.blind_ms.get(cause, 0) + elapsed
        return Span(time - elapsed, time, "blind", cause)

    def _count(self, seen: Seen, scene: Scene) -> None:
        minute = self._minute
        minute.frames += 1
        minute.raw += len(seen.detections)
        minute.tracks = max(minute.tracks, sum(track.sure for track in scene.tracks))
        minute.verified |= {track.id for track in scene.tracks if track.confirmed == scene.time}
        minute.suppressed |= scene.suppressed
        minute.quality(seen.quality)
        minute.mean(seen.numbers)
        if seen.quality.usable:
            for kind in self._book.kinds:
                minute.mean(kind.numbers())


def patrol_of(config: CameraConfig, models: Mapping[str, bytes] | None = None, *, gap_ms: int = GAP_MS) -> Patrol:
    """The patrol of a camera with all detectors; `models` are the site's own learned ones by detector.

    Raises:
        ValueError: a model that its detector cannot read.
    """
    return Patrol(config, Eye(view_of(config), models), gap_ms=gap_ms)
