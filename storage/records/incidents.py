"""Incidents as rows: numbers by day, optimistic versions, a hash-chained log that alone tells the state again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, insert, select, text, update

from hub.alert import Target
from storage.records import chain
from storage.records.tables import incident, incident_log


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


def get(tx: Connection, incident_id: str) -> Row[Any] | None:
    """The incident's row by id or by number, None when there is none."""
    found = tx.execute(select(incident).where(incident.c.id == incident_id)).one_or_none()
    if found is None:
        found = tx.execute(select(incident).where(incident.c.number == incident_id)).one_or_none()
    return found


def open_for(tx: Connection, key: str) -> Row[Any] | None:
    """The open incident of this target, None when there is none."""
    return tx.execute(select(incident).where(incident.c.group_key == key, text("open"))).one_or_none()


def next_of_day(tx: Connection, day: int) -> int:
    """The next number of the day (yyyymmdd), from 1."""
    return int(tx.execute(select(func.max(incident.c.day_n)).where(incident.c.day == day)).scalar() or 0) + 1


def add(tx: Connection, values: Mapping[str, object]) -> None:
    """Write a new incident down; its first log entry follows with `change`."""
    start = {"version": 0, "log_seq": 0, "log_hash": chain.START, "open": True, "reason": ""}
    tx.execute(insert(incident), {**start, **values})


def change(tx: Connection, before: Row[Any], values: Mapping[str, object], entry: Entry) -> Row[Any]:
    """Set `values`, raise the version and log why, in one; the row as it stands now."""
    seq = before.log_seq + 1
    changes: dict[str, object] = {**values, "version": before.version + 1, "changed": entry.recorded, "log_seq": seq}
    said_before = _json(_state(before._asdict()))
    said_after = _json({**_state({**before._asdict(), **values}), **entry.facts})
    fields = (before.id, seq, entry.at, entry.recorded, entry.actor, entry.kind, said_before, said_after, entry.reason)
    head = chain.link(before.log_hash, fields)
    names = ("incident", "seq", "at", "recorded", "actor", "kind", "before", "after", "reason")
    row = dict(zip(names, fields, strict=True)) | {"prev_hash": before.log_hash, "hash": head}
    tx.execute(insert(incident_log), row)
    tx.execute(update(incident).where(incident.c.id == before.id).values({**changes, "log_hash": head}))
    return tx.execute(select(incident).where(incident.c.id == before.id)).one()


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
    return _state(msgspec.json.decode(entries[-1].after)) if entries else {}


def _state(values: Mapping[str, Any]) -> dict[str, object]:
    return {name: values[name] for name in ("state", "level", "max_level", "round")}


def _json(value: object) -> str:
    return msgspec.json.encode(value, order="sorted").decode()
