"""Limits by the name of their standard, as rules say them: `gb3838:III`, `gb3838:target`, `gb3095:2:hour`, `permit`, `permit:day`.

What a name means depends on the property, on what the register says of the station, and on the day: an edition's limit holds from its first day to its last.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from math import inf
from typing import Final
from zoneinfo import ZoneInfo

from hub.derived import PERIODS, property_named
from hub.properties import PROPERTIES
from hub.standards import gb3095, gb3838
from hub.standards.gb3838 import CLASSES, Class, WaterBody
from hub.standards.permit import PermitLimit
from hub.units import conversion

EXPECTED: Final = '"gb3838:CLASS" (I to V, or target), "gb3095:LEVEL:MEAN" (1 or 2; hour, 8h, day or year), "permit", "permit:hour" or "permit:day"'
NEVER: Final = -(1 << 62)
"""The beginning of time in ms, before every reading."""

_TARGET: Final = "target"
_PERMITS: Final = ("permit", "permit:hour", "permit:day")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the register says of a station and property that decides a limit.

    `unit` is that of its values (None: the property's own), `limits_unit` that of `limits` (None: the same).
    """

    water_body: WaterBody | None = None
    target_class: Class | None = None
    limits: tuple[PermitLimit, ...] = ()
    unit: str | None = None
    limits_unit: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A limit from its first day to its last (None: still in force), both included; values keep it in [below, above]."""

    first: date
    last: date | None
    below: float
    above: float
    source: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """A limit over all time: from since[i] (UTC ms, the first is NEVER) on values must lie in [below[i], above[i]]; no limit is an infinity."""

    since: tuple[int, ...]
    below: tuple[float, ...]
    above: tuple[float, ...]
    source: tuple[str, ...]


def plain_names(name: str) -> tuple[str, ...]:
    """A property and those it is derived from, nearest first: `so2_converted_hour`, `so2_converted`, `so2`; a total is of another quantity, and only itself."""
    words = name.split("_")
    if words[-1] == "sum":
        return (name,)
    cuts = ("_".join(words[:end]) for end in range(len(words), 0, -1))
    return tuple(dict.fromkeys((name, *(cut for cut in cuts if property_named(cut) is not None))))


def limited_as(name: str) -> str:
    """The property whose limits in a standard hold for `name`: its own, and those of its means (`pm2_5_day` as `pm2_5`)."""
    code, _, period = name.rpartition("_")
    return code if period in PERIODS and code in PROPERTIES else name


def names_for(name: str) -> list[str]:
    """Every name that means a limit of this property at some time."""
    found = []
    name = limited_as(name)
    if any(item.property == name for edition in gb3838.EDITIONS for item in edition.items):
        found += [f"gb3838:{one}" for one in (*CLASSES, _TARGET)]
    for level in (1, 2):
        for mean in gb3095.MEANS:
            if any(edition.limit(name, mean, level) is not None for edition in gb3095.EDITIONS):
                found.append(f"gb3095:{level}:{mean}")
    return [*found, *_PERMITS]


def problem(reference: str, name: str) -> str | None:
    """What is wrong with the name of a limit for this property, with the form expected; None when nothing is."""
    known = names_for(name)
    if reference in known:
        return None
    standard, _, rest = reference.partition(":")
    if standard in {"gb3838", "gb3095"} and rest and reference in _every_name():
        return f"{reference!r} says nothing of {name!r}; expected one of {', '.join(known)}"
    return f"{reference!r}; expected {EXPECTED}"


def sides(reference: str, name: str) -> tuple[bool, bool]:
    """Whether the limit can bound the property below, and above."""
    if reference in _PERMITS:
        return True, True
    if reference.startswith("gb3838:"):
        code = limited_as(name)
        items = [item for edition in gb3838.EDITIONS for item in edition.items if item.property == code]
        return any(item.side != "above" for item in items), any(item.side != "below" for item in items)
    return False, True


def bounds(reference: str, name: str, facts: Facts, zone: ZoneInfo) -> Bounds:
    """The limit at a station; days begin at midnight in `zone`.

    A station without what the name needs (no target class, no permit, a unit that is no such quantity) has no limit.
    """
    spans = _spans(reference, name, facts)
    days = sorted({day for one in spans for day in (one.first, _after(one.last)) if day is not None})
    since, below, above, source = [NEVER], [-inf], [inf], [""]
    for day in days:
        holding = [one for one in spans if one.first <= day and (one.last is None or day <= one.last)]
        since.append(round(datetime.combine(day, time(), zone).timestamp() * 1000))
        below.append(max((one.below for one in holding), default=-inf))
        above.append(min((one.above for one in holding), default=inf))
        source.append("; ".join(dict.fromkeys(one.source for one in holding)))
    return Bounds(tuple(since), tuple(below), tuple(above), tuple(source))


def _after(day: date | None) -> date | None:
    return None if day is None else day + timedelta(days=1)


def _every_name() -> set[str]:
    return {one for name in PROPERTIES for one in names_for(name)}


def _spans(reference: str, name: str, facts: Facts) -> list[Span]:
    standard, *words = reference.split(":")
    if standard == "permit":
        entry = property_named(name)
        own = facts.unit if entry is None or facts.unit is not None else entry.unit
        return _in_unit(_permit(words[0] if words else "", facts), facts.limits_unit, own)
    code = limited_as(name)
    found = _gb3838(words[0], code, facts) if standard == "gb3838" else _gb3095(words, code)
    found = [replace(one, source=f"{one.source} ({reference})") for one in found]
    unit = PROPERTIES[code].unit
    return _in_unit(found, unit, unit if facts.unit is None else facts.unit)


def _permit(basis: str, facts: Facts) -> list[Span]:
    return [
        Span(
            one.valid_from,
            one.valid_to,
            -inf if one.below is None else one.below,
            inf if one.above is None else one.above,
            " ".join(filter(None, (one.name, one.edition, one.clause))),
        )
        for one in facts.limits
        if not basis or one.basis == basis
    ]


def _gb3838(wanted: str, name: str, facts: Facts) -> list[Span]:
    kept: Mapping[str, Class] = {one: one for one in CLASSES}
    klass = facts.target_class if wanted == _TARGET else kept[wanted]
    found = []
    for edition in gb3838.EDITIONS:
        item = edition.item(name, facts.water_body)
        if item is not None and klass is not None:
            low, high = item.bounds(klass)
            found.append(_span(edition.valid_from, edition.valid_to, low, high, edition.edition))
    return found


def _gb3095(words: list[str], name: str) -> list[Span]:
    level: gb3095.Level = 1 if words[0] == "1" else 2
    mean = next(one for one in gb3095.MEANS if one == words[1])
    found = []
    for edition in gb3095.EDITIONS:
        limit = edition.limit(name, mean, level)
        if limit is not None:
            found.append(_span(edition.valid_from, edition.valid_to, None, limit, edition.edition))
    return found


def _span(first: date, last: date | None, low: float | None, high: float | None, source: str) -> Span:
    return Span(first, last, -inf if low is None else low, inf if high is None else high, source)


def _in_unit(spans: list[Span], unit: str | None, wanted: str | None) -> list[Span]:
    """The limits in the unit of the values; none where the one cannot become the other."""
    if unit is None or wanted is None:
        return spans
    try:
        rule = conversion(unit, wanted)
    except ValueError:
        return []
    return [replace(one, below=rule(one.below), above=rule(one.above)) for one in spans]
