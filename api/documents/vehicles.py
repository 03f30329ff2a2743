"""Shapes of vehicles, their tracks, flows and their drivers' behaviour."""

from typing import Any, Literal

from pydantic import Field

from api.documents.shape import Shape, Time


class VehicleAlarm(Shape):
    """An alert of a vehicle: the device's own word or the rule's id, and since when."""

    id: str
    rule: str
    type: str
    level: Literal[1, 2, 3, 4]
    condition: str
    from_: Time = Field(alias="from")
    to: Time | None
    value: float | None
    limit: float | None
    unit: str
    incident: str | None


class Vehicle(Shape):
    """A vehicle as it stands now: degrees WGS-84, km/h, km; `fixed` says whether the position came from satellites."""

    department: str
    kind: str
    device: str
    name_zh: str
    name_en: str
    state: Literal["online", "offline", "silent", "never"]
    said: str | None
    last_seen: Time | None
    age_s: float | None
    period_s: float | None
    position_time: Time | None
    position_age_s: float | None
    lon: float | None
    lat: float | None
    fixed: bool | None
    speed: float | None
    heading: float | None
    load: Literal["empty", "half", "full"] | None
    mileage: float | None
    alarms: list[VehicleAlarm]
    waybill: str | None
    driver: str | None


class TrackStop(Shape):
    """Three minutes or more without leaving a circle of 100 m."""

    from_: Time = Field(alias="from")
    to: Time
    seconds: float
    lon: float
    lat: float


class TrackGap(Shape):
    """Nothing was heard; `km` is how far apart its ends are, not a way that was driven."""

    from_: Time = Field(alias="from")
    to: Time
    seconds: float
    km: float


class TrackAlarm(VehicleAlarm):
    """An alarm where the vehicle was when it began; no place in a gap."""

    lon: float | None
    lat: float | None


class TrackSpeed(Shape):
    """The highest speed, km/h."""

    time: Time
    lon: float
    lat: float
    speed: float


class TrackLeftOut(Shape):
    """Positions that are not on the path, by reason."""

    unfixed: int
    doubtful: int
    jumps: int


class Track(Shape):
    """A vehicle's path: rows in the order of `columns`, a list of them for each unbroken part."""

    department: str
    kind: str
    device: str
    name_zh: str
    name_en: str
    zone: str
    from_: Time = Field(alias="from")
    to: Time
    positions: int
    shown: int
    left_out: TrackLeftOut
    distance_km: float
    max_speed: TrackSpeed | None
    columns: list[str]
    parts: list[list[list[Any]]]
    stops: list[TrackStop]
    gaps: list[TrackGap]
    alarms: list[TrackAlarm]


class Flow(Shape):
    """One window of an area: vehicles heard anywhere, heard inside, crossings in and out, and time spent inside by all together."""

    time: Time
    seen: int
    inside: int
    entered: int
    left: int
    hours: float


class FlowAnswer(Shape):
    """The windows in which any vehicle was heard."""

    zone: str
    every: str
    items: list[Flow]


class Behaviour(Shape):
    """How often one vehicle found one thing; `level` is the worst."""

    department: str
    kind: str
    device: str
    type: str
    count: int
    level: Literal[1, 2, 3, 4]
    first: Time
    last: Time


class BehaviourAnswer(Shape):
    """What the vehicles found of their drivers and themselves, by vehicle and type."""

    zone: str
    from_: Time = Field(alias="from")
    to: Time
    items: list[Behaviour]
