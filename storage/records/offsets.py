"""How far a consumer has come, kept in the same transaction as what it did."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, bindparam, select, text

from hub.bus import Place
from storage.records.tables import consumer_offset

# Built once: making a statement costs more than running it, and these run with every alert.
_GET: Final = select(consumer_offset.c.topic, consumer_offset.c.part, consumer_offset.c.next_offset).where(
    consumer_offset.c.group_name == bindparam("b_group")
)
_PUT: Final = text(
    "INSERT INTO consumer_offset (group_name, topic, part, next_offset) VALUES (:group, :topic, :part, :offset)"
    " ON CONFLICT (group_name, topic, part) DO UPDATE SET next_offset = excluded.next_offset"
)


def get(tx: Connection, group: str) -> dict[Place, int]:
    """The next offset of every partition the group has ever read."""
    return {(topic, part): int(offset) for topic, part, offset in tx.execute(_GET, {"b_group": group})}


def put(tx: Connection, group: str, positions: Mapping[Place, int]) -> None:
    """Set the next offsets of these partitions."""
    rows = [
        {"group": group, "topic": topic, "part": part, "offset": offset} for (topic, part), offset in positions.items()
    ]
    if rows:
        tx.execute(_PUT, rows)
