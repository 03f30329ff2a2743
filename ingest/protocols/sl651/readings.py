"""Values as the hub stores them: the catalogue's properties and units, quality letters, times that can be (SL 651-2014, annex C)."""

import math
from collections.abc import Iterable
from typing import Final

from hub.errors import Refused
from hub.link import FieldLink
from hub.model import QUALITY_CODE
from hub.units import conversion
from ingest.codec import Entry, Reading, Taken
from ingest.protocols.sl651.rows import Value
from ingest.times import checked

_FAULT: Final = QUALITY_CODE["D"]
_STATE: Final = "45"
_FLOW_METER, _LEVEL_METER = 1 << 5, 1 << 6
"""Bits of the state word that say a meter is out of order (table 58)."""

_Row = dict[str, tuple[float, int]]


def taken_of(values: Iterable[Value], entry: Entry, sent: int, horizon: int, letter: int = 0) -> Taken:
    """One station's values; what has no time of its own takes `sent` (epoch ms), `letter` is the quality of all of them.

    Each refusal names the element; the others are taken.
    """
    taken = Taken()
    rows: dict[int, _Row] = {}
    link = entry.device.link
    broken = 0
    for value in values:
        time = sent if value.time is None else value.time
        if not value.property and (link is None or value.code not in link.factors):
            continue  # a label
        if value.code == _STATE and isinstance(value.value, float):
            broken = int(value.value)
        try:
            name, number = _named(value, entry, link)
        except Refused as refused:
            taken.refuse(refused.reason, f"sl651 {value.station}: {refused.detail}")
            continue
        quality = _FAULT if isinstance(value.value, str) else letter
        rows.setdefault(time, {})[name] = (number, quality)
    for time in sorted(rows):
        _add(taken, time, rows[time], horizon, broken)
    return taken


def _named(value: Value, entry: Entry, link: FieldLink | None) -> tuple[str, float]:
    name, unit = value.property, value.unit
    if link is not None and (link.factors or link.units):
        name, unit = link.factors.get(value.code, name), link.units.get(value.code, unit)
    if not entry.knows(name):
        raise Refused(
            "unknown_property",
            f"element {value.code}: {name} is no property of the catalogue or of {entry.station} (annex C)",
        )
    if isinstance(value.value, str):
        return name, math.nan
    kept = entry.unit(name)
    if unit is None or kept is None or unit == kept:
        return name, value.value
    try:
        return name, conversion(unit, kept)(value.value)
    except ValueError as error:
        raise Refused("bad_unit", f"element {value.code}: {error}") from None


def _add(taken: Taken, time: int, row: _Row, horizon: int, broken: int) -> None:
    try:
        checked(time, horizon)
    except Refused as refused:
        taken.refuse(refused.reason, f"{', '.join(row)}: {refused.detail}")
        return
    quality = tuple(_FAULT if broken and _doubted(name, broken) else letter for name, (_, letter) in row.items())
    numbers = tuple(number for number, _ in row.values())
    taken.readings.append(Reading(time, tuple(row), numbers, quality if any(quality) else None))


def _doubted(name: str, broken: int) -> bool:
    """Whether the station says that the meter behind this property is out of order."""
    return bool(
        (broken & _FLOW_METER and name.startswith("flow")) or (broken & _LEVEL_METER and name.startswith("level"))
    )
