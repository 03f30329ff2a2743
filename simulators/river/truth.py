"""What is truly in a frame: every thing with its place, size and visible share, the plumes, and the words of the condition."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["debris", "coverage", "foam", "boat", "bird", "swimmer", "walker", "angler"]
Pixels = tuple[int, int, int, int]
"""Left, top, right, bottom; right and bottom are just outside."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing as the frame shows it. `ground` is its middle on the water (east, north), `size` its longest side in metres, `area` in square metres;
    `share` of its pixels are inside the frame and not behind others.
    """

    id: str
    kind: Kind
    cls: str
    box: Pixels
    size: float
    area: float
    ground: tuple[float, float]
    share: float
    moving: float


@dataclass(frozen=True, slots=True)
class Plume:
    """Dye or silt in the water, or smoke; `strength` is 0 to 1, for dye with the difference `delta` (CIE76) it makes at full strength."""

    kind: Literal["dye", "smoke"]
    box: Pixels
    strength: float
    delta: float = 0.0


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth of the frame at `time` (epoch ms). `words` are those of the condition; `fault` is what is wrong with the camera; `view` counts its moves."""

    time: int
    things: tuple[Seen, ...] = ()
    plumes: tuple[Plume, ...] = ()
    words: frozenset[str] = frozenset()
    fault: str = ""
    view: int = 0
    level: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
