"""A calendar file line by line (RFC 5545, section 3.1): each property with the number of the line it begins on."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from icalendar.parser import Contentline

from hub.errors import Fault

MOST: Final = 2_097_152
"""Bytes of the largest file that is read."""


@dataclass(frozen=True, slots=True)
class Line:
    """One property; parameters by their names in capitals."""

    number: int
    name: str
    params: dict[str, str]
    value: str


@dataclass(slots=True)
class Entry:
    """The properties of one VEVENT, by name, and the line it begins on."""

    number: int
    lines: dict[str, list[Line]] = field(default_factory=dict)

    def one(self, name: str) -> Line | None:
        """The first property of this name."""
        return self.lines.get(name, [None])[0]

    def text(self, name: str) -> str:
        """What it says, empty where it is missing."""
        line = self.one(name)
        return "" if line is None else line.value.strip()


@dataclass(slots=True)
class Zones:
    """Zones that the file describes itself: by its name for one, the IANA name that it says belongs to it."""

    locations: dict[str, str] = field(default_factory=dict)


def entries(text: str, file: str) -> tuple[list[Entry], Zones, list[Fault]]:
    """The events of a calendar, the zones it names, and every line that is none."""
    faults: list[Fault] = []
    found: list[Entry] = []
    zones, stack, tzid = Zones(), list[str](), ""
    for line in _lines(text, file, faults):
        if line.name == "BEGIN":
            stack.append(line.value.upper())
            if stack[-1] == "VEVENT":
                found.append(Entry(line.number))
        elif line.name == "END":
            if not stack or stack.pop() != line.value.upper():
                faults.append(
                    Fault(file, line.number, "END", f"{line.value!r}: expected the END of what was begun last")
                )
        elif stack and stack[-1] == "VEVENT":
            found[-1].lines.setdefault(line.name, []).append(line)
        elif stack and stack[-1] == "VTIMEZONE":
            tzid = line.value if line.name == "TZID" else tzid
            if line.name == "X-LIC-LOCATION":
                zones.locations[tzid] = line.value
    if not text.lstrip("\ufeff").lstrip().upper().startswith("BEGIN:VCALENDAR"):
        return [], zones, [Fault(file, 1, "BEGIN", "expected BEGIN:VCALENDAR: this is no iCalendar file (RFC 5545)")]
    if stack:
        faults.append(Fault(file, len(text.splitlines()), "END", f"expected END:{stack[-1]}: the file is cut off"))
    return found, zones, faults


def _lines(text: str, file: str, faults: list[Fault]) -> Iterator[Line]:
    for number, line in _unfolded(text):
        try:
            name, params, value = Contentline(line).parts()  # type: ignore[no-untyped-call]
        except ValueError:
            faults.append(Fault(file, number, "", f"{line[:60]!r}: expected NAME;PARAMETER=VALUE:VALUE"))
            continue
        if ":" not in line:
            faults.append(Fault(file, number, str(name).upper(), f"{line[:60]!r}: expected a colon before the value"))
            continue
        yield Line(number, str(name).upper(), {str(key).upper(): str(each) for key, each in params.items()}, str(value))


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Whole lines: what begins with a space or tab goes on with the line before."""
    number, whole = 0, ""
    for place, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        if line[:1] in (" ", "\t") and whole:
            whole += line[1:]
            continue
        if whole.strip():
            yield number, whole
        number, whole = place, line
    if whole.strip():
        yield number, whole
