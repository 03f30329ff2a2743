"""Timers as rows: what is to be done when, about which incident; a restart finds them where they stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, insert, select

from storage.records.tables import incident_timer

_DUE: Final = (
    select(incident_timer)
    .where(incident_timer.c.at <= bindparam("b_at"))
    .order_by(incident_timer.c.at, incident_timer.c.incident, incident_timer.c.name)
    .limit(bindparam("b_limit"))
)
_NEXT: Final = select(func.min(incident_timer.c.at)).where(incident_timer.c.at > bindparam("b_at"))
_ONE: Final = (
    incident_timer.c.incident == bindparam("b_incident"),
    incident_timer.c.name == bindparam("b_name"),
)
_GET: Final = select(incident_timer).where(*_ONE)
_DROP: Final = delete(incident_timer).where(
    incident_timer.c.incident == bindparam("b_incident"),
    incident_timer.c.name.in_(bindparam("b_names", expanding=True)),
)
_OF: Final = (
    select(incident_timer).where(incident_timer.c.incident == bindparam("b_incident")).order_by(incident_timer.c.at)
)
_ADD: Final = insert(incident_timer)


@dataclass(frozen=True, slots=True)
class TimerRow:
    """One timer: `name` is its handler's, perhaps with a colon and more; `at` epoch ms; `body` JSON text."""

    incident: str
    name: str
    at: int
    body: str

    @property
    def handler(self) -> str:
        """The name of the handler."""
        return self.name.partition(":")[0]

    @property
    def said(self) -> dict[str, Any]:
        """What the timer was set with."""
        found: dict[str, Any] = msgspec.json.decode(self.body)
        return found


def put(tx: Connection, incident: str, name: str, at: int, body: Mapping[str, object] | None = None) -> None:
    """Set the timer, in place of one of the same incident and name; `incident` is empty for what is about none."""
    drop(tx, incident, name)
    add(tx, incident, name, at, body)


def add(tx: Connection, incident: str, name: str, at: int, body: Mapping[str, object] | None = None) -> None:
    """Set a timer that is not set."""
    words = msgspec.json.encode(body or {}).decode()
    tx.execute(_ADD, {"incident": incident, "name": name, "at": at, "body": words})


def get(tx: Connection, incident: str, name: str) -> TimerRow | None:
    """The timer, None when none is set."""
    row = tx.execute(_GET, {"b_incident": incident, "b_name": name}).one_or_none()
    return None if row is None else TimerRow(*row)


def drop(tx: Connection, incident: str, *names: str) -> None:
    """Take these timers of the incident away; those that are not set do not matter."""
    if names:
        tx.execute(_DROP, {"b_incident": incident, "b_names": names})


def drop_all(tx: Connection, incident: str) -> None:
    """Take every timer of the incident away."""
    tx.execute(delete(incident_timer).where(incident_timer.c.incident == incident))


def of(tx: Connection, incident: str) -> list[TimerRow]:
    """The timers of an incident, the next one first."""
    return [TimerRow(*row) for row in tx.execute(_OF, {"b_incident": incident})]


def due(tx: Connection, *, at: int, limit: int = 100) -> list[TimerRow]:
    """Timers whose time has come at `at` (epoch ms), the oldest first."""
    return [TimerRow(*row) for row in tx.execute(_DUE, {"b_at": at, "b_limit": limit})]


def next_after(tx: Connection, *, at: int) -> int | None:
    """When the first timer is due that is not due at `at` (epoch ms), None when none is set."""
    found = tx.execute(_NEXT, {"b_at": at}).scalar()
    return None if found is None else int(found)
