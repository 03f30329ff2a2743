"""Means that run from hour to hour: eight hours of ozone and their daily maximum (GB 3095, HJ 663), 24 hours of particles (HJ 633-2012)."""

import numpy as np

from hub.batch import Floats, Ints
from hub.standards.columns import Means, plain_decimals, window_of
from hub.standards.validity import AirValidity


def running(hours: Means, length: int, least: int) -> Means:
    """The mean of each hour and the `length` - 1 before it, valid with `least` valid ones; `hours` follow each other without a gap.

    A mean that begins before the first hour given is not valid: nobody knows what was there.
    """
    held = np.where(hours.valid, hours.value, 0.0)
    total = _trailing(held, length)
    count = _trailing(hours.valid.astype(np.float64), length)
    count_of = np.rint(count).astype(np.int64)
    valid = (count_of >= least) & (np.arange(len(hours)) >= length - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = plain_decimals(np.where(valid, total / count_of, np.nan))
    first = np.arange(len(hours)) - length + 1
    begin = hours.start[np.maximum(first, 0)] + np.minimum(first, 0) * (hours.end - hours.start)
    expected = np.full(len(hours), length, np.int64)
    return Means(begin, hours.end, value, count_of, expected, valid, hours.edition, hours.clause)


def eight_hours(hours: Means, rule: AirValidity) -> Means:
    """The running eight-hour means, valid with six valid hours."""
    return running(hours, 8, rule.eight_hours)


def daily_maximum(hours: Means, days: Ints, rule: AirValidity, limit: float | None = None) -> Means:
    """The greatest running eight-hour mean of each day (edges `days`, (d + 1,)): of those that end from 8 to 24 o'clock, valid with 14 of them.

    With fewer it is valid all the same where it is over `limit` (HJ 663-2013).
    """
    eight = eight_hours(hours, rule)
    span = len(days) - 1
    # a mean that ends at 8 o'clock or later began within the day, so the day's are those that both begin and end in it
    day = window_of(eight.end - 1, days)
    inside = (day >= 0) & (day == window_of(eight.start, days))
    largest = np.full(span, -np.inf)
    chosen = inside & eight.valid
    np.maximum.at(largest, day[chosen], eight.value[chosen])
    count = np.bincount(day[chosen], minlength=span).astype(np.int64)
    expected = np.maximum(np.bincount(day[inside], minlength=span), 1).astype(np.int64)
    valid = (count >= np.minimum(rule.ozone.running_means, expected)) & (count > 0)
    if limit is not None:
        valid |= (count > 0) & (largest > limit)
    value = np.where(valid, largest, np.nan)
    return Means(days[:-1], days[1:], value, count, expected, valid, rule.edition, rule.ozone.clause)


def _trailing(value: Floats, length: int) -> Floats:
    """Sums of each value and those before it, `length` in all; each sum afresh, so that no rounding is carried along."""
    padded = np.concatenate((np.zeros(length - 1), value))
    found: Floats = np.lib.stride_tricks.sliding_window_view(padded, length).sum(axis=1)
    return found
