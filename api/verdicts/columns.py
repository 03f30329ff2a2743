"""What the store has for a verdict: means over windows, or hourly values, each series read once and let go.

A logger's own hourly means (`pm2_5_hour`, as HJ 212 sends them) are the standard's hours where the device sends them; elsewhere the hours are made from what it
measured.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import numpy as np

from api.context import History
from api.verdicts.question import Basis, select_of, with_hours
from hub.batch import Floats, Ints
from hub.derived import derived_name, property_named
from hub.standards.columns import Column, Flags, Means, plain_decimals, window_of
from hub.standards.validity import HOUR, AirValidity, hourly, plain
from hub.units import conversion
from storage.columns import valid
from storage.series import Every, Windows

_INNER: Final[Mapping[str, tuple[Every, int]]] = {
    "hour": (Every(1, "h"), HOUR),
    "day": (Every(1, "d"), 24 * HOUR),
}
_SUFFIX: Final = derived_name("", "hour").removeprefix("_")


def step_of(parts: History, station: str, name: str) -> int | None:
    """The declared period of a series in ms; a logger's hourly mean comes no more often than once an hour."""
    period = parts.register.period(station, name)
    return max(period or HOUR, HOUR) if name.endswith(f"_{_SUFFIX}") else period


def hourly_columns(
    parts: History, station: str, names: tuple[str, ...], hours: Ints, rule: AirValidity
) -> dict[str, Column]:
    """The hourly values of each pollutant over the edges `hours`, valid as `rule` has it, in the catalogue's units."""
    means = hourly_means(parts, station, names, hours, lambda column: hourly(column, hours, rule))
    return {name: Column(hours[:-1], one.value, one.valid, HOUR) for name, one in means.items()}


def hourly_means(
    parts: History, station: str, names: tuple[str, ...], hours: Ints, mean: Callable[[Column], Means]
) -> dict[str, Means]:
    """What `mean` makes of each property's values over the edges `hours`, in the catalogue's units; a unit that measures something else gives none."""
    found: dict[str, Means] = {}
    sent: dict[str, tuple[Means, Flags]] = {}
    select = select_of(station, with_hours(names))
    for points in parts.series.scan(select, int(hours[0]), int(hours[-1])):
        name = points.series.property
        code = name if name in names else name.removesuffix(f"_{_SUFFIX}")
        factor = factor_of(parts, station, name, code)
        if factor is None:
            continue
        good = valid(points.quality, points.checks)
        means = mean(Column(points.time, points.value * factor, good, step_of(parts, station, name)))
        if name == code:
            found[code] = means
        else:
            sent[code] = means, _present(points.time, hours)
    return {code: _merged(found.get(code), sent.get(code)) for code in names if code in found or code in sent}


def _merged(own: Means | None, sent: tuple[Means, Flags] | None) -> Means:
    if sent is None:
        assert own is not None
        return own
    return sent[0] if own is None else _chosen(own, *sent)


def window_means(
    parts: History, station: str, names: tuple[str, ...], edges: Ints, every: Every, zone: str, least: float = 0.0
) -> dict[str, Means]:
    """The mean of each property's valid values over the windows, in the catalogue's units; `least` is the share of the declared values that is needed."""
    found = {}
    for code, pair in _pairs(parts, station, names, edges, every, zone):
        means = [_of_window(one, edges, step, least) for one, step in pair]
        there = [_of_all(one, edges) for one, _ in pair]
        found[code] = means[0] if len(means) == 1 else _chosen(means[0], means[1], there[1])
    return found


def means_of_parts(
    parts: History, station: str, names: tuple[str, ...], edges: Ints, basis: Basis, zone: str, least: float = 0.0
) -> dict[str, Means]:
    """The same as the mean of hourly or daily means, each of which needs one valid value."""
    every, length = _INNER[basis]
    found = {}
    for code, pair in _pairs(parts, station, names, edges, every, zone):
        columns = [_of_parts(one, max(length, step or 0)) for one, step in pair]
        means = [plain(column, edges, least_coverage=least) for column in columns]
        found[code] = means[0] if len(means) == 1 else _chosen(means[0], means[1], _present(columns[1].time, edges))
    return found


def _pairs(
    parts: History, station: str, names: tuple[str, ...], edges: Ints, every: Every, zone: str
) -> Iterator[tuple[str, list[tuple[Windows, int | None]]]]:
    """Each property with its windows, what it measured before what its logger made hours of."""
    asked = ("mean", "count", "count_all")
    select = select_of(station, with_hours(names))
    windows = parts.series.windows(select, int(edges[0]), int(edges[-1]), every, asked, zone)
    by_name = {one.series.property: one for one in windows}
    for code in names:
        pair = []
        for name in (code, derived_name(code, "hour")):
            factor = factor_of(parts, station, name, code)
            if name in by_name and factor is not None:
                one = by_name[name]
                columns = {**one.columns, "mean": one.columns["mean"] * factor}
                pair.append((Windows(one.series, one.start, columns), step_of(parts, station, name)))
        if pair:
            yield code, pair


def _of_window(one: Windows, edges: Ints, step: int | None, least: float) -> Means:
    value, count = _spread(one, "mean", edges), np.nan_to_num(_spread(one, "count", edges)).astype(np.int64)
    expected = np.maximum(1, np.diff(edges) // (HOUR if step is None else step))
    good = (count > 0) & (count >= least * expected)
    return Means(edges[:-1], edges[1:], np.where(good, plain_decimals(value), np.nan), count, expected, good)


def _of_all(one: Windows, edges: Ints) -> Flags:
    there: Flags = np.nan_to_num(_spread(one, "count_all", edges)) > 0
    return there


def _of_parts(one: Windows, step: int) -> Column:
    mean = one.columns["mean"]
    return Column(one.start, mean, ~np.isnan(mean), step)


def _spread(one: Windows, name: str, edges: Ints) -> Floats:
    """A column of the windows that are there as one of all windows, NaN elsewhere."""
    found = np.full(len(edges) - 1, np.nan)
    found[np.searchsorted(edges, one.start)] = one.columns[name]
    return found


def _chosen(own: Means, sent: Means, there: Flags) -> Means:
    """The logger's own where it sent any."""
    return Means(
        own.start,
        own.end,
        np.where(there, sent.value, own.value),
        np.where(there, sent.count, own.count),
        np.where(there, sent.expected, own.expected),
        np.where(there, sent.valid, own.valid),
    )


def _present(time: Ints, edges: Ints) -> Flags:
    found = np.zeros(len(edges) - 1, np.bool_)
    window = window_of(time, edges)
    found[window[window >= 0]] = True
    return found


def factor_of(parts: History, station: str, name: str, code: str) -> float | None:
    """What a series' values are multiplied by to be in the catalogue's unit of `code`; None where they are another quantity."""
    entry = property_named(code)
    try:
        return None if entry is None else conversion(parts.register.unit(station, name), entry.unit).factor
    except ValueError:
        return None
