"""Things on the water and the banks: what there is, how large, and where each is at a moment."""

from dataclasses import dataclass
from math import atan2, hypot, sin, tau
from typing import Final

import numpy as np

from simulators.river.scene import Metres
from simulators.river.truth import Kind


@dataclass(frozen=True, slots=True)
class Form:
    """A class of things: least and greatest length (m), width and height as shares of the length, blue-green-red of its kinds, outline."""

    kind: Kind
    length: tuple[float, float]
    width: float
    height: float
    colours: tuple[tuple[int, int, int], ...]
    outline: str


FORMS: Final[dict[str, Form]] = {
    "bottle": Form(
        "debris", (0.2, 0.34), 0.32, 0.26, ((206, 214, 210), (92, 150, 70), (190, 150, 70), (60, 70, 180)), "round"
    ),
    "bag": Form(
        "debris",
        (0.25, 0.75),
        0.75,
        0.16,
        ((232, 232, 230), (46, 50, 190), (28, 28, 30), (190, 120, 50), (70, 190, 220)),
        "torn",
    ),
    "foam_box": Form("debris", (0.28, 0.8), 0.66, 0.34, ((238, 240, 240), (214, 226, 230)), "square"),
    "can": Form("debris", (0.25, 0.9), 0.7, 0.4, ((170, 96, 32), (40, 60, 190), (120, 124, 126)), "round"),
    "branch": Form("debris", (0.4, 2.2), 0.16, 0.07, ((44, 66, 88), (30, 46, 60)), "twig"),
    "plank": Form("debris", (0.35, 1.6), 0.2, 0.06, ((96, 138, 168), (60, 92, 122)), "square"),
    "leaf_raft": Form("debris", (0.35, 1.5), 0.75, 0.03, ((48, 112, 96), (40, 90, 120)), "torn"),
    "weed": Form("coverage", (2.2, 4.6), 0.7, 0.08, ((46, 128, 84), (58, 120, 100)), "torn"),
    "litter": Form("coverage", (2.0, 3.8), 0.75, 0.06, ((150, 164, 168),), "mixed"),
    "foam": Form("foam", (0.3, 2.4), 0.35, 0.0, ((206, 210, 206),), "lace"),
    "skiff": Form("boat", (3.8, 7.5), 0.3, 0.13, ((70, 84, 104), (196, 198, 200), (120, 80, 52)), "hull"),
    "duck": Form("bird", (0.3, 0.55), 0.5, 0.5, ((60, 74, 92), (40, 46, 50), (226, 228, 228)), "bird"),
    "gull": Form("bird", (0.4, 0.6), 0.3, 0.2, ((226, 228, 228),), "bird"),
    "swimmer": Form("swimmer", (0.55, 0.8), 0.6, 0.35, ((120, 150, 196), (60, 70, 160)), "swimmer"),
    "walker": Form(
        "walker", (0.5, 0.6), 1.0, 3.0, ((90, 60, 50), (60, 60, 150), (50, 110, 70), (60, 60, 64)), "person"
    ),
    "angler": Form("angler", (0.5, 0.6), 1.0, 2.9, ((64, 92, 70), (50, 70, 110)), "person"),
}

DEBRIS: Final = tuple(name for name, form in FORMS.items() if form.kind == "debris")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing is: east, north, metres over the water, heading (radians from east), and its speed (m/s)."""

    east: float
    north: float
    up: float
    heading: float
    speed: float


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing. It is at `target` at the moment `at` (epoch ms) and goes with `velocity`; `lane` bends its way, `boom` holds what drifts.

    It is there from `born` to `dies`. `walk` has the ends of the stretch that those on the bank go up and down.
    """

    id: str
    cls: str
    length: float
    seed: int
    at: int
    born: int
    dies: int
    target: Metres
    velocity: Metres
    boom: tuple[Metres, Metres] | None = None
    walk: tuple[Metres, Metres] | None = None

    @property
    def form(self) -> Form:
        """What class of thing it is."""
        return FORMS[self.cls]

    def place(self, moment: int) -> Place:
        """Where it is at a moment (epoch ms)."""
        seconds = (moment - self.at) / 1000
        match self.form.kind:
            case "walker":
                return self._walking(seconds)
            case "angler":
                lean = 0.05 * sin(seconds * 0.7 + self.seed)
                return Place(self.target[0] + lean, self.target[1], 0.0, 0.0, 0.0)
            case "boat":
                return self._straight(seconds, 0.0)
            case "bird" if self.cls == "gull":
                return self._straight(seconds, 2.5 + sin(seconds * 0.8) + (self.seed % 7) * 0.3)
            case _:
                return self._drifting(seconds)

    def _straight(self, seconds: float, up: float) -> Place:
        east, north = (self.target[axis] + self.velocity[axis] * seconds for axis in (0, 1))
        return Place(east, north, up, atan2(self.velocity[1], self.velocity[0]), hypot(*self.velocity))

    def _walking(self, seconds: float) -> Place:
        (ax, ay), (bx, by) = self.walk or (self.target, self.target)
        length = max(hypot(bx - ax, by - ay), 0.1)
        way = (hypot(*self.velocity) * seconds) % (2 * length)
        share, back = (way / length, 1) if way < length else (2 - way / length, -1)
        heading = atan2((by - ay) * back, (bx - ax) * back)
        return Place(ax + (bx - ax) * share, ay + (by - ay) * share, 0.0, heading, hypot(*self.velocity))

    def _drifting(self, seconds: float) -> Place:
        chance = np.random.default_rng([self.seed, 5]).uniform(0, 1, 8)
        own = 3.0 if self.form.kind in {"bird", "swimmer"} else 1.0
        east = self.target[0] + self.velocity[0] * seconds + own * self._eddy(seconds, chance[:3])
        north = self.target[1] + self.velocity[1] * seconds + own * 0.6 * self._eddy(seconds, chance[3:6])
        turn = tau * chance[6] + (chance[7] - 0.5) * 0.12 * seconds
        if self.form.kind in {"bird", "swimmer"}:
            turn = atan2(self.velocity[1], self.velocity[0]) + 0.4 * sin(seconds * 0.3)
        speed = hypot(*self.velocity)
        if self.boom is not None:
            held = _held(self.boom, self.velocity, (east, north), 0.2 * chance[0] + self.length / 2)
            if held is not None:
                return Place(*held, 0.0, tau * chance[6] + 0.05 * sin(seconds * 0.4), 0.0)
        return Place(east, north, 0.01 * sin(seconds * 2.1 + tau * chance[1]), turn, speed)

    def _eddy(self, seconds: float, chance: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> float:
        slow, quick = 38 + 40 * chance[0], 9 + 8 * chance[1]
        sway = 0.45 * sin(tau * (seconds / slow + chance[2])) - 0.45 * sin(tau * chance[2])
        return float(sway + 0.05 * sin(tau * seconds / quick))


def _held(boom: tuple[Metres, Metres], velocity: Metres, place: Metres, gap: float) -> Metres | None:
    """Where a boom stops what would have passed it; None upstream of it and beside it."""
    (ax, ay), (bx, by) = boom
    length = hypot(bx - ax, by - ay)
    normal = (by - ay) / length, -(bx - ax) / length
    if normal[0] * velocity[0] + normal[1] * velocity[1] < 0:
        normal = -normal[0], -normal[1]
    past = (place[0] - ax) * normal[0] + (place[1] - ay) * normal[1] + gap
    along = ((place[0] - ax) * (bx - ax) + (place[1] - ay) * (by - ay)) / length
    if past < 0 or not 0 <= along <= length:
        return None
    return place[0] - past * normal[0], place[1] - past * normal[1]
