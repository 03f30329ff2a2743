"""`camera.degraded|lost|black|frozen|moved|blind`: the camera itself cannot be relied on, and why."""

from typing import Final

from vision.events.event import Facts
from vision.geometry.view import View
from vision.rules.claim import Claim, Kind, Memoryless, Scene, Timing

_STATES: Final = {  # state: level, seconds before it is told
    "degraded": (4, 30.0),
    "lost": (3, 0.0),
    "black": (3, 5.0),
    "frozen": (3, 0.0),  # it stood still for long enough before it is called so
    "moved": (3, 5.0),
    "blind": (3, 8.0),
}
AT_ONCE: Final = {"clock"}
"""Causes that are over when they are seen, and told all the same."""


class CameraState(Memoryless):
    """One event while the camera is in one state; `camera.lost` is told by whoever waits for frames (`Patrol.absent`)."""

    blind = True

    def __init__(self, state: str) -> None:
        self.name, self._state = f"camera.{state}", state
        self.level, on_s = _STATES[state]
        self.timing = Timing(on_s=on_s, off_s=0.0 if state == "lost" else 5.0, cooldown_s=0.0, update_s=600.0)

    def claims(self, scene: Scene) -> list[Claim]:
        cause = scene.absent if self._state == "lost" else scene.quality.cause
        now = "lost" if scene.absent else scene.quality.state
        if now != self._state:
            return []
        quality = scene.quality
        measured = {"sharpness": quality.sharpness, "contrast": quality.contrast, "luma": quality.luma}
        measured |= {"clipped": quality.clipped, "dx": quality.dx, "dy": quality.dy}
        facts = Facts(cause=cause or now, values={} if scene.absent else measured)
        at_once = cause in AT_ONCE
        return [Claim(subject="camera", since=scene.time, group="camera", at_once=at_once, facts=facts)]


def kinds(_view: View) -> list[Kind]:
    """One kind for each state."""
    return [CameraState(state) for state in _STATES]
