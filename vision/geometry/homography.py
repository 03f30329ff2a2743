"""Pixels to metres on a plane: the normalised direct linear transform (Hartley 1997), its residuals and its horizon."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Points = NDArray[np.float64]
"""Points as rows of (x, y)."""

FEWEST_POINTS: Final = 4
_SINGULAR: Final = 1e-9


class Degenerate(ValueError):
    """The points do not fix a plane: fewer than four, three of four on a line, or two the same."""


@dataclass(frozen=True, eq=False)
class Homography:
    """A plane seen by a camera; `to_ground` maps pixels to metres, `to_pixel` back. Both are 3 x 3, scaled so that what lies before the camera has w > 0."""

    to_ground: Matrix
    to_pixel: Matrix

    def ground(self, pixels: Points) -> Points:
        """Metres (east, north) of pixels (n x 2); NaN for those on or above the horizon."""
        return _project(self.to_ground, pixels)

    def pixel(self, metres: Points) -> Points:
        """Pixels of places on the ground (n x 2); NaN for those behind the camera."""
        return _project(self.to_pixel, metres)

    def depth(self, pixels: Points) -> NDArray[np.float64]:
        """How far below the horizon each pixel is, up to a factor: above 0 is ground, 0 and less is not (n)."""
        below: NDArray[np.float64] = _homogeneous(pixels) @ self.to_ground[2]
        return below

    @property
    def horizon(self) -> tuple[float, float, float]:
        """The line a x + b y + c = 0 in pixels where the plane ends; a and b are both 0 when the camera looks straight down."""
        a, b, c = (float(v) for v in self.to_ground[2])
        return a, b, c


def fit(pixels: Points, metres: Points) -> Homography:
    """The plane through n >= 4 pairs of pixel and metre (each n x 2), by least squares of the algebraic error over normalised points.

    Raises:
        Degenerate: the pairs fix no plane, or some lie on the far side of the horizon that the others give.
    """
    pixels, metres = np.asarray(pixels, float), np.asarray(metres, float)
    if pixels.shape != metres.shape or pixels.ndim != 2 or pixels.shape[1] != 2 or len(pixels) < FEWEST_POINTS:
        raise Degenerate(f"{len(pixels)} points: expected {FEWEST_POINTS} or more pairs of pixel and metre")
    from_pixels, from_metres = _normaliser(pixels), _normaliser(metres)
    rows = _equations(_affine(from_pixels, pixels), _affine(from_metres, metres))
    _, strengths, directions = np.linalg.svd(rows)
    if strengths[7] < _SINGULAR * strengths[0] or not np.isfinite(rows).all():
        raise Degenerate("the points lie on a line or on each other: expected four corners of an area")
    to_ground = np.linalg.inv(from_metres) @ directions[8].reshape(3, 3) @ from_pixels
    if abs(np.linalg.det(directions[8].reshape(3, 3))) < _SINGULAR:
        raise Degenerate("three of the points lie on a line: expected four corners of an area")
    return _facing(to_ground, pixels)


def residuals(plane: Homography, pixels: Points, metres: Points) -> NDArray[np.float64]:
    """How far each point misses (n), as a share of the spread of all points on the ground (the diagonal of their extent)."""
    extent = float(np.hypot(*np.ptp(metres, axis=0)))
    missed: NDArray[np.float64] = np.hypot(*(plane.ground(pixels) - metres).T) / extent
    return missed


def _normaliser(points: Points) -> Matrix:
    """The similarity that moves points to the origin with a mean distance of sqrt(2)."""
    centre = points.mean(axis=0)
    distance = float(np.hypot(*(points - centre).T).mean())
    if not np.isfinite(distance) or distance == 0:
        raise Degenerate("the points are all the same: expected four corners of an area")
    scale = np.sqrt(2) / distance
    return np.array([[scale, 0, -scale * centre[0]], [0, scale, -scale * centre[1]], [0, 0, 1]])


def _affine(matrix: Matrix, points: Points) -> Points:
    return (_homogeneous(points) @ matrix.T)[:, :2]


def _equations(source: Points, target: Points) -> Matrix:
    """Two rows of the linear system a pair; its null vector is the homography."""
    ones, zeros = _homogeneous(source), np.zeros((len(source), 3))
    first = np.hstack([ones, zeros, -target[:, :1] * ones])
    second = np.hstack([zeros, ones, -target[:, 1:] * ones])
    return np.vstack([first, second])


def _facing(to_ground: Matrix, pixels: Points) -> Homography:
    """The same plane with the sign and scale at which the measured points lie before the camera."""
    depths = _homogeneous(pixels) @ to_ground[2]
    to_ground = to_ground / depths.mean() if depths.mean() else to_ground
    if not (_homogeneous(pixels) @ to_ground[2] > 0).all():
        raise Degenerate("the points lie on both sides of the horizon they give: expected points on the ground")
    to_pixel = np.linalg.inv(to_ground)
    middle = _homogeneous((_project(to_ground, pixels)).mean(axis=0, keepdims=True)) @ to_pixel[2]
    return Homography(to_ground, to_pixel / middle[0] if middle[0] else to_pixel)


def _homogeneous(points: Points) -> Points:
    points = np.asarray(points, float).reshape(-1, 2)
    return np.hstack([points, np.ones((len(points), 1))])


def _project(matrix: Matrix, points: Points) -> Points:
    mapped = _homogeneous(points) @ matrix.T
    depth = np.where(mapped[:, 2] > _SINGULAR, mapped[:, 2], np.nan)
    result: Points = mapped[:, :2] / depth[:, None]
    return result
