"""How far a consumer has come, kept in the same transaction as what it did."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert, select

from hub.bus import Place
from storage.records.tables import consumer_offset


def get(tx: Connection, group: str) -> dict[Place, int]:
    """The next offset of every partition the group has ever read."""
    rows = tx.execute(select(consumer_offset).where(consumer_offset.c.group_name == group))
    return {(row.topic, row.part): int(row.next_offset) for row in rows}


def put(tx: Connection, group: str, positions: Mapping[Place, int]) -> None:
    """Set the next offsets of these partitions."""
    for (topic, part), offset in positions.items():
        keys = {"group_name": group, "topic": topic, "part": part}
        tx.execute(delete(consumer_offset).filter_by(**keys))
        tx.execute(insert(consumer_offset), {**keys, "next_offset": offset})
