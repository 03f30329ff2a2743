"""The camera: rays of pixels, pixels of places, and the homography of the water, all exact."""

from dataclasses import dataclass
from functools import cached_property
from math import cos, radians, sin, tan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulators.river.scene import Lens

Floats = NDArray[np.float32]
Exact = NDArray[np.float64]

NEAREST: Final = 0.05
_ROUNDS: Final = 6


@dataclass(frozen=True)
class Camera:
    """A lens with its picture of `width` x `height` pixels; metres are east, north and up from the foot of the pole."""

    lens: Lens
    width: int
    height: int

    @cached_property
    def focal(self) -> float:
        """Pixels to a unit of slope in the middle of the picture."""
        return self.width / 2 / tan(radians(self.lens.fov) / 2)

    @cached_property
    def axes(self) -> Exact:
        """Right, down and forward of the camera as rows, in east, north, up."""
        pan, tilt, roll = radians(self.lens.pan), radians(self.lens.tilt), radians(self.lens.roll)
        right = np.array([cos(pan), -sin(pan), 0.0])
        forward = np.array([sin(pan) * cos(tilt), cos(pan) * cos(tilt), -sin(tilt)])
        down = np.cross(forward, right)
        turned = cos(roll) * right + sin(roll) * down, cos(roll) * down - sin(roll) * right
        return np.stack([*turned, forward])

    @property
    def middle(self) -> Exact:
        """The principal point in pixels."""
        return np.array([(self.width - 1) / 2, (self.height - 1) / 2])

    def pixels(self, points: Exact) -> Exact:
        """Pixels of places (n x 3: east, north, up); NaN behind the camera."""
        seen = (np.atleast_2d(points) - (0.0, 0.0, self.lens.height)) @ self.axes.T
        depth = np.where(seen[:, 2:] > NEAREST, seen[:, 2:], np.nan)
        flat = seen[:, :2] / depth
        bent = flat * (1 + self.lens.k1 * (flat**2).sum(axis=1, keepdims=True))
        pixels: Exact = bent * self.focal + self.middle
        return pixels

    def distance(self, points: Exact) -> Exact:
        """Metres from the lens to places (n x 3)."""
        away: Exact = np.linalg.norm(np.atleast_2d(points) - (0.0, 0.0, self.lens.height), axis=1)
        return away

    def rays(self, pixels: Exact) -> Exact:
        """Directions (n x 3) of pixels (n x 2), a unit long along the axis of view."""
        bent = (np.atleast_2d(pixels) - self.middle) / self.focal
        flat = bent
        for _ in range(_ROUNDS if self.lens.k1 else 0):
            flat = bent / (1 + self.lens.k1 * (flat**2).sum(axis=1, keepdims=True))
        rays: Exact = np.hstack([flat, np.ones((len(flat), 1))]) @ self.axes
        return rays

    def ground(self, pixels: Exact) -> Exact:
        """Where pixels (n x 2) meet the water (n x 2: east, north); NaN on and above the horizon."""
        rays = self.rays(pixels)
        down = np.where(rays[:, 2:] < -1e-9, rays[:, 2:], np.nan)
        met: Exact = rays[:, :2] * (-self.lens.height / down)
        return met

    def homography(self) -> Exact:
        """Water (east, north, 1) to pixels, 3 x 3; exact where `k1` is 0."""
        axes, focal = self.axes, self.focal
        columns = np.stack([axes[:, 0], axes[:, 1], -axes[:, 2] * self.lens.height], axis=1)
        inner = np.array([[focal, 0, self.middle[0]], [0, focal, self.middle[1]], [0, 0, 1.0]])
        matrix: Exact = inner @ columns
        return matrix

    def grid(self) -> Exact:
        """Every pixel's ray, height x width x 3."""
        x, y = np.meshgrid(np.arange(self.width), np.arange(self.height))
        rays: Exact = self.rays(np.stack([x.ravel(), y.ravel()], axis=1)).reshape(self.height, self.width, 3)
        return rays
