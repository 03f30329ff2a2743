"""Items 0x64 to 0x67: driver assistance, driver state, tyres, blind spots, with the reference to their attachments (T/JSATL 12-2017, tables 4-15 to 4-20).

Other makers use the same item ids for things of their own: an item is one of these only where its length fits, too.
"""

from struct import Struct
from typing import Final

import msgspec

from ingest.field.session import ProtocolError
from ingest.protocols.jt808.alarms import Alarm
from ingest.protocols.jt808.layout import to_text

STARTED, ENDED = 1, 2

_BEFORE: Final = {0x64: 7, 0x65: 7, 0x66: 0, 0x67: 1}
_PLACE: Final = Struct(">BHII6sH7s6sBBB")
_TYRE: Final = Struct(">BHHHH")
_HEAD: Final = 5

ASSISTANCE: Final = {
    1: Alarm("forward_collision", 2),
    2: Alarm("lane_departure", 3),
    3: Alarm("headway", 3),
    4: Alarm("pedestrian_collision", 2),
    5: Alarm("frequent_lane_change", 3),
    6: Alarm("sign_limit", 3),
    7: Alarm("obstacle", 3),
    0x10: Alarm("sign_event", 4),
    0x11: Alarm("capture", 4),
}
DRIVER: Final = {
    1: Alarm("fatigue", 3),
    2: Alarm("phone_use", 3),
    3: Alarm("smoking", 3),
    4: Alarm("distraction", 3),
    5: Alarm("driver_abnormal", 3),
    0x10: Alarm("capture", 4),
    0x11: Alarm("driver_change", 4),
}
BLIND: Final = {1: "rear", 2: "left_rear", 3: "right_rear"}
TYRES: Final = (
    Alarm("tyre_report", 4),
    Alarm("tyre_pressure", 3),
    Alarm("tyre_pressure", 3),
    Alarm("tyre_temperature", 2),
    Alarm("tyre_sensor", 4),
    Alarm("tyre_pressure", 3),
    Alarm("tyre_leak", 3),
    Alarm("tyre_sensor", 4),
)
"""Bits of an entry's alarm word."""

NOTES: Final = frozenset({"sign_event", "capture", "driver_change", "tyre_report"})
"""Events that the table lists beside the alarms (types 10h and above): nobody is called for them."""


class Mark(msgspec.Struct, frozen=True, gc=False):
    """The identification of an alarm, by which its attachments are asked for (table 4-16): terminal, BCD time, number at that time, count of attachments."""

    terminal: str
    time: bytes
    number: int
    attachments: int
    reserved: int = 0


class Tyre(msgspec.Struct, frozen=True, gc=False):
    """One wheel of an item 0x66: place from the front left in Z order, alarm bits, kPa, degrees Celsius, battery per cent."""

    place: int
    alarms: int
    pressure: int
    temperature: int
    battery: int


class Active(msgspec.Struct, frozen=True, gc=False):
    """One alarm of items 0x64 to 0x67. `state` 0 a moment, 1 begun, 2 over; `kind` and `level` 0 where the table has none; `facts` the bytes between
    level and speed.
    """

    item: int
    id: int
    state: int
    kind: int
    level: int
    facts: bytes
    speed: int
    altitude: int
    lat: int
    lon: int
    time: bytes
    vehicle: int
    mark: Mark
    tyres: tuple[Tyre, ...] = ()

    @property
    def alarms(self) -> list[Alarm]:
        """What it says, in the words of findings; level 2 is the graver one (table 4-15)."""
        match self.item:
            case 0x66:
                word = 0
                for tyre in self.tyres:
                    word |= tyre.alarms
                return list(dict.fromkeys(alarm for bit, alarm in enumerate(TYRES) if word >> bit & 1))
            case 0x67:
                return [Alarm("blind_spot", 3)]
        found = (ASSISTANCE if self.item == 0x64 else DRIVER).get(self.kind)
        if found is None:
            return [Alarm(f"active_{self.item:x}_{self.kind:x}", 3)]
        return [Alarm(found.type, 2) if self.level == 2 and found.type not in NOTES else found]


def read_active(item: int, value: bytes) -> Active | None:
    """The alarm in an item's value; None where id and length do not go together."""
    if item not in _BEFORE:
        return None
    before = _BEFORE[item]
    end = _HEAD + before + _PLACE.size
    if len(value) < end or (item != 0x66 and len(value) != end):
        return None
    facts = value[_HEAD : _HEAD + before]
    speed, altitude, lat, lon, time, vehicle, terminal, when, number, files, reserved = _PLACE.unpack_from(
        value, _HEAD + before
    )
    tyres: tuple[Tyre, ...] = ()
    if item == 0x66:
        if len(value) != end + 1 + _TYRE.size * value[end] if len(value) > end else True:
            return None
        tyres = tuple(Tyre(*row) for row in _TYRE.iter_unpack(value[end + 1 :]))
    has_level = item in (0x64, 0x65)
    return Active(
        item,
        int.from_bytes(value[:4]),
        value[4],
        facts[0] if facts else 0,
        facts[1] if has_level else 0,
        facts[2 if has_level else 1 :],
        speed,
        altitude,
        lat,
        lon,
        time,
        vehicle,
        Mark(to_text(terminal.rstrip(b"\0")), when, number, files, reserved),
        tyres,
    )


def write_mark(mark: Mark) -> bytes:
    """The 16 bytes of an identification.

    Raises:
        ProtocolError: bad_value.
    """
    terminal = mark.terminal.encode("gb18030", "surrogateescape")
    if len(terminal) > 7 or len(mark.time) != 6 or not all(0 <= n < 256 for n in (mark.number, mark.attachments)):
        raise ProtocolError("bad_value", f"alarm mark: expected 7 bytes of terminal, BCD[6] and two bytes, got {mark}")
    return terminal.ljust(7, b"\0") + mark.time + bytes((mark.number, mark.attachments, mark.reserved))


def facts_of(active: Active) -> dict[str, float | str]:
    """The facts between level and speed that hold for this type (tables 4-15, 4-17)."""
    if active.item == 0x65:
        return {"fatigue_degree": float(active.facts[0])} if active.kind == 1 else {}
    if active.item == 0x67:
        return {"side": BLIND.get(active.kind, str(active.kind))}
    if active.item != 0x64:
        return {}
    front, distance, side, sign, data = active.facts[:5]
    found: dict[str, float | str] = {}
    if active.kind in (1, 2):
        found["front_speed"] = float(front)
    if active.kind in (1, 2, 4):
        found["front_distance_s"] = distance / 10
    if active.kind == 2:
        found["side"] = {1: "left", 2: "right"}.get(side, str(side))
    if active.kind in (6, 0x10):
        found |= {"sign": float(sign), "sign_data": float(data)}
    return found
