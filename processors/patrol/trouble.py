"""Pictures that are none: one event while they go on, with the reason, and its end once good ones have come again."""

import hashlib
from typing import Final

import msgspec

from hub.event import DeviceEvent
from hub.pictures import CameraFault

TYPE: Final = "camera.degraded"
LEVEL: Final = 4
GOOD_PICTURES: Final = 3
"""So many good pictures in a row end it: a camera that sends every second one broken is one event, not hundreds."""


class Trouble(msgspec.Struct):
    """What is wrong with a camera's pictures now; `key` empty while nothing is."""

    key: str = ""
    cause: str = ""
    good: int = 0
    bad: int = 0

    def take_bad(self, station: str, time: int, received: int, fault: CameraFault, detail: str) -> list[DeviceEvent]:
        """A picture that is none; the event that it opens."""
        self.good = 0
        self.bad += 1
        if self.key:
            return []
        self.key = hashlib.sha256(f"{station}|{TYPE}|{fault}|{time}".encode()).hexdigest()[:32]
        self.cause = fault.value
        return [self._event(station, time, received, "open", detail)]

    def take_good(self, station: str, time: int, received: int) -> list[DeviceEvent]:
        """A picture that is one; the event that it ends."""
        if not self.key:
            return []
        self.good += 1
        if self.good < GOOD_PICTURES:
            return []
        ended = self._event(station, time, received, "close", "")
        self.key, self.cause, self.good, self.bad = "", "", 0, 0
        return [ended]

    def _event(self, station: str, time: int, received: int, edge: str, detail: str) -> DeviceEvent:
        values: dict[str, float | str | bool | None] = {"cause": self.cause, "pictures": self.bad}
        text = f"{self.cause}: {detail}" if detail else self.cause
        return DeviceEvent(
            kind="finding",
            station=station,
            time=time,
            received=received,
            type=TYPE,
            level=LEVEL,
            text=text[:300],
            values=values,
            key=self.key,
            edge="open" if edge == "open" else "close",
        )
