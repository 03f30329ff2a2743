"""What every kind of event is: it looks at a scene and claims what is the case; when to open, update and close is not its business."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import msgspec

from vision.detector import Look
from vision.events.event import Facts
from vision.frame import Quality
from vision.geometry.view import View
from vision.track.bearing import Bearing
from vision.track.nature import Nature
from vision.track.track import Space, Track


class Timing(msgspec.Struct, frozen=True):
    """When a claim becomes an event, and when it ends; seconds of time in which the camera could see.

    A claim must hold for `on_s`; it ends after `off_s` without. Within `cooldown_s` after that (None: the camera's own) the same case does not open again.
    Claims of different subjects within `merge_m` metres are one event. `update_s` is the longest an open event is silent.
    """

    on_s: float = 0.0
    off_s: float = 5.0
    cooldown_s: float | None = None
    merge_m: float = 0.0
    update_s: float = 60.0


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is the case in a frame; `subject` names it within its kind as long as it lasts, `since` and `birth` (frame and place among those that
    began in it) for good.

    One that does not `opens` only keeps an event open; one `at_once` does not wait for the kind's `on_s`.
    Claims of one `group` are one event; `parent` is the subject it split from. `tracks` are those it is
    about: their pictures are its evidence.
    """

    subject: str
    since: int
    birth: int = 0
    opens: bool = True
    at_once: bool = False
    group: str = ""
    parent: str = ""
    space: Space = "px"
    place: tuple[float, float] | None = None
    velocity: tuple[float, float] = (0.0, 0.0)
    still: bool = False
    tracks: tuple[int, ...] = ()
    facts: Facts


@dataclass(frozen=True, eq=False)
class Scene:
    """All that can be known at one frame; `armed` is the time of the first frame, `unit` one metre in pixels as well as that is known.

    `suppressed` takes why tracks were not claimed: cause and track id, counted once each a minute. `seen` is False when nothing can be seen: then only kinds
    that are `blind` are asked.
    """

    time: int
    armed: int
    camera: str
    view: View
    quality: Quality
    look: Look | None = None
    tracks: tuple[Track, ...] = ()
    bearings: Mapping[int, Bearing] = field(default_factory=dict)
    natures: Mapping[int, Nature] = field(default_factory=dict)
    unit: float = 1.0
    water: float = 1.0
    water_m2: float | None = None
    absent: str = ""
    suppressed: set[tuple[str, int]] = field(default_factory=set)

    def suppress(self, cause: str, track: Track) -> None:
        """Say why a track makes no event."""
        self.suppressed.add((cause, track.id))


@runtime_checkable
class Kind(Protocol):
    """One kind of event; made anew for each camera, shown every scene in the order of time.

    `level` is 1 (worst) to 4; `blind` kinds are asked of frames in which nothing can be seen too.
    """

    name: str
    level: int
    timing: Timing
    blind: bool

    def claims(self, scene: Scene) -> list[Claim]:
        """What is the case now."""
        ...

    def numbers(self) -> dict[str, float]:
        """What it measured last, by name: goes to the minute's figures."""
        ...

    def export(self) -> bytes:
        """Its whole state; empty when it has none."""
        ...

    def restore(self, state: bytes) -> None:
        """Take up an exported state.

        Raises:
            ValueError: bytes that `export` did not write.
        """
        ...


class Memoryless:
    """What kinds have in common that only look at the scene before them."""

    blind = False

    def numbers(self) -> dict[str, float]:
        return {}

    def export(self) -> bytes:
        return b""

    def restore(self, state: bytes) -> None:
        if state:
            raise ValueError(f"{len(state)} bytes of state: expected none")


def track_claim(track: Track, zone: str, *, group: str = "", opens: bool = True, percent: float | None = None) -> Claim:
    """The claim that a track makes; one that is not seen now opens nothing."""
    facts = Facts(
        score=round(track.score, 4),
        size_m=track.size_m,
        area_m2=track.area_m2,
        percent=track.share * 100 if percent is None else percent,
        pixel=track.foot,
        metre=track.place if track.space == "m" else None,
        lonlat=track.lonlat,
        speed_m_s=track.speed_m_s,
        zone=zone,
        label=track.label,
        box=track.box,
    )
    return Claim(
        subject=str(track.id),
        since=track.start,
        birth=track.birth,
        opens=opens and track.visible,
        group=group,
        parent=str(track.parent) if track.parent else "",
        space=track.space,
        place=track.place,
        velocity=track.motion.velocity,
        still=track.state == "static",
        tracks=(track.id,),
        facts=facts,
    )
