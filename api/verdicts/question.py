"""A question for verdicts: which stations, which windows, by which standard; and how much one may ask."""

from dataclasses import dataclass
from typing import Final, Literal

from api.context import History
from api.problem import invalid
from hub.batch import Ints
from hub.derived import derived_name
from hub.standards import gb3838, hj633
from hub.standards.air_limits import POLLUTANTS
from hub.standards.gb3095 import Level
from hub.standards.gb3838 import Class
from storage.series import Every, Select
from storage.windows import edges, parse_every, shortest

Standard = Literal["gb3838", "aqi", "gb3095"]
Basis = Literal["point", "hour", "day"]
Group = Literal["river", "basin", "lake"]

KIND_OF: Final = {"gb3838": "water", "aqi": "air", "gb3095": "air"}
WINDOWS: Final = {
    "gb3838": ("1h", "1d", "1w", "1mo", "1y"),
    "aqi": ("1h", "1d"),
    "gb3095": ("1h", "1d", "1mo", "1y"),
}
MOST_VERDICTS: Final = 20_000
"""Stations times windows of one answer."""

_LONGEST_DAYS: Final = 3660
_DAY: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: windows by their `edges` (w + 1,) UTC ms in `zone`; `base` None is each section's target class, else III."""

    standard: Standard
    every: Every
    edges: Ints
    zone: str
    basis: Basis
    base: Class | None
    level: Level
    least_coverage: float
    unmonitored: tuple[str, ...]


def windows_asked(standard: Standard, every: str, start: int, end: int, zone: str) -> tuple[Every, Ints]:
    """The window and the edges of all windows that meet [start, end), each of them whole.

    Raises:
        Problem: a window that the standard does not judge, or too long a time.
    """
    if every not in WINDOWS[standard]:
        raise invalid("every", f"one of {', '.join(WINDOWS[standard])} for standard={standard}")
    if end - start > _LONGEST_DAYS * _DAY:
        raise invalid("from", f"at most {_LONGEST_DAYS} days between from and to")
    parsed = parse_every(every)
    return parsed, edges(start, end, parsed, zone)


def check_basis(basis: Basis, every: Every) -> None:
    """Refuse means of parts that are as long as their window.

    Raises:
        Problem: `basis` is no shorter than `every`.
    """
    longest = {"point": 0, "hour": 3_600_000, "day": _DAY}[basis]
    if longest >= shortest(every):
        raise invalid("basis", "parts shorter than `every`: point, or hour for days, or day for weeks and longer")


def check_count(stations: int, windows: int) -> None:
    """Refuse an answer that would be too long.

    Raises:
        Problem: `invalid-parameter`, with what would be allowed.
    """
    if stations * windows > MOST_VERDICTS:
        most = max(1, MOST_VERDICTS // stations)
        raise invalid("every", f"at most {MOST_VERDICTS} verdicts: with {stations} stations at most {most} windows")


def names_for(standard: Standard) -> tuple[str, ...]:
    """The properties that the standard judges, without those that are derived from them."""
    if standard == "gb3838":
        found = [item.property for edition in gb3838.EDITIONS for item in edition.items]
        return tuple(dict.fromkeys((*found, gb3838.SATURATION)))
    if standard == "gb3095":
        return POLLUTANTS
    reports = (report for edition in hj633.EDITIONS for report in (edition.day, edition.hour))
    return tuple(dict.fromkeys(one.property for report in reports for one in report))


def with_hours(names: tuple[str, ...]) -> tuple[str, ...]:
    """The properties and their hourly means, which a logger may send itself."""
    return (*names, *(derived_name(name, "hour") for name in names))


def stations_asked(parts: History, select: Select, names: tuple[str, ...]) -> list[str]:
    """The stations of the selection that have, or may have, any of the properties.

    One that is registered without a word of its properties and never sent anything is named too: it is for the reader to know that it says nothing.
    """
    seen: dict[str, set[str]] = {}
    for one in parts.series.latest(select):
        seen.setdefault(one.series.station, set()).add(one.series.property)
    for station, device in parts.register.now().devices.items():
        if device.enabled and not device.gateway and _selected(station, select):
            seen.setdefault(station, set()).update(device.datastreams)
    wanted = set(with_hours(names))
    return sorted(station for station, found in seen.items() if not found or found & wanted)


def _selected(station: str, select: Select) -> bool:
    asked = (select.department, select.kind, select.device)
    return all(word is None or word == own for word, own in zip(asked, station.split("/", 2), strict=True))


def select_of(station: str, properties: tuple[str, ...]) -> Select:
    """The question for one station's properties."""
    department, kind, device = station.split("/", 2)
    return Select(department, kind, device, properties)
