"""People, units, areas, rosters and plans as rows: their versions, who changed them, and where people were last."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from storage.records import audit, timers
from storage.records.engine import mark
from storage.records.tables import duty, person_place, preflight, task_link

Sort = Literal["person", "unit", "area", "roster", "plan"]

PREFLIGHT: Final = "preflight"
"""The timer that looks ahead again; every change sets it to now."""

Stamp = tuple[int, int, int]

_ONE_ROW: Final = 1
_CHANGED: Final = "duty"


@dataclass(frozen=True, slots=True)
class Written:
    """One of them as it stands: `body` is JSON text."""

    sort: str
    id: str
    department: str
    version: int
    body: str
    changed: int
    changed_by: str


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """Where somebody was last seen: WGS-84 degrees, epoch ms, and what told of it."""

    person: str
    lon: float
    lat: float
    accuracy_m: float | None
    at: int
    source: str


def get(tx: Connection, sort: Sort, name: str) -> Written | None:
    """One of them, None when there is none."""
    row = _row(tx, sort, name)
    return None if row is None or row.removed is not None else _written(row)


def listing(tx: Connection, sort: Sort | None = None) -> list[Written]:
    """All of a sort, or all there are, by sort and id."""
    query = select(duty).where(duty.c.removed.is_(None)).order_by(duty.c.sort, duty.c.id)
    if sort is not None:
        query = query.where(duty.c.sort == sort)
    return [_written(row) for row in tx.execute(query)]


def put(tx: Connection, sort: Sort, name: str, body: str, *, department: str, actor: str, at: int) -> Written:
    """Write one down as it is from now on; the same content keeps its version. The look ahead is due at once."""
    known = _row(tx, sort, name)
    if known is not None and known.removed is None and known.body == body:
        return _written(known)
    now = Written(sort, name, department, 1 if known is None else known.version + 1, body, at, actor)
    values = {"department": department, "version": now.version, "body": body, "changed": at, "changed_by": actor}
    if known is None:
        tx.execute(insert(duty), {"sort": sort, "id": name, "removed": None, **values})
    else:
        tx.execute(update(duty).where(*_these(sort, name)).values(removed=None, **values))
    audit.note(tx, actor, f"{sort}.put", name, {"version": now.version}, at=at)
    _settle(tx, at)
    return now


def remove(tx: Connection, sort: Sort, name: str, *, actor: str, at: int) -> bool:
    """Take one away; False when there is none."""
    gone = update(duty).where(*_these(sort, name), duty.c.removed.is_(None)).values(removed=at, changed=at)
    if not tx.execute(gone).rowcount:
        return False
    audit.note(tx, actor, f"{sort}.remove", name, at=at)
    _settle(tx, at)
    return True


def stamp(tx: Connection) -> Stamp:
    """What differs after every change: how many there were, how much was removed, and the last moment (epoch ms)."""
    query = select(func.sum(duty.c.version), func.count(duty.c.removed), func.max(duty.c.changed))
    total, removed, last = tx.execute(query).one()
    return int(total or 0), int(removed), int(last or 0)


def is_changed(tx: Connection) -> bool:
    """Whether this transaction itself has changed anything."""
    return bool(tx.get_execution_options().get("writing", False)) and _CHANGED in tx.info.get("marks", ())


def put_place(tx: Connection, place: PlaceRow) -> None:
    """Keep where somebody is, unless something newer is known."""
    known = tx.execute(select(person_place.c.at).where(person_place.c.person == place.person)).scalar()
    if known is not None and known > place.at:
        return
    tx.execute(delete(person_place).where(person_place.c.person == place.person))
    values = {name: getattr(place, name) for name in PlaceRow.__dataclass_fields__}
    tx.execute(insert(person_place), values)


def places(tx: Connection) -> dict[str, PlaceRow]:
    """Where everybody was last seen."""
    return {row.person: PlaceRow(*row) for row in tx.execute(select(person_place))}


def keep_preflight(tx: Connection, body: str, *, at: int) -> None:
    """Keep what the look ahead found."""
    tx.execute(delete(preflight))
    tx.execute(insert(preflight), {"id": _ONE_ROW, "at": at, "body": body})


def last_preflight(tx: Connection) -> tuple[int, str] | None:
    """When it was looked ahead last (epoch ms) and what was found as JSON text, None before the first time."""
    row = tx.execute(select(preflight.c.at, preflight.c.body)).one_or_none()
    return None if row is None else (int(row.at), row.body)


def opened(tx: Connection, incident: str) -> Mapping[str, tuple[int | None, int | None]]:
    """By person: when they first opened their link to the incident, and when they first did something there (epoch ms)."""
    query = select(task_link.c.person, func.min(task_link.c.opened), func.min(task_link.c.acted))
    rows = tx.execute(query.where(task_link.c.incident == incident).group_by(task_link.c.person))
    return {person: (_whole(first), _whole(acted)) for person, first, acted in rows}


def _written(row: Row[Any]) -> Written:
    return Written(row.sort, row.id, row.department, row.version, row.body, row.changed, row.changed_by)


def _settle(tx: Connection, at: int) -> None:
    """What follows every change: the look ahead is due, and nobody keeps what this transaction read."""
    timers.put(tx, "", PREFLIGHT, at)
    mark(tx, _CHANGED)


def _whole(value: object) -> int | None:
    return None if value is None else int(str(value))


def _these(sort: str, name: str) -> tuple[Any, Any]:
    return duty.c.sort == sort, duty.c.id == name


def _row(tx: Connection, sort: str, name: str) -> Row[Any] | None:
    return tx.execute(select(duty).where(*_these(sort, name))).one_or_none()
