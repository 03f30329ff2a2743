"""What a terminal's message becomes: readings, findings of now, notes of the past, and a reason for each part that cannot be taken."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from hub.errors import Refused
from hub.event import DeviceEvent
from hub.model import Check
from ingest.codec import Entry, Taken
from ingest.field.session import ProtocolError
from ingest.protocols.jt808.bcd_time import to_epoch
from ingest.protocols.jt808.edges import live
from ingest.protocols.jt808.findings import Facts, Teller
from ingest.protocols.jt808.location import Location
from ingest.protocols.jt808.message import Message
from ingest.protocols.jt808.readings import placed, rows
from ingest.protocols.jt808.vehicle import Vehicle
from ingest.times import checked

_BLIND_ZONE: Final = 1
_LONGEST: Final = 2000


@dataclass(frozen=True, slots=True)
class Moment:
    """When a message came and how late a time it may carry (epoch ms)."""

    received: int
    horizon: int


def take(message: Message, entry: Entry, vehicle: Vehicle, moment: Moment) -> Taken:
    """Everything in the message; the ids in `NOTES` become a note, those with reports their readings."""
    values, taken = message.values, Taken()
    if message.header.id in NOTES:
        type_, facts = NOTES[message.header.id](values)
        words = _plain(str(values.get("waybill", "")))[:_LONGEST]
        taken.events.append(
            DeviceEvent("note", entry.station, moment.received, moment.received, type_, 4, words, facts)
        )
        return taken
    teller = Teller(entry.station, vehicle.edges)
    held_back = values.get("kind") == _BLIND_ZONE
    locations = values.get("locations", [values["location"]] if "location" in values else [])
    for number, location in enumerate(sorted(locations, key=lambda location: location.time), 1):
        where = f"report {number}: " if len(locations) > 1 else ""
        try:
            _report(location, entry, teller, moment, taken, held_back=held_back)
        except (Refused, ProtocolError) as refused:
            taken.refuse(refused.reason, where + refused.detail)
        if location.tail.strip(b"\0"):
            taken.refuse("bad_length", f"{where}items: {location.tail.hex()} is no whole item (8.18)")
    return taken


def _report(location: Location, entry: Entry, teller: Teller, moment: Moment, taken: Taken, *, held_back: bool) -> None:
    time, checks = to_epoch(location.time, entry.zone), 0
    if time is None:
        if held_back:
            raise Refused("bad_time", "a report held back, without a time: when it was true cannot be known")
        time, checks = moment.received, int(Check.TIME_ASSUMED)
    time = checked(time, moment.horizon)
    link = entry.device.link
    crs = "wgs84" if link is None else link.crs
    taken.readings += rows(location, time, crs, checks)
    if location.alarm or location.items or teller.ringing:
        now = not held_back and live(time, moment.received, entry.device.lateness_ms)
        taken.events += teller.tell(location, time, moment.received, _where(location, crs), now=now)


def _where(location: Location, crs: str) -> Facts:
    lon, lat, why = placed(location, crs)
    speed: Facts = {"speed": location.speed / 10}
    if not location.fixed:
        speed["fix"] = False
    return speed if why else {"lon": lon, "lat": lat, **speed}


def _plain(text: str) -> str:
    """Text that can be written as UTF-8."""
    return text.encode(errors="replace").decode().strip("\0 ")


def _facts(values: Mapping[str, Any], *names: str) -> Facts:
    found: Facts = {}
    for name in names:
        value = values.get(name)
        if isinstance(value, str):
            found[name] = _plain(value)
        elif isinstance(value, int):
            found[name] = float(value)
    return found


def _attached(values: Mapping[str, Any]) -> tuple[str, Facts]:
    facts = _facts(values, "terminal", "alarm_id", "attachments")
    facts |= {"alarm_time": values["time"], "alarm_number": float(values["number"])}
    names = " ".join(_plain(item["name"]) for item in values["files"])
    return "attachments", facts | {"files": names[:_LONGEST], "count": float(len(values["files"]))}


NOTES: Final[Mapping[int, Callable[[Mapping[str, Any]], tuple[str, Facts]]]] = MappingProxyType(
    {
        0x0100: lambda values: (
            "terminal_registered",
            _facts(values, "plate", "plate_colour", "maker", "model", "terminal", "province", "city"),
        ),
        0x0701: lambda _: ("waybill", {}),
        0x0702: lambda values: ("driver", _facts(values, "status", "card", "name", "licence", "agency", "time")),
        0x1210: _attached,
        0x1211: lambda values: ("attachment", _facts(values, "name", "type", "size")),
        0x1212: lambda values: ("attachment_sent", _facts(values, "name", "type", "size")),
    }
)
"""Messages that tell a fact which asks nothing of anybody."""
