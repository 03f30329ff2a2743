"""What the patrol found, from open to close; the newest word on each."""

from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, func, insert, or_, select, tuple_, update

from hub.event import DeviceEvent
from hub.evidence import Evidence
from storage.records.page import Page, check_limit, decode_cursor, encode_cursor, paged
from storage.records.tables import patrol_event as table

_Evidence: Final = msgspec.json.Decoder(tuple[Evidence, ...])


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event; `verdict` confirmed or rejected once an officer said so; times epoch ms."""

    id: str
    station: str
    type: str
    level: int
    opened: int
    changed: int
    closed: int | None
    text: str
    facts: dict[str, Any]
    evidence: tuple[Evidence, ...]
    verdict: str | None


@dataclass(frozen=True, slots=True)
class EventsAsked:
    """Which events: those that touch [start, end), of these stations' department, of one station, of one type or of one that begins so."""

    department: str | None = None
    station: str | None = None
    type: str | None = None
    start: int | None = None
    end: int | None = None
    open_only: bool = False
    verdict: str | None = field(default=None)


def is_news(tx: Connection, event: DeviceEvent) -> bool:
    """Whether this word on an event was not taken yet; after a restart it may have been."""
    return _is_news(get(tx, event.key), event)


def take(tx: Connection, event: DeviceEvent) -> bool:
    """Keep the newest word on an event; False when it was known already, as after a restart."""
    known = get(tx, event.key)
    if not _is_news(known, event):
        return False
    evidence = _together(() if known is None else known.evidence, event.evidence)
    values: dict[str, Any] = {
        "level": event.level,
        "changed": event.time,
        "closed": event.time if event.edge == "close" else None,
        "text": event.text,
        "facts": msgspec.json.encode(event.values).decode(),
        "evidence": msgspec.json.encode(evidence).decode(),
    }
    if known is None:
        named = {"id": event.key, "station": event.station, "type": event.type, "opened": event.time}
        tx.execute(insert(table), {**named, **values})
        return True
    if isinstance(kept := known.facts.get("features"), str):
        values["facts"] = msgspec.json.encode({"features": kept, **event.values}).decode()
    tx.execute(update(table).where(table.c.id == event.key).values(values))
    return True


def get(tx: Connection, event_id: str) -> StoredEvent | None:
    """One event, None when it is not there."""
    row = tx.execute(select(table).where(table.c.id == event_id)).one_or_none()
    return None if row is None else _stored(row)


def listing(tx: Connection, asked: EventsAsked, *, limit: int = 100, cursor: str | None = None) -> Page[StoredEvent]:
    """Events, newest first.

    Raises:
        BadQuery: the limit or the cursor cannot be one.
    """
    query = select(table).order_by(table.c.opened.desc(), table.c.id.desc()).limit(check_limit(limit) + 1)
    if asked.department is not None:
        query = query.where(table.c.station.startswith(f"{asked.department}/", autoescape=True))
    if asked.station is not None:
        query = query.where(table.c.station == asked.station)
    if asked.type is not None:
        query = query.where(or_(table.c.type == asked.type, table.c.type.startswith(f"{asked.type}.", autoescape=True)))
    if asked.start is not None:
        query = query.where(func.coalesce(table.c.closed, asked.start) >= asked.start)
    if asked.end is not None:
        query = query.where(table.c.opened < asked.end)
    if asked.open_only:
        query = query.where(table.c.closed.is_(None))
    if asked.verdict is not None:
        query = query.where(table.c.verdict == asked.verdict)
    if cursor is not None:
        query = query.where(tuple_(table.c.opened, table.c.id) < tuple_(*decode_cursor(cursor, int, str)))
    rows = [_stored(row) for row in tx.execute(query)]
    return paged(rows, limit, lambda last: encode_cursor(last.opened, last.id))


def open_of(tx: Connection, station: str) -> list[StoredEvent]:
    """A camera's events that have not ended, oldest first."""
    query = select(table).where(table.c.station == station, table.c.closed.is_(None)).order_by(table.c.opened)
    return [_stored(row) for row in tx.execute(query)]


def begun(tx: Connection, station: str, type_: str, start: int, end: int) -> list[StoredEvent]:
    """A camera's events of one type that opened in [start, end] (epoch ms), oldest first."""
    query = select(table).where(table.c.station == station, table.c.type == type_)
    query = query.where(table.c.opened >= start, table.c.opened <= end).order_by(table.c.opened, table.c.id)
    return [_stored(row) for row in tx.execute(query)]


def judge(tx: Connection, event_id: str, verdict: str) -> None:
    """Note what an officer says of an event."""
    tx.execute(update(table).where(table.c.id == event_id).values(verdict=verdict))


def _is_news(known: StoredEvent | None, event: DeviceEvent) -> bool:
    if known is None:
        return True
    if known.closed is not None or event.edge == "open":
        return False
    return event.edge == "close" or event.time > known.changed


def _together(known: tuple[Evidence, ...], new: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """What was shown before and what is new, each once: an update need not repeat the first picture."""
    return tuple({piece.sha256: piece for piece in (*known, *new)}.values())


def _stored(row: Row[Any]) -> StoredEvent:
    return StoredEvent(
        row.id,
        row.station,
        row.type,
        row.level,
        row.opened,
        row.changed,
        row.closed,
        row.text,
        msgspec.json.decode(row.facts),
        _Evidence.decode(row.evidence),
        row.verdict,
    )
