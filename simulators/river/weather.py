"""What moves over the water besides waves: foam and mottles carried by the flow, boats' wakes, rain, shadows of clouds."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import atan2, cos, radians, sin
from typing import Final

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from simulators.river.lens import Camera, Exact, Floats
from simulators.river.scene import Condition
from simulators.river.things import Place, Thing
from simulators.river.view import View
from simulators.river.waves import Bytes

_TILE: Final = 512
_TILE_M: Final = 26.0
_CLOUD_M: Final = 900.0
_STREAKS: Final = 3
_MARGIN: Final = 96
_KELVIN: Final = radians(19.47)


@dataclass(frozen=True)
class Surface:
    """Foam lines and mottles: a texture drawn out along the flow and carried by it, as brightness to add."""

    condition: Condition
    flow: tuple[float, float]
    view: View
    seed: int

    @cached_property
    def _tile(self) -> NDArray[np.int16]:
        random = np.random.default_rng([self.seed, 41])
        noise = random.normal(0, 1, (_TILE * 2, _TILE * 2)).astype(np.float32)
        lines = cv2.GaussianBlur(noise, (0, 0), sigmaX=26, sigmaY=2.2)[
            _TILE // 2 : -_TILE // 2, _TILE // 2 : -_TILE // 2
        ]
        broad = cv2.GaussianBlur(noise, (0, 0), sigmaX=60, sigmaY=24)[
            _TILE // 2 : -_TILE // 2, _TILE // 2 : -_TILE // 2
        ]
        lines, broad = lines / lines.std(), broad / broad.std()
        foam = np.clip(lines + 0.8 * broad - 2.7 + self.condition.foam, 0, 1.4) * 58 * min(self.condition.foam * 3, 1)
        fine = np.asarray(cv2.GaussianBlur(noise, (0, 0), 1.4), np.float32)[:_TILE, :_TILE]
        lace = np.clip(0.55 + 0.9 * fine / np.std(fine) * 0.5, 0.05, 1.0)
        drawn: NDArray[np.int16] = (foam * lace + broad * 4 * self.condition.mottle).astype(np.int16)
        return drawn

    @cached_property
    def _places(self) -> tuple[MatLike, MatLike]:
        turn = -atan2(self.flow[1], self.flow[0])
        east, north = self.view.ground[..., 0], self.view.ground[..., 1]
        x = np.remainder((east * cos(turn) - north * sin(turn)) * _TILE / _TILE_M, _TILE - 1)
        y = np.remainder((east * sin(turn) + north * cos(turn)) * _TILE / _TILE_M, _TILE - 1)
        return cv2.convertMaps(x.astype(np.float32), y.astype(np.float32), cv2.CV_16SC2)

    @cached_property
    def _wet(self) -> NDArray[np.int16]:
        return (self.view.water > 0.5).astype(np.int16)

    def at(self, seconds: float, level: float) -> NDArray[np.int16]:
        """Brightness to add to each pixel (height x width)."""
        carried = np.hypot(*self.flow) * seconds * _TILE / _TILE_M
        tile = np.roll(self._tile, int(carried) % _TILE, axis=1)
        if level < 0.95:
            tile = (tile * level).astype(np.int16)
        seen = np.asarray(cv2.remap(tile, *self._places, cv2.INTER_LINEAR), np.int16)
        seen *= self._wet
        return seen


def wake(waves: Bytes, thing: Thing, place: Place, camera: Camera) -> None:
    """A boat's wake: crests along Kelvin's angle behind it, laid into the slopes."""
    back = place.heading + np.pi
    stern = np.array([place.east, place.north]) + thing.length / 2 * np.array([cos(back), sin(back)])
    reach = np.arange(0.5, 26, 1.1)
    for side in (-1, 1):
        way = back + side * _KELVIN
        crest = stern + reach[:, None] * np.array([cos(way), sin(way)])
        pixels = camera.pixels(np.hstack([crest, np.zeros((len(crest), 1))]))
        for number, (start, end) in enumerate(pairwise(pixels)):
            if np.isfinite([start, end]).all() and abs(np.concatenate([start, end])).max() < 4 * camera.width:
                strength = int(70 * (1 - number / len(reach)))
                for offset, sign in ((0, 1), (4, -1)):
                    shift = np.array([0, offset * (1 - number / len(reach)) + 1])
                    ends = [tuple((point + shift).astype(int).tolist()) for point in (start, end)]
                    cv2.line(waves, ends[0], ends[1], 128 + sign * strength, 2)


@dataclass(frozen=True)
class Rain:
    """Streaks before the lens and rings on the water, by the rain's strength (mm/h)."""

    rate: float
    camera: Camera
    seed: int

    @cached_property
    def _streaks(self) -> list[Bytes]:
        random = np.random.default_rng([self.seed, 43])
        size = self.camera.height + _MARGIN, self.camera.width + _MARGIN
        sheets = []
        for _ in range(_STREAKS):
            sheet = np.zeros(size, np.uint8)
            for x, y, length in zip(
                *(random.uniform(0, top, int(30 * self.rate)) for top in (size[1], size[0], 34)), strict=True
            ):
                cv2.line(
                    sheet,
                    (int(x), int(y)),
                    (int(x + 0.12 * length), int(y + 8 + length)),
                    int(random.integers(14, 52)),
                    1,
                )
            sheets.append(np.asarray(cv2.GaussianBlur(sheet, (3, 3), 0), np.uint8))
        return sheets

    def fall(self, picture: Bytes, chance: np.random.Generator) -> None:
        """Streaks over a picture."""
        sheet = self._streaks[int(chance.integers(_STREAKS))]
        top, left = (int(value) for value in chance.integers(0, _MARGIN, 2))
        part = sheet[top : top + self.camera.height, left : left + self.camera.width]
        cv2.add(picture, cv2.merge([part, part, part]), dst=picture)

    def rings(self, waves: Bytes, chance: np.random.Generator) -> None:
        """Rings in the slopes."""
        count = min(int(40 * self.rate), 320)
        nearest, farthest = self.camera.lens.height * 1.2, 30.0
        north = nearest + (farthest - nearest) * chance.uniform(0, 1, count) ** 1.4
        east = chance.uniform(-0.62, 0.62, count) * north
        places = self.camera.pixels(np.stack([east, north, np.zeros(count)], axis=1))
        for (x, y), far, size in zip(places, north, chance.uniform(0.03, 0.16, count), strict=True):
            wide = size * self.camera.focal / far
            if np.isfinite(x) and wide >= 1:
                axes = max(int(wide), 1), max(int(wide * self.camera.lens.height / far), 1)
                cv2.ellipse(waves, (int(x), int(y)), axes, 0, 0, 360, 176, 1)


@dataclass(frozen=True)
class Shadows:
    """Shadows of passing clouds on water and land, blown by the wind aloft."""

    condition: Condition
    view: View
    seed: int

    @cached_property
    def _cover(self) -> Floats:
        random = np.random.default_rng([self.seed, 47])
        field = cv2.GaussianBlur(np.tile(random.normal(0, 1, (128, 128)).astype(np.float32), (3, 3)), (0, 0), 11)[
            128:256, 128:256
        ]
        share = 1 - self.condition.passing * np.clip(0.5 + field / np.std(field) * 0.9, 0, 1)
        return share.astype(np.float32)

    @cached_property
    def _ground(self) -> Exact:
        return np.clip(self.view.ground[::16, ::16], -2000, 2000)

    def fall(self, picture: Bytes, seconds: float) -> None:
        """Darken a picture where the clouds are."""
        towards, speed = radians(self.condition.wind_from + 180), 6 + self.condition.wind
        east, north = (
            np.remainder((self._ground[..., axis] - speed * seconds * part) * 128 / _CLOUD_M, 127).astype(np.float32)
            for axis, part in ((0, sin(towards)), (1, cos(towards)))
        )
        shade = cv2.remap(self._cover, east, north, cv2.INTER_LINEAR)
        whole = cv2.resize((shade * 200).astype(np.uint8), picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        cv2.multiply(picture, cv2.merge([whole, whole, whole]), dst=picture, scale=1 / 200)
