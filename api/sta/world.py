"""What one caller sees at one moment: the register's entities, how they lead to each other, and where values are to be read."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from api.asking import FAR
from api.context import Context
from api.sta.begins import Begins
from api.sta.budget import Budget
from api.sta.entities import (
    JOINT,
    Entity,
    Reading,
    Spot,
    Stream,
    joined,
    of_device,
    of_property,
    of_reading,
    of_spot,
    of_stream,
    select_of,
)
from api.sta.model import EntityType, Link
from hub.catalogue import Device

PLACE: Final = ("lon", "lat")
_OF_DEVICE: Final = ("Thing", "Sensor", "FeatureOfInterest")


@dataclass(frozen=True, slots=True)
class Scope:
    """Entities that are values of the series store: those of these streams, at one time where `at` (epoch ms) says so."""

    type: EntityType
    streams: tuple[Stream, ...]
    at: int | None = None


class World:
    """The graph for a caller of `department` (None: all); `root` is the service's own address."""

    def __init__(self, parts: Context, begins: Begins, department: str | None, root: str, budget: Budget) -> None:
        self.parts = parts
        self.begins = begins
        self.root = root
        self.budget = budget
        self.seen = parts.presence.seen()
        self._department = department

    @cached_property
    def devices(self) -> dict[str, Device]:
        """The devices that the caller may see, by id and in its order."""
        # One call makes the copy, so a change of the register meanwhile does no harm.
        devices = list(self.parts.register.now().devices.values())
        seen = [one for one in devices if self._department in (None, one.station.split("/", 1)[0])]
        return {joined(one.station): one for one in sorted(seen, key=lambda one: joined(one.station))}

    def streams_of(self, device: Device) -> list[Stream]:
        """The streams of a device, declared or seen, by id."""
        names = {*device.datastreams, *self.seen.properties.get(device.station, ())}
        return [Stream(device, name) for name in sorted(names)]

    @cached_property
    def streams(self) -> list[Stream]:
        """All streams by id."""
        found = [stream for device in self.devices.values() for stream in self.streams_of(device)]
        return sorted(found, key=lambda stream: stream.id)

    def moves(self, device: Device) -> bool:
        """Whether the device tells where it is."""
        return all((device.station, name) in self.seen.points for name in PLACE)

    def spot_of(self, device: Device) -> Spot | None:
        """Where the device is: where it last was when it moves, else where the register has it."""
        if self.moves(device):
            lon, lat = (self.seen.points[device.station, name] for name in PLACE)
            time = int(lon.time[-1])
            if time == int(lat.time[-1]):
                return Spot(device, float(lon.value[-1]), float(lat.value[-1]), time)
            return self.spot_at(device, min(time, int(lat.time[-1])))
        if device.lon is None or device.lat is None:
            return None
        return Spot(device, device.lon, device.lat)

    def spot_at(self, device: Device, time: int) -> Spot | None:
        """Where a moving device was at a time at which it said so."""
        self.budget.read()
        found = self.parts.series.raw(select_of(device, PLACE), time, time + 1, len(PLACE))
        values = {points.series.property: float(points.value[0]) for points in found.points}
        return Spot(device, values["lon"], values["lat"], time) if len(values) == len(PLACE) else None

    def all(self, kind: EntityType) -> list[Entity]:
        """All entities of a type that the register has, by id."""
        devices = self.devices.values()
        if kind.name in _OF_DEVICE:
            return [of_device(kind.name, device) for device in devices]
        if kind.name == "Datastream":
            return [of_stream(stream) for stream in self.streams]
        if kind.name == "ObservedProperty":
            return [of_property(name) for name in sorted({stream.name for stream in self.streams})]
        spots = [spot for device in devices if (spot := self.spot_of(device)) is not None]
        return sorted((of_spot("Location", spot) for spot in spots), key=lambda one: one.id)

    def find(self, kind: EntityType, identifier: str) -> Entity | None:
        """The entity with this id, None when there is none or it is not for this caller."""
        match kind.name:
            case "Thing" | "Sensor" | "FeatureOfInterest":
                device = self.devices.get(identifier)
                return None if device is None else of_device(kind.name, device)
            case "Datastream":
                stream = self.stream(identifier)
                return None if stream is None else of_stream(stream)
            case "ObservedProperty":
                return of_property(identifier) if any(one.name == identifier for one in self.streams) else None
            case "Observation":
                return self._find_reading(identifier)
            case _:
                return self._find_spot(kind, identifier)

    def stream(self, identifier: str) -> Stream | None:
        """The stream with this id."""
        thing, _, name = identifier.rpartition(JOINT)
        device = self.devices.get(thing)
        known = device is not None and (name in device.datastreams or (device.station, name) in self.seen.points)
        return Stream(device, name) if device is not None and known else None

    def _find_reading(self, identifier: str) -> Entity | None:
        name, time = _timed(identifier)
        stream = self.stream(name)
        if stream is None or time is None:
            return None
        self.budget.read()
        page = self.parts.series.raw(select_of(stream.device, (stream.name,)), time, time + 1, 1)
        for one in page.points:
            return of_reading(Reading(stream, time, float(one.value[0]), int(one.quality[0]), int(one.checks[0])))
        return None

    def _find_spot(self, kind: EntityType, identifier: str) -> Entity | None:
        device = self.devices.get(identifier)
        if device is not None:
            spot = self.spot_of(device) if kind.name == "Location" and not self.moves(device) else None
        else:
            thing, time = _timed(identifier)
            device = self.devices.get(thing)
            spot = None if device is None or time is None else self.spot_at(device, time)
        return None if spot is None else of_spot(kind.name, spot)

    def one(self, entity: Entity, link: Link) -> Entity | None:
        """The entity that a link to one leads to."""
        of = entity.of
        match link.name, of:
            case "Datastream", Reading(stream=stream):
                return of_stream(stream)
            case "ObservedProperty", Stream(name=name):
                return of_property(name)
            case (("Thing" | "Sensor"), Stream(device=device)) | ("Thing", Spot(device=device)):
                return of_device(link.target, device)
            case "FeatureOfInterest", Reading(stream=stream):
                return of_device(link.target, stream.device)
            case _:
                return None

    def many(self, entity: Entity, link: Link) -> Sequence[Entity]:
        """The entities that a link leads to, by id; not for those that are read from the store."""
        of = entity.of
        match link.name, of:
            case "Datastreams", Device():
                return [of_stream(stream) for stream in self.streams_of(of)]
            case "Datastreams", str():
                return [of_stream(stream) for stream in self.streams if stream.name == of]
            case "Locations", Device():
                spot = self.spot_of(of)
                return [] if spot is None else [of_spot("Location", spot)]
            case "Locations", Spot():
                return [of_spot("Location", of)]
            case "Things", Spot(device=device):
                return [of_device("Thing", device)]
            case _:
                return []

    def scope(self, kind: EntityType, parent: Entity | None) -> Scope:
        """Where the values lie that are entities of `kind` below `parent`, or all of them."""
        of = None if parent is None else parent.of
        if kind.name == "Observation":
            match of:
                case Stream():
                    return Scope(kind, (of,))
                case Device():
                    return Scope(kind, tuple(self.streams_of(of)))
                case _:
                    return Scope(kind, tuple(self.streams))
        match of:
            case Spot(device=device, time=time):
                return Scope(kind, self._tracks([device] if time is not None else []), time)
            case Device():
                return Scope(kind, self._tracks([of]))
            case _:
                return Scope(kind, self._tracks(list(self.devices.values())))

    def _tracks(self, devices: list[Device]) -> tuple[Stream, ...]:
        tracks = [Stream(device, name) for device in devices if self.moves(device) for name in PLACE]
        return tuple(sorted(tracks, key=lambda stream: stream.id))

    def newest(self, stream: Stream) -> int | None:
        """The time of the stream's newest value, epoch ms, as far as known a second ago."""
        points = self.seen.points.get((stream.device.station, stream.name))
        return None if points is None else int(points.time[-1])

    def begin(self, stream: Stream, newest: int) -> int:
        """The time of the stream's first value, epoch ms, as far as known some minutes ago."""
        device = stream.device
        known = self.begins.known(select_of(device, (stream.name,)))
        if known is not None:
            return min(known, newest)
        # No stream of a device begins before the device, so the long search is made once for all of them.
        self.budget.read()
        last = max(newest, self.seen.stations.get(device.station, newest))
        start = self.begins.of(select_of(device), last)
        return self.begins.of(select_of(device, (stream.name,)), newest, min(start, newest))


def after(entities: Sequence[Entity], identifier: str) -> int:
    """Where the entities begin that come after this id."""
    place = bisect_left(entities, identifier, key=lambda one: one.id)
    return place + (place < len(entities) and entities[place].id == identifier)


def _timed(identifier: str) -> tuple[str, int | None]:
    name, _, time = identifier.rpartition(JOINT)
    plain = time.removeprefix("-")
    if not (plain.isdecimal() and plain.isascii() and len(plain) <= 13):
        return name, None
    return name, int(time) if int(plain) < FAR else None
