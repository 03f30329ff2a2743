"""The verdicts on stations, one station after the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from api.context import History
from api.verdicts.columns import hourly_columns, means_of_parts, window_means
from api.verdicts.question import Question, names_for
from hub.batch import Ints
from hub.standards.air_limits import Grid, Period, limit_verdicts
from hub.standards.columns import Means
from hub.standards.gb3838 import CLASSES, GRADES, Class
from hub.standards.hj633 import Report
from hub.standards.validity import HOUR, air_validity
from hub.standards.verdict import Verdict, air_verdicts, day_of, section_verdicts
from storage.series import Every
from storage.windows import edges as edges_of
from storage.zones import zone_of

_RUNNING: Final = 23
"""Hours before the first window that a running mean of 24 hours needs."""

_REPORT: Final[dict[str, Report]] = {"h": "hour", "d": "day"}
_PERIOD: Final[dict[str, Period]] = {"h": "hour", "d": "day", "mo": "month", "y": "year"}


@dataclass(frozen=True, slots=True)
class Judged:
    """A station's verdict, and for a section the class it is to keep and whether it does (None: nobody set one, or nothing may be said)."""

    station: str
    verdict: Verdict
    target: Class | None = None
    meets_target: bool | None = None


def judged(parts: History, stations: list[str], question: Question) -> Iterator[Judged]:
    """Every window of every station."""
    for station in stations:
        if question.standard == "gb3838":
            yield from _section(parts, station, question)
        else:
            yield from (Judged(station, one) for one in _air(parts, station, question))


def section_means(parts: History, station: str, question: Question) -> dict[str, Means]:
    """The means of a section's items over the windows."""
    names, least = names_for("gb3838"), question.least_coverage
    if question.basis == "point":
        return window_means(parts, station, names, question.edges, question.every, question.zone, least)
    return means_of_parts(parts, station, names, question.edges, question.basis, question.zone, least)


def _section(parts: History, station: str, question: Question) -> Iterator[Judged]:
    device = parts.register.now().devices.get(station)
    target = None if device is None else device.target_class
    means = section_means(parts, station, question)
    found = section_verdicts(
        means,
        question.edges,
        zone_of(question.zone),
        body=None if device is None else device.water_body,
        base=question.base or target or "III",
    )
    for one in found:
        meets = None
        if target is not None and one.value is not None:
            meets = one.value in GRADES[: CLASSES.index(target) + 1]
        yield Judged(station, one, target, meets)


def _air(parts: History, station: str, question: Question) -> list[Verdict]:
    zone = zone_of(question.zone)
    hours = _hours(question)
    names = names_for(question.standard)
    rule = air_validity(day_of(int(question.edges[0]), zone))
    columns = hourly_columns(parts, station, names, hours, rule)
    if question.standard == "aqi":
        report = _REPORT[question.every.unit]
        return air_verdicts(columns, report, question.edges, hours, zone, unmonitored=question.unmonitored)
    period = _PERIOD[question.every.unit]
    grid = Grid(question.edges, hours, _within(question, "d", period), _within(question, "mo", period))
    return limit_verdicts(columns, period, grid, zone, level=question.level)


def _hours(question: Question) -> Ints:
    start, end = int(question.edges[0]), int(question.edges[-1])
    if question.standard == "aqi" and question.every.unit == "h":
        start -= _RUNNING * HOUR
    return edges_of(start, end, Every(1, "h"), question.zone)


def _within(question: Question, unit: str, period: Period) -> Ints:
    """The edges of the days or months of the windows; none are needed of windows that are shorter."""
    if period == "hour" or (period == "day" and unit == "mo"):
        return np.empty(0, np.int64)
    return edges_of(int(question.edges[0]), int(question.edges[-1]), Every(1, unit), question.zone)
