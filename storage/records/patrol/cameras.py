"""Cameras as they are set up: the site drawn on the picture, and where pictures are fetched."""

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update

from hub.pictures import Source
from storage.records import audit
from storage.records.tables import patrol_camera


@dataclass(frozen=True, slots=True)
class StoredCamera:
    """One camera; `body` is its configuration as JSON text, empty while nobody has drawn one; `changed` epoch ms."""

    station: str
    version: int
    body: str
    source: Source
    changed: int
    changed_by: str


def get(tx: Connection, station: str) -> StoredCamera | None:
    """The camera's set-up, None while it has none."""
    row = tx.execute(select(patrol_camera).where(patrol_camera.c.station == station)).one_or_none()
    return None if row is None else _stored(row)


def listing(tx: Connection) -> list[StoredCamera]:
    """Every camera that is set up, by station."""
    return [_stored(row) for row in tx.execute(select(patrol_camera).order_by(patrol_camera.c.station))]


def versions(tx: Connection) -> dict[str, int]:
    """The version of each camera's set-up: cheap enough to be asked every few seconds."""
    rows = tx.execute(select(patrol_camera.c.station, patrol_camera.c.version))
    return {row.station: row.version for row in rows}


def put(tx: Connection, station: str, body: str, source: Source, *, actor: str, at: int) -> StoredCamera:
    """Set a camera up, or change how; as it is now."""
    known = get(tx, station)
    if known is not None and (known.body, known.source) == (body, source):
        return known
    version = 1 if known is None else known.version + 1
    text = msgspec.json.encode(source).decode()
    values = {"version": version, "body": body, "source": text, "changed": at, "changed_by": actor}
    if known is None:
        tx.execute(insert(patrol_camera), {"station": station, **values})
    else:
        tx.execute(update(patrol_camera).where(patrol_camera.c.station == station).values(values))
    audit.note(tx, actor, "camera.put", station, {"version": version, "body": body, "url": source.url}, at=at)
    return StoredCamera(station, version, body, source, at, actor)


def remove(tx: Connection, station: str, *, actor: str, at: int) -> bool:
    """Forget a camera's set-up; False when it had none. What it saw stays."""
    if not tx.execute(delete(patrol_camera).where(patrol_camera.c.station == station)).rowcount:
        return False
    audit.note(tx, actor, "camera.remove", station, at=at)
    return True


def _stored(row: Row[Any]) -> StoredCamera:
    source = msgspec.json.decode(row.source, type=Source)
    return StoredCamera(row.station, row.version, row.body, source, row.changed, row.changed_by)
