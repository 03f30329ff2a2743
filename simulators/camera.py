"""A river camera: a shipped river scene of its own, with its day and its weather, and, when it happens, rubbish drifting by."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from simulators.message import Outgoing
from simulators.river.river import River
from simulators.river.scene import HOUR_MS, Scene, Traffic, conditions, sites
from simulators.river.setup import camera_config
from simulators.river.things import DEBRIS, Thing
from simulators.river.traffic import ByChance, drifter, inside
from simulators.scenario import DeviceOf, Happening, Scenario, devices_of
from vision.camera import CameraConfig

_WIDTH: Final = 640
_HEIGHT: Final = 360
_QUALITY: Final = 78
_SITES: Final = ("quay", "footbridge", "lock", "lake-inlet", "old-bridge", "pumping-station", "tower", "lookout")
_WEATHERS: Final = ("calm", "ripple", "clouds", "foam")
_PASSING: Final = Traffic(foam=4, boats=3, birds=8, walkers=6)
_ZONE_MS: Final = 8 * HOUR_MS
_EVERY_MS: Final = 20_000
"""While there is debris, a piece comes this often."""


class CameraSimulator:
    """Sends one JPEG a period on `.../frame/{epoch_ms}`; the truth names the box of each piece of rubbish in pixels, its class and its size in metres."""

    def __init__(self, topic: str, device: DeviceOf, happenings: Sequence[Happening], seed: int) -> None:
        self._topic = f"{topic}/frame"
        self._device = device.name
        self._happenings = happenings
        self._number = device.number
        self._seed = seed * 1000 + device.number
        self._river: River | None = None

    def messages(self, moment: int, elapsed: float) -> list[Outgoing]:
        """The picture at `moment` (epoch ms), `elapsed` seconds into the scenario."""
        running = [item for item in self._happenings if item.running(elapsed) is not None]
        if any(item.what == "silence" for item in running):
            return []
        picture, truth = self._drawn(moment - round(elapsed * 1000)).frame(moment)
        debris = [item for item in truth.things if item.kind in {"debris", "coverage"}]
        _caption(picture, f"{self._device}  {moment}")
        done, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        if not done:
            raise RuntimeError("OpenCV could not encode a picture it was given")
        told = {
            "debris": [list(item.box) for item in debris],
            "classes": [item.cls for item in debris],
            "sizes_m": [round(item.size, 2) for item in debris],
        }
        return [Outgoing(f"{self._topic}/{moment}", jpeg.tobytes(), moment, told)]

    def _drawn(self, start: int) -> River:
        """The river since the scenario began; its sun is that of the district's own time of day."""
        if self._river is None:
            hour = ((start + _ZONE_MS) % (24 * HOUR_MS)) / HOUR_MS
            site = sites()[_SITES[self._number % len(_SITES)]]
            # The hour is the only part of the weather that the scenario's own time sets.
            weather = conditions()[_WEATHERS[self._number % len(_WEATHERS)]]
            scene = Scene(site, msgspec.structs.replace(weather, hour=hour), _PASSING, _WIDTH, _HEIGHT)
            wanted = tuple(item for item in self._happenings if item.what == "debris")
            self._river = River(scene, self._seed, start, WhenItHappens(scene, self._seed, start, wanted))
        return self._river


def simulated_cameras(scenario: Scenario) -> Iterator[tuple[str, CameraConfig]]:
    """The stations of a scenario's cameras, each with its set-up as an installer would have drawn it."""
    for device in devices_of(scenario):
        if device.fleet.kind == "camera":
            station = f"{scenario.department}/camera/{device.name}"
            site = sites()[_SITES[device.number % len(_SITES)]]
            weather = conditions()[_WEATHERS[device.number % len(_WEATHERS)]]
            yield station, camera_config(Scene(site, weather, _PASSING, _WIDTH, _HEIGHT), station)


@dataclass(frozen=True)
class WhenItHappens:
    """The traffic of a scenario: what passes by chance, and a piece of debris every twenty seconds while a `debris` happening runs."""

    scene: Scene
    seed: int
    start: int
    happenings: tuple[Happening, ...]

    def things(self, moment: int) -> list[Thing]:
        """What is there at a moment (epoch ms)."""
        found = list(self._by_chance.things(moment))
        for place, item in enumerate(self.happenings):
            since = item.running((moment - self.start) / 1000)
            if since is not None:
                found += self._pieces(place, moment, round(since * 1000), round(item.lasts * 1000))
        return found

    @cached_property
    def _by_chance(self) -> ByChance:
        return ByChance(self.scene, self.seed)

    def _pieces(self, place: int, moment: int, since: int, lasts: int) -> list[Thing]:
        begun = moment - since
        pieces = []
        for number in range(-2, lasts // _EVERY_MS + 2):
            random = np.random.default_rng([self.seed, 91, place, begun & 0xFFFFFFFF, number + 2])
            cls, length = str(random.choice(DEBRIS)), float(random.uniform(0.3, 1.2))
            at = begun + number * _EVERY_MS + int(random.uniform(0, _EVERY_MS))
            target = inside(self.scene.site.watch, random)
            piece = drifter(
                self.scene, cls, length, int(random.integers(1 << 30)), at, target, f"piece-{place}-{begun}-{number}"
            )
            if piece.born <= moment < piece.dies:
                pieces.append(piece)
        return pieces


def _caption(picture: NDArray[np.uint8], text: str) -> None:
    cv2.putText(picture, text, (8, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (40, 40, 40), 2, cv2.LINE_AA)
    cv2.putText(picture, text, (8, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (245, 245, 245), 1, cv2.LINE_AA)
