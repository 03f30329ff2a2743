"""Shapes of the register."""

from datetime import date
from typing import Literal

from api.documents.field import LinkEntry
from api.documents.shape import Shape, Time


class Station(Shape):
    """One device of the register; `state` online, offline, silent or never; times with the site's offset."""

    department: str
    kind: str
    device: str
    name_zh: str
    name_en: str
    lon: float | None
    lat: float | None
    period_s: float | None
    lateness_s: float
    zone: str | None
    auto_properties: bool
    gateway: bool
    enabled: bool
    last_seen: Time | None
    age_s: float | None
    state: Literal["online", "offline", "silent", "never"]
    said: Literal["online", "offline"] | None
    datastreams: list[str]


class Datastream(Shape):
    """One property at one device, as the register and the values have it."""

    department: str
    kind: str
    device: str
    property: str
    name_zh: str
    name_en: str
    unit: str
    low: float | None
    high: float | None
    period_s: float | None
    last_seen: Time | None
    age_s: float | None
    state: Literal["online", "silent", "never"]
    declared: bool


class LimitEntry(Shape):
    """A permit's limit, in the datastream's unit; both days included."""

    name: str
    above: float | None
    below: float | None
    edition: str
    clause: str
    valid_from: date
    valid_to: date | None
    basis: Literal["hour", "day"]


class DatastreamEntry(Shape):
    """What the register says of one property; null: what the device or the property's own entry says."""

    period_s: float | None
    low: float | None
    high: float | None
    unit: str | None
    name_zh: str
    name_en: str
    limits: list[LimitEntry]


class DeviceEntry(Shape):
    """The register's entry of a device, as PUT takes it."""

    station: str
    name_zh: str
    name_en: str
    lon: float | None
    lat: float | None
    period_s: float | None
    lateness_s: float
    zone: str | None
    auto_properties: bool
    gateway: bool
    enabled: bool
    link: LinkEntry | None
    datastreams: dict[str, DatastreamEntry]
    water_body: Literal["river", "lake"] | None
    target_class: Literal["I", "II", "III", "IV", "V"] | None
    section: str
    parent: str


class NewDeviceAnswer(DeviceEntry):
    """The entry with the device's user name and its new secret, this once; null where it keeps the one it has."""

    username: str
    secret: str | None
