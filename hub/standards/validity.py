"""Hourly, daily, monthly and yearly means with the validity that the standards ask for: GB 3095 table 4 (air), HJ 212 annex C (outlets)."""

from datetime import date
from typing import Final, Literal

import msgspec
import numpy as np

from hub.batch import Floats, Ints
from hub.standards.columns import Column, Flags, Means, mean_by, window_of
from hub.standards.edition import Edition, Verified, in_force, load

MINUTE: Final = 60_000
HOUR: Final = 3_600_000
DAY: Final = 86_400_000
Via = Literal["hours", "points"]


class Ozone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The daily maximum: how many running means of the day it needs."""

    running_means: int
    clause: str
    verified: Verified


class Sampled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Pollutants sampled on some days only, with needs of their own."""

    properties: tuple[str, ...]
    day_hours: int
    month_days: int
    february_days: int
    year_days: int


class AirValidity(Edition, frozen=True, kw_only=True):
    """How much data each mean of the air's pollutants needs."""

    hour_minutes: int
    eight_hours: int
    day_hours: int
    month_days: int
    february_days: int
    year_days: int
    ozone: Ozone
    sampled: Sampled

    def of(self, name: str) -> "AirValidity | Sampled":
        """What the property's days, months and years need."""
        return self.sampled if name in self.sampled.properties else self


class SourceValidity(Edition, frozen=True, kw_only=True):
    """What the means of outlets and stacks need, shares in per cent."""

    water_percent: float
    flue_gas_percent: float


AIR: Final = load("validity_air", AirValidity)
SOURCE: Final = load("validity_source", SourceValidity)


def air_validity(day: date) -> AirValidity:
    """The rule on that day; before the first edition the first one, which later practice applies to older data too."""
    return in_force(AIR, day) or AIR[0]


def hourly(column: Column, hours: Ints, rule: AirValidity) -> Means:
    """Hourly means (via points) over the edges `hours` (w + 1,): valid with 45 minutes sampled.

    A column whose period is an hour or longer, or not declared, holds hourly means already: one valid value is an hour.
    """
    step = HOUR if column.period_ms is None else min(column.period_ms, HOUR)
    need = 1 if step >= HOUR else -(-rule.hour_minutes * MINUTE // step)
    value, count = _slots(column, hours, step)
    expected = np.maximum(1, np.diff(hours) // step)
    return _means(hours, value, count, expected, count >= need, rule)


def daily(
    hours: Means, days: Ints, rule: AirValidity, name: str = "", *, via: Via = "hours", points: Column | None = None
) -> Means:
    """Daily means over the edges `days` (d + 1,): valid with 20 valid hours; the mean is of the hours, or of all valid `points`.

    Raises:
        ValueError: via points without points.
    """
    value, count, expected = _of_parts(hours, days)
    if via == "points":
        if points is None:
            raise ValueError("points: expected a column for a mean via points")
        usable = points.usable
        value, _ = mean_by(window_of(points.time[usable], days), points.value[usable], len(days) - 1)
    # a day on which clocks change has 23 hours, and may be whole
    valid = count >= np.minimum(rule.of(name).day_hours, expected)
    return _means(days, value, count, expected, valid & (count > 0), rule)


def monthly(days: Means, months: Ints, rule: AirValidity, name: str = "") -> Means:
    """Monthly means of daily means over the edges `months` (m + 1,): valid with 27 days, 25 in February."""
    value, count, expected = _of_parts(days, months)
    return _means(months, value, count, expected, _enough_days(count, months, rule, name), rule)


def yearly(days: Means, years: Ints, months: Ints, rule: AirValidity, name: str = "") -> Means:
    """Yearly means of daily means over the edges `years` (y + 1,): valid with 324 days and every one of the year's months (edges `months`) valid."""
    value, count, expected = _of_parts(days, years)
    _, in_month, _ = _of_parts(days, months)
    poor = ~_enough_days(in_month, months, rule, name)
    year = window_of(months[:-1], years)
    whole = np.bincount(year[year >= 0], minlength=len(years) - 1) >= 12
    spoilt = np.bincount(year[(year >= 0) & poor], minlength=len(years) - 1) > 0
    return _means(years, value, count, expected, (count >= rule.of(name).year_days) & whole & ~spoilt, rule)


def source_means(column: Column, windows: Ints, kind: Literal["water", "flue_gas"], day: date) -> Means:
    """Means of an outlet's values by the share of normal ones: all of them for water, 75 % for flue gas; a missing value is not normal.

    What a mean needs is not said before the first edition: then that one's rule is taken.
    """
    rule = in_force(SOURCE, day) or SOURCE[0]
    percent = rule.water_percent if kind == "water" else rule.flue_gas_percent
    usable, count_of = column.usable, len(windows) - 1
    value, count = mean_by(window_of(column.time[usable], windows), column.value[usable], count_of)
    _, present = mean_by(window_of(column.time, windows), column.value, count_of)
    expected = present
    if column.period_ms is not None and kind == "flue_gas":
        expected = np.maximum(present, np.diff(windows) // column.period_ms)
    valid = (count > 0) & (100 * count >= percent * expected)
    if column.period_ms is not None:
        expected = np.maximum(present, np.diff(windows) // column.period_ms)
    return _means(windows, value, count, expected, valid, rule)


def plain(column: Column, windows: Ints, *, least_coverage: float = 0.0) -> Means:
    """Means via points where no standard says how many are needed: one valid value, and `least_coverage` of the declared ones."""
    step = HOUR if column.period_ms is None else column.period_ms
    usable = column.usable
    value, count = mean_by(window_of(column.time[usable], windows), column.value[usable], len(windows) - 1)
    expected = np.maximum(1, np.diff(windows) // step)
    valid = (count > 0) & (count >= least_coverage * expected)
    return Means(windows[:-1], windows[1:], np.where(valid, value, np.nan), count, expected, valid)


def _means(edges: Ints, value: Floats, count: Ints, expected: Ints, valid: Flags, rule: Edition) -> Means:
    kept = np.where(valid, value, np.nan)
    return Means(edges[:-1], edges[1:], kept, count, expected, valid, rule.edition, f"{rule.edition} {rule.clause}")


def _slots(column: Column, windows: Ints, step: int) -> tuple[Floats, Ints]:
    """Mean of the values of each window, and how many steps of its time have one: twice as many in the same minute cover no more time."""
    usable = column.usable
    time, value = column.time[usable], column.value[usable]
    window = window_of(time, windows)
    mean, _ = mean_by(window, value, len(windows) - 1)
    inside = window >= 0
    window, slot = window[inside], (time[inside] - windows[window[inside]]) // step
    fresh = np.ones(len(window), np.bool_)
    fresh[1:] = (window[1:] != window[:-1]) | (slot[1:] != slot[:-1])
    return mean, np.bincount(window[fresh], minlength=len(windows) - 1).astype(np.int64)


def _of_parts(parts: Means, edges: Ints) -> tuple[Floats, Ints, Ints]:
    window = window_of(parts.start, edges)
    value, count = mean_by(window[parts.valid], parts.value[parts.valid], len(edges) - 1)
    return value, count, np.bincount(window[window >= 0], minlength=len(edges) - 1).astype(np.int64)


def _enough_days(count: Ints, months: Ints, rule: AirValidity, name: str) -> Flags:
    needs = rule.of(name)
    february = np.rint(np.diff(months) / DAY) < 30
    enough: Flags = count >= np.where(february, needs.february_days, needs.month_days)
    return enough
