"""Who did what and when: every change that a person or a file made."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, insert, select

from storage.records.tables import audit


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One act: `actor` did `action` on `object`; `detail` is JSON text."""

    seq: int
    at: int
    actor: str
    action: str
    object: str
    detail: str


def note(
    tx: Connection, actor: str, action: str, object_: str, detail: Mapping[str, object] | None = None, *, at: int
) -> None:
    """Write down one act."""
    body = msgspec.json.encode(detail or {}).decode()
    tx.execute(insert(audit), {"at": at, "actor": actor, "action": action, "object": object_, "detail": body})


def listing(
    tx: Connection, *, object_: str | None = None, actor: str | None = None, before: int | None = None, limit: int = 100
) -> list[AuditRow]:
    """Acts, newest first; `before` is the `seq` of the last one already seen."""
    query = select(audit).order_by(audit.c.seq.desc()).limit(limit)
    if object_ is not None:
        query = query.where(audit.c.object == object_)
    if actor is not None:
        query = query.where(audit.c.actor == actor)
    if before is not None:
        query = query.where(audit.c.seq < before)
    return [AuditRow(*row) for row in tx.execute(query)]
