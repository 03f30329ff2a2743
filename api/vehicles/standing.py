"""Every vehicle as it stands now: newest position, state, alarms, papers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from alerts.queries import AlertFilter, list_alerts
from api.context import Context, History
from api.presence import Seen, state_of
from api.rows import place_of
from api.vehicles.alarms import alarm_item
from api.vehicles.shown import load_word
from hub.catalogue import Device
from hub.clock import rfc3339
from hub.model import QUALITY_CODE, Check
from storage.records.register import DeviceState, list_devices, list_states
from storage.series import Points, Select
from storage.zones import zone_of

KIND: Final = "vehicle"
_PAGE: Final = 1000
_UNFIXED: Final = QUALITY_CODE["D"]

Place = tuple[Points, Points]
"""Longitude and latitude of the same time."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """What is known of all vehicles at one moment, gathered once for a page of them."""

    seen: Seen
    said: Mapping[str, DeviceState]
    alarms: Mapping[str, list[dict[str, Any]]]
    doubtful: Mapping[tuple[str, str], Points]


def gather(parts: Context, department: str | None, zone: str) -> Fleet:
    """The fleet of one department, or of all."""
    seen = parts.presence.seen()
    with parts.records.read() as tx:
        said = list_states(tx)
    # Only where a newest position cannot be one is it worth to look for the one before.
    bad = any(_doubtful(one) for (_, name), one in seen.points.items() if name in ("lon", "lat"))
    select = Select(department, KIND, None, ("lon", "lat"), valid_only=True)
    good = {(one.series.station, one.series.property): one for one in parts.series.latest(select)} if bad else {}
    return Fleet(seen, said, _alarms(parts, department, zone), good)


def vehicles(parts: History, department: str | None) -> Iterator[Device]:
    """The register's vehicles by name."""
    cursor = None
    while True:
        with parts.records.read() as tx:
            page = list_devices(tx, department_id=department, kind=KIND, limit=_PAGE, cursor=cursor)
        yield from (one for one in page.items if not one.gateway)
        cursor = page.next
        if cursor is None:
            return


def position_of(device: Device, fleet: Fleet) -> Place | None:
    """Where the vehicle was last, as far as that can be a place at all."""
    lon, lat = (fleet.seen.points.get((device.station, name)) for name in ("lon", "lat"))
    if lon is None or lat is None:
        return None
    if not (_doubtful(lon) or _doubtful(lat)):
        return lon, lat
    lon, lat = (fleet.doubtful.get((device.station, name)) for name in ("lon", "lat"))
    return None if lon is None or lat is None else (lon, lat)


def vehicle_item(device: Device, fleet: Fleet, parts: Context, zone: str) -> dict[str, Any]:
    """One vehicle as an item of an answer; speed and heading only where they are no older than the position."""
    now, info = parts.clock.now(), zone_of(zone)
    last, said = fleet.seen.stations.get(device.station), fleet.said.get(device.station)
    place = position_of(device, fleet)
    time = None if place is None else int(place[0].time[-1])
    paper = parts.papers.of(device.station)
    return {
        **place_of(device.station),
        "name_zh": device.name_zh,
        "name_en": device.name_en,
        "state": state_of(device, last, said, now),
        "said": None if said is None else said.state,
        "last_seen": None if last is None else rfc3339(last, info),
        "age_s": None if last is None else (now - last) / 1000,
        "period_s": None if device.period_ms is None else device.period_ms / 1000,
        "position_time": None if time is None else rfc3339(time, info),
        "position_age_s": None if time is None else (now - time) / 1000,
        "lon": None if place is None else float(place[0].value[-1]),
        "lat": None if place is None else float(place[1].value[-1]),
        "fixed": None if place is None else int(place[0].quality[-1]) != _UNFIXED,
        "speed": _value(device, "speed", fleet, time),
        "heading": _value(device, "heading", fleet, time),
        "load": load_word(_float(_value(device, "load", fleet, None))),
        "mileage": _value(device, "mileage", fleet, None),
        "alarms": fleet.alarms.get(device.station, []),
        "waybill": None if paper is None else paper.waybill,
        "driver": None if paper is None else paper.driver,
    }


def _value(device: Device, name: str, fleet: Fleet, since: int | None) -> float | None:
    one = fleet.seen.points.get((device.station, name))
    if one is None or _doubtful(one) or (since is not None and int(one.time[-1]) < since):
        return None
    return float(one.value[-1])


def _float(value: float | None) -> float:
    return float("nan") if value is None else value


def _doubtful(one: Points) -> bool:
    return bool(int(one.checks[-1]) & Check.RANGE)


def _alarms(parts: Context, department: str | None, zone: str) -> dict[str, list[dict[str, Any]]]:
    """The alerts that stand, by station, the worst first."""
    found: dict[str, list[dict[str, Any]]] = {}
    asked, cursor, info = AlertFilter(department=department, kind=KIND, open=True), None, zone_of(zone)
    while True:
        with parts.records.read() as tx:
            page = list_alerts(tx, asked, limit=_PAGE, cursor=cursor, order="worst")
        for alert in page.items:
            station = f"{alert.target.department}/{alert.target.kind}/{alert.target.device}"
            found.setdefault(station, []).append(alarm_item(alert, info))
        cursor = page.next
        if cursor is None:
            return found
