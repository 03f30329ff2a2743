"""What the register knows of the datastreams a file names: whether they may be, how their units convert, what an instrument can show."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hub.batch import Bytes, Floats
from hub.catalogue import Catalogue
from hub.model import QUALITY_CODE, Check, Station, check_property
from hub.properties import PROPERTIES
from hub.units import conversion
from ingest.imports.faults import Faults
from ingest.imports.sheet import Codes, Mask, Sheet

_RANGE: Final = np.uint8(Check.RANGE)


@dataclass(frozen=True, slots=True)
class Stream:
    """One datastream in one unit: value x `factor` + `offset` in the register's unit, of which an instrument shows [low, high]; or what is wrong."""

    factor: float = 1.0
    offset: float = 0.0
    low: float = -np.inf
    high: float = np.inf
    wrong: str = ""
    expected: str = ""


class Streams:
    """Looks each combination of station, property and unit up once."""

    def __init__(self, catalogue: Catalogue, *, auto_properties: bool) -> None:
        self._catalogue = catalogue
        self._auto = auto_properties
        self._known: dict[tuple[str, str, str], Stream] = {}
        self._stations: dict[str, str] = {}

    def stream(self, station: str, name: str, unit: str) -> Stream:
        """The datastream; `unit` "" is the register's own."""
        key = (station, name, unit)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._look_up(*key)
        return found

    def station_fault(self, station: str) -> str:
        """The form expected where this cannot be a station, else ""."""
        found = self._stations.get(station)
        if found is None:
            try:
                Station.parse(station)
                found = ""
            except ValueError as error:
                found = str(error).partition("expected ")[2] or str(error)
            self._stations[station] = found
        return found

    def _look_up(self, station: str, name: str, unit: str) -> Stream:
        if self.station_fault(station):
            return Stream(wrong="station", expected=self.station_fault(station))
        try:
            check_property(name)
        except ValueError:
            return Stream(
                wrong="property", expected="[a-z][a-z0-9_]{0,47}, or a name that `properties` in the mapping renames"
            )
        device = self._catalogue.devices.get(station)
        listed = name in PROPERTIES or (device is not None and (name in device.datastreams or device.auto_properties))
        if not listed and not self._auto:
            return Stream(
                wrong="property", expected="a property of docs/properties.md, one of the register, or --auto-properties"
            )
        entry = self._catalogue.property_of(station, name)
        try:
            change = conversion(unit, entry.unit) if unit else conversion(entry.unit, entry.unit)
        except ValueError:
            return Stream(wrong="unit", expected=f"a unit that becomes {entry.unit or 'a plain number'}")
        low = -np.inf if entry.low is None else entry.low
        return Stream(change.factor, change.offset, low, np.inf if entry.high is None else entry.high)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Values (n,) in the register's units with their checks, and which rows may be."""

    value: Floats
    checks: Bytes
    good: Mask


def judge(
    sheet: Sheet,
    codes: Codes,
    found: list[Stream],
    value: Floats,
    words: dict[str, str],
    texts: list[str],
    faults: Faults,
) -> Judged:
    """Convert and check values whose rows are of the streams `found[codes]`; `words` are the columns' names for what is wrong, `texts` how
    each stream is written in the file.
    """
    wrong = np.array([bool(one.wrong) for one in found], bool)
    if wrong.any():
        for row in np.flatnonzero(wrong[codes]).tolist():
            stream = found[int(codes[row])]
            faults.add(int(sheet.line[row]), words[stream.wrong], texts[int(codes[row])], stream.expected)
    factor, offset, low, high = (
        np.array([getattr(one, name) for one in found])[codes] for name in ("factor", "offset", "low", "high")
    )
    value = value * factor + offset
    checks: Bytes = ((value < low) | (value > high)).astype(np.uint8) * _RANGE
    return Judged(value, checks, ~wrong[codes])


def letters_of(
    sheet: Sheet, column: str | None, renamed: dict[str, str], faults: Faults
) -> tuple[NDArray[np.uint8], Mask]:
    """The quality code (n,) of each row, and which rows have a letter that can be one."""
    if column is None:
        return np.zeros(len(sheet), np.uint8), np.ones(len(sheet), bool)
    codes, words = sheet.words(column)
    letters = [QUALITY_CODE.get(renamed.get(word, word)) for word in words]
    known = np.array([letter is not None for letter in letters], bool)[codes]
    for row in np.flatnonzero(~known).tolist():
        expected = f"{' '.join(QUALITY_CODE).strip()} or nothing, or a word that `qualities` in the mapping renames"
        faults.add(int(sheet.line[row]), column, words[int(codes[row])], expected)
    return np.array([letter or 0 for letter in letters], np.uint8)[codes], known
