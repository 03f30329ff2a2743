"""The evidence's disk: somebody is told before anything is given up, and what has served its time goes."""

import hashlib
from typing import Final

from hub.clock import Clock
from hub.event import DeviceEvent
from processors.patrol.effects import Effects
from storage.evidence import EvidenceFolder
from storage.records.patrol.keeper import EvidenceKeeper

TYPE: Final = "evidence.low_disk"
LEVEL: Final = 2
BACK: Final = 0.02
"""Of the disk that must be free beyond the limit before the alarm ends."""


class DiskGuard:
    """Watches how much is free; `trouble` says it in words while it is too little."""

    def __init__(
        self,
        folder: EvidenceFolder,
        keeper: EvidenceKeeper,
        effects: Effects,
        district: str,
        alarm: float,
        clock: Clock,
    ) -> None:
        self._folder, self._keeper, self._effects, self._clock = folder, keeper, effects, clock
        self._station, self._alarm = f"{district}/camera/evidence-disk", alarm
        self._key = ""
        self.trouble = ""

    def look(self) -> None:
        """Open the alarm when too little is free, and end it when there is enough again."""
        free = self._folder.free()
        if free < self._alarm and not self._key:
            words = f"{self._station}|{TYPE}|{self._clock.now()}"
            self._key = hashlib.sha256(words.encode()).hexdigest()[:32]
            self._say("open", free)
        elif self._key and free >= self._alarm + BACK:
            self._say("close", free)
            self._key = ""
        self.trouble = f"the disk of the evidence has {free:.0%} free" if self._key else ""

    def tidy(self) -> None:
        """Drop what is past its days, and on a full disk the oldest that no incident holds."""
        self._keeper.tidy(self._clock.now())

    def _say(self, edge: str, free: float) -> None:
        now = self._clock.now()
        event = DeviceEvent(
            kind="finding",
            station=self._station,
            time=now,
            received=now,
            type=TYPE,
            level=LEVEL,
            text=f"{free:.1%} free",
            values={"free": round(free, 4)},
            key=self._key,
            edge="open" if edge == "open" else "close",
        )
        self._effects.event(event)
