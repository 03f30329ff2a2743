"""What alerts change of an incident: its level, its clocks, and whether the work begins again in a new round."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from alerts import clocks
from alerts.contracts import Contract
from alerts.practice import Practice
from alerts.states import DETECTED, ON_SITE, SOLVED, VERIFIED, VERIFYING, Move, move
from alerts.work import Work
from storage.records import alerts, timers
from storage.records.rows import IncidentRow, target_of

NOBODY: Final = 5
"""The `told_level` of an incident of which nobody was told."""

MINUTE: Final = 60_000

HELD_MS: Final = 60_000
"""How often it is looked whether what was kept quiet still has to be."""

WORK_TIMERS: Final = ("escalate", "remind", "ack-remind", "ack-expires", "self-clear", "watch")
"""Timers of a step of the work; a new step takes them away and sets its own."""

CLOCK_TIMERS: Final = tuple(f"late:{name}" for name in clocks.NAMES)


def clock_timers(row: IncidentRow) -> dict[str, int | None]:
    """A timer for each clock that runs, none for those that do not."""
    found: dict[str, int | None] = {}
    for name in clocks.NAMES:
        by = getattr(row, f"{name}_by")
        found[f"late:{name}"] = by if row.open and getattr(row, clocks.MET[name]) is None else None
    return found


def set_timers(tx: Connection, row: IncidentRow, wanted: Mapping[str, int | None]) -> None:
    """Set these timers of the incident, take away those with None; an ended incident keeps none of its own."""
    if not row.open:
        timers.drop_all(tx, row.id)
        return
    timers.drop(tx, row.id, *wanted)
    for name, at in wanted.items():
        if at is not None:
            timers.add(tx, row.id, name, at)


def begun(practice: Practice, row: IncidentRow, state: str, level: int, at: int) -> dict[str, Any]:
    """What a new round of the work sets, in `state` at `at` (epoch ms): clocks start again, nobody has done anything."""
    fresh: dict[str, Any] = {
        **dict.fromkeys(("acknowledged", "acknowledged_by", "closed", "closed_by", "verdict", "cause_code")),
        **dict.fromkeys(("verified", "dispatched", "arrived", "delivered", "solved", "ack_until", "watch_until")),
        **dict.fromkeys(("reopen_until", "retention_until", "root")),
        **clocks.started(practice.budgets, level, at),
    }
    own = {"state": state, "open": True, "round": row.round + 1, "began": at, "step": 0, "reason": "", "resolution": ""}
    levels = {"level": level, "max_level": min(row.max_level, level), "told_level": level}
    met = {} if state == DETECTED else {"verified": at}
    return {**fresh, **own, **levels, **met, "overridden": False}


def worse(practice: Practice, work: Work) -> Work:
    """People ended the incident at a lower level than the alert has now: the work goes on, in a new round."""
    to = move(work.incident.state, "worse")
    return _again(practice, work, to.to if isinstance(to, Move) else VERIFIED, work.alert.level)


def with_alert(practice: Practice, tx: Connection, work: Work) -> Work:
    """The incident with an alert that joined it or changed: levels, clocks, what comes back, what is confirmed."""
    row, over = work.incident, work.alert.condition == "cleared"
    known = alerts.worst(tx, row.id)
    levels = [level for level in (known, None if over else work.alert.level) if level is not None]
    level = min(levels, default=row.level)
    if work.what == "fired" and isinstance(back := move(row.state, "breached"), Move):
        return _again(practice, work, back.to, level)
    values = {**work.values, "level": level, "max_level": min(row.max_level, level)}
    sets: dict[str, int | None] = dict(work.timers)
    if level < row.level:
        values |= clocks.tightened(row, practice.budgets, level, work.recorded)
    if row.state == DETECTED and _confirmed(practice, tx, work, level):
        values |= {"state": VERIFIED, "verified": work.recorded}
    if not over:
        values["watch_until"] = None
        sets |= {"self-clear": None, "watch": None}
    if work.what == "fired" and _flaps(practice, tx, work):
        values["latched"] = True
        sets["unlatch"] = work.recorded + practice.numbers.quiet_s * 1000
    if any(f"{name}_by" in values for name in clocks.NAMES):
        sets |= clock_timers(replace(row, **values))
    return replace(work, values=values, timers=sets)


def with_clear(practice: Practice, tx: Connection, work: Work) -> Work:
    """The incident after one of its alerts cleared; when it was the last, what waits for that begins."""
    row = work.incident
    worst = alerts.worst(tx, row.id)
    level = row.level if worst is None else worst
    values = {**work.values, "level": level, "max_level": min(row.max_level, level)}
    sets: dict[str, int | None] = {}
    if worst is None and row.open:
        if row.state == DETECTED and not row.latched:
            sets["self-clear"] = work.recorded + practice.numbers.self_clear_s * 1000
        if row.state == VERIFYING:
            values["watch_until"] = sets["watch"] = watched_until(row, work.recorded)
    return replace(work, values=values, timers={**work.timers, **sets})


def watched_until(row: IncidentRow, at: int) -> int:
    """Until when the place is watched that has been quiet from `at` on; epoch ms."""
    return at + int(contract_of(row).watch_minutes * MINUTE)


def contract_of(row: IncidentRow) -> Contract:
    """The incident's own copy of its closing contract."""
    return msgspec.json.decode(row.contract, type=Contract)


def _again(practice: Practice, work: Work, state: str, level: int) -> Work:
    row = work.incident
    values = {**begun(practice, row, state, level, work.recorded), **dict(work.values)}
    if state == ON_SITE:  # they are there already: who it is and since when stays
        kept = ("acknowledged", "acknowledged_by", "verified", "dispatched", "arrived", "arrive_by", "step")
        values |= {name: getattr(row, name) for name in kept}
    elif row.state == SOLVED:
        values |= {"owner": None, "owner_kind": None}
    now = replace(row, **values)
    dropped: Mapping[str, int | None] = dict.fromkeys(WORK_TIMERS)
    return replace(work, kind="reopened", values=values, timers={**dropped, **clock_timers(now)})


def _confirmed(practice: Practice, tx: Connection, work: Work, level: int) -> bool:
    """Whether enough speaks for it that no officer has to: the level, or so many stations."""
    numbers = practice.numbers
    if level in numbers.auto_verify:
        return True
    station = target_of(work.alert).station()
    return work.what == "fired" and 1 + alerts.stations(tx, work.incident.id, station) >= numbers.confirmed_by


def _flaps(practice: Practice, tx: Connection, work: Work) -> bool:
    """Whether this alert keeps coming back: so often within the time that counts."""
    numbers = practice.numbers
    mine = replace(work.alert, incident=work.incident.id)
    since = work.transition.at - numbers.chatter_s * 1000
    return 1 + alerts.fired_again(tx, mine, since) >= numbers.chatter
