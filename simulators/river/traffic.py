"""What goes by and when: a schedule drawn by chance for each ten minutes, so that any moment can be asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, cos, hypot, sin, tau
from typing import Final, Protocol

import numpy as np

from simulators.river.scene import Metres, Scene
from simulators.river.things import DEBRIS, FORMS, Thing

BLOCK_MS: Final = 600_000
_KINDS: Final = ("debris", "coverage", "foam", "boats", "birds", "swimmers", "walkers", "anglers")
_SIZES: Final = ((0.2, 0.3), (0.3, 0.5), (0.5, 1.1))
_WAY_M: Final = 26.0
"""How far before and behind its target a drifting thing is followed."""

_LONGEST_MS: Final = 3 * BLOCK_MS


class Traffic(Protocol):
    """What is there at a moment."""

    def things(self, moment: int) -> Sequence[Thing]:
        """Every thing that is there at a moment (epoch ms), in the picture or not."""


@dataclass(frozen=True)
class ByChance:
    """The traffic of a scene's rates; the same seed gives the same things."""

    scene: Scene
    seed: int

    def things(self, moment: int) -> Sequence[Thing]:
        """Every thing that is there at a moment (epoch ms)."""
        first = (moment - self._longest()) // BLOCK_MS
        last = (moment + _LONGEST_MS) // BLOCK_MS
        found = (thing for block in range(first, last + 1) for thing in _block(self.scene, self.seed, block))
        return [thing for thing in found if thing.born <= moment < thing.dies]

    def _longest(self) -> int:
        stays = int(self.scene.traffic.boom_stays * 1000) if self.scene.site.boom else 0
        return _LONGEST_MS + stays


@lru_cache(maxsize=256)
def _block(scene: Scene, seed: int, block: int) -> tuple[Thing, ...]:
    return tuple(thing for number, kind in enumerate(_KINDS) for thing in _of_kind(scene, seed, block, number, kind))


def _of_kind(scene: Scene, seed: int, block: int, number: int, kind: str) -> Iterator[Thing]:
    rate = float(getattr(scene.traffic, kind))
    if rate <= 0:
        return
    random = np.random.default_rng([seed, 71, number, block & 0xFFFFFFFF])
    for place in range(int(random.poisson(rate * BLOCK_MS / 3_600_000))):
        at = block * BLOCK_MS + int(random.uniform(0, BLOCK_MS))
        yield _thing(scene, random, kind, at, f"{kind}-{block}-{place}")


def _thing(scene: Scene, random: np.random.Generator, kind: str, at: int, name: str) -> Thing:
    seed = int(random.integers(1 << 30))
    target = inside(scene.site.watch, random)
    match kind:
        case "debris":
            return drifter(scene, str(random.choice(DEBRIS)), _size(random), seed, at, target, name)
        case "coverage":
            cls = str(random.choice(["weed", "litter"]))
            return drifter(scene, cls, float(random.uniform(*FORMS[cls].length)), seed, at, target, name)
        case "foam":
            return drifter(scene, "foam", float(random.uniform(*FORMS["foam"].length)), seed, at, target, name)
        case "boats":
            return _boat(scene, random, seed, at, target, name)
        case "walkers" | "anglers":
            return _ashore(scene, random, kind, seed, at, name)
        case _:
            return _swims(random, kind, seed, at, target, name)


def drifter(scene: Scene, cls: str, length: float, seed: int, at: int, target: Metres, name: str) -> Thing:
    """Something that the water carries: at `target` at `at`, with the flow and a little with the wind, held by the boom if there is one.

    A class that is not made in that length is made in its nearest.
    """
    low, high = FORMS[cls].length
    chance = np.random.default_rng([seed, 3]).uniform(0.8, 1.15)
    wind = scene.condition.wind * (0.012 if FORMS[cls].height > 0.2 else 0.004)
    towards = (scene.condition.wind_from + 180) * tau / 360
    velocity = (
        scene.site.flow[0] * chance + wind * sin(towards),
        scene.site.flow[1] * chance + wind * cos(towards),
    )
    way = min(ceil(_WAY_M / max(hypot(*velocity), 0.02)) * 1000, _LONGEST_MS)
    stays = int(scene.traffic.boom_stays * 1000) if scene.site.boom and FORMS[cls].kind != "foam" else 0
    size = min(max(length, low), high)
    return Thing(name, cls, size, seed, at, at - way, at + max(way, stays), target, velocity, scene.site.boom)


def inside(ring: Sequence[Metres], random: np.random.Generator) -> Metres:
    """A place by chance inside a convex ring of four."""
    a, b, c, d = (np.array(point) for point in ring)
    u, v = random.uniform(0.08, 0.92, 2)
    # The far side is wider than the near one: equal chance by area is not needed, near things count as much as far ones.
    east, north = (a * (1 - u) + b * u) * (1 - v) + (d * (1 - u) + c * u) * v
    return float(east), float(north)


def _size(random: np.random.Generator) -> float:
    low, high = _SIZES[int(random.integers(len(_SIZES)))]
    return float(random.uniform(low, high))


def _boat(scene: Scene, random: np.random.Generator, seed: int, at: int, target: Metres, name: str) -> Thing:
    flow = np.array(scene.site.flow)
    along = flow / max(float(np.hypot(*flow)), 1e-6) * random.choice([-1, 1])
    speed = random.uniform(1.4, 4.0)
    way = int(60 / speed * 1000)
    velocity = float(along[0] * speed), float(along[1] * speed)
    length = float(random.uniform(*FORMS["skiff"].length))
    return Thing(name, "skiff", length, seed, at, at - way, at + way, target, velocity)


def _swims(random: np.random.Generator, kind: str, seed: int, at: int, target: Metres, name: str) -> Thing:
    cls = "swimmer" if kind == "swimmers" else str(random.choice(["duck", "duck", "gull"]))
    speed = {"swimmer": 0.5, "duck": 0.28, "gull": 6.5}[cls]
    bearing = random.uniform(0, tau)
    way = int(min(30 / speed, 75) * 1000)
    velocity = float(speed * sin(bearing)), float(speed * cos(bearing))
    length = float(random.uniform(*FORMS[cls].length))
    return Thing(name, cls, length, seed, at, at - way, at + way, target, velocity)


def _ashore(scene: Scene, random: np.random.Generator, kind: str, seed: int, at: int, name: str) -> Thing:
    cls = "walker" if kind == "walkers" else "angler"
    a, b, c, d = scene.site.walk
    ends = ((a[0] + d[0]) / 2, (a[1] + d[1]) / 2), ((b[0] + c[0]) / 2, (b[1] + c[1]) / 2)
    stays = int((random.uniform(25, 70) if cls == "walker" else random.uniform(240, 700)) * 1000)
    speed = 1.25 if cls == "walker" else 0.0
    length = float(random.uniform(*FORMS[cls].length))
    return Thing(name, cls, length, seed, at, at, at + stays, inside(scene.site.walk, random), (speed, 0.0), None, ends)
