"""The alarms of one report as findings of the device: bits and items that last by their edges, T/JSATL 12 alarms once each."""

from typing import Final, Literal

from hub.event import DeviceEvent
from ingest.protocols.jt808.active import ENDED, NOTES, Active, facts_of, read_active
from ingest.protocols.jt808.alarms import ABNORMAL, BITS, VIDEO, Alarm, set_bits
from ingest.protocols.jt808.edges import Edges
from ingest.protocols.jt808.location import Location

Facts = dict[str, float | str | bool | None]

_WORDS: Final = {0x14: (VIDEO, 4), 0x18: (ABNORMAL, 2)}
_AREAS: Final = {0x11: (1, 5), 0x12: (6, 6), 0x13: (7, 7)}
"""Items that say which area or route an alarm bit means: the lengths they may have."""


def standing(location: Location) -> list[Alarm]:
    """The alarms that the report's bits say are on, each type once."""
    found = set_bits(BITS, location.alarm)
    for item, value in location.items:
        if item in _WORDS and len(value) >= _WORDS[item][1]:
            table, size = _WORDS[item]
            found += set_bits(table, int.from_bytes(value[:size]))
    return list({alarm.type: alarm for alarm in reversed(found)}.values())[::-1]


def actives(location: Location) -> list[Active]:
    """The T/JSATL 12 alarms in the report."""
    return [active for item, value in location.items if (active := read_active(item, value)) is not None]


class Teller:
    """Makes the events of one vehicle's reports; `edges` is what it rang for before."""

    def __init__(self, station: str, edges: Edges) -> None:
        self._station = station
        self._edges = edges

    @property
    def ringing(self) -> bool:
        """Whether a report without alarms must be looked at, too."""
        return self._edges.ringing

    def tell(self, location: Location, time: int, received: int, where: Facts, *, now: bool) -> list[DeviceEvent]:
        """Findings that begin with a report of now; notes for one of the past. `where` holds lon, lat and speed."""
        kind: Literal["finding", "note"] = "finding" if now else "note"
        on = standing(location)
        begun = self._begun(on, time, now=now)
        found = [
            DeviceEvent(
                kind, self._station, time, received, alarm.type, alarm.level, "", where | _area(alarm, location)
            )
            for alarm in on
            if alarm.type in begun
        ]
        for active in actives(location):
            if active.state != ENDED and self._edges.first(_key(active)):
                found += self._active(active, time, received, where, kind)
        return found

    def _begun(self, on: list[Alarm], time: int, *, now: bool) -> set[str]:
        if now:
            return self._edges.rising(time, ((alarm.type, alarm.lasts) for alarm in on))
        return self._edges.began(time, (alarm.type for alarm in on))

    def _active(
        self, active: Active, time: int, received: int, where: Facts, kind: Literal["finding", "note"]
    ) -> list[DeviceEvent]:
        mark = active.mark
        facts: Facts = {
            **where,
            **facts_of(active),
            "speed": float(active.speed),
            "alarm_id": float(active.id),
            "terminal": mark.terminal.encode(errors="replace").decode(),
            "alarm_time": mark.time.hex(),
            "alarm_number": float(mark.number),
            "attachments": float(mark.attachments),
        }
        return [
            DeviceEvent(
                "note" if alarm.type in NOTES else kind,
                self._station,
                time,
                received,
                alarm.type,
                alarm.level,
                "",
                facts,
            )
            for alarm in active.alarms
        ]


def _key(active: Active) -> bytes:
    """What makes two reports speak of one alarm: its kind and its identification."""
    mark = active.mark
    return bytes((active.item, active.kind, mark.number)) + mark.time + active.id.to_bytes(4)


def _area(alarm: Alarm, location: Location) -> Facts:
    """Which area, route or segment the bit means (items 0x11, 0x12, 0x13)."""
    wanted = {"overspeed": 0x11, "area_crossed": 0x12, "route_crossed": 0x12, "segment_time": 0x13}.get(alarm.type)
    for item, value in location.items:
        if item != wanted or len(value) not in _AREAS[item]:
            continue
        if item == 0x11:
            named: Facts = {"area": float(int.from_bytes(value[1:]))} if value[1:] else {}
            return {"area_type": float(value[0]), **named}
        if item == 0x12:
            area, way = int.from_bytes(value[1:5]), "out" if value[5] else "in"
            return {"area_type": float(value[0]), "area": float(area), "way": way}
        seconds, over = int.from_bytes(value[4:6]), value[6] == 1
        return {"segment": float(int.from_bytes(value[:4])), "seconds": float(seconds), "too_long": over}
    return {}
