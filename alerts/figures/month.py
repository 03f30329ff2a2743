"""The figures of one month, computed from the records."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row

from alerts.figures import read
from alerts.figures.views import (
    Figures,
    NuisanceFigure,
    OfficerFigure,
    RuleFigure,
    StaleFigure,
    StepFigure,
    Totals,
)
from alerts.figures.waits import Waits, estimated

STEPS: Final = ("detect", "notify", "acknowledge", "arrive", "solve")
"""detect: from the first breach until the hub wrote the incident down; each other step from then on."""
CHATTER: Final = 3
"""Alerts of one rule at one target in one hour that are called chatter (after ISA-18.2, which asks for three in a minute of
alarms that have no delays)."""
STALE_MS: Final = 24 * 3_600_000
TOP: Final = 20

_HOUR: Final = 3_600_000
_NIGHT: Final = (22, 6)
_NEVER: Final = frozenset({"rejected", "self_cleared", "merged"})
"""Ended without the work: what had not been done by then was never due."""


def span_of(month: str, zone: ZoneInfo) -> tuple[int, int]:
    """The month `yyyy-mm` as [start, end) in the zone, epoch ms.

    Raises:
        ValueError: it is no month.
    """
    begin = datetime.strptime(month, "%Y-%m").replace(tzinfo=zone)
    after = begin.replace(year=begin.year + begin.month // 12, month=begin.month % 12 + 1)
    return int(begin.timestamp()) * 1000, int(after.timestamp()) * 1000


def month_of(at: int, zone: ZoneInfo) -> str:
    """The month in which a time lies, `yyyy-mm`."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(zone).strftime("%Y-%m")


def figures_of(tx: Connection, month: str, zone: ZoneInfo, *, department: str | None, now: int) -> Figures:
    """The figures of the incidents opened in the month; `now` (epoch ms) is how long what is open has lasted.

    Raises:
        ValueError: it is no month.
    """
    start, end = span_of(month, zone)
    asked = read.Asked(start, end, department)
    rows = read.incidents(tx, asked)
    counted = read.alert_counts(tx, asked)
    return Figures(
        month,
        now,
        start,
        end,
        department,
        _totals(rows, sum(count for *_, count, _ in counted)),
        _steps(rows, now),
        _officers(rows, read.notices_by_hour(tx, asked), zone),
        _rules(read.incidents_by_rule(tx, asked)),
        _worst(counted),
        [_stale(row, now) for row in read.stale(tx, asked, now - STALE_MS, STALE_MS, TOP)],
    )


def _totals(rows: Sequence[Row[Any]], alerts: int) -> Totals:
    states = Counter(row.state for row in rows)
    ended = states["solved"] + states["closed"]
    words = (states["rejected"], states["self_cleared"], states["merged"])
    return Totals(len(rows), sum(row.open for row in rows), ended, *words, sum(row.overridden for row in rows), alerts)


def _steps(rows: Sequence[Row[Any]], now: int) -> list[StepFigure]:
    """Every step of every type and area, and of all together (`*`)."""
    recorded = _column(row.recorded for row in rows)
    # The hub finds what it finds: nothing waits to be detected, and what people reported had no breach.
    begun = _column(row.breach for row in rows)
    found = {"detect": (np.where(begun >= 0, recorded - begun, 0), begun >= 0, begun >= 0)}
    still = np.fromiter((row.open for row in rows), np.bool_, len(rows))
    done = {
        "notify": _column(row.told for row in rows),
        "acknowledge": _column(row.acknowledged for row in rows),
        "arrive": _column(row.arrived for row in rows),
        "solve": _column(map(_solved, rows)),
    }
    for step, at in done.items():
        over = at >= 0
        found[step] = (np.where(over, at, now) - recorded, over, over | still)
    steps = []
    for (kind, area), places in _groups(rows):
        for step in STEPS:
            lasted, over, due = (column[places] for column in found[step])
            if due.any():
                steps.append(_step(step, kind, area, estimated(lasted[due].clip(0), over[due])))
    return steps


def _groups(rows: Sequence[Row[Any]]) -> list[tuple[tuple[str, str], NDArray[np.intp]]]:
    """All of them as `*`, then the rows of each type and area."""
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        places[row.type, row.area or ""].append(place)
    whole: list[tuple[tuple[str, str], NDArray[np.intp]]] = [(("*", "*"), np.arange(len(rows)))]
    return whole + [(key, np.array(places[key], np.intp)) for key in sorted(places)]


def _column(times: Iterable[int | None]) -> NDArray[np.int64]:
    """Times in a column, -1 for none."""
    return np.array([-1 if at is None else at for at in times], np.int64)


def _solved(row: Row[Any]) -> int | None:
    """When the work was done; an end that was no solution does not count."""
    if row.state in _NEVER:
        return None
    at: int | None = row.closed if row.solved is None else row.solved
    return at


def _step(step: str, kind: str, area: str, whole: Waits) -> StepFigure:
    return StepFigure(step, kind, area, whole.count, whole.going_on, _seconds(whole.median), _seconds(whole.p90))


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000


def _officers(rows: Sequence[Row[Any]], told: Iterable[tuple[str, int, int]], zone: ZoneInfo) -> list[OfficerFigure]:
    notices, night, busiest = Counter[str](), Counter[str](), Counter[str]()
    for person, hour, count in told:
        local = datetime.fromtimestamp(hour * _HOUR // 1000, UTC).astimezone(zone).hour
        notices[person] += count
        night[person] += count if local >= _NIGHT[0] or local < _NIGHT[1] else 0
        busiest[person] = max(busiest[person], count)
    taken = Counter(row.acknowledged_by for row in rows if row.acknowledged_by)
    closed = Counter(row.closed_by for row in rows if row.closed_by)
    people = sorted({*notices, *taken, *closed}, key=lambda name: (-notices[name] - taken[name], name))
    columns: tuple[Callable[[str], int], ...] = tuple(
        one.__getitem__ for one in (notices, night, busiest, taken, closed)
    )
    return [OfficerFigure(name, *(column(name) for column in columns)) for name in people]


def _rules(counted: Iterable[tuple[str, str, str | None, int]]) -> list[RuleFigure]:
    incidents, causes = Counter[str](), defaultdict[str, Counter[str]](Counter)
    for rule, state, cause, count in counted:
        incidents[rule] += count
        if state == "rejected":
            causes[rule][cause or ""] += count
    found = [
        RuleFigure(rule, count, wrong, round(wrong / count, 4), dict(sorted(causes[rule].items())))
        for rule, count in incidents.items()
        for wrong in [sum(causes[rule].values())]
    ]
    return sorted(found, key=lambda one: (-one.rejected, -one.false_share, one.rule))


def _worst(counted: Sequence[tuple[str, str, str | None, int, int]]) -> list[NuisanceFigure]:
    """Those that fired most, with their share of all alerts: the few that make most of the load."""
    whole = sum(count for *_, count, _ in counted) or 1
    ordered = sorted(counted, key=lambda one: (-one[3], -one[4], *map(str, one[:3])))[:TOP]
    return [
        NuisanceFigure(rule, station, name, count, round(count / whole, 4), most, most >= CHATTER)
        for rule, station, name, count, most in ordered
    ]


def _stale(row: Row[Any], now: int) -> StaleFigure:
    hours = ((now if row.cleared is None else row.cleared) - row.fired) / _HOUR
    station = f"{row.department}/{row.kind}/{row.device}"
    return StaleFigure(row.id, row.rule, station, row.property, row.fired, row.cleared, round(hours, 1))
