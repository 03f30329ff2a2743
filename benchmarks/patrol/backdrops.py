"""Real rivers without debris, a few seconds each, as streams: the frames are shown to and fro at the camera's period for as long as is asked.

The cameras' places are not published, so heights and tilts here are assumed: metres are good for putting things in, not for measuring the river.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from simulators.river.lens import Camera
from simulators.river.scene import Condition, Lens, Metres, Scene, Site, Traffic
from simulators.river.waves import Bytes

WIDTH: Final = 960
HEIGHT: Final = 540


@dataclass(frozen=True)
class Backdrop:
    """A sequence: its file or folder below the pictures' folder, the assumed lens, and the water: four corners as shares of width and
    height, near ones first.
    """

    name: str
    lens: Lens
    flow: Metres
    water: tuple[tuple[float, float], ...]

    @cached_property
    def _pictures(self) -> dict[Path, list[Bytes]]:
        return {}

    def pictures(self, folder: Path) -> list[Bytes]:
        """All frames at 960 x 540; none where the folder lacks them."""
        if folder not in self._pictures:
            whole = [_sized(picture) for picture in _read(folder / self.name)]
            self._pictures[folder] = whole
        return self._pictures[folder]

    def at(self, folder: Path, number: int) -> Bytes:
        """The frame of a number, to and fro."""
        pictures = self.pictures(folder)
        turn = max(2 * len(pictures) - 2, 1)
        place = number % turn
        return pictures[place if place < len(pictures) else turn - place].copy()

    def scene(self, traffic: Traffic) -> Scene:
        """The scene that things are put into: no banks, the watched water on the assumed ground."""
        camera = Camera(self.lens, WIDTH, HEIGHT)
        pixels = np.array(self.water) * (WIDTH, HEIGHT)
        ring = tuple((round(float(x), 3), round(float(y), 3)) for x, y in camera.ground(pixels))
        site = Site(self.name, "test", self.lens, (), (0, 0, 0), self.flow, ring, ring[:4])
        return Scene(site, Condition("real", wind=0.5), traffic, WIDTH, HEIGHT)


BACKDROPS: Final = (
    Backdrop(
        "canuelas",
        Lens(height=24, tilt=86, fov=46),
        (0.05, -0.7),
        ((0.45, 0.02), (0.63, 0.02), (0.62, 0.98), (0.45, 0.98)),
    ),
    Backdrop(
        "pisco",
        Lens(height=6.5, tilt=15, fov=58),
        (0.5, -0.6),
        ((0.12, 0.94), (0.80, 0.86), (0.62, 0.50), (0.24, 0.52)),
    ),
    Backdrop(
        "geul.mp4",
        Lens(height=6.0, tilt=26, fov=56),
        (-0.45, -0.35),
        ((0.14, 0.86), (0.62, 0.90), (0.78, 0.28), (0.44, 0.38)),
    ),
)


def _read(path: Path) -> Iterator[Bytes]:
    if path.is_dir():
        for file in sorted(path.iterdir()):
            picture = cv2.imread(str(file))
            if picture is not None:
                yield np.asarray(picture, np.uint8)
        return
    film = cv2.VideoCapture(str(path))
    while True:
        done, picture = film.read()
        if not done:
            return
        yield np.asarray(picture, np.uint8)


def _sized(picture: Bytes) -> Bytes:
    return np.asarray(cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)
