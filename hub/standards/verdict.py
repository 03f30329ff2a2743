"""One answer for one station and one window: class or index, what decided it, coverage, edition. What the API and the bulletin ask for.

Windows come in as edges and days as the site's, so nothing here knows a store or a clock.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from statistics import fmean
from types import MappingProxyType
from typing import Final, Literal
from zoneinfo import ZoneInfo

from hub.batch import Ints
from hub.properties import PROPERTIES
from hub.standards import hj633
from hub.standards.air_means import report_means
from hub.standards.columns import Column, Means
from hub.standards.gb3838 import Class, WaterBody
from hub.standards.hj633 import Aqi, Category, Report
from hub.standards.surface_water import Quality, Section, judge, named
from hub.standards.validity import plain
from hub.units import conversion

Standard = Literal["gb3838", "hj633", "gb3095"]
_NO_UNITS: Final[Mapping[str, str]] = MappingProxyType({})
_NONE_IN_FORCE: Final = ("当日无有效标准版本", "no edition was in force")


@dataclass(frozen=True, slots=True)
class Part:
    """What one property gave: its mean as reported (None: not valid), its class or index, its exceed multiple, and the share of the window its data cover.

    Where a limit was held against it (GB 3095): `limit`, how many valid `days` there were, and how many of them were over the daily limit.
    """

    property: str
    indicator: str
    value: float | None
    unit: str
    grade: str | None
    multiple: float | None
    counts: bool
    coverage: float
    limit: float | None = None
    days: int | None = None
    days_over: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on [start, end), UTC ms. `value` is the class (`I` to `V`, `worse`), the index, or `meets` or `over` of limits; None where nothing
    may be said: then the words say why.

    `decided_by` are the properties that are as bad as the verdict, `main` the main or primary pollutants as printed in zh and en; `valid` when nothing that was
    expected is missing; a colour (sRGB) is never shown without its word.
    """

    standard: Standard
    start: int
    end: int
    edition: str
    clause: str
    value: str | int | None
    word_zh: str
    word_en: str
    colour: str
    colour_zh: str
    colour_en: str
    text_zh: str
    text_en: str
    decided_by: tuple[str, ...]
    main_zh: tuple[str, ...]
    main_en: tuple[str, ...]
    missing: tuple[str, ...]
    parts: tuple[Part, ...]
    coverage: float
    valid: bool


def water_verdicts(
    columns: Mapping[str, Column],
    edges: Ints,
    zone: ZoneInfo,
    *,
    body: WaterBody | None = None,
    base: Class = "III",
    units: Mapping[str, str] = _NO_UNITS,
    expected: tuple[str, ...] | None = None,
    least_coverage: float = 0.0,
) -> list[Verdict]:
    """The class of a section in each window (edges (w + 1,)) from its properties' valid values, means via points.

    `body` None is taken as a river; `base` is what multiples are held against; `units` where a column is not in the catalogue's. The edition is that of the
    window's last day. Properties that GB 3838 does not list are left out.

    Raises:
        ValueError: a unit that does not measure the same quantity.
    """
    known = {name: column for name, column in columns.items() if name in PROPERTIES}
    means = {
        name: plain(_converted(name, column, units), edges, least_coverage=least_coverage)
        for name, column in known.items()
    }
    return section_verdicts(means, edges, zone, body=body, base=base, expected=expected)


def section_verdicts(
    means: Mapping[str, Means],
    edges: Ints,
    zone: ZoneInfo,
    *,
    body: WaterBody | None = None,
    base: Class = "III",
    expected: tuple[str, ...] | None = None,
) -> list[Verdict]:
    """The same from means over the windows, in the catalogue's units; whoever has a year of seconds need not hold it."""
    found = []
    for place, (start, end) in enumerate(_windows(edges)):
        values = {name: float(one.value[place]) for name, one in means.items()}
        coverage = {name: float(one.coverage[place]) for name, one in means.items()}
        section = judge(values, body or "river", day_of(end - 1, zone), base=base, expected=expected)
        found.append(nothing("gb3838", start, end) if section is None else of_section(section, start, end, coverage))
    return found


def air_verdicts(
    columns: Mapping[str, Column],
    report: Report,
    edges: Ints,
    hours: Ints,
    zone: ZoneInfo,
    *,
    units: Mapping[str, str] = _NO_UNITS,
    unmonitored: Collection[str] = (),
) -> list[Verdict]:
    """The index of each hour or day (edges (w + 1,)) from the pollutants' valid values; `hours` are the edges of the hours.

    For an hour `hours` should begin 23 hours before the first window (HJ 633-2012 reports running means). The edition is that of the site's date on which the
    window begins: 28 February 2026 by HJ 633-2012, 1 March by HJ 633-2026.

    Raises:
        ValueError: a unit that is no mass concentration.
    """
    own = {name: _converted(name, column, units) for name, column in columns.items() if name in PROPERTIES}
    found = []
    for at, (start, end) in zip(*_by_edition(edges, zone), strict=True):
        edition = hj633.table(at)
        windows = edges[start : end + 1]
        if edition is None:
            found += [nothing("hj633", *window) for window in _windows(windows)]
            continue
        means = report_means(own, edition, report, windows, hours, at)
        values = {name: one.value for name, one in means.items()}
        coverage = {name: one.coverage.tolist() for name, one in means.items()}
        judged = hj633.judge_columns(values, report, edition, len(windows) - 1, unmonitored=unmonitored)
        for place, (index, window) in enumerate(zip(judged, _windows(windows), strict=True)):
            shares = {name: one[place] for name, one in coverage.items()}
            found.append(_of_index(index, *window, shares, unmonitored))
    return found


def of_section(section: Section, start: int, end: int, coverage: Mapping[str, float]) -> Verdict:
    """The verdict that a judged section makes; `coverage` by property, of time."""
    parts = tuple(
        Part(
            one.property,
            one.property,
            one.value,
            PROPERTIES[one.property].unit,
            one.grade,
            one.multiple,
            one.counts,
            coverage[one.property],
        )
        for one in section.singles
    )
    counted = [one.coverage for one in parts if one.counts]
    return Verdict(
        "gb3838",
        start,
        end,
        section.edition,
        section.clause,
        section.grade,
        *_words(section.quality),
        section.text("zh"),
        section.text("en"),
        section.decided_by,
        tuple(named(one, "zh") for one in section.main),
        tuple(named(one, "en") for one in section.main),
        section.missing,
        parts,
        section.coverage * fmean(counted) if counted else 0.0,
        section.complete,
    )


def _of_index(index: Aqi, start: int, end: int, coverage: Mapping[str, float], unmonitored: Collection[str]) -> Verdict:
    parts = tuple(
        Part(
            one.property,
            one.indicator,
            one.value,
            PROPERTIES[one.property].unit,
            None if one.iaqi is None else str(one.iaqi),
            None,
            True,
            coverage.get(one.indicator, 0.0),
        )
        for one in index.individual
    )
    text = _index_text(index)
    worst = max((one.iaqi for one in index.individual if one.iaqi is not None), default=None)
    return Verdict(
        "hj633",
        start,
        end,
        index.edition,
        index.clause,
        index.aqi,
        *_words(index.category),
        text[0],
        text[1],
        tuple(one.property for one in index.individual if one.iaqi is not None and one.iaqi == worst),
        tuple(PROPERTIES[name].zh for name in index.primary),
        tuple(PROPERTIES[name].en for name in index.primary),
        index.missing,
        parts,
        fmean(one.coverage for one in parts),
        index.aqi is not None and not set(index.missing) - set(unmonitored),
    )


def _words(label: Quality | Category | None) -> tuple[str, str, str, str, str]:
    if label is None:
        return "", "", "", "", ""
    return label.zh, label.en, label.colour, label.colour_zh, label.colour_en


def _index_text(index: Aqi) -> tuple[str, str]:
    if index.category is None:
        gone = [PROPERTIES[name] for name in index.missing]
        zh, en = "、".join(one.zh for one in gone), ", ".join(one.en for one in gone)
        return f"NA(缺项:{zh})", f"NA (missing: {en})"
    primary = [PROPERTIES[name] for name in index.primary]
    zh = f"空气质量指数{index.aqi},{index.category.level}({index.category.zh})"
    en = f"AQI {index.aqi}, {index.category.en}"
    if primary:
        zh += f",首要污染物为{'、'.join(one.zh for one in primary)}"
        en += f"; primary pollutant {', '.join(one.en for one in primary)}"
    return zh, en


def nothing(standard: Standard, start: int, end: int) -> Verdict:
    """The verdict where no edition was in force."""
    zh, en = _NONE_IN_FORCE
    return Verdict(standard, start, end, "", "", None, "", "", "", "", "", zh, en, (), (), (), (), (), 0.0, valid=False)


def _converted(name: str, column: Column, units: Mapping[str, str]) -> Column:
    if name not in units or name not in PROPERTIES:
        return column
    return column.times(conversion(units[name], PROPERTIES[name].unit).factor)


def _windows(edges: Ints) -> Sequence[tuple[int, int]]:
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


def day_of(at: int, zone: ZoneInfo) -> date:
    """The site's day of an instant, UTC ms."""
    return datetime.fromtimestamp(at // 1000, UTC).astimezone(zone).date()


def _by_edition(edges: Ints, zone: ZoneInfo) -> tuple[list[date], list[tuple[int, int]]]:
    """Runs of windows that the same edition judges: a day of each run, and its first and last place."""
    days = [day_of(int(start), zone) for start in edges[:-1]]
    runs: list[tuple[date, list[int]]] = []
    for place, day in enumerate(days):
        if runs and hj633.table(runs[-1][0]) is hj633.table(day):
            runs[-1][1][1] = place + 1
        else:
            runs.append((day, [place, place + 1]))
    return [day for day, _ in runs], [(first, last) for _, (first, last) in runs]
