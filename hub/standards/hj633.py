"""The air quality index: HJ 633 in the edition that the observation's day asks for.

All arithmetic is on whole numbers (concentrations are rounded to whole steps first), since an index is rounded up and a binary crumb would raise it by one.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import isnan
from types import MappingProxyType
from typing import Final, Literal

import msgspec
import numpy as np

from hub.batch import Floats
from hub.properties import PROPERTIES
from hub.standards.edition import Edition, in_force, load
from hub.standards.rounding import round_columns
from hub.units import conversion

Report = Literal["hour", "day"]
_NO_UNITS: Final[Mapping[str, str]] = MappingProxyType({})


class Instead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is reported in place of an indicator that is beyond its column."""

    mean: str
    column: str


class Indicator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pollutant's mean that has an index: `mean` is 1h, 24h, 8h_max, 1h_max, 8h_running or 24h_running."""

    property: str
    mean: str
    column: str
    instead: Instead | None = None

    def name(self) -> str:
        """The indicator as columns are named, such as `o3_8h_max`."""
        return f"{self.property}_{self.mean}"


class Category(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an index is called; a colour (sRGB) is never shown without the word."""

    up_to: int
    level: str
    zh: str
    en: str
    colour_zh: str
    colour_en: str
    colour: str


class Categories(Edition, frozen=True, kw_only=True):
    """The categories."""

    categories: tuple[Category, ...]


class Hj633(Edition, frozen=True, kw_only=True):
    """An edition: breakpoints, indicators of the reports, and what follows from a missing pollutant."""

    iaqi: tuple[int, ...]
    breakpoints: dict[str, tuple[int, ...]]
    decimals: dict[str, int]
    day: tuple[Indicator, ...]
    hour: tuple[Indicator, ...]
    least: int
    needs_all_up_to: int
    beyond: dict[str, int] = msgspec.field(default_factory=dict)
    exceeding_over: int | None = None

    def indicators(self, report: Report) -> tuple[Indicator, ...]:
        """What the report is made of."""
        return self.day if report == "day" else self.hour

    def wanted(self, report: Report) -> tuple[tuple[str, str], ...]:
        """Property and mean of every value that the report can use; `judge` takes them by `PROPERTY_MEAN`."""
        own = [(one.property, one.mean) for one in self.indicators(report)]
        instead = [(one.property, one.instead.mean) for one in self.indicators(report) if one.instead is not None]
        return tuple(dict.fromkeys((*own, *instead)))

    def index(self, name: str, column: str, value: Floats, unit: str | None = None) -> Floats:
        """The individual index of each concentration (n,) of property `name`, NaN where there is none; `unit` where it is not the catalogue's.

        Raises:
            ValueError: the unit is no mass concentration.
        """
        entry = PROPERTIES[name]
        rule = conversion(entry.unit if unit is None else unit, entry.unit)
        digits = self.decimals[name]
        rounded = round_columns(np.asarray(value, np.float64) * rule.factor, digits)
        usable = np.isfinite(rounded) & (rounded >= 0)
        scale = 10**digits
        steps = np.rint(np.where(usable, rounded, 0) * scale).astype(np.int64)
        points = np.array(self.breakpoints[column], np.int64) * scale
        index = np.array(self.iaqi, np.int64)
        upper = np.clip(np.searchsorted(points, steps, side="left"), 1, len(points) - 1)
        rise, run = index[upper] - index[upper - 1], points[upper] - points[upper - 1]
        exact = -((-rise * (steps - points[upper - 1])) // run) + index[upper - 1]
        over = self.beyond.get(column, self.iaqi[-1] if len(points) == len(index) else None)
        result = np.where(steps > points[-1], np.nan if over is None else float(over), exact)
        found: Floats = np.where(usable, result, np.nan)
        return found


EDITIONS: Final = load("hj633", Hj633)
CATEGORIES: Final = load("aqi_categories", Categories)


@dataclass(frozen=True, slots=True)
class Individual:
    """One pollutant of a report: which mean decided, its concentration as rounded, its index; None where there is none."""

    property: str
    indicator: str
    value: float | None
    iaqi: int | None


@dataclass(frozen=True, slots=True)
class Aqi:
    """An index: `aqi` and `category` None (NA) when nothing may be published; `primary` the pollutants of the greatest index over 50, ties together."""

    edition: str
    clause: str
    report: Report
    aqi: int | None
    category: Category | None
    primary: tuple[str, ...]
    exceeding: tuple[str, ...]
    individual: tuple[Individual, ...]
    missing: tuple[str, ...]

    @property
    def coverage(self) -> float:
        """The share of the report's pollutants that is there."""
        names = {one.property for one in self.individual}
        return 1 - len(self.missing) / len(names)


def table(day: date) -> Hj633 | None:
    """The edition in force on that day."""
    return in_force(EDITIONS, day)


def category_of(aqi: int) -> Category:
    """The word and colour of an index; the two editions agree."""
    return next(one for one in CATEGORIES[-1].categories if aqi <= one.up_to)


def judge(
    means: Mapping[str, float],
    report: Report,
    day: date,
    *,
    units: Mapping[str, str] | None = None,
    unmonitored: Collection[str] = (),
) -> Aqi | None:
    """The index from the report's means by indicator (`Hj633.wanted`); NaN or left out is missing. None before the first edition.

    `day` is the site's date of the observation. `units` by property where not the catalogue's. `unmonitored` are pollutants that are not in the monitoring plan
    and were never primary at light pollution or worse in three years (HJ 633-2026, 5.3.2): they are missing without consequence.

    Raises:
        ValueError: a unit that is no mass concentration.
    """
    edition = table(day)
    if edition is None:
        return None
    columns = {name: np.array([value], np.float64) for name, value in means.items()}
    return judge_columns(columns, report, edition, 1, units=units or {}, unmonitored=unmonitored)[0]


def judge_columns(
    means: Mapping[str, Floats],
    report: Report,
    edition: Hj633,
    windows: int,
    *,
    units: Mapping[str, str] = _NO_UNITS,
    unmonitored: Collection[str] = (),
) -> list[Aqi]:
    """`judge` for each of so many windows, all under one edition; `means` (w,) by indicator.

    Raises:
        ValueError: a unit that is no mass concentration.
    """
    gone = np.full(windows, np.nan)
    columns = [_column(one, means, edition, units, gone) for one in edition.indicators(report)]
    return [_whole(_worst_of_each(singles), report, edition, unmonitored) for singles in zip(*columns, strict=True)]


def _whole(individual: list[Individual], report: Report, edition: Hj633, unmonitored: Collection[str]) -> Aqi:
    known = {one.property: one.iaqi for one in individual if one.iaqi is not None}
    missing = tuple(one.property for one in individual if one.iaqi is None)
    aqi = max(*known.values(), edition.least) if known else None
    if aqi is not None and aqi <= edition.needs_all_up_to and set(missing) - set(unmonitored):
        aqi = None
    over = edition.exceeding_over
    return Aqi(
        edition.edition,
        f"{edition.edition} {edition.clause}",
        report,
        aqi,
        None if aqi is None else category_of(aqi),
        tuple(name for name, index in known.items() if aqi is not None and index == aqi > 50),
        tuple(name for name, index in known.items() if over is not None and index > over),
        tuple(individual),
        missing,
    )


def _column(
    one: Indicator, means: Mapping[str, Floats], edition: Hj633, units: Mapping[str, str], gone: Floats
) -> list[Individual]:
    found = _indexed(one.property, one.name(), one.column, means, edition, units, gone)
    if one.instead is None:
        return found
    name = f"{one.property}_{one.instead.mean}"
    instead = _indexed(one.property, name, one.instead.column, means, edition, units, gone)
    return [
        other if own.iaqi is None and own.value is not None else own for own, other in zip(found, instead, strict=True)
    ]


def _indexed(
    name: str,
    indicator: str,
    column: str,
    means: Mapping[str, Floats],
    edition: Hj633,
    units: Mapping[str, str],
    gone: Floats,
) -> list[Individual]:
    given, unit = means.get(indicator, gone), units.get(name)
    index = edition.index(name, column, given, unit)
    factor = conversion(unit or PROPERTIES[name].unit, PROPERTIES[name].unit).factor
    value = round_columns(given * factor, edition.decimals[name])
    return [
        Individual(name, indicator, None if isnan(one) else one, None if isnan(iaqi) else int(iaqi))
        for one, iaqi in zip(value.tolist(), index.tolist(), strict=True)
    ]


def _worst_of_each(singles: Iterable[Individual]) -> list[Individual]:
    """One entry a pollutant: the indicator with the greatest index, else the first."""
    best: dict[str, Individual] = {}
    for one in singles:
        known = best.get(one.property)
        if known is None or (one.iaqi or -1) > (-1 if known.iaqi is None else known.iaqi):
            best[one.property] = one
    return list(best.values())
