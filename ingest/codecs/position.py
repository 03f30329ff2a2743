"""`position`: where a vehicle is, in WGS-84 whatever it sent, with its load, its alarms and its waybill."""

import math
from typing import Any, Final, Literal

from hub.errors import Refused
from hub.event import DeviceEvent
from hub.model import Check
from ingest.codec import Arrival, Entry, Reading, Taken
from ingest.document import mapping, number, objects, read_json, shown, text
from ingest.gcj02 import to_wgs84
from ingest.times import time_of

MESSAGE: Final = "position"
KINDS: Final = ("vehicle",)
NAMES: Final = ("lon", "lat", "speed", "heading", "load")
WAYBILL: Final = "waybill"

_LOADS: Final = {"empty": 0.0, "half": 1.0, "full": 2.0}
_TOP_SPEED: Final = 1000.0
_ALARM_LEVELS: Final = {
    "emergency": 1,
    "collision": 1,
    "rollover": 1,
    "leak": 1,
    "fire": 1,
    "fatigue": 2,
    "overspeed": 2,
}
_OTHER_ALARM: Final = 3
_LONGEST_WORD: Final = 64
_MOST_ALARMS: Final = 64


def decode(arrival: Arrival, entry: Entry) -> Taken:
    """The positions of one message, oldest first, and a finding for each alarm and waybill in it.

    Raises:
        Refused: the payload is not JSON of this shape.
    """
    members = objects(read_json(arrival.payload))
    taken = Taken()
    for place, raw in enumerate(members):
        where = f"[{place}] " if len(members) > 1 else ""
        try:
            _take(mapping(raw, "position"), arrival, entry, taken, where)
        except Refused as refused:
            taken.refuse(refused.reason, where + refused.detail)
    taken.readings.sort(key=lambda reading: reading.time)
    taken.events.sort(key=lambda event: event.time)
    return taken


def _take(member: dict[str, Any], arrival: Arrival, entry: Entry, taken: Taken, where: str) -> None:
    lon, lat = _place(member)
    time, assumed = time_of(member.get("ts"), arrival, entry)
    row = [lon, lat]
    for name, read in (("speed", _speed), ("heading", _heading), ("load", _load)):
        raw = member.get(name)
        try:
            row.append(math.nan if raw is None else read(raw))
        except Refused as refused:
            row.append(math.nan)
            taken.refuse(refused.reason, where + refused.detail)
    taken.readings.append(Reading(time, NAMES, tuple(row), None, Check.TIME_ASSUMED if assumed else 0))
    for type_, words in _findings(member, taken, where):
        # A waybill is a fact about the trip: kept, but nobody is called for it.
        kind: Literal["finding", "note"] = "note" if type_ == WAYBILL else "finding"
        level = 4 if type_ == WAYBILL else _ALARM_LEVELS.get(type_, _OTHER_ALARM)
        values: dict[str, float | str | bool | None] = {"lon": lon, "lat": lat}
        taken.events.append(
            DeviceEvent(kind, entry.station, time, arrival.received, type_, level, words, values, assumed)
        )


def _place(member: dict[str, Any]) -> tuple[float, float]:
    lon, lat = number(member.get("lon"), "lon"), number(member.get("lat"), "lat")
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise Refused("bad_value", f"lon {lon}, lat {lat}: no place on Earth")
    match member.get("crs", "wgs84"):
        case "wgs84" | None:
            return lon, lat
        case "gcj02":
            return to_wgs84(lon, lat)
        case other:
            raise Refused("bad_value", f"crs: expected wgs84 or gcj02, got {shown(other)}")


def _speed(raw: Any) -> float:
    speed = number(raw, "speed")
    if not 0 <= speed <= _TOP_SPEED:
        raise Refused("bad_value", f"speed: expected km/h from 0 to {_TOP_SPEED:g}, got {speed:g}")
    return speed


def _heading(raw: Any) -> float:
    heading = number(raw, "heading")
    if not 0 <= heading <= 360:
        raise Refused("bad_value", f"heading: expected degrees from 0 to 360, got {heading:g}")
    return heading


def _load(raw: Any) -> float:
    if not isinstance(raw, str) or raw not in _LOADS:
        raise Refused("bad_value", f"load: expected empty, half or full, got {shown(raw)}")
    return _LOADS[raw]


def _findings(member: dict[str, Any], taken: Taken, where: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    alarms = member.get("alarms") or []
    if not isinstance(alarms, list) or len(alarms) > _MOST_ALARMS:
        taken.refuse("bad_value", f"{where}alarms: expected a list of words, got {shown(alarms)}")
        alarms = []
    waybill = member.get(WAYBILL)
    for raw, what in [(alarm, "alarms") for alarm in alarms] + ([] if waybill is None else [(waybill, WAYBILL)]):
        try:
            word = text(raw, what, _LONGEST_WORD)
        except Refused as refused:
            taken.refuse(refused.reason, where + refused.detail)
        else:
            found.append((WAYBILL, word) if what == WAYBILL else (word, ""))
    return found
