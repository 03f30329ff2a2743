"""Light of an hour: the sun's height, how bright and of what colour all is, and when the camera switches to infra-red.

The camera's exposure follows the light until its gain is used up; what is left is a darker and noisier picture.
"""

from dataclasses import dataclass
from math import asin, cos, degrees, log2, radians, sin
from typing import Final

import numpy as np

from simulators.river.lens import Exact, Floats
from simulators.river.scene import Condition

LATITUDE: Final = 30.0
LARGEST_GAIN: Final = 48.0
INFRARED_BELOW: Final = 0.004
_STREET: Final = 0.0035
_CELLS: Final = 256


@dataclass(frozen=True, slots=True)
class Light:
    """`level` 0 to 1 is how bright the picture is, `tint` blue, green, red of the light, `noise` the sensor's standard deviation in grey levels."""

    sun: float
    level: float
    tint: tuple[float, float, float]
    noise: float
    infrared: bool
    dark: bool

    @property
    def paint(self) -> Floats:
        """What colours under white light are multiplied with."""
        return np.float32(self.level) * np.array(self.tint, np.float32)


def light_at(hour: float, condition: Condition) -> Light:
    """The light at an hour of local solar time (0 to 24) on the day of equinox."""
    sun = degrees(asin(cos(radians(LATITUDE)) * -cos(radians(hour * 15))))
    shine = 0.15 * 10 ** (min(sun, 0) / 3.2) if sun < 0 else 0.15 + 0.85 * sin(radians(sun)) ** 0.7
    shine *= 1 - 0.45 * condition.cloud
    infrared = shine < INFRARED_BELOW and condition.night == "infrared"
    dark = shine < INFRARED_BELOW
    if infrared:
        return Light(sun, 0.62, (1.0, 1.0, 1.0), 2.2 * condition.noise, True, True)
    shine = max(shine, _STREET if condition.lamps else 4e-4)
    gain = min(1 / shine, LARGEST_GAIN)
    warm = float(np.clip((12 - sun) / 14, 0, 1)) * (1 - 0.7 * condition.cloud)
    tint = (1 - 0.22 * warm, 1 - 0.06 * warm, 1 + 0.06 * warm) if not dark else (0.8, 0.98, 1.1)
    noise = condition.noise * (1.0 + 0.42 * log2(max(gain, 1)))
    return Light(sun, float((shine * gain) ** 0.5), tint, noise, False, dark)


def sky_of(light: Light, condition: Condition) -> Exact:
    """Colour of the sky by height: 256 rows from the horizon to the zenith, blue, green, red."""
    up = np.linspace(0, 1, _CELLS)[:, None]
    clear = (1 - up**0.6) * np.array([228, 222, 212]) + up**0.6 * np.array([214, 158, 108])
    grey = (1 - up) * np.array([214, 214, 212]) + up * np.array([196, 192, 188])
    sky = condition.cloud * grey + (1 - condition.cloud) * clear
    if light.sun < 14 and not light.dark:
        low = np.clip(1 - np.abs(light.sun - 2) / 14, 0, 1) * (1 - condition.cloud)
        sky = sky * (1 - 0.55 * low * (1 - up)) + 0.55 * low * (1 - up) * np.array([130, 176, 242])
    if light.infrared:
        return np.full_like(sky, 10.0)
    sky = sky * np.array(light.paint, float)
    shown: Exact = sky * (0.28 if light.dark else 1.0)
    return shown
