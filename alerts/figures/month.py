"""The figures of one month, computed from the records."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

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
from alerts.figures.waits import Wait, summed_up

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
        _totals(rows, sum(count for *_, count in counted)),
        _steps(rows, read.first_breach(tx, asked), read.first_told(tx, asked), now),
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


def _steps(rows: Sequence[Row[Any]], breach: dict[str, int], told: dict[str, int], now: int) -> list[StepFigure]:
    """Every step of every type and area, and of all together (`*`)."""
    waits: dict[tuple[str, str, str], list[Wait]] = defaultdict(list)
    for row in rows:
        done = {
            "notify": told.get(row.id),
            "acknowledge": row.acknowledged,
            "arrive": row.arrived,
            "solve": _solved(row),
        }
        found = {name: _wait(row, at, now) for name, at in done.items()}
        found["detect"] = Wait(max(0, row.recorded - breach[row.id])) if row.id in breach else None
        for step, wait in found.items():
            if wait is not None:
                for kind, area in ((row.type, row.area or ""), ("*", "*")):
                    waits[step, kind, area].append(wait)
    return [_step(key, waits[key]) for key in sorted(waits, key=lambda key: (key[1:], STEPS.index(key[0])))]


def _solved(row: Row[Any]) -> int | None:
    """When the work was done; an end that was no solution does not count."""
    if row.state in _NEVER:
        return None
    at: int | None = row.closed if row.solved is None else row.solved
    return at


def _wait(row: Row[Any], done: int | None, now: int) -> Wait | None:
    """How long the step took, or has been due so far; None where the incident ended without it."""
    if done is not None:
        return Wait(max(0, done - row.recorded))
    return Wait(max(0, now - row.recorded), over=False) if row.open else None


def _step(key: tuple[str, str, str], waits: list[Wait]) -> StepFigure:
    whole = summed_up(waits)
    return StepFigure(*key, whole.count, whole.going_on, _seconds(whole.median), _seconds(whole.p90))


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
    totals, hours = Counter[tuple[str, str, str | None]](), Counter[tuple[str, str, str | None]]()
    for rule, station, name, _hour, count in counted:
        key = (rule, station, name)
        totals[key] += count
        hours[key] = max(hours[key], count)
    whole = sum(totals.values()) or 1
    ordered = sorted(totals, key=lambda key: (-totals[key], -hours[key], *map(str, key)))[:TOP]
    return [
        NuisanceFigure(*key, totals[key], round(totals[key] / whole, 4), hours[key], hours[key] >= CHATTER)
        for key in ordered
    ]


def _stale(row: Row[Any], now: int) -> StaleFigure:
    hours = ((now if row.cleared is None else row.cleared) - row.fired) / _HOUR
    station = f"{row.department}/{row.kind}/{row.device}"
    return StaleFigure(row.id, row.rule, station, row.property, row.fired, row.cleared, round(hours, 1))
