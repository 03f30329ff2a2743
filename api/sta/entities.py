"""The entities themselves: what each stands for, and the ids by which they are found again.

An id is made of our own names, joined by a character that none of them has: `north~water~st-1` is a Thing,
`north~water~st-1~ph` its Datastream, `north~water~st-1~ph~1795000000000` the Observation of that millisecond.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

from api.sta.model import TYPES, EntityType
from hub.catalogue import Device
from storage.series import Select

JOINT: Final = "~"


@dataclass(frozen=True, slots=True)
class Stream:
    """One property at one device."""

    device: Device
    name: str

    @property
    def id(self) -> str:
        """The id of its Datastream."""
        return joined(self.device.station) + JOINT + self.name


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a device is, or was at `time` (epoch ms; None for one that does not move); degrees WGS-84."""

    device: Device
    lon: float
    lat: float
    time: int | None = None

    @property
    def id(self) -> str:
        """The id of its Location."""
        thing = joined(self.device.station)
        return thing if self.time is None else f"{thing}{JOINT}{self.time}"


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of a stream: time (epoch ms), quality code, check bits."""

    stream: Stream
    time: int
    value: float
    quality: int = 0
    checks: int = 0

    @property
    def id(self) -> str:
        """The id of its Observation."""
        return f"{self.stream.id}{JOINT}{self.time}"


Subject: TypeAlias = Device | Spot | Stream | Reading | str


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity: its type, its id, and what it stands for."""

    type: EntityType
    id: str
    of: Subject


def joined(station: str) -> str:
    """The station as an id."""
    return station.replace("/", JOINT)


def of_device(kind: str, device: Device) -> Entity:
    """The Thing, Sensor or FeatureOfInterest of a device."""
    return Entity(TYPES[kind], joined(device.station), device)


def of_spot(kind: str, spot: Spot) -> Entity:
    """The Location or HistoricalLocation of a place."""
    return Entity(TYPES[kind], spot.id, spot)


def of_stream(stream: Stream) -> Entity:
    """The Datastream."""
    return Entity(TYPES["Datastream"], stream.id, stream)


def of_property(name: str) -> Entity:
    """The ObservedProperty."""
    return Entity(TYPES["ObservedProperty"], name, name)


def of_reading(reading: Reading) -> Entity:
    """The Observation."""
    return Entity(TYPES["Observation"], reading.id, reading)


def select_of(device: Device, properties: tuple[str, ...] = (), *, valid_only: bool = False) -> Select:
    """The selection of one device."""
    department, kind, name = device.station.split("/", 2)
    return Select(department, kind, name, properties, valid_only)
