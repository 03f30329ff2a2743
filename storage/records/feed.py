"""The feed: what happened, in order, for the live events; whoever comes back reads on from the last number."""

from dataclasses import dataclass
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, select, text

from storage.records.engine import mark
from storage.records.tables import feed

_ADD: Final = text("INSERT INTO feed (at, type, body) VALUES (:at, :type, :body)")
_AFTER: Final = select(feed).where(feed.c.seq > bindparam("b_seq")).order_by(feed.c.seq).limit(bindparam("b_limit"))


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One event: `seq` grows with every commit, `type` is alert, incident, dead_letter or health, `body` JSON text."""

    seq: int
    at: int
    type: str
    body: str


def append(tx: Connection, type_: str, body: object, *, at: int) -> None:
    """Add one event; `body` is anything that becomes JSON, or JSON text already."""
    encoded = body if isinstance(body, str) else msgspec.json.encode(body).decode()
    tx.execute(_ADD, {"at": at, "type": type_, "body": encoded})
    mark(tx, "feed")


def after(tx: Connection, seq: int, limit: int = 500) -> list[FeedRow]:
    """Up to `limit` events that follow number `seq`, oldest first."""
    rows = tx.execute(_AFTER, {"b_seq": seq, "b_limit": limit})
    return [FeedRow(*row) for row in rows]


def span(tx: Connection) -> tuple[int, int]:
    """The oldest number still kept and the newest one, (1, 0) when nothing is kept."""
    first, last = tx.execute(select(func.min(feed.c.seq), func.max(feed.c.seq))).one()
    return (1, 0) if first is None else (int(first), int(last))


def prune(tx: Connection, before: int, keep: int = 1) -> int:
    """Forget events older than `before` (epoch ms), but never the newest `keep`; how many went."""
    last = span(tx)[1]
    return tx.execute(delete(feed).where(feed.c.at < before, feed.c.seq <= last - keep)).rowcount
