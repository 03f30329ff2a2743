"""The index of the patrol's evidence: what each piece is, whether it may show people, and its twin without them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from hub.evidence import Evidence
from storage.records.tables import patrol_evidence as table


@dataclass(frozen=True, slots=True)
class StoredPiece:
    """One piece; `blurred` is the SHA-256 of the twin that everybody may see."""

    sha256: str
    event: str
    station: str
    kind: str
    media_type: str
    size: int
    captured: int
    person: bool
    blurred: str | None


def put(tx: Connection, event: str, station: str, piece: Evidence, blurred: str | None = None) -> bool:
    """Note a piece that is in the store; False when it was known."""
    if tx.execute(select(table.c.sha256).where(table.c.sha256 == piece.sha256)).one_or_none() is not None:
        return False
    values = {
        "sha256": piece.sha256,
        "event": event,
        "station": station,
        "kind": piece.kind,
        "media_type": piece.media_type,
        "size": piece.size,
        "captured": piece.captured or 0,
        "person": piece.person,
        "blurred": blurred,
    }
    tx.execute(insert(table), values)
    return True


def get(tx: Connection, sha256: str) -> StoredPiece | None:
    """One piece, None when it is none of the patrol's."""
    row = tx.execute(select(table).where(table.c.sha256 == sha256)).one_or_none()
    return None if row is None else _stored(row)


def oldest(
    tx: Connection, kind: str, before: int, limit: int = 500, after: tuple[int, str] | None = None
) -> list[StoredPiece]:
    """Pieces of a kind taken before a time, oldest first; `after` is (captured, sha256) of the last one seen."""
    query = select(table).where(table.c.kind == kind, table.c.captured < before)
    if after is not None:
        captured, sha256 = after
        later = (table.c.captured > captured) | ((table.c.captured == captured) & (table.c.sha256 > sha256))
        query = query.where(later)
    return [_stored(row) for row in tx.execute(query.order_by(table.c.captured, table.c.sha256).limit(limit))]


def forget(tx: Connection, hashes: list[str]) -> None:
    """Take pieces out of the index: their bytes are gone."""
    if hashes:
        tx.execute(delete(table).where(table.c.sha256.in_(hashes)))


def _stored(row: Row[Any]) -> StoredPiece:
    return StoredPiece(**dict(row._mapping))  # noqa: SLF001 - SQLAlchemy's own public name for a row as a mapping
