"""The coverage ledger: of each camera's hour, how long it saw, and how long it was blind and why; the rest nothing came."""

from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select

from storage.records.tables import patrol_coverage as table

HOUR: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Hour:
    """One camera's hour from `start` (epoch ms); `blind` is ms by cause, `through` the time of the last frame counted."""

    station: str
    start: int
    seen_ms: int = 0
    blind: dict[str, int] = field(default_factory=dict)
    through: int = 0

    @property
    def blind_ms(self) -> int:
        """How long it was blind for whatever cause."""
        return sum(self.blind.values())


def put(tx: Connection, hours: list[Hour]) -> None:
    """Write hours down as they are now; the same again changes nothing."""
    for hour in hours:
        tx.execute(delete(table).where(table.c.station == hour.station, table.c.hour == hour.start))
        blind = msgspec.json.encode(hour.blind).decode()
        values = {"seen_ms": hour.seen_ms, "blind": blind, "through": hour.through}
        tx.execute(insert(table), {"station": hour.station, "hour": hour.start, **values})


def of(tx: Connection, station: str, start: int, end: int) -> list[Hour]:
    """A camera's hours that begin in [start, end) and have anything written, in order."""
    place = (table.c.station == station, table.c.hour >= start, table.c.hour < end)
    return [_stored(row) for row in tx.execute(select(table).where(*place).order_by(table.c.hour))]


def unseen_ms(tx: Connection, station: str, start: int, end: int) -> int:
    """How much of [start, end), epoch ms, the camera was blind or offline, as far as the ledger can tell."""
    return unseen(of(tx, station, start - start % HOUR, end), start, end)


def unseen(hours: list[Hour], start: int, end: int) -> int:
    """How much of [start, end) was not seen at most: where in its hour a camera was blind is not written."""
    seen = 0
    for hour in hours:
        outside = max(0, start - hour.start) + max(0, hour.through - end)
        seen += max(0, hour.seen_ms - outside)
    return max(0, end - start - seen)


def last(tx: Connection, station: str) -> Hour | None:
    """The newest hour written, None when there is none."""
    query = select(table).where(table.c.station == station).order_by(table.c.hour.desc()).limit(1)
    row = tx.execute(query).one_or_none()
    return None if row is None else _stored(row)


def _stored(row: Row[Any]) -> Hour:
    return Hour(row.station, row.hour, row.seen_ms, msgspec.json.decode(row.blind), row.through)
