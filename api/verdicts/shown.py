"""Verdicts and loads on the way out: as items of an answer, and as rows of a file."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from math import isfinite
from typing import Any, Final

from api.context import History
from api.rows import place_of
from api.tables import Cell, Table
from api.verdicts.groups import Grouped
from api.verdicts.judging import Judged
from api.verdicts.loads import StationLoads
from hub.clock import rfc3339
from hub.standards.verdict import Part, Verdict
from storage.zones import zone_of

_SAID: Final = (
    *("word_zh", "word_en", "colour", "colour_zh", "colour_en", "text_zh", "text_en"),
    *("decided_by", "main_zh", "main_en", "missing"),
)
_COLUMNS: Final = ("standard", "from", "to", "running", "value", *_SAID, "coverage", "valid", "edition", "clause")
STATION_COLUMNS: Final = (
    *("department", "kind", "device", "name_zh", "name_en"),
    *_COLUMNS,
    *("target", "meets_target"),
)
GROUP_COLUMNS: Final = ("group", *_COLUMNS, "sections", "judged")
_LISTED: Final = {"main_zh": "、", "main_en": "; ", "decided_by": " ", "missing": " "}
_NUMBERS: Final = frozenset({"coverage", "sections", "judged"})
LOAD_COLUMNS: Final = (
    *("department", "kind", "device", "property", "flow", "from", "to"),
    *("mass_kg", "volume_m3", "mean_mg_l", "coverage", "valid"),
)
LOAD_NUMBERS: Final = frozenset({"mass_kg", "volume_m3", "mean_mg_l", "coverage"})


class Shown:
    """Verdicts as the answer has them: times in `zone`; `parts` leaves out what each property gave where it is False."""

    def __init__(self, history: History, zone: str, *, parts: bool) -> None:
        self._history, self._zone, self._parts = history, zone, parts
        self._now = history.clock.now()

    def station(self, one: Judged) -> dict[str, Any]:
        """A station's verdict."""
        device = self._history.register.now().devices.get(one.station)
        names = {
            "name_zh": "" if device is None else device.name_zh,
            "name_en": "" if device is None else device.name_en,
        }
        held = {"target": one.target, "meets_target": one.meets_target}
        return {**place_of(one.station), **names, **self._verdict(one.verdict), **held}

    def group(self, one: Grouped, group: str) -> dict[str, Any]:
        """A whole water's verdict."""
        counted = {"sections": one.sections, "judged": one.judged, "shares": one.shares}
        return {"group": group, **self._verdict(one.verdict), **counted}

    def load(self, one: StationLoads, place: int) -> dict[str, Any]:
        """The load of one window."""
        found = one.loads
        return {
            **place_of(one.station),
            "property": one.property,
            "flow": one.flow,
            "from": self._time(int(found.start[place])),
            "to": self._time(int(found.end[place])),
            "mass_kg": _number(float(found.mass[place])),
            "volume_m3": _number(float(found.volume[place])),
            "mean_mg_l": _number(float(found.weighted[place])),
            "coverage": float(found.coverage[place]),
            "valid": bool(found.valid[place]),
        }

    def _verdict(self, one: Verdict) -> dict[str, Any]:
        item = {
            "standard": one.standard,
            "from": self._time(one.start),
            "to": self._time(one.end),
            "running": one.end > self._now,
            "value": one.value,
            **{name: getattr(one, name) for name in _SAID},
            "coverage": one.coverage,
            "valid": one.valid,
            "edition": one.edition,
            "clause": one.clause,
        }
        return item | ({"parts": [asdict(part) for part in one.parts]} if self._parts else {})

    def _time(self, at: int) -> str:
        return rfc3339(at, zone_of(self._zone))


def table_of(
    first: tuple[str, ...], items: Sequence[dict[str, Any]], parts: Sequence[tuple[Part, ...]], zone: str
) -> Table:
    """The same as a file: a row a verdict; after the `first` columns one for each indicator's value and one for its class, index or limit kept."""
    indicators = list(dict.fromkeys(part.indicator for row in parts for part in row))
    grades = {one: f"{one}_grade" for one in indicators}
    columns = (*first, *(column for one in indicators for column in (one, grades[one])), "zone")
    numbers = _NUMBERS | set(indicators)
    index = all(isinstance(item["value"], int | None) for item in items)
    rows = [_row(item, row, first, indicators, zone) for item, row in zip(items, parts, strict=True)]
    given = frozenset(numbers | {"value"} if index else numbers) & frozenset(columns)
    return Table("verdicts", columns, [rows], zone, given, "the standards': mg/L, gases of air ug/m3, CO mg/m3")


def _row(
    item: dict[str, Any], parts: Iterable[Part], plain: Sequence[str], indicators: Sequence[str], zone: str
) -> tuple[Cell, ...]:
    found = {part.indicator: part for part in parts}
    measured: list[Cell] = []
    for name in indicators:
        part = found.get(name)
        measured += [None, None] if part is None else [part.value, part.grade]
    return (*(_cell(name, item[name]) for name in plain), *measured, zone)


def _cell(name: str, value: Any) -> Cell:
    if name in _LISTED:
        return _LISTED[name].join(value)
    cell: Cell = value
    return cell


def _number(value: float) -> float | None:
    return value if isfinite(value) else None
