"""Catalogue changes: rows written with what they change, waiting to be published in order."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, text, update

from hub.catalogue import Change, encode_change, key_of
from storage.records.engine import mark
from storage.records.tables import catalogue_change, meta


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change: `seq` counts from 1 without holes, `body` is what the topic gets."""

    seq: int
    key: str
    body: bytes


def append(tx: Connection, change: Change, *, at: int) -> int:
    """Put the change at the end of the queue; its number."""
    last = tx.execute(select(func.max(catalogue_change.c.seq))).scalar() or 0
    values = {"seq": last + 1, "key": key_of(change), "body": encode_change(change).decode(), "at": at}
    tx.execute(insert(catalogue_change), {**values, "published": False})
    mark(tx, "catalogue")
    return int(last) + 1


def unpublished(tx: Connection, limit: int = 500) -> list[ChangeRow]:
    """The oldest changes that are not marked as published."""
    query = select(catalogue_change.c.seq, catalogue_change.c.key, catalogue_change.c.body)
    rows = tx.execute(query.where(text("NOT published")).order_by(catalogue_change.c.seq).limit(limit))
    return [ChangeRow(seq, key, body.encode()) for seq, key, body in rows]


def waiting(tx: Connection) -> int:
    """How many changes are not marked as published."""
    return int(tx.execute(select(func.count()).select_from(catalogue_change).where(text("NOT published"))).scalar_one())


def mark_published(tx: Connection, upto: int) -> None:
    """Everything up to number `upto` is on the topic."""
    where = (catalogue_change.c.seq <= upto, text("NOT published"))
    tx.execute(update(catalogue_change).where(*where).values(published=True))


def mark_unpublished(tx: Connection) -> None:
    """Nothing of ours is on the topic: publish all of it again."""
    tx.execute(update(catalogue_change).values(published=False))


def keys(tx: Connection) -> Sequence[str]:
    """What any change was ever about, as `hub.catalogue.key_of` says it."""
    return tx.execute(select(catalogue_change.c.key).distinct()).scalars().all()


def origin(tx: Connection) -> str:
    """The name this database was given at random when it was first asked."""
    found = tx.execute(select(meta.c.value).where(meta.c.key == "origin")).scalar()
    if found is not None:
        return str(found)
    name = secrets.token_hex(8)
    tx.execute(insert(meta), {"key": "origin", "value": name})
    return name
