"""What was asked of devices by their field protocols, and every step of what became of it."""

from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, insert, select, tuple_, update

from hub.command import ENDED, PASSWORD_SET, Command, CommandAnswer
from storage.records import audit, register
from storage.records.page import Page, check_limit, decode_cursor, encode_cursor, paged
from storage.records.tables import command as table

AUTOMATIC: Final = "auto:"
"""How the ids of commands begin that the hub gave itself; `auto:NAME:UNIQUE`."""

_MOST_STEPS: Final = 50
_Steps: Final = msgspec.json.Decoder(list[CommandAnswer])


@dataclass(frozen=True, slots=True)
class StoredCommand:
    """One command with its steps, oldest first; times epoch ms."""

    command: Command
    state: str
    changed: int
    steps: tuple[CommandAnswer, ...]


def put(tx: Connection, asked: Command) -> None:
    """Keep a command that is about to go on the bus."""
    values = {
        "id": asked.id,
        "station": asked.station,
        "name": asked.name,
        "arguments": msgspec.json.encode(asked.arguments).decode(),
        "by": asked.by,
        "asked": asked.asked,
        "expires": asked.expires,
        "state": "queued",
        "changed": asked.asked,
        "steps": "[]",
    }
    tx.execute(insert(table), values)
    audit.note(tx, asked.by, "command.ask", asked.station, {"id": asked.id, "name": asked.name}, at=asked.asked)


def take(tx: Connection, step: CommandAnswer) -> bool:
    """Add a step; False where it is of no command of ours (a question to the process itself) or known already."""
    known = get(tx, step.command)
    if known is None:
        if not step.command.startswith(AUTOMATIC):
            return False
        name = step.command.split(":")[1]
        put(tx, Command(step.command, name, step.time, step.time, step.station, by="hub"))
        known = get(tx, step.command)
        assert known is not None
    if step in known.steps:
        return False
    steps = (*known.steps, step)[-_MOST_STEPS:]
    # The two topics are read on their own: a late `queued` must not undo an end.
    state = known.state if known.state in ENDED else step.state
    body = msgspec.json.encode(steps).decode()
    tx.execute(update(table).where(table.c.id == step.command).values(state=state, changed=step.time, steps=body))
    if step.state == "done" and known.command.name == PASSWORD_SET:
        _remember_password(tx, known.command, step.time)
    return True


def _remember_password(tx: Connection, done: Command, at: int) -> None:
    """The device has another password now; without this its next frames would be refused."""
    device, password = register.get_device(tx, done.station), done.arguments.get("password")
    if device is None or device.link is None or not isinstance(password, str):
        return
    link = msgspec.structs.replace(device.link, password=password)
    register.put_device(tx, msgspec.structs.replace(device, link=link), actor=done.by, at=at)


def get(tx: Connection, command_id: str) -> StoredCommand | None:
    """One command, None when it is not there."""
    row = tx.execute(select(table).where(table.c.id == command_id)).one_or_none()
    return None if row is None else _stored(row)


def listing(
    tx: Connection,
    *,
    department: str | None = None,
    station: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[StoredCommand]:
    """Commands, newest first.

    Raises:
        BadQuery: the limit or the cursor cannot be one.
    """
    query = select(table).order_by(table.c.asked.desc(), table.c.id.desc()).limit(check_limit(limit) + 1)
    if station is not None:
        query = query.where(table.c.station == station)
    if department is not None:
        query = query.where(table.c.station.startswith(f"{department}/", autoescape=True))
    if cursor is not None:
        query = query.where(tuple_(table.c.asked, table.c.id) < tuple_(*decode_cursor(cursor, int, str)))
    rows = [_stored(row) for row in tx.execute(query)]
    return paged(rows, limit, lambda last: encode_cursor(last.command.asked, last.command.id))


def _stored(row: Row[Any]) -> StoredCommand:
    arguments = msgspec.json.decode(row.arguments)
    asked = Command(row.id, row.name, row.asked, row.expires, row.station, arguments, row.by)
    return StoredCommand(asked, row.state, row.changed, tuple(_Steps.decode(row.steps)))
