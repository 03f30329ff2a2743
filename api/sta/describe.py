"""The properties of each entity, as a table: what our register and store have, in the standard's words."""

import math
from collections.abc import Callable
from typing import Any, Final

from api.presence import overdue
from api.rows import place_of
from api.sta.entities import Entity, Reading, Spot, Stream
from api.sta.values import Instant, Period, Value
from api.sta.world import World
from hub.catalogue import Device
from hub.model import INVALID_CHECKS, QUALITY_LETTERS, VALID_QUALITY, Check
from hub.properties import PROPERTIES

GEOJSON: Final = "application/geo+json"
MEASUREMENT: Final = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"

_NOT_UCUM: Final = frozenset(("", "NTU"))
_UCUM: Final = frozenset(entry.unit for entry in PROPERTIES.values()) - _NOT_UCUM


class Sensing(World):
    """The world with the properties of its entities."""

    def property(self, entity: Entity, name: str) -> Value:
        """The value of one property, None where there is none."""
        if name == "id":
            return entity.id
        if name == "selfLink":
            return self.link(entity)
        of = _PROPERTIES[entity.type.name].get(name)
        return None if of is None else of(self, entity.of)

    def link(self, entity: Entity) -> str:
        """The address of an entity."""
        return f"{self.root}/{entity.type.plural}('{entity.id}')"


def _name(_: World, device: Device) -> str:
    return device.name_zh or device.name_en or device.station


def _device_properties(world: World, device: Device) -> dict[str, Any]:
    last = world.seen.stations.get(device.station)
    now = world.parts.clock.now()
    return {
        **place_of(device.station),
        "name_zh": device.name_zh,
        "name_en": device.name_en,
        "period_s": None if device.period_ms is None else device.period_ms / 1000,
        "enabled": device.enabled,
        "silent": last is None or overdue(last, device.period_ms, now),
    }


def _device_text(what: str) -> Callable[[World, Device], str]:
    return lambda _, device: f"{what} {device.station}" + (f" ({device.name_en})" if device.name_en else "")


def _page(world: World, device: Device) -> str:
    return f"{world.root.removesuffix('/sta/v1.1')}/v1/stations/{device.station}"


def _geometry(spot: Spot | None) -> Value:
    return None if spot is None else {"type": "Point", "coordinates": [spot.lon, spot.lat]}


def _feature(world: World, device: Device) -> Value:
    place = _geometry(world.spot_of(device))
    return place if place is not None else {"type": "Feature", "properties": {}, "geometry": None}


def _stream_name(world: World, stream: Stream) -> str:
    entry = world.parts.register.property_of(stream.device.station, stream.name)
    return f"{_name(world, stream.device)} {entry.zh or entry.en}"


def _unit(world: World, stream: Stream) -> dict[str, Any]:
    unit = world.parts.register.unit(stream.device.station, stream.name)
    if not unit:
        return {"name": None, "symbol": None, "definition": None}
    return {"name": unit, "symbol": unit, "definition": f"ucum:{unit}" if unit in _UCUM else None}


def _stream_properties(world: World, stream: Stream) -> dict[str, Any]:
    entry = world.parts.register.property_of(stream.device.station, stream.name)
    period = world.parts.register.period(stream.device.station, stream.name)
    return {
        **place_of(stream.device.station),
        "property": stream.name,
        "period_s": None if period is None else period / 1000,
        "low": entry.low,
        "high": entry.high,
    }


def _observed_area(world: World, stream: Stream) -> Value:
    return None if world.moves(stream.device) else _geometry(world.spot_of(stream.device))


def _covered(world: World, stream: Stream) -> Value:
    newest = world.newest(stream)
    return None if newest is None else Period(Instant(world.begin(stream, newest)), Instant(newest))


def _property_properties(_: World, name: str) -> dict[str, Any]:
    entry = PROPERTIES.get(name)
    if entry is None:
        return {}
    codes = {"hj212": entry.hj212 or None, "sl651": entry.sl651 or None}
    return {"name_zh": entry.zh, "name_en": entry.en, "unit": entry.unit, **codes}


def _property_text(_: World, name: str) -> str:
    entry = PROPERTIES.get(name)
    return name if entry is None else f"{entry.zh} / {entry.en}"


def _result(_: World, reading: Reading) -> float | None:
    return reading.value if math.isfinite(reading.value) else None


def _quality(_: World, reading: Reading) -> dict[str, Any]:
    letter = QUALITY_LETTERS[reading.quality] if reading.quality < len(QUALITY_LETTERS) else ""
    valid = reading.quality in VALID_QUALITY and not reading.checks & INVALID_CHECKS
    return {"quality": letter, "checks": Check(reading.checks & _CHECKS).words(), "valid": valid}


_CHECKS: Final = sum(Check)

_PROPERTIES: Final[dict[str, dict[str, Callable[[World, Any], Value]]]] = {
    "Thing": {
        "name": _name,
        "description": _device_text("Station"),
        "properties": _device_properties,
    },
    "Location": {
        "name": lambda world, spot: _name(world, spot.device),
        "description": lambda _, spot: f"Where {spot.device.station} {'is' if spot.time is None else 'was'}",
        "encodingType": lambda _, __: GEOJSON,
        "location": lambda _, spot: _geometry(spot),
        "properties": lambda _, spot: {} if spot.time is None else {"time": str(Instant(spot.time))},
    },
    "HistoricalLocation": {"time": lambda _, spot: None if spot.time is None else Instant(spot.time)},
    "Datastream": {
        "name": _stream_name,
        "description": lambda _, stream: f"{stream.name} at {stream.device.station}",
        "observationType": lambda _, __: MEASUREMENT,
        "unitOfMeasurement": _unit,
        "observedArea": _observed_area,
        "phenomenonTime": _covered,
        "resultTime": _covered,
        "properties": _stream_properties,
    },
    "Sensor": {
        "name": _name,
        "description": _device_text("Device"),
        "encodingType": lambda _, __: "application/json",
        "metadata": _page,
        "properties": lambda _, device: place_of(device.station),
    },
    "ObservedProperty": {
        "name": lambda _, name: name,
        "definition": lambda world, name: f"{world.root}/ObservedProperties('{name}')",
        "description": _property_text,
        "properties": _property_properties,
    },
    "Observation": {
        "phenomenonTime": lambda _, reading: Instant(reading.time),
        "result": _result,
        "resultTime": lambda _, reading: Instant(reading.time),
        "resultQuality": _quality,
    },
    "FeatureOfInterest": {
        "name": _name,
        "description": _device_text("Surroundings of"),
        "encodingType": lambda _, __: GEOJSON,
        "feature": _feature,
        "properties": lambda _, device: place_of(device.station),
    },
}
