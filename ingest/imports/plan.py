"""Which columns of a file hold what: decided once from its header and the mapping; what does not fit is named before a row is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hub.errors import ConfigError, Fault
from hub.properties import PROPERTIES
from ingest.imports.mapping import Cells, Column, FileMapping, Word
from ingest.imports.times import pattern_of

QUALITY_ENDING: Final = "_quality"
FITTED: Final = {"quality", "unit"}
"""Parts of the long form that are optional; naming them alone does not make a file long."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The mapping as it fits this file: `values` by column for a wide one, none for a long one; `columns` are those to be read."""

    mapping: FileMapping
    values: Mapping[str, Cells]
    columns: tuple[str, ...]

    @property
    def wide(self) -> bool:
        """Whether each property has a column of its own."""
        return bool(self.values)


def plan_of(file: str, names: tuple[str, ...], mapping: FileMapping) -> Plan:
    """How the file is read.

    Raises:
        ConfigError: columns are missing, or it cannot be told what one means; all of it at once.
    """
    faults: list[str] = []
    mapping = _fitted(names, mapping)
    if not mapping.time.format.startswith("epoch_"):
        try:
            pattern_of(mapping.time.format)
        except ValueError as error:
            faults.append(f"time.{error}")
    elif mapping.time.format not in ("epoch_s", "epoch_ms"):
        faults.append("time.format: expected epoch_s or epoch_ms")
    values = dict(mapping.values) or _guessed(names, mapping, faults)
    needed = [*mapping.time.column, *_place_columns(mapping)]
    if values:
        needed += [name for column, cells in values.items() for name in (column, cells.quality) if name is not None]
        faults += [f"{one} has two columns" for one in _twice([cells.property for cells in values.values()])]
    else:
        long = mapping.long
        needed += [*_columns(long.property, long.unit), long.value, *([long.quality] if long.quality else [])]
    faults += [f"there is no column {name!r}" for name in dict.fromkeys(needed) if name not in names]
    if faults:
        told = f"; the file has {', '.join(names)}" if any("no column" in one for one in faults) else ""
        raise ConfigError([Fault(file, mapping.names_row or mapping.header_rows, "", one + told) for one in faults])
    return Plan(mapping, values, tuple(dict.fromkeys(needed)))


def _fitted(names: tuple[str, ...], mapping: FileMapping) -> FileMapping:
    """Optional columns of the default form that the file lacks are not asked for; `station` stands for three columns."""
    long, given = mapping.long, mapping.long.model_fields_set
    update: dict[str, object] = {}
    if "quality" not in given and long.quality not in names:
        update["quality"] = None
    if "unit" not in given and isinstance(long.unit, Column) and long.unit.column not in names:
        update["unit"] = None
    fitted = mapping.model_copy(update={"long": long.model_copy(update=update)})
    if not mapping.station.model_fields_set and "station" in names and "device" not in names:
        fitted = fitted.model_copy(update={"station": mapping.station.model_copy(update={"column": "station"})})
    return fitted


def _guessed(names: tuple[str, ...], mapping: FileMapping, faults: list[str]) -> dict[str, Cells]:
    """The columns of values of a wide file in the default form: named by the property, or as `properties` renames them."""
    taken = {*mapping.time.column, *_place_columns(mapping), *mapping.ignore}
    if mapping.long.value in names or mapping.long.model_fields_set - FITTED:
        return {}
    found = {}
    for name in names:
        code = mapping.properties.get(name, name)
        if name in taken or name.endswith(QUALITY_ENDING):
            continue
        if code not in PROPERTIES and name not in mapping.properties:
            faults.append(
                f"column {name!r} is no property; name it in [values] or `properties`, or list it in `ignore`"
            )
            continue
        quality = f"{name}{QUALITY_ENDING}"
        found[name] = Cells(property=code, unit=mapping.units.get(code), quality=quality if quality in names else None)
    return found


def _place_columns(mapping: FileMapping) -> list[str]:
    place = mapping.station
    return [place.column] if place.column is not None else _columns(place.department, place.kind, place.device)


def _columns(*words: Word | None) -> list[str]:
    return [word.column for word in words if isinstance(word, Column)]


def _twice(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})
