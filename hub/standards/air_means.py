"""The means that a report of the air quality index is made of, each with the validity that GB 3095 and HJ 663 ask for."""

from collections.abc import Mapping
from datetime import date

import numpy as np

from hub.batch import Ints
from hub.standards import gb3095
from hub.standards.columns import Column, Means
from hub.standards.hj633 import Hj633, Report
from hub.standards.running import daily_maximum, eight_hours, running
from hub.standards.validity import AirValidity, air_validity, daily, hourly


def report_means(
    columns: Mapping[str, Column], edition: Hj633, report: Report, windows: Ints, hours: Ints, day: date
) -> dict[str, Means]:
    """Each mean that the report can use, by indicator (`pm10_24h_running`), over the edges `windows` (w + 1,).

    `columns` are in the catalogue's units, `hours` the edges of the hours that cover the windows and, for running means, what lies before them. A property
    without a column has no entry.
    """
    rule = air_validity(day)
    by_hour = {name: hourly(column, hours, rule) for name, column in columns.items()}
    return {
        f"{name}_{mean}": _mean(mean, name, by_hour[name], windows, rule, day)
        for name, mean in edition.wanted(report)
        if name in by_hour
    }


def _mean(mean: str, code: str, hours: Means, windows: Ints, rule: AirValidity, day: date) -> Means:
    match mean:
        case "24h":
            return daily(hours, windows, rule, code)
        case "8h_max":
            limits = gb3095.table(day)
            limit = None if limits is None else limits.limit(code, "8h", 2)
            return daily_maximum(hours, windows, rule, limit)
        case "1h_max":
            return _greatest(hours, windows, rule)
        case "8h_running":
            return _ending(eight_hours(hours, rule), windows)
        case "24h_running":
            return _ending(running(hours, 24, rule.day_hours), windows)
        case _:
            return _ending(hours, windows)


def _greatest(hours: Means, windows: Ints, rule: AirValidity) -> Means:
    """The greatest hour of each day, valid as the day's mean is."""
    days = daily(hours, windows, rule)
    largest = np.full(len(days), -np.inf)
    place = np.searchsorted(windows, hours.start, side="right") - 1
    chosen = hours.valid & (place >= 0) & (place < len(days))
    np.maximum.at(largest, place[chosen], hours.value[chosen])
    value = np.where(days.valid, largest, np.nan)
    return Means(days.start, days.end, value, days.count, days.expected, days.valid, days.edition, days.clause)


def _ending(means: Means, windows: Ints) -> Means:
    """The means that end where each window ends; those that nobody gave are not valid."""
    place = np.searchsorted(means.end, windows[1:])
    place = np.minimum(place, max(len(means) - 1, 0))
    there = means.end[place] == windows[1:] if len(means) else np.zeros(len(windows) - 1, np.bool_)
    return Means(
        windows[:-1],
        windows[1:],
        np.where(there, means.value[place], np.nan),
        np.where(there, means.count[place], 0),
        means.expected[place],
        there & means.valid[place],
        means.edition,
        means.clause,
    )
