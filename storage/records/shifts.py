"""Handovers between shifts as rows: what was handed over, who gave it and who took it."""

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, insert, or_, select, update

from storage.records.page import Page, check_limit, decode_cursor, encode_cursor, paged
from storage.records.tables import shift


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """One handover; `facts` is JSON text, `hash` is over what both sign, `taken_at` None until the next one has signed; epoch ms."""

    id: str
    department: str
    note: str
    facts: str
    given_by: str
    given_at: int
    taken_by: str
    taken_at: int | None
    taken_note: str
    hash: str
    version: int = 1


def add(tx: Connection, row: ShiftRow) -> None:
    """Write a new handover down."""
    tx.execute(insert(shift), asdict(row))


def get(tx: Connection, shift_id: str) -> ShiftRow | None:
    """The handover, None when there is none."""
    row = tx.execute(select(shift).where(shift.c.id == shift_id)).one_or_none()
    return None if row is None else ShiftRow(*row)


def waiting(tx: Connection, department: str) -> ShiftRow | None:
    """The handover of this desk that nobody has taken yet."""
    query = select(shift).where(shift.c.department == department, shift.c.taken_at.is_(None))
    row = tx.execute(query.order_by(shift.c.given_at.desc(), shift.c.id).limit(1)).one_or_none()
    return None if row is None else ShiftRow(*row)


def newest(tx: Connection, department: str) -> ShiftRow | None:
    """The newest handover of this desk, taken or not."""
    query = select(shift).where(shift.c.department == department).order_by(shift.c.given_at.desc(), shift.c.id).limit(1)
    row = tx.execute(query).one_or_none()
    return None if row is None else ShiftRow(*row)


def last(tx: Connection, department: str) -> ShiftRow | None:
    """The newest handover of this desk that was taken."""
    query = select(shift).where(shift.c.department == department, shift.c.taken_at.is_not(None))
    row = tx.execute(query.order_by(shift.c.given_at.desc(), shift.c.id).limit(1)).one_or_none()
    return None if row is None else ShiftRow(*row)


def take(tx: Connection, before: ShiftRow, *, by: str, at: int, note: str, hash_: str) -> bool:
    """Note who has taken it; False when somebody has, or it has changed."""
    query = update(shift).where(shift.c.id == before.id, shift.c.taken_at.is_(None), shift.c.version == before.version)
    values = {"taken_by": by, "taken_at": at, "taken_note": note, "hash": hash_, "version": before.version + 1}
    return bool(tx.execute(query.values(**values)).rowcount)


def listing(
    tx: Connection, *, department: str | None = None, limit: int = 100, cursor: str | None = None
) -> Page[ShiftRow]:
    """Handovers, the newest first; of one department's desk, or of all.

    Raises:
        BadQuery: the limit or the cursor cannot be one.
    """
    query = select(shift).order_by(shift.c.given_at.desc(), shift.c.id).limit(check_limit(limit) + 1)
    if department is not None:
        query = query.where(shift.c.department == department)
    if cursor is not None:
        given, name = decode_cursor(cursor, int, str)
        query = query.where(or_(shift.c.given_at < given, (shift.c.given_at == given) & (shift.c.id > name)))
    rows = [ShiftRow(*row) for row in tx.execute(query)]
    return paged(rows, limit, lambda row: encode_cursor(row.given_at, row.id))
