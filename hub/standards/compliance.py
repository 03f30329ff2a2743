"""Whether a year of daily values keeps the standard: the percentile of HJ 663 against the daily limit of GB 3095."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from hub.batch import Ints
from hub.standards.columns import Means
from hub.standards.edition import Edition, in_force, load
from hub.standards.gb3095 import Level, Mean
from hub.standards.gb3095 import table as limits_on
from hub.standards.rounding import round_columns, round_even
from hub.standards.validity import AirValidity, yearly


class Hj663(Edition, frozen=True, kw_only=True):
    """An edition: percentile, mean and decimals of each pollutant."""

    percentile: dict[str, float]
    mean: dict[str, Mean]
    decimals: dict[str, int]
    multiple_decimals: int
    rate_decimals: int


EDITIONS: Final = load("hj663", Hj663)


@dataclass(frozen=True, slots=True)
class Compliance:
    """A year of one pollutant; numbers None where the year is not valid. `rate` is the share of valid days that keep the limit, in per cent."""

    start: int
    edition: str
    clause: str
    limit_edition: str
    percentile: float
    limit: float | None
    value: float | None
    meets: bool | None
    multiple: float | None
    days: int
    days_over: int
    rate: float | None
    coverage: float
    valid: bool


def compliance(
    name: str, days: Means, years: Ints, months: Ints, last_days: list[date], rule: AirValidity, level: Level = 2
) -> list[Compliance]:
    """Each year (edges `years`) of daily values (daily means, for ozone daily maxima) against the limit in force on its last day.

    Raises:
        ValueError: HJ 663 gives the property no percentile, or `last_days` are not one a year.
    """
    if len(last_days) != len(years) - 1:
        raise ValueError(f"last_days: expected {len(years) - 1}")
    whole = yearly(days, years, months, rule, name)
    found = []
    for place, last in enumerate(last_days):
        edition = _edition(name, last)
        year = days.within(int(years[place]), int(years[place + 1]))
        found.append(_year(name, year, edition, last, level, bool(whole.valid[place]), float(whole.coverage[place])))
    return found


def _edition(name: str, last: date) -> Hj663:
    edition = in_force(EDITIONS, last)
    if edition is None or name not in edition.percentile:
        known = ", ".join(sorted(EDITIONS[-1].percentile))
        raise ValueError(f"property {name!r} on {last}: expected one of {known}, from {EDITIONS[0].valid_from} on")
    return edition


def _year(name: str, days: Means, edition: Hj663, last: date, level: Level, valid: bool, coverage: float) -> Compliance:
    table = limits_on(last)
    limit = None if table is None else table.limit(name, edition.mean[name], level)
    digits = edition.decimals[name]
    values = round_columns(days.value[days.valid], digits)
    over = 0 if limit is None else int((values > limit).sum())
    value = round_even(float(np.percentile(values, edition.percentile[name])), digits) if valid else None
    meets = None if value is None or limit is None else value <= limit
    multiple = None
    if value is not None and limit is not None and value > limit:
        multiple = round_even((value - limit) / limit, edition.multiple_decimals)
    rate = None
    if valid and limit is not None:
        rate = round_even(100 * (len(values) - over) / len(values), edition.rate_decimals)
    return Compliance(
        int(days.start[0]) if len(days) else 0,
        edition.edition,
        f"{edition.edition} {edition.clause}",
        "" if table is None else table.edition,
        edition.percentile[name],
        limit,
        value,
        meets,
        multiple,
        len(values),
        over,
        rate,
        coverage,
        valid,
    )
