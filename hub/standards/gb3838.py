"""GB 3838 table 1: the class that one item meets, and the limits of a class."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final, Literal

import msgspec

from hub.properties import PROPERTIES
from hub.standards.edition import Edition, in_force, load
from hub.standards.rounding import decimal, decimals, round_even
from hub.units import convert

Class = Literal["I", "II", "III", "IV", "V"]
Grade = Literal["I", "II", "III", "IV", "V", "worse"]
WaterBody = Literal["river", "lake"]

CLASSES: Final[tuple[Class, ...]] = ("I", "II", "III", "IV", "V")
GRADES: Final[tuple[Grade, ...]] = (*CLASSES, "worse")
SIGNS: Final[Mapping[str, str]] = MappingProxyType(
    {"I": "Ⅰ", "II": "Ⅱ", "III": "Ⅲ", "IV": "Ⅳ", "V": "Ⅴ", "worse": "劣Ⅴ"}
)
"""How a class is written in Chinese reports."""

SATURATION: Final = "do_saturation"
"""The name under which means may hold the saturation of dissolved oxygen in per cent."""


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the table: limits of classes I-V as written, and for pH the lower one; `body` where river and lake differ."""

    number: int
    property: str
    limits: tuple[str, str, str, str, str]
    decimals: int
    side: Literal["above", "below", "both"] = "above"
    low: str | None = None
    body: WaterBody | None = None
    metal: bool = False
    multiple: bool = True

    def __post_init__(self) -> None:
        if self.property not in PROPERTIES or self.decimals < max(map(decimals, self.limits)):
            raise ValueError(
                f"item {self.number}: expected a listed property and no fewer decimals than its limits have"
            )

    def bounds(self, wanted: Class) -> tuple[float | None, float | None]:
        """The least and the greatest value that keep the class, in the property's unit."""
        limit = float(self.limits[CLASSES.index(wanted)])
        if self.side == "below":
            return limit, None
        return (None if self.low is None else float(self.low)), limit

    def grade(self, value: float, saturation: float | None = None, least_saturation: float = 90.0) -> Grade:
        """The best class that a value (rounded here, GB/T 8170) meets; `saturation` in per cent also gives class I of dissolved oxygen."""
        if self.side == "below" and saturation is not None and round_even(saturation, 0) >= least_saturation:
            return "I"
        shown = decimal(round_even(value, self.decimals))
        for name, text in zip(CLASSES, self.limits, strict=True):
            limit = decimal(float(text))
            low = None if self.low is None else decimal(float(self.low))
            if (shown >= limit) if self.side == "below" else (shown <= limit and (low is None or shown >= low)):
                return name
        return "worse"

    def exceed_multiple(self, value: float, wanted: Class, digits: int) -> float | None:
        """(C - limit) / limit; None where the class is kept or no multiple is defined (water temperature, pH, dissolved oxygen).

        One that would be 0 at so many `digits` is given one more, since it is over the limit.
        """
        limit = decimal(float(self.limits[CLASSES.index(wanted)]))
        shown = decimal(round_even(value, self.decimals))
        if not self.multiple or shown <= limit:
            return None
        multiple = float((shown - limit) / limit)
        return round_even(multiple, digits) or round_even(multiple, digits + 1)


class Gb3838(Edition, frozen=True, kw_only=True):
    """An edition of the table."""

    items: tuple[Item, ...]

    def of(self, body: WaterBody) -> dict[str, Item]:
        """The items of a river or of a lake or reservoir, by property, in the table's order."""
        return {one.property: one for one in self.items if one.body in (None, body)}

    def item(self, name: str, body: WaterBody | None) -> Item | None:
        """The property's row; a body that nobody declared is taken as a river."""
        return self.of(body or "river").get(name)


EDITIONS: Final = load("gb3838", Gb3838)


def table(day: date) -> Gb3838 | None:
    """The edition in force on that day."""
    return in_force(EDITIONS, day)


def in_catalogue_units(means: Mapping[str, float], units: Mapping[str, str]) -> dict[str, float]:
    """Each mean in the unit that `hub.properties` gives it; `units` says in which it is where that is another.

    Raises:
        ValueError: a unit that does not measure the same quantity.
    """
    return {
        name: convert(value, units[name], PROPERTIES[name].unit) if name in units and name in PROPERTIES else value
        for name, value in means.items()
    }
