"""The values of a message by station and time: what the elements mean, whatever the coding (SL 651-2014, annex C)."""

import math
from collections.abc import Iterable
from typing import Final, NamedTuple

from hub.errors import Refused
from ingest.field.session import ProtocolError
from ingest.protocols.sl651.body import STEP
from ingest.protocols.sl651.elements import ELEMENTS, NAMES, ElementOf
from ingest.protocols.sl651.message import Element, Item, Observed, Series, Site, Word, WordSeries
from ingest.protocols.sl651.moment import to_epoch
from ingest.protocols.sl651.values import SLOT_MS, bcd, meaning, slots, written

_HOUR_MS: Final = 3_600_000
_STEPS_MS: Final = {"D": 24 * _HOUR_MS, "H": _HOUR_MS, "N": 60_000}
_GATE_NUMBER: Final = "0A"
_OF_A_GATE: Final = frozenset(("09", "0C", "31"))


class Value(NamedTuple):
    """One value in `unit`: NaN where missing, `values.FAULT` where the station has none that is lawful; no time: none was given before it."""

    station: str
    time: int | None
    code: str
    property: str
    unit: str | None
    value: float | str


def values_of(items: Iterable[Item], station: str, zone: str | None, wrong: list[Refused]) -> list[Value]:
    """The values in order; `station` is the frame's. What cannot be read goes to `wrong`, and the rest is still read."""
    reading = _Reading(station, zone)
    for item in items:
        try:
            reading.take(item)
        except ProtocolError as error:
            wrong.append(Refused(error.reason, f"sl651 {reading.station}: {error.detail}"))
    return reading.values


class _Reading:
    """Where in the body one is: whose station, what time, which step, which gate."""

    __slots__ = ("gate", "station", "step", "time", "values", "zone")

    def __init__(self, station: str, zone: str | None) -> None:
        self.station, self.zone = station, zone
        self.time: int | None = None
        self.step = 0
        self.gate = ""
        self.values: list[Value] = []

    def take(self, item: Item) -> None:
        """The next item."""
        match item:
            case Element():
                self._element(item)
            case Observed(digits):
                self.time = None  # what follows a time that cannot be read has none
                self.time = to_epoch(digits, self.zone)
            case Site(station):
                self.station, self.gate = station, ""
            case Series(code, definition, data):
                self._series(code, definition, data)
            case Word(name, text):
                self._word(name, text)
            case WordSeries(names, texts):
                self._words(names, texts)
            case _:
                return  # nothing to measure: manual text, pictures, states

    def _element(self, item: Element) -> None:
        code, row = item.code, ELEMENTS.get(item.code)
        if row is None:
            self._unknown(code, _loose(item.data, item.definition))
        elif row.form == "number":
            self._put(row, bcd(item.data, item.definition & 7))
        elif row.form in ("rain", "level"):
            self._slots(row, slots(item.data, row.form), 0)
        elif row.form == "word":
            self._put(row, float(int.from_bytes(item.data)))
        elif code == STEP:
            self.step = _step(item.data.hex())
        elif row.form == "label":
            self._label(code, bcd(item.data, 0))
        else:
            self._put(row, meaning(row, bcd(item.data, item.definition & 7)))

    def _word(self, name: str, text: str) -> None:
        row = NAMES.get(name.upper())
        if not text:
            self.step = int(name[3:5]) * _STEPS_MS[name[2]] if name.startswith("DR") and name[3:5].isdecimal() else 0
        elif row is None:
            self._unknown(name, written(text))
        elif row.form in ("rain", "level"):
            self._slots(row, slots(_raw(text), row.form), 0)
        elif row.form == "word":
            self._put(row, float(int.from_bytes(_raw(text))))
        elif row.form == "label":
            self._label(row.code, written(text))
        else:
            self._put(row, meaning(row, written(text)))

    def _series(self, code: str, definition: int, data: bytes) -> None:
        row, size = ELEMENTS.get(code), definition >> 3
        if row is not None and row.form in ("rain", "level"):
            # With a step of 0 the groups are of an hour each (annex C, note g); twelve values of five minutes either way.
            self._slots(row, slots(data, row.form), 0)
            return
        for place in range(len(data) // size):
            part = data[place * size : (place + 1) * size]
            if row is None:
                self._unknown(code, _loose(part, definition), place)
            else:
                self._put(row, meaning(row, bcd(part, definition & 7)), place * self.step)

    def _words(self, names: tuple[str, ...], texts: tuple[str, ...]) -> None:
        for place, text in enumerate(texts):
            name, later = names[place % len(names)], place // len(names)
            row = NAMES.get(name.upper())
            if row is None:
                self._unknown(name, written(text), later)
            elif row.form in ("rain", "level"):
                self._slots(row, slots(_raw(text), row.form), later * (self.step or _HOUR_MS))
            else:
                self._put(row, meaning(row, written(text)), later * self.step)

    def _slots(self, row: ElementOf, values: list[float | str], later: int) -> None:
        for place, value in enumerate(values):
            self._put(row, value, later + place * SLOT_MS)

    def _label(self, code: str, value: float | str) -> None:
        if code == _GATE_NUMBER:
            self.gate = f"_{value:.0f}" if isinstance(value, float) and not math.isnan(value) else ""

    def _put(self, row: ElementOf, value: float | str, later: int = 0) -> None:
        name = row.property + self.gate if self.gate and row.code in _OF_A_GATE else row.property
        time = self.time if not later or self.time is None else self.time + later
        self.values.append(Value(self.station, time, row.code, name, row.unit, value))

    def _unknown(self, code: str, value: float | str, place: int = 0) -> None:
        time = self.time if self.time is None else self.time + place * self.step
        self.values.append(Value(self.station, time, code, f"sl651_{code.lower()}", None, value))


def _loose(data: bytes, definition: int) -> float | str:
    """An element of a form we do not know: BCD if it is that, else an unsigned number (6.6.3.3 c)."""
    try:
        return bcd(data, definition & 7)
    except ProtocolError:
        return float(int.from_bytes(data))


def _step(digits: str) -> int:
    """Days, hours, minutes, a byte each, as ms (table C.3)."""
    if len(digits) != 6 or not digits.isdecimal():
        raise ProtocolError("bad_value", f"time step {digits}: expected dhm, a BCD byte each (SL 651-2014, table C.3)")
    return sum(int(digits[2 * place : 2 * place + 2]) * size for place, size in enumerate(_STEPS_MS.values()))


def _raw(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise ProtocolError("bad_value", f"{text[:20]!r}: expected hexadecimal digits (SL 651-2014, annex C)") from None
