"""A hazardous-goods vehicle: drives a closed route at a changing speed, reports its position and its driver's alarms."""

import json
import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from simulators.message import Outgoing, rfc3339
from simulators.scenario import DeviceOf, Happening

_CENTRE: Final = (121.6, 29.96)
_METRES_PER_DEGREE: Final = 111_320.0


class VehicleSimulator:
    """Sends `position` each period; its route is an ellipse of its own around the district (WGS-84)."""

    def __init__(self, topic: str, device: DeviceOf, happenings: Sequence[Happening], seed: int) -> None:
        self._topic = f"{topic}/position"
        self._happenings = happenings
        self._random = np.random.default_rng([seed, 1000 + device.number])
        self._radius = (0.03 + 0.012 * float(self._random.random()), 0.016 + 0.01 * float(self._random.random()))
        self._angle = 2 * math.pi * float(self._random.random())
        self._waybill = f"ZH{2026_0000 + device.number * 17}"
        self._load = ("full", "half", "empty")[device.number % 3]
        self._last: float | None = None

    def messages(self, moment: int, elapsed: float) -> list[Outgoing]:
        """The position at `moment` (epoch ms), `elapsed` seconds into the scenario."""
        running = [item for item in self._happenings if item.running(elapsed) is not None]
        if any(item.what == "silence" for item in running):
            return []
        speed = 52 + 8 * math.sin(elapsed / 40 + self._angle) + float(self._random.normal(0, 0.6))
        for item in running:
            if item.property == "speed":
                speed = item.to + float(self._random.normal(0, 0.6))
        lon, lat, heading = self._advance(elapsed, speed)
        alarms = [item.alarm for item in running if item.what == "alarm"]
        body = {
            "ts": rfc3339(moment),
            "lon": round(lon, 6),
            "lat": round(lat, 6),
            "speed": round(max(0.0, speed), 1),
            "heading": round(heading),
            "crs": "wgs84",
            "load": self._load,
            "alarms": alarms,
            "waybill": self._waybill,
        }
        return [Outgoing(self._topic, json.dumps(body).encode(), moment, body)]

    def _advance(self, elapsed: float, speed: float) -> tuple[float, float, float]:
        seconds = 0.0 if self._last is None else elapsed - self._last
        self._last = elapsed
        along_lon = self._radius[0] * math.cos(math.radians(_CENTRE[1])) * _METRES_PER_DEGREE
        along_lat = self._radius[1] * _METRES_PER_DEGREE
        tangent = math.hypot(along_lon * math.sin(self._angle), along_lat * math.cos(self._angle))
        self._angle += speed / 3.6 * seconds / tangent
        east, north = -along_lon * math.sin(self._angle), along_lat * math.cos(self._angle)
        heading = math.degrees(math.atan2(east, north)) % 360
        return (
            _CENTRE[0] + self._radius[0] * math.cos(self._angle),
            _CENTRE[1] + self._radius[1] * math.sin(self._angle),
            heading,
        )
