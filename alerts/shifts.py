"""Handing the desk over: what stands open is written down, whoever goes signs it, whoever comes signs it too."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from alerts.errors import NotAllowed
from storage.records import audit, chain, incidents, shifts, silences
from storage.records.rows import IncidentRow
from storage.records.shifts import ShiftRow

_MOST: Final = 200
"""Open incidents that a handover names; how many there are more is counted."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A station or a part of the hub that is not heard; `last` epoch ms, None for never."""

    name: str
    state: str
    last: int | None = None
    detail: str = ""


def facts(tx: Connection, department: str, feeds: Sequence[Feed], *, at: int) -> dict[str, Any]:
    """What stands open now at this desk (`department` empty: everybody's), as JSON has it; times epoch ms."""
    mine = [row for row in incidents.opened(tx) if department in ("", row.department)]
    before = shifts.last(tx, department)
    quiet = [row for row in silences.active(tx, at) if department in ("", row.words.get("department", department))]
    return {
        "since": None if before is None else before.given_at,
        "open": len(mine),
        "incidents": [_incident(row) for row in mine[:_MOST]],
        "silences": [
            {"owner": row.owner, "reason": row.reason, "matcher": row.words, "level": row.level, "ends": row.ends}
            for row in quiet
        ],
        "feeds": [msgspec.to_builtins(feed) for feed in feeds],
    }


def give(tx: Connection, department: str, note: str, found: dict[str, Any], *, actor: str, at: int) -> ShiftRow:
    """Sign a handover; it waits for the one who comes, and takes the place of an older one that nobody took."""
    before = shifts.newest(tx, department)
    if before is not None:
        at = max(at, before.given_at + 1)  # two of one millisecond would both be the newest
    body = msgspec.json.encode(found, order="sorted").decode()
    signed = chain.link(chain.START, (department, note, body, actor, at))
    name = hashlib.sha256(f"{department} {actor} {at} {signed}".encode()).hexdigest()[:16]
    row = ShiftRow(name, department, note, body, actor, at, "", None, "", signed)
    shifts.add(tx, row)
    audit.note(tx, actor, "shift.give", name, {"hash": signed, "department": department}, at=at)
    return row


def take(tx: Connection, row: ShiftRow, note: str, *, actor: str, at: int) -> ShiftRow:
    """The one who comes signs too: from then on the desk is theirs.

    Raises:
        NotAllowed: it was taken, a newer one waits, or the one who gave it would take it.
    """
    waiting = shifts.waiting(tx, row.department)
    if row.taken_at is not None:
        raise NotAllowed(f"{row.taken_by} has taken this handover")
    if waiting is None or waiting.id != row.id:
        raise NotAllowed("a newer handover waits", ("the newest handover",))
    if actor == row.given_by:
        raise NotAllowed("whoever hands over cannot take it", ("somebody else to take it",))
    signed = chain.link(row.hash, (actor, at, note))
    if not shifts.take(tx, row, by=actor, at=at, note=note, hash_=signed):
        raise NotAllowed("somebody has taken this handover")
    audit.note(tx, actor, "shift.take", row.id, {"hash": signed, "department": row.department}, at=at)
    taken = shifts.get(tx, row.id)
    assert taken is not None  # it was changed in this transaction
    return taken


def sound(row: ShiftRow) -> bool:
    """Whether what both signed is still what is written."""
    signed = chain.link(chain.START, (row.department, row.note, row.facts, row.given_by, row.given_at))
    if row.taken_at is not None:
        signed = chain.link(signed, (row.taken_by, row.taken_at, row.taken_note))
    return signed == row.hash


def _incident(row: IncidentRow) -> dict[str, Any]:
    kept = ("number", "state", "level", "type", "text", "owner", "acknowledged_by", "opened", "solve_by", "count")
    said = {name: getattr(row, name) for name in kept}
    target = {name: getattr(row, name) for name in ("department", "kind", "device", "property")}
    return {**said, "target": target, "source": row.source}
