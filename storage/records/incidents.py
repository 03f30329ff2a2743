"""Incidents as rows: numbers by day, optimistic versions, a hash-chained log that alone tells the state again."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, bindparam, func, insert, select, text, update

from hub.alert import Target
from storage.records import chain
from storage.records.rows import IncidentRow
from storage.records.tables import alert, incident, incident_evidence, incident_log

# Built once: making a statement costs more than running it.
_GET: Final = select(incident).where(incident.c.id == bindparam("b_id"))
_NUMBERED: Final = select(incident).where(incident.c.number == bindparam("b_number"))
_OPEN_FOR: Final = select(incident).where(incident.c.group_key == bindparam("b_key"), text("open"))
_LAST: Final = select(func.max(incident.c.day_n)).where(incident.c.day == bindparam("b_day"))
_ADD: Final = insert(incident)
_CHANGE: Final = (
    update(incident)
    .where(incident.c.id == bindparam("b_id"))
    .values({name: bindparam(name) for name in IncidentRow.__dataclass_fields__ if name != "id"})
)
_LOG: Final = insert(incident_log)
_STATE: Final = ("state", "level", "max_level", "round")
_DERIVED: Final = frozenset({"version", "changed", "log_seq", "log_hash"})
"""What every line of the log changes by being written."""

_OPEN: Final = text("incident.open")
_OPENED: Final = (
    select(func.count())
    .select_from(incident)
    .where(incident.c.opened.between(bindparam("b_from"), bindparam("b_to")), incident.c.group_key.not_like("storm/%"))
)
_SOLVED_FOR: Final = (
    select(incident)
    .where(
        incident.c.group_key == bindparam("b_key"),
        incident.c.state == "solved",
        incident.c.reopen_until > bindparam("b_at"),
    )
    .order_by(incident.c.opened.desc(), incident.c.id)
    .limit(1)
)
_ABOUT: Final = (
    select(incident)
    .join(alert, alert.c.incident == incident.c.id)
    .where(
        _OPEN,
        alert.c.department == bindparam("b_department"),
        alert.c.kind == bindparam("b_kind"),
        alert.c.device == bindparam("b_device"),
        func.coalesce(alert.c.property, "") == bindparam("b_property"),
    )
    .order_by(incident.c.opened.desc(), incident.c.id)
    .limit(1)
)
_WITH: Final = _ABOUT.where(alert.c.rule.not_like("event:%"))
_WITH_FINDING: Final = _ABOUT.where(alert.c.rule == bindparam("b_rule"))
_SILENT: Final = _ABOUT.where(incident.c.type == "silence", alert.c.condition != "cleared")
_LIKE: Final = (
    select(incident)
    .where(_OPEN, incident.c.group_key.startswith(bindparam("b_beginning"), autoescape=False))
    .order_by(incident.c.opened.desc(), incident.c.id)
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an incident's log; `at` is when it happened, `recorded` when we wrote it, both epoch ms."""

    kind: str
    actor: str
    at: int
    recorded: int
    reason: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


def get(tx: Connection, incident_id: str) -> IncidentRow | None:
    """The incident's row by id or by number, None when there is none."""
    row = tx.execute(_GET, {"b_id": incident_id}).one_or_none()
    if row is None:
        row = tx.execute(_NUMBERED, {"b_number": incident_id}).one_or_none()
    return None if row is None else IncidentRow(*row)


def open_for(tx: Connection, key: str) -> IncidentRow | None:
    """The open incident of this target, None when there is none."""
    row = tx.execute(_OPEN_FOR, {"b_key": key}).one_or_none()
    return None if row is None else IncidentRow(*row)


def open_with(tx: Connection, target: Target, finding: str = "") -> IncidentRow | None:
    """The newest open incident that has an alert of this target, None when there is none.

    `finding` is the rule of a device's own findings, whose alerts are of one cause only with each other.
    """
    row = tx.execute(
        _WITH_FINDING if finding else _WITH, _about(target) | ({"b_rule": finding} if finding else {})
    ).one_or_none()
    return None if row is None else IncidentRow(*row)


def solved_for(tx: Connection, key: str, at: int) -> IncidentRow | None:
    """The solved incident of this group that opens again when the condition comes back at `at` (epoch ms)."""
    row = tx.execute(_SOLVED_FOR, {"b_key": key, "b_at": at}).one_or_none()
    return None if row is None else IncidentRow(*row)


def open_like(tx: Connection, beginning: str) -> IncidentRow | None:
    """The newest open incident whose group begins so, None when there is none."""
    row = tx.execute(_LIKE, {"b_beginning": beginning}).one_or_none()
    return None if row is None else IncidentRow(*row)


def opened_between(tx: Connection, start: int, end: int) -> int:
    """How many incidents, storms left aside, were opened in [start, end] (event time, epoch ms)."""
    return int(tx.execute(_OPENED, {"b_from": start, "b_to": end}).scalar_one())


def worst_at(tx: Connection, target: Target, area: str | None, own: tuple[str, str]) -> IncidentRow | None:
    """The worst open incident at this station, or in its section, but for the own ones (group and id); None when there is none."""
    here = (incident.c.kind == target.kind) & (incident.c.device == target.device)
    if area is not None:
        here |= incident.c.area == area
    others = (incident.c.group_key != own[0]) & (incident.c.id != own[1])
    query = select(incident).where(_OPEN, incident.c.department == target.department, here, others)
    row = tx.execute(query.order_by(incident.c.level, incident.c.opened).limit(1)).one_or_none()
    return None if row is None else IncidentRow(*row)


def silent_at(tx: Connection, target: Target) -> IncidentRow | None:
    """The open incident of this device's silence, None when it is not known to be silent."""
    row = tx.execute(_SILENT, _about(target)).one_or_none()
    return None if row is None else IncidentRow(*row)


def known(tx: Connection, incident_id: str) -> set[str]:
    """The SHA-256 of the evidence that the incident has."""
    query = select(incident_evidence.c.sha256).where(incident_evidence.c.incident == incident_id)
    return set(tx.execute(query).scalars())


def merged_into(tx: Connection, incident_id: str) -> list[str]:
    """The numbers of the incidents that were merged into this one, the oldest first."""
    query = select(incident.c.number).where(incident.c.root == incident_id).order_by(incident.c.opened, incident.c.id)
    return list(tx.execute(query).scalars())


def held(tx: Connection) -> list[IncidentRow]:
    """Open incidents of which nobody was told yet."""
    return [IncidentRow(*row) for row in tx.execute(select(incident).where(_OPEN, incident.c.told_level > 4))]


def opened(tx: Connection) -> list[IncidentRow]:
    """Every open incident, the worst first."""
    query = select(incident).where(_OPEN).order_by(incident.c.level, incident.c.opened, incident.c.id)
    return [IncidentRow(*row) for row in tx.execute(query)]


def _about(target: Target) -> dict[str, str]:
    keys = {"b_department": target.department, "b_kind": target.kind, "b_device": target.device}
    return {**keys, "b_property": target.property or ""}


def next_of_day(tx: Connection, day: int) -> int:
    """The next number of the day (yyyymmdd), from 1."""
    return int(tx.execute(_LAST, {"b_day": day}).scalar() or 0) + 1


def add(tx: Connection, new: IncidentRow, entry: Entry) -> IncidentRow:
    """Write a new incident down with its first log line; the row as it stands then."""
    now, line = _changed(None, new, entry)
    tx.execute(_ADD, _columns(now))
    tx.execute(_LOG, line)
    return now


def change(tx: Connection, before: IncidentRow, values: Mapping[str, Any], entry: Entry) -> IncidentRow:
    """Set `values`, raise the version and log why, in one; the row as it stands now."""
    now, line = _changed(before, replace(before, **values), entry)
    tx.execute(_CHANGE, {**_columns(now), "b_id": now.id})
    tx.execute(_LOG, line)
    return now


def _changed(before: IncidentRow | None, now: IncidentRow, entry: Entry) -> tuple[IncidentRow, dict[str, object]]:
    """The row after the change that `entry` tells of, and its line in the log."""
    seq = now.log_seq + 1
    said_before = _json({} if before is None else _state(before))
    said_after = _json({**_state(now), "set": _set(before, now), **entry.facts})
    fields = (now.id, seq, entry.at, entry.recorded, entry.actor, entry.kind, said_before, said_after, entry.reason)
    head = chain.link(now.log_hash, fields)
    names = ("incident", "seq", "at", "recorded", "actor", "kind", "before", "after", "reason")
    line = dict(zip(names, fields, strict=True)) | {"prev_hash": now.log_hash, "hash": head}
    return replace(now, version=now.version + 1, changed=entry.recorded, log_seq=seq, log_hash=head), line


def log(tx: Connection, incident_id: str) -> list[Row[Any]]:
    """The incident's log in order."""
    query = select(incident_log).where(incident_log.c.incident == incident_id)
    return list(tx.execute(query.order_by(incident_log.c.seq)))


def first_bad(tx: Connection, incident_id: str) -> int | None:
    """The position of the first log entry that was tampered with or cut off, None when all are as written."""
    row = get(tx, incident_id)
    entries = log(tx, incident_id)
    rows = (
        ((e.incident, e.seq, e.at, e.recorded, e.actor, e.kind, e.before, e.after, e.reason), e.prev_hash, e.hash)
        for e in entries
    )
    return chain.first_bad(rows, None if row is None else row.log_hash)


def folded(tx: Connection, incident_id: str) -> dict[str, object]:
    """State, level, worst level and round as the log alone tells them."""
    entries = log(tx, incident_id)
    said = msgspec.json.decode(entries[-1].after) if entries else {}
    return {name: said[name] for name in _STATE if name in said}


def replayed(tx: Connection, incident_id: str) -> IncidentRow | None:
    """The incident's row as its log alone tells it, None when there is no log."""
    values: dict[str, Any] = {}
    for line in log(tx, incident_id):
        values |= msgspec.json.decode(line.after)["set"]
        values |= {"version": line.seq, "changed": line.recorded, "log_seq": line.seq, "log_hash": line.hash}
    return IncidentRow(**values) if values else None


def _set(before: IncidentRow | None, now: IncidentRow) -> dict[str, object]:
    """The columns that the change set; the first line has all that are not as every incident begins."""
    kept = {name: value for name, value in _columns(now).items() if name not in _DERIVED}
    if before is not None:
        return {name: value for name, value in kept.items() if value != getattr(before, name)}
    plain = IncidentRow.__dataclass_fields__
    return {name: value for name, value in kept.items() if value != plain[name].default}


def _columns(row: IncidentRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in IncidentRow.__dataclass_fields__}


def _state(row: IncidentRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in _STATE}


def _json(value: object) -> str:
    return msgspec.json.encode(value, order="sorted").decode()
