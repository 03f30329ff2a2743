"""GB 3095: whether the means of hours, days and years keep their limits, and how a month stands; percentiles as HJ 663 has them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Final, Literal
from zoneinfo import ZoneInfo

import numpy as np

from hub.batch import Ints
from hub.properties import PROPERTIES
from hub.standards import compliance as hj663
from hub.standards import gb3095
from hub.standards.columns import Column, Means
from hub.standards.edition import in_force
from hub.standards.gb3095 import Gb3095, Level, Mean
from hub.standards.rounding import round_even
from hub.standards.running import daily_maximum
from hub.standards.validity import AirValidity, air_validity, daily, hourly, monthly, yearly
from hub.standards.verdict import Part, Verdict, day_of, nothing

Period = Literal["hour", "day", "month", "year"]
POLLUTANTS: Final = ("so2", "no2", "co", "o3", "pm10", "pm2_5")
"""The basic items of table 1."""

_WORDS: Final = {"meets": ("达标", "Meets"), "over": ("超标", "Over the limit")}


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Edges, UTC ms: the windows judged, and the hours, days and months that they lie in."""

    windows: Ints
    hours: Ints
    days: Ints
    months: Ints


def limit_verdicts(
    columns: Mapping[str, Column], period: Period, grid: Grid, zone: ZoneInfo, *, level: Level = 2
) -> list[Verdict]:
    """Each window against the limits of its level in force on its last day: `meets`, `over`, or None where something is missing and nothing is over.

    `columns` are in the catalogue's units. A month has no limits: its means are listed, carbon monoxide and ozone by the percentile of their days. A year is
    judged by its means and by the percentiles of its days (HJ 663-2013).
    """
    if len(grid.windows) < 2:
        return []
    rule = air_validity(day_of(int(grid.windows[0]), zone))
    hours = {name: hourly(columns[name], grid.hours, rule) for name in POLLUTANTS if name in columns}
    judge = _Judge(period, grid, zone, level, rule, hours)
    return judge.verdicts()


class _Judge:
    def __init__(
        self, period: Period, grid: Grid, zone: ZoneInfo, level: Level, rule: AirValidity, hours: Mapping[str, Means]
    ) -> None:
        self._period, self._grid, self._zone, self._level, self._rule = period, grid, zone, level, rule
        last_days = [day_of(int(end) - 1, zone) for end in grid.windows[1:]]
        self._days = hours if period == "hour" else {name: self._daily(name, one) for name, one in hours.items()}
        self._means = {name: self._over_windows(name, one) for name, one in self._days.items()}
        self._last_days = last_days
        self._yearly = {name: self._compliance(name) for name in self._days} if period == "year" else {}

    def verdicts(self) -> list[Verdict]:
        windows = zip(self._grid.windows[:-1].tolist(), self._grid.windows[1:].tolist(), strict=True)
        return [self._verdict(place, *window) for place, window in enumerate(windows)]

    def _daily(self, name: str, hours: Means) -> Means:
        if name != "o3":
            return daily(hours, self._grid.days, self._rule, name)
        table = gb3095.table(day_of(int(self._grid.windows[-1]) - 1, self._zone))
        limit = None if table is None else table.limit(name, "8h", self._level)
        return daily_maximum(hours, self._grid.days, self._rule, limit)

    def _over_windows(self, name: str, parts: Means) -> Means:
        match self._period:
            case "month":
                return monthly(parts, self._grid.months, self._rule, name)
            case "year":
                return yearly(parts, self._grid.windows, self._grid.months, self._rule, name)
            case _:
                return parts

    def _compliance(self, name: str) -> list[hj663.Compliance | None]:
        if in_force(hj663.EDITIONS, self._last_days[0]) is None:
            return [None] * len(self._last_days)
        given = (self._days[name], self._grid.windows, self._grid.months, self._last_days, self._rule, self._level)
        return [*hj663.compliance(name, *given)]

    def _verdict(self, place: int, start: int, end: int) -> Verdict:
        last = self._last_days[place]
        table, method = gb3095.table(last), in_force(hj663.EDITIONS, last)
        if table is None or method is None:
            return nothing("gb3095", start, end)
        found = [part for name in POLLUTANTS for part in self._parts(name, place, table, method)]
        return _whole(self._period, start, end, table, method, tuple(found))

    def _parts(self, name: str, place: int, table: Gb3095, method: hj663.Hj663) -> Iterable[Part]:
        whole = self._means.get(name)
        if self._period in ("hour", "day"):
            mean = _mean_of(name, self._period)
            if table.limit(name, mean, self._level) is not None:
                yield self._part(
                    name, _indicator(name, self._period), whole, place, table.limit(name, mean, self._level)
                )
            return
        if "year" in table.limits[name]:
            limit = table.limit(name, "year", self._level) if self._period == "year" else None
            yield self._part(name, f"{name}_{self._period}", whole, place, limit)
        if self._period == "year":
            yield self._percentile(name, place, table, method)
        elif "year" not in table.limits[name]:
            yield self._month_percentile(name, place, method)

    def _part(self, name: str, indicator: str, whole: Means | None, place: int, limit: float | None) -> Part:
        value = float("nan") if whole is None else float(whole.value[place])
        coverage = 0.0 if whole is None else float(whole.coverage[place])
        return _held(name, indicator, value, limit, coverage)

    def _percentile(self, name: str, place: int, table: Gb3095, method: hj663.Hj663) -> Part:
        indicator = f"{name}_p{method.percentile[name]:g}"
        one = self._yearly[name][place] if name in self._yearly else None
        if one is None:
            return _held(name, indicator, float("nan"), table.limit(name, method.mean[name], self._level), 0.0)
        value = float("nan") if one.value is None else one.value
        return _held(name, indicator, value, one.limit, one.coverage, one.days, one.days_over)

    def _month_percentile(self, name: str, place: int, method: hj663.Hj663) -> Part:
        indicator = f"{name}_p{method.percentile[name]:g}"
        whole = self._means.get(name)
        if whole is None:
            return _held(name, indicator, float("nan"), None, 0.0)
        days = self._days[name].within(int(self._grid.months[place]), int(self._grid.months[place + 1]))
        value = float("nan")
        if whole.valid[place]:
            value = float(np.percentile(days.value[days.valid], method.percentile[name]))
        return _held(name, indicator, value, None, float(whole.coverage[place]), int(days.valid.sum()))


def _indicator(name: str, period: Period) -> str:
    if period == "hour":
        return f"{name}_1h"
    return "o3_8h_max" if name == "o3" else f"{name}_24h"


def _mean_of(name: str, period: Period) -> Mean:
    if period == "hour":
        return "hour"
    return "8h" if name == "o3" else "day"


def _held(
    name: str,
    indicator: str,
    value: float,
    limit: float | None,
    coverage: float,
    days: int | None = None,
    days_over: int | None = None,
) -> Part:
    method = hj663.EDITIONS[-1]
    shown = round_even(value, method.decimals[name]) if np.isfinite(value) else None
    grade = None if shown is None or limit is None else ("over" if shown > limit else "meets")
    multiple = None
    if shown is not None and limit is not None and shown > limit:
        multiple = round_even((shown - limit) / limit, method.multiple_decimals)
    unit = PROPERTIES[name].unit
    return Part(name, indicator, shown, unit, grade, multiple, limit is not None, coverage, limit, days, days_over)


def _whole(
    period: Period, start: int, end: int, table: Gb3095, method: hj663.Hj663, parts: tuple[Part, ...]
) -> Verdict:
    over = [one for one in parts if one.grade == "over"]
    missing = tuple(dict.fromkeys(one.property for one in parts if one.value is None))
    value = None if period == "month" else "over" if over else None if missing else "meets"
    words = _WORDS.get(value or "", ("", ""))
    over.sort(key=lambda one: -(one.multiple or 0.0))
    zh, en = (tuple(dict.fromkeys(_named(one, language) for one in over)) for language in ("zh", "en"))
    edition = f"{table.edition}({table.stage_zh})" if table.stage_zh else table.edition
    clause = f"{table.edition} {table.clause}"
    return Verdict(
        "gb3095",
        start,
        end,
        edition,
        clause if period in ("hour", "day") else f"{clause}; {method.edition} {method.clause}",
        value,
        *words,
        "",
        "",
        "",
        *_sentence(period, value, missing, zh, en),
        tuple(dict.fromkeys(one.property for one in over)),
        zh,
        en,
        missing,
        parts,
        fmean(one.coverage for one in parts),
        not missing,
    )


def _named(one: Part, language: str) -> str:
    entry = PROPERTIES[one.property]
    return f"{entry.zh if language == 'zh' else entry.en}({one.multiple:g})"


def _sentence(
    period: Period, value: str | None, missing: tuple[str, ...], zh: tuple[str, ...], en: tuple[str, ...]
) -> tuple[str, str]:
    gone = [PROPERTIES[name] for name in missing]
    gone_zh, gone_en = "、".join(one.zh for one in gone), ", ".join(one.en for one in gone)
    if period == "month":
        without = (f";有效数据不足:{gone_zh}", f"; too little valid data: {gone_en}") if gone else ("", "")
        return f"月均值没有限值{without[0]}", f"no limit for a month{without[1]}"
    if value is None:
        return f"不评价(有效数据不足:{gone_zh})", f"not judged (too little valid data: {gone_en})"
    if value == "over":
        return f"超标:{'、'.join(zh)}", f"over the limit: {', '.join(en)}"
    return "各项均达标", "every item meets its limit"
