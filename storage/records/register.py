"""The register of departments and devices; every change leaves a catalogue change and an audit row."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, update

from hub.catalogue import Device, DevicePut, DeviceRemoved
from hub.errors import LinkTaken
from hub.model import Station
from storage.records import audit, changes
from storage.records.page import Page, check_limit, decode_cursor, encode_cursor, paged
from storage.records.tables import department, device, device_state


@dataclass(frozen=True, slots=True)
class Department:
    """One department and its names."""

    id: str
    name_zh: str = ""
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class DeviceState:
    """What a device last said of itself: online or offline; times epoch ms."""

    station: str
    state: str
    time: int
    received: int


def put_department(tx: Connection, entry: Department, *, actor: str, at: int) -> bool:
    """Add or rename a department; False when nothing changed."""
    known = tx.execute(select(department).where(department.c.id == entry.id)).one_or_none()
    values = {"name_zh": entry.name_zh, "name_en": entry.name_en}
    if known is None:
        tx.execute(insert(department), {"id": entry.id, **values})
    elif (known.name_zh, known.name_en) == (entry.name_zh, entry.name_en):
        return False
    else:
        tx.execute(update(department).where(department.c.id == entry.id).values(values))
    audit.note(tx, actor, "department.put", entry.id, values, at=at)
    return True


def list_departments(tx: Connection) -> list[Department]:
    """All departments by id."""
    return [Department(*row) for row in tx.execute(select(department).order_by(department.c.id))]


def put_device(tx: Connection, entry: Device, *, actor: str, at: int) -> bool:
    """Register or change a device (its department is made when it is new); False when nothing changed.

    An empty `secret_hash` keeps the secret that the device has.

    Raises:
        LinkTaken: another device has this field protocol's identity.
    """
    known = get_device(tx, entry.station)
    if known is not None and not entry.secret_hash:
        entry = msgspec.structs.replace(entry, secret_hash=known.secret_hash)
    if known == entry:
        return False
    place = Station.parse(entry.station)
    if tx.execute(select(department.c.id).where(department.c.id == place.department)).one_or_none() is None:
        put_department(tx, Department(place.department), actor=actor, at=at)
    body = msgspec.json.encode(entry).decode()
    values = {"enabled": entry.enabled, "body": body, "changed": at, "link": _link(tx, entry)}
    if known is None:
        keys = {"station": entry.station, "department": place.department, "kind": place.kind}
        tx.execute(insert(device), {**keys, **values})
    else:
        tx.execute(update(device).where(device.c.station == entry.station).values(values))
    changes.append(tx, DevicePut(entry), at=at)
    audit.note(tx, actor, "device.put", entry.station, _without_secret(known, entry), at=at)
    return True


def put_devices(tx: Connection, entries: Iterable[Device], *, actor: str, at: int) -> int:
    """Register or change many devices; how many were new or different."""
    return sum(put_device(tx, entry, actor=actor, at=at) for entry in entries)


def remove_device(tx: Connection, station: str, *, actor: str, at: int) -> bool:
    """Take a device out of the register; False when it was not there. Its observations and alerts stay."""
    if not tx.execute(delete(device).where(device.c.station == station)).rowcount:
        return False
    changes.append(tx, DeviceRemoved(station), at=at)
    audit.note(tx, actor, "device.remove", station, at=at)
    return True


def get_device(tx: Connection, station: str) -> Device | None:
    """The device, None when it is not registered."""
    body = tx.execute(select(device.c.body).where(device.c.station == station)).scalar()
    return None if body is None else msgspec.json.decode(body, type=Device)


def list_devices(
    tx: Connection,
    *,
    department_id: str | None = None,
    kind: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[Device]:
    """Devices by station.

    Raises:
        BadQuery: the limit or the cursor cannot be one.
    """
    query = select(device.c.body).order_by(device.c.station).limit(check_limit(limit, 10_000) + 1)
    if department_id is not None:
        query = query.where(device.c.department == department_id)
    if kind is not None:
        query = query.where(device.c.kind == kind)
    if cursor is not None:
        query = query.where(device.c.station > decode_cursor(cursor, str)[0])
    found = [msgspec.json.decode(body, type=Device) for body in tx.execute(query).scalars()]
    return paged(found, limit, lambda last: encode_cursor(last.station))


def count_devices(tx: Connection) -> int:
    """How many devices are registered."""
    return int(tx.execute(select(func.count()).select_from(device)).scalar_one())


def put_state(tx: Connection, state: DeviceState) -> bool:
    """Keep what a device said of itself unless something newer is known; whether online or offline changed."""
    known = tx.execute(select(device_state).where(device_state.c.station == state.station)).one_or_none()
    values = {"state": state.state, "time": state.time, "received": state.received}
    if known is None:
        tx.execute(insert(device_state), {"station": state.station, **values})
        return True
    if (known.time, known.received) >= (state.time, state.received):
        return False
    tx.execute(update(device_state).where(device_state.c.station == state.station).values(values))
    return bool(known.state != state.state)


def get_state(tx: Connection, station: str) -> DeviceState | None:
    """What the device last said of itself, None when it never did."""
    row = tx.execute(select(device_state).where(device_state.c.station == station)).one_or_none()
    return None if row is None else DeviceState(*row)


def list_states(tx: Connection) -> dict[str, DeviceState]:
    """What every device last said of itself, by station."""
    return {row.station: DeviceState(*row) for row in tx.execute(select(device_state))}


def _link(tx: Connection, entry: Device) -> str | None:
    if entry.link is None:
        return None
    word = f"{entry.link.protocol} {entry.link.identity}"
    holder = tx.execute(select(device.c.station).where(device.c.link == word)).scalar()
    if holder not in (None, entry.station):
        raise LinkTaken(entry.link.protocol, entry.link.identity, str(holder))
    return word


def _without_secret(known: Device | None, entry: Device) -> dict[str, object]:
    body: dict[str, object] = msgspec.to_builtins(entry)
    body.pop("secret_hash", None)
    if entry.link is not None:
        body["link"] = msgspec.to_builtins(entry.link.without_secrets())
    body["secret_changed"] = known is None or known.secret_hash != entry.secret_hash
    return body
