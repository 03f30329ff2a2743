"""What the figures are counted from: as much as can be is counted where it lies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, select

from storage.records.tables import alert, delivery, incident, incident_log, notification

_HOUR: Final = 3_600_000
_TAKEN: Final = ("accepted", "delivered")


@dataclass(frozen=True, slots=True)
class Asked:
    """Times [start, end), epoch ms, and the department, None for all."""

    start: int
    end: int
    department: str | None = None

    def opened(self) -> ColumnElement[bool]:
        """Whether an incident is meant."""
        within = and_(incident.c.opened >= self.start, incident.c.opened < self.end)
        return within if self.department is None else and_(within, incident.c.department == self.department)

    def begun(self) -> ColumnElement[bool]:
        """Whether an alert is meant: one that fired, and in time."""
        within = and_(alert.c.breach_start >= self.start, alert.c.breach_start < self.end)
        within = and_(within, alert.c.fired.is_not(None), alert.c.backfilled.is_(False))
        return within if self.department is None else and_(within, alert.c.department == self.department)


def incidents(tx: Connection, asked: Asked) -> Sequence[Row[Any]]:
    """The incidents, each with the time at which the hub wrote it down (`recorded`), when its first breach began in event
    time (`breach`), and when the first vendor or receiver took a notice of it (`told`).
    """
    names = ("id", "type", "area", "state", "open", "overridden", "acknowledged", "acknowledged_by", "arrived")
    columns = [incident.c[name] for name in (*names, "solved", "closed", "closed_by")]
    first = and_(incident_log.c.incident == incident.c.id, incident_log.c.seq == 1)
    breach = select(func.min(alert.c.breach_start)).where(alert.c.incident == incident.c.id).scalar_subquery()
    told = select(func.min(delivery.c.ended)).join(notification, delivery.c.notification == notification.c.id)
    told = told.where(notification.c.incident == incident.c.id, delivery.c.status.in_(_TAKEN))
    asides = (breach.label("breach"), told.scalar_subquery().label("told"))
    query: Select[Any] = select(*columns, incident_log.c.recorded, *asides).join(incident_log, first)
    return tx.execute(query.where(asked.opened())).all()


def notices_by_hour(tx: Connection, asked: Asked) -> list[tuple[str, int, int]]:
    """How many notices each person was sent, by hour since the epoch."""
    hour = notification.c.created // _HOUR
    query = select(notification.c.person, hour, func.count())
    query = query.join_from(incident, notification, notification.c.incident == incident.c.id)
    query = query.where(asked.opened(), notification.c.person.is_not(None)).group_by(notification.c.person, hour)
    return [(person, int(at), int(count)) for person, at, count in tx.execute(query)]


def incidents_by_rule(tx: Connection, asked: Asked) -> list[tuple[str, str, str | None, int]]:
    """How many incidents each rule had a part in, by how they stand and the cause given."""
    words = (alert.c.rule, incident.c.state, incident.c.cause_code)
    query = select(*words, func.count(incident.c.id.distinct()))
    query = query.join_from(incident, alert, alert.c.incident == incident.c.id).where(asked.opened())
    return [(rule, state, cause, int(count)) for rule, state, cause, count in tx.execute(query.group_by(*words))]


def alert_counts(tx: Connection, asked: Asked) -> list[tuple[str, str, str | None, int, int]]:
    """How many alerts each rule made at each target: rule, station, property, all of them, those of the worst hour."""
    place = [alert.c[name] for name in ("rule", "department", "kind", "device", "property")]
    hour = (alert.c.breach_start // _HOUR).label("hour")
    hours = select(*place, func.count().label("count")).where(asked.begun()).group_by(*place, hour).subquery()
    words = [hours.c[column.name] for column in place]
    query: Select[Any] = select(*words, func.sum(hours.c.count), func.max(hours.c.count)).group_by(*words)
    rows = (tuple(row) for row in tx.execute(query))
    return [
        (rule, f"{dep}/{kind}/{dev}", name, int(all_), int(most)) for rule, dep, kind, dev, name, all_, most in rows
    ]


def stale(tx: Connection, asked: Asked, open_since: int, longest: int, most: int) -> Sequence[Row[Any]]:
    """The alerts that stood longer than `longest` ms, or stand since before `open_since`, the longest first."""
    names = ("id", "rule", "department", "kind", "device", "property", "fired", "cleared")
    over = alert.c.cleared - alert.c.fired > longest
    still = and_(alert.c.cleared.is_(None), alert.c.condition != "cleared", alert.c.fired < open_since)
    query = select(*(alert.c[name] for name in names)).where(asked.begun(), over | still)
    return tx.execute(query.order_by(alert.c.cleared.is_not(None), alert.c.fired, alert.c.id).limit(most)).all()
