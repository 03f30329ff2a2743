"""Incidents as rows: numbers by day, optimistic versions, a hash-chained log that alone tells the state again."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, bindparam, func, insert, select, text, update

from hub.alert import Target
from storage.records import chain
from storage.records.rows import IncidentRow
from storage.records.tables import incident, incident_log

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


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an incident's log; `at` is when it happened, `recorded` when we wrote it, both epoch ms."""

    kind: str
    actor: str
    at: int
    recorded: int
    reason: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


def group_key(target: Target) -> str:
    """What shares one open incident: a datastream, or a device."""
    return f"{target.station()}/{target.property or ''}"


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


def next_of_day(tx: Connection, day: int) -> int:
    """The next number of the day (yyyymmdd), from 1."""
    return int(tx.execute(_LAST, {"b_day": day}).scalar() or 0) + 1


def add(tx: Connection, new: IncidentRow, entry: Entry) -> IncidentRow:
    """Write a new incident down with its first log line; the row as it stands then."""
    now, line = _changed(None, new, entry)
    tx.execute(_ADD, asdict(now))
    tx.execute(_LOG, line)
    return now


def change(tx: Connection, before: IncidentRow, values: Mapping[str, Any], entry: Entry) -> IncidentRow:
    """Set `values`, raise the version and log why, in one; the row as it stands now."""
    now, line = _changed(before, replace(before, **values), entry)
    tx.execute(_CHANGE, {**asdict(now), "b_id": now.id})
    tx.execute(_LOG, line)
    return now


def _changed(before: IncidentRow | None, now: IncidentRow, entry: Entry) -> tuple[IncidentRow, dict[str, object]]:
    """The row after the change that `entry` tells of, and its line in the log."""
    seq = now.log_seq + 1
    said_before = _json({} if before is None else _state(before))
    said_after = _json({**_state(now), **entry.facts})
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


def _state(row: IncidentRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in _STATE}


def _json(value: object) -> str:
    return msgspec.json.encode(value, order="sorted").decode()
