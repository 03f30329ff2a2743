"""What could not be taken, kept with its bytes until somebody has looked at it."""

from dataclasses import dataclass

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from hub.dead_letter import DeadLetter
from storage.records import audit
from storage.records.page import Page, check_limit, decode_cursor, encode_cursor, paged
from storage.records.tables import dead_letter

_COLUMNS = [column for column in dead_letter.c if column.name != "payload"]


@dataclass(frozen=True, slots=True)
class StoredLetter:
    """One dead letter without its bytes; times epoch ms.

    `state` is kept, retried or dropped; `retry_of` the letter whose retry failed with this one.
    """

    id: int
    received: int
    source: str
    topic: str
    reason: str
    detail: str
    device: str
    size: int
    state: str
    retry_of: str
    settled: int | None
    settled_by: str


def store(tx: Connection, letter: DeadLetter) -> int:
    """Keep a dead letter; its number."""
    values = {
        "received": letter.received,
        "source": letter.source,
        "topic": letter.topic,
        "reason": letter.reason,
        "detail": letter.detail,
        "device": letter.device,
        "size": len(letter.payload),
        "payload": letter.payload,
        "state": "kept",
        "retry_of": letter.retried,
    }
    return int(tx.execute(insert(dead_letter).values(values).returning(dead_letter.c.id)).scalar_one())


def get(tx: Connection, letter_id: int) -> StoredLetter | None:
    """One dead letter, None when it is not there."""
    row = tx.execute(select(*_COLUMNS).where(dead_letter.c.id == letter_id)).one_or_none()
    return None if row is None else _letter(row)


def get_bytes(tx: Connection, letter_id: int) -> bytes | None:
    """What came, byte for byte; None when the letter is not there."""
    payload = tx.execute(select(dead_letter.c.payload).where(dead_letter.c.id == letter_id)).scalar()
    return None if payload is None else bytes(payload)


def listing(
    tx: Connection,
    *,
    state: str | None = None,
    reason: str | None = None,
    source: str | None = None,
    device: str | None = None,
    department: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[StoredLetter]:
    """Dead letters, newest first.

    Raises:
        BadQuery: the limit or the cursor cannot be one.
    """
    query = select(*_COLUMNS).order_by(dead_letter.c.id.desc()).limit(check_limit(limit) + 1)
    for column, wanted in (("state", state), ("reason", reason), ("source", source), ("device", device)):
        if wanted is not None:
            query = query.where(dead_letter.c[column] == wanted)
    if department is not None:
        query = query.where(dead_letter.c.device.startswith(f"{department}/", autoescape=True))
    if cursor is not None:
        query = query.where(dead_letter.c.id < decode_cursor(cursor, int)[0])
    return paged([_letter(row) for row in tx.execute(query)], limit, lambda last: encode_cursor(last.id))


def counts(tx: Connection) -> dict[tuple[str, str], int]:
    """How many there are by (state, reason)."""
    query = select(dead_letter.c.state, dead_letter.c.reason, func.count())
    rows = tx.execute(query.group_by(dead_letter.c.state, dead_letter.c.reason))
    return {(state, reason): int(count) for state, reason, count in rows}


def mark_retried(tx: Connection, letter_id: int, *, actor: str, at: int) -> bool:
    """The bytes were given to the intake again; False when the letter is not there or was settled before."""
    return _settle(tx, letter_id, "retried", actor, at)


def mark_dropped(tx: Connection, letter_id: int, *, actor: str, at: int) -> bool:
    """Somebody decided that it is not needed; False when the letter is not there or was settled before."""
    return _settle(tx, letter_id, "dropped", actor, at)


def prune(tx: Connection, before: int) -> int:
    """Forget settled letters received before `before` (epoch ms); how many went. Letters that nobody settled stay."""
    where = (dead_letter.c.received < before, dead_letter.c.state != "kept")
    return tx.execute(delete(dead_letter).where(*where)).rowcount


def _settle(tx: Connection, letter_id: int, state: str, actor: str, at: int) -> bool:
    where = (dead_letter.c.id == letter_id, dead_letter.c.state == "kept")
    values = {"state": state, "settled": at, "settled_by": actor}
    if not tx.execute(update(dead_letter).where(*where).values(values)).rowcount:
        return False
    audit.note(tx, actor, f"dead_letter.{state}", str(letter_id), at=at)
    return True


def _letter(row: Row[tuple[object, ...]]) -> StoredLetter:
    return StoredLetter(**row._asdict())
