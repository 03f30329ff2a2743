"""What a camera's configuration means for its pixels: metres, sizes, areas, and which pixels are water."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.camera import CameraConfig
from vision.geometry.ground import degrees, ground_metres, origin_of
from vision.geometry.homography import Homography, Points, fit
from vision.geometry.polygon import Ring, covered
from vision.site import Zone

Sizes = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class View:
    """A camera's zones and, where it is calibrated, its plane; all pixels are those of the configured frame size."""

    config: CameraConfig
    plane: Homography | None
    origin: tuple[float, float] | None

    def zone_pixels(self, zones: tuple[Zone, ...], width: int, height: int) -> NDArray[np.uint8]:
        """Which pixels of a picture of another size lie in the zones: height x width, 0 or 255."""
        scale = np.array([width / self.config.width, height / self.config.height])
        rings: list[Ring] = [np.array(zone.points, float) * scale for zone in zones]
        return covered(rings, width, height)

    def water_pixels(self, width: int, height: int) -> NDArray[np.uint8]:
        """The water without its exclusions, as `zone_pixels`."""
        water = self.zone_pixels(self.config.water, width, height)
        water[self.zone_pixels(self.config.exclusions, width, height) > 0] = 0
        return water

    def ground(self, feet: Points) -> Points | None:
        """Metres (east, north) of pixels (n x 2), NaN beyond the horizon; None without calibration."""
        return None if self.plane is None else self.plane.ground(feet)

    def sizes(self, boxes: Points) -> Sizes | None:
        """The longer side in metres of things on the water in boxes of (x, y, w, h); None without calibration.

        The width is the distance between the lower corners. Height is worth the same metres a pixel (a thing that stands up, facing the camera); a flat
        thing's far edge would be foreshortened, so a box that is higher than wide is a standing thing and any other is as long as it is wide.
        """
        if self.plane is None:
            return None
        lower = boxes[:, 1] + boxes[:, 3]
        left = self.plane.ground(np.column_stack([boxes[:, 0], lower]))
        right = self.plane.ground(np.column_stack([boxes[:, 0] + boxes[:, 2], lower]))
        width = np.hypot(*(right - left).T)
        longest: Sizes = width * np.maximum(1.0, boxes[:, 3] / np.maximum(boxes[:, 2], 1))
        return longest

    def square_metres(self, pixels: Points) -> Sizes | None:
        """The water that one pixel covers at each place (n); None without calibration, NaN beyond the horizon.

        It is the determinant of the homography's derivative: det(H) / w^3.
        """
        if self.plane is None:
            return None
        depth = self.plane.depth(pixels)
        depth = np.where(depth > 0, depth, np.nan)
        areas: Sizes = abs(np.linalg.det(self.plane.to_ground)) / depth**3
        return areas

    def lonlat(self, east: float, north: float) -> tuple[float, float] | None:
        """Degrees of a place in local metres; None where no origin is known."""
        return None if self.origin is None else degrees(self.origin, east, north)


def view_of(config: CameraConfig) -> View:
    """The view of a valid configuration."""
    if not config.ground:
        return View(config, None, config.origin)
    pixels = np.array([(point.x, point.y) for point in config.ground])
    return View(config, fit(pixels, ground_metres(config.ground)), origin_of(config.ground, config.origin))
