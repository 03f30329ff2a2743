"""Reports by people - the 12345 hotline, grid staff - become incidents by the same way as alerts: clocks, contract, plan, notices."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from alerts import clocks, rounds
from alerts.errors import NoSuchIncident, NotAllowed
from alerts.field_work.ground import Place, metres_between
from alerts.incidents import Desk
from alerts.pipeline import Occasion, Plan
from alerts.practice import Practice
from alerts.rounds import set_timers
from alerts.silences import silenced, words_of_incident
from alerts.states import DETECTED, UNTAKEN, VERIFIED
from alerts.telling import Teller, told_facts
from hub.alert import Target
from storage.records import audit, field_work, incidents
from storage.records.field_work import ReportRow
from storage.records.incidents import Entry
from storage.records.rows import IncidentRow

NEAR_M: Final = 500
SOON_MS: Final = 24 * 3_600_000
"""An open incident so near and so lately begun may be what a report is about."""

REPORTED: Final = "report"
"""The kind in the target of an incident at a place where no device is."""

OPENED: Final = "incident.opened"
RAISED: Final = "incident.raised"

_SHOWN: Final = 5
_LONGEST_NAME: Final = 64


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody says; `target` the station it is about, None for a place; `seen` and `received` epoch ms."""

    id: str
    source: str
    outside: str | None
    department: str
    type: str
    level: int
    text: str
    place_name: str
    place: Place | None
    target: Target | None
    reporter: str
    phone: str
    seen: int
    received: int
    taken_by: str


@dataclass(frozen=True, slots=True)
class Similar:
    """An open incident that may be the same: how far away (m, None where one has no place), how long before (ms)."""

    row: IncidentRow
    distance_m: float | None
    before_ms: int


def known(tx: Connection, report: Report) -> ReportRow | None:
    """The report itself, where the source sent it before under the same number."""
    return None if report.outside is None else field_work.report_of(tx, report.source, report.outside)


def similar(tx: Connection, report: Report) -> list[Similar]:
    """Open incidents of the department that the report may be about, the likeliest first."""
    found = [
        each
        for row in field_work.open_since(tx, report.department, report.seen - SOON_MS)
        if (each := _compared(row, report)) is not None
    ]
    alike = {each.row.id: each.row.type.split(".")[0] != report.type for each in found}
    found.sort(key=lambda each: (alike[each.row.id], each.distance_m or 0.0, each.before_ms))
    return found[:_SHOWN]


def open_incident(tx: Connection, desk: Desk, report: Report) -> IncidentRow:
    """A new incident of the report, with everything that follows from it."""
    teller = desk.teller
    row = _new(tx, teller, report)
    row = replace(row, plan=msgspec.json.encode(teller.escalation.plan_for(tx, row)).decode())
    plans = teller.plans(tx, row, [Occasion(OPENED, row.department, row.level, "round 1")], at=report.received)
    facts = {"report": {"id": report.id, "source": report.source, "outside": report.outside}, **told_facts(plans)}
    entry = Entry("reported", report.taken_by, report.seen, report.received, report.text, facts)
    row = incidents.add(tx, row, entry)
    _keep(tx, report, row)
    teller.tell(tx, plans, row, at=report.received)
    teller.show_incident(tx, row, "reported", at=report.received)
    set_timers(tx, row, {**rounds.clock_timers(row), **_escalates(plans, row)})
    return row


def join(tx: Connection, desk: Desk, report: Report, incident: str) -> IncidentRow:
    """The report says more of an incident that is open; one of a worse level raises it, and people are told as of any raise.

    Raises:
        NoSuchIncident, NotAllowed: there is none, or it has ended or is another department's.
    """
    row = incidents.get(tx, incident)
    if row is None or row.department != report.department:
        raise NoSuchIncident(incident)
    if not row.open:
        raise NotAllowed(f"incident {row.number} is {row.state}")
    teller, at = desk.teller, report.received
    values, tells = _raised(tx, teller.practice, row, report)
    after = replace(row, **values)
    occasions = [Occasion(tells, row.department, after.level, _cause(after, tells))] if tells else []
    plans = teller.plans(tx, after, occasions, at=at)
    facts = {"report": {"id": report.id, "source": report.source, "outside": report.outside}, **told_facts(plans)}
    now = incidents.change(tx, row, values, Entry("reported", report.taken_by, report.seen, at, report.text, facts))
    _keep(tx, report, now)
    teller.tell(tx, plans, now, at=at, actor=report.taken_by, reason=report.text)
    if values:
        begun = _escalates(plans, now) if tells == OPENED else {}
        still = {} if now.state == row.state else {"self-clear": None}
        set_timers(tx, now, {**rounds.clock_timers(now), **still, **begun})
    teller.show_incident(tx, now, "reported", at=at)
    return now


def _raised(tx: Connection, practice: Practice, row: IncidentRow, report: Report) -> tuple[dict[str, Any], str]:
    """What changes when somebody reports it worse than it was, and as what people are told who do not know it so bad."""
    level, at = report.level, report.received
    if level >= row.level:
        return {}, ""
    values: dict[str, Any] = {"level": level, "max_level": min(row.max_level, level)}
    values |= clocks.tightened(row, practice.budgets, level, at)
    if row.state == DETECTED and level in practice.numbers.auto_verify:
        values |= {"state": VERIFIED, "verified": at}
    # What keeps a sensor's alert quiet says nothing against a person's word; a silence of this level does.
    if level >= row.told_level or silenced(tx, words_of_incident(row), level, at):
        return values, ""
    return {**values, "told_level": level}, OPENED if row.told_level == rounds.NOBODY else RAISED


def _cause(row: IncidentRow, tells: str) -> str:
    return f"round {row.round}" + (f" level {row.level}" if tells == RAISED else "")


def _keep(tx: Connection, report: Report, row: IncidentRow) -> None:
    place = report.place
    kept = {name: getattr(report, name) for name in ("id", "source", "outside", "department", "type", "text")}
    whose = {name: getattr(report, name) for name in ("reporter", "phone", "seen", "received", "taken_by")}
    lon, lat = (None, None) if place is None else (place.lon, place.lat)
    field_work.add_report(tx, ReportRow(**kept, **whose, incident=row.id, place=report.place_name, lon=lon, lat=lat))
    said = {"incident": row.number, "source": report.source, "outside": report.outside}
    audit.note(tx, report.taken_by, "report.take", report.id, said, at=report.received)


def _new(tx: Connection, teller: Teller, report: Report) -> IncidentRow:
    """The incident before its first log line."""
    practice, at, site = teller.practice, report.received, teller.site
    day = int(datetime.fromtimestamp(at // 1000, UTC).astimezone(site.zone).strftime("%Y%m%d"))
    day_n = incidents.next_of_day(tx, day)
    verified = report.level in practice.numbers.auto_verify
    name = report.place_name or report.id
    target = report.target or Target(report.department, REPORTED, name[:_LONGEST_NAME])
    place = report.place
    row = IncidentRow(
        id=hashlib.sha256(f"report\0{report.id}".encode()).hexdigest()[:24],
        number=f"{site.district}-{day}-{day_n}",
        day=day,
        day_n=day_n,
        group_key=f"report/{report.id}",
        department=report.department,
        kind=target.kind,
        device=target.device,
        property=None,
        level=report.level,
        max_level=report.level,
        told_level=report.level,
        opened=at,
        changed=at,
        state=VERIFIED if verified else DETECTED,
        source="report",
        type=report.type,
        text=report.text,
        lon=None if place is None else place.lon,
        lat=None if place is None else place.lat,
        contract=msgspec.json.encode(practice.contract(report.type, "report")).decode(),
        began=min(report.seen, at),
        verified=at if verified else None,
    )
    begun: dict[str, Any] = dict(clocks.started(practice.budgets, report.level, at))
    return replace(row, **begun)


def _escalates(plans: Sequence[Plan], row: IncidentRow) -> dict[str, int | None]:
    due = [plan.next_at for plan in plans if plan.next_at is not None]
    return {"escalate": min(due)} if due and row.state in UNTAKEN else {}


def _compared(row: IncidentRow, report: Report) -> Similar | None:
    before = report.seen - row.opened
    if abs(before) > SOON_MS:
        return None
    if report.target is not None and (row.kind, row.device) == (report.target.kind, report.target.device):
        return Similar(row, 0.0, before)
    if report.place is None or row.lon is None or row.lat is None:
        return None
    away = metres_between(report.place, Place(row.lon, row.lat))
    return Similar(row, away, before) if away <= NEAR_M + (report.place.accuracy_m or 0) else None
