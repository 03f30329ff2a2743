"""The entities of SensorThings 1.1 (18-088 clause 8.2), their properties and how they lead to each other."""

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Link:
    """A navigation property: its name, the type it leads to, whether to many."""

    name: str
    target: str
    many: bool


@dataclass(frozen=True, slots=True, eq=False)
class EntityType:
    """A type of entity: the names of it and of its set, of its properties, and its links."""

    name: str
    plural: str
    properties: tuple[str, ...]
    links: dict[str, Link] = field(default_factory=dict)

    @property
    def known(self) -> str:
        """What can stand in a path after an entity of this type, in words."""
        return ", ".join(("id", *self.properties, *self.links))


def _type(name: str, plural: str, properties: str, *, one: str = "", many: str = "") -> EntityType:
    links = {target: Link(target, target, many=False) for target in one.split()}
    for pair in many.split():
        link, _, target = pair.partition(":")
        links[link] = Link(link, target, many=True)
    return EntityType(name, plural, tuple(properties.split()), links)


_DESCRIBED: Final = "name description properties"

_TABLE: Final = (
    _type(
        "Thing",
        "Things",
        _DESCRIBED,
        many="Locations:Location HistoricalLocations:HistoricalLocation Datastreams:Datastream",
    ),
    _type(
        "Location",
        "Locations",
        "name description encodingType location properties",
        many="Things:Thing HistoricalLocations:HistoricalLocation",
    ),
    _type("HistoricalLocation", "HistoricalLocations", "time", one="Thing", many="Locations:Location"),
    _type(
        "Datastream",
        "Datastreams",
        "name description observationType unitOfMeasurement observedArea phenomenonTime resultTime properties",
        one="Thing Sensor ObservedProperty",
        many="Observations:Observation",
    ),
    _type("Sensor", "Sensors", "name description encodingType metadata properties", many="Datastreams:Datastream"),
    _type(
        "ObservedProperty",
        "ObservedProperties",
        "name definition description properties",
        many="Datastreams:Datastream",
    ),
    _type(
        "Observation",
        "Observations",
        "phenomenonTime result resultTime resultQuality validTime parameters",
        one="Datastream FeatureOfInterest",
    ),
    _type(
        "FeatureOfInterest",
        "FeaturesOfInterest",
        "name description encodingType feature properties",
        many="Observations:Observation",
    ),
)

TYPES: Final = {one.name: one for one in _TABLE}
SETS: Final = {one.plural: one for one in _TABLE}

IDS: Final = ("id", "@iot.id")
SELF_LINKS: Final = ("selfLink", "@iot.selfLink")

READ_FROM_STORE: Final = ("Observation", "HistoricalLocation")
"""Types whose entities are values of the series store; all others are in the register."""

WHEN: Final = {"Observation": ("phenomenonTime", "resultTime"), "HistoricalLocation": ("time",)}
"""The properties of those that are the time of the value."""
