"""Where a thing is and how fast it goes: a Kalman filter of constant velocity with white acceleration (Bar-Shalom, Li, Kirubarajan 2001, 6.2.2)."""

import msgspec
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Motion(msgspec.Struct, frozen=True):
    """Place and velocity (x, y, vx, vy) in units and units a second, with their covariance row by row (16 numbers)."""

    mean: tuple[float, ...]
    cov: tuple[float, ...]

    @property
    def place(self) -> tuple[float, float]:
        """Where it is."""
        return self.mean[0], self.mean[1]

    @property
    def velocity(self) -> tuple[float, float]:
        """How far it goes in a second."""
        return self.mean[2], self.mean[3]

    @property
    def speed(self) -> float:
        """Units a second, whatever the direction."""
        return float(np.hypot(*self.velocity))

    @property
    def speed_error(self) -> float:
        """The standard deviation of the velocity, the larger of its two axes."""
        return float(np.sqrt(max(self.cov[10], self.cov[15], 0.0)))


def begin(place: tuple[float, float], noise: Array, velocity: tuple[float, float], spread: float) -> Motion:
    """A motion known from one place (`noise` 2 x 2) and a prior velocity with its standard deviation."""
    cov = np.zeros((4, 4))
    cov[:2, :2] = noise
    cov[2:, 2:] = np.eye(2) * spread**2
    return _motion(np.array([*place, *velocity]), cov)


def predict(motion: Motion, seconds: float, push: float) -> Motion:
    """The motion after some time; `push` is the spectral density of its acceleration (units^2 / s^3)."""
    step = np.eye(4)
    step[0, 2] = step[1, 3] = seconds
    far, cross, near = push * seconds**3 / 3, push * seconds**2 / 2, push * seconds
    noise = np.zeros((4, 4))
    for axis in (0, 1):
        noise[axis, axis], noise[axis + 2, axis + 2] = far, near
        noise[axis, axis + 2] = noise[axis + 2, axis] = cross
    return _motion(step @ _mean(motion), step @ _cov(motion) @ step.T + noise)


def correct(motion: Motion, place: tuple[float, float], noise: Array) -> Motion:
    """The motion once it was seen at a place, in Joseph's form, which keeps the covariance symmetric and positive."""
    cov = _cov(motion)
    gain = cov[:, :2] @ np.linalg.inv(cov[:2, :2] + noise)
    keep = np.eye(4)
    keep[:, :2] -= gain
    mean = _mean(motion) + gain @ (np.array(place) - _mean(motion)[:2])
    return _motion(mean, keep @ cov @ keep.T + gain @ noise @ gain.T)


def distance2(motion: Motion, places: Array, noises: Array) -> Array:
    """The squared Mahalanobis distance of places (n x 2) with their noise (n x 2 x 2) from where the motion expects the thing (n)."""
    apart = places - np.array(motion.place)
    spread = _cov(motion)[:2, :2] + noises
    solved = np.linalg.solve(spread, apart[:, :, None])[:, :, 0]
    found: Array = np.einsum("ij,ij->i", apart, solved)
    return found


def _mean(motion: Motion) -> Array:
    return np.array(motion.mean)


def _cov(motion: Motion) -> Array:
    return np.array(motion.cov).reshape(4, 4)


def _motion(mean: Array, cov: Array) -> Motion:
    cov = (cov + cov.T) / 2
    return Motion(tuple(mean.tolist()), tuple(cov.ravel().tolist()))
