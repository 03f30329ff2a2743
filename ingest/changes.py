"""A vehicle repeats its alarms and its waybill with each position; what travels on is their beginning, not the
repetition.
"""

from dataclasses import dataclass

from hub.event import DeviceEvent
from ingest.codec import Taken
from ingest.codecs.position import WAYBILL


@dataclass(slots=True)
class _Said:
    time: int = 0
    waybill: str | None = None
    alarms: frozenset[str] = frozenset()


class Changes:
    """Remembers what each vehicle said last; after a restart everything is news once."""

    def __init__(self) -> None:
        self._said: dict[str, _Said] = {}

    def news(self, station: str, taken: Taken) -> list[DeviceEvent]:
        """The findings of one position message that the vehicle had not said before; older positions are compared among
        themselves.
        """
        last = self._said.setdefault(station, _Said())
        late = bool(taken.readings) and taken.readings[0].time < last.time
        said = _Said() if late else last
        by_time: dict[int, list[DeviceEvent]] = {reading.time: [] for reading in taken.readings}
        for event in taken.events:
            by_time.setdefault(event.time, []).append(event)
        found: list[DeviceEvent] = []
        for time in sorted(by_time):
            found += _step(said, time, by_time[time])
        return found


def _step(said: _Said, time: int, events: list[DeviceEvent]) -> list[DeviceEvent]:
    found: list[DeviceEvent] = []
    for event in events:
        if event.type == WAYBILL:
            if event.text != said.waybill:
                found.append(event)
            said.waybill = event.text
        elif event.type not in said.alarms:
            found.append(event)
    said.alarms = frozenset(event.type for event in events if event.type != WAYBILL)
    said.time = max(said.time, time)
    return found
