"""One thing followed over time, as the rules see it."""

from statistics import median
from typing import Literal

import msgspec

from vision.detection import Box, Label
from vision.track.kalman import Motion

State = Literal["new", "confirmed", "static", "gone"]
Space = Literal["m", "px"]
"""What places and speeds of a track are measured in: metres of ground, or pixels of the configured frame size."""


class Step(msgspec.Struct, frozen=True, array_like=True):
    """Where a track was at a time: its place in its space, and its foot in pixels of the configured frame size."""

    time: int
    place: tuple[float, float]
    foot: tuple[float, float]


class Track(msgspec.Struct, frozen=True):
    """A thing with its history; times are those of frames (epoch ms).

    `start` and `birth` (its place among the tracks that began in that frame) name it for good; `id` is its number in this run. `box` is the last one in
    pixels of the frame as it came, `foot` in those of the configured size. `parent` is the track it split from, `merged` the one it is hidden in, 0 for none.
    `unseen_ms` counts only time in which the camera could see.
    """

    id: int
    start: int
    birth: int
    space: Space
    motion: Motion
    seen: int
    box: Box
    foot: tuple[float, float]
    state: State = "new"
    confirmed: int = 0
    still_since: int = 0
    anchor: tuple[float, float] = (0.0, 0.0)
    unseen_ms: int = 0
    hits: tuple[bool, ...] = ()
    scores: tuple[float, ...] = ()
    votes: dict[str, float] = {}
    sizes: tuple[float, ...] = ()
    areas: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()
    shapes: tuple[float, ...] = ()
    path: tuple[Step, ...] = ()
    first: tuple[float, float] = (0.0, 0.0)
    lonlat: tuple[float, float] | None = None
    detector: str = ""
    parent: int = 0
    merged: int = 0

    @property
    def visible(self) -> bool:
        """Whether it was seen in the newest frame."""
        return bool(self.hits) and self.hits[-1]

    @property
    def sure(self) -> bool:
        """Whether it has been confirmed and is still followed."""
        return self.state in {"confirmed", "static"}

    @property
    def score(self) -> float:
        """The median of the last scores, a missed frame counting as 0."""
        return median(self.scores) if self.scores else 0.0

    @property
    def label(self) -> Label:
        """What it was taken for most, by the sum of the scores; a name counts where it was given for a quarter of it."""
        named = {name: votes for name, votes in self.votes.items() if name != "other"}
        enough = 0.25 * sum(self.votes.values())
        best = max(sorted(named), key=lambda name: named[name], default="other")
        if named.get(best, 0.0) < enough:
            best = "other"
        label: Label = msgspec.convert(best, Label)
        return label

    @property
    def size_m(self) -> float | None:
        """Its longest side in metres, the median of the last sightings; None where the camera is not calibrated there."""
        return median(self.sizes) if self.sizes else None

    @property
    def area_m2(self) -> float | None:
        """The water it covers, as `size_m`."""
        return median(self.areas) if self.areas else None

    @property
    def share(self) -> float:
        """Its part of the frame, the median of the last sightings."""
        return median(self.shares) if self.shares else 0.0

    @property
    def upright(self) -> float:
        """Height over width of its box, the median of the last sightings."""
        return median(self.shapes) if self.shapes else 1.0

    @property
    def place(self) -> tuple[float, float]:
        """Where it is, in its space."""
        return self.motion.place

    @property
    def speed_m_s(self) -> float | None:
        """How fast it goes over the ground; None where that is not known."""
        return self.motion.speed if self.space == "m" else None
