"""What people do with incidents: each action is one transaction with its log line, feed, notices and audit."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection

from alerts.errors import Conflict, NoSuchAction, NoSuchIncident, NotAllowed, NotOffered
from alerts.pipeline import Occasion
from alerts.telling import Teller, told_facts
from alerts.views import IncidentView, incident_view
from storage.records import alerts, audit, incidents
from storage.records.incidents import Entry
from storage.records.rows import IncidentRow

OFFERED: Final = ("acknowledge", "note", "close", "reopen", "reject")
NOT_OFFERED: Final = ("verify", "assign", "check-in", "deliver", "merge")

DETECTED, ACKNOWLEDGED, CLOSED, REJECTED = "detected", "acknowledged", "closed", "rejected"


class Desk:
    """The actions. Every one takes who does it, why, when (epoch ms), and the version the person saw (None: any)."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller

    def act(
        self,
        tx: Connection,
        action: str,
        incident: str,
        *,
        actor: str,
        reason: str,
        at: int,
        version: int | None = None,
    ) -> IncidentView:
        """The action with this name on the incident with this id or number; the incident as it stands then.

        Raises:
            NoSuchAction, NotOffered, NoSuchIncident: the name or the incident.
            Conflict: the incident is not at `version`.
            NotAllowed: the incident does not stand where this can be done, or a reason is missing.
        """
        if action in NOT_OFFERED:
            raise NotOffered(action)
        if action not in OFFERED:
            raise NoSuchAction(action)
        does: Callable[..., IncidentView] = getattr(self, action)
        return does(tx, incident, actor=actor, reason=reason, at=at, version=version)

    def acknowledge(
        self, tx: Connection, incident: str, *, actor: str, at: int, reason: str = "", version: int | None = None
    ) -> IncidentView:
        """Somebody has seen it and takes it on; a second time by the same person changes nothing."""
        row = _read(tx, incident)
        if row.state == ACKNOWLEDGED and row.acknowledged_by == actor:
            return incident_view(row)
        _check(row, version)
        if row.state != DETECTED:
            by = f" by {row.acknowledged_by}" if row.state == ACKNOWLEDGED else ""
            raise NotAllowed(f"incident {row.number} is {row.state}{by}")
        values = {"state": ACKNOWLEDGED, "acknowledged": at, "acknowledged_by": actor}
        return self._do(tx, row, "acknowledged", values, actor, reason, at, "incident.acknowledged")

    def note(
        self, tx: Connection, incident: str, *, actor: str, at: int, reason: str, version: int | None = None
    ) -> IncidentView:
        """Write something down; `reason` is the note."""
        row = _read(tx, incident)
        _check(row, version)
        _needs(reason, "a text")
        return self._do(tx, row, "note", {}, actor, reason, at)

    def close(
        self, tx: Connection, incident: str, *, actor: str, at: int, reason: str, version: int | None = None
    ) -> IncidentView:
        """The work is done: allowed once it was acknowledged and every alert of it has cleared."""
        row = _read(tx, incident)
        _check(row, version)
        if not row.open:
            raise NotAllowed(f"incident {row.number} is {row.state}")
        missing = [] if row.state == ACKNOWLEDGED else ["it is not acknowledged"]
        missing += [f"alert {alert} has not cleared" for alert in alerts.uncleared(tx, row.id)]
        if missing:
            raise NotAllowed(f"incident {row.number} cannot be closed yet", tuple(missing))
        _needs(reason, "a reason")
        values = {"state": CLOSED, "open": False, "closed": at, "closed_by": actor, "reason": reason}
        return self._do(tx, row, "closed", values, actor, reason, at, "incident.solved")

    def reject(
        self, tx: Connection, incident: str, *, actor: str, at: int, reason: str, version: int | None = None
    ) -> IncidentView:
        """It was a false alarm; `reason` says how that is known."""
        row = _read(tx, incident)
        _check(row, version)
        if not row.open:
            raise NotAllowed(f"incident {row.number} is {row.state}")
        _needs(reason, "a reason")
        values = {"state": REJECTED, "open": False, "closed": at, "closed_by": actor, "reason": reason}
        return self._do(tx, row, "rejected", {**values, "verdict": "false"}, actor, reason, at, "incident.solved")

    def reopen(
        self, tx: Connection, incident: str, *, actor: str, at: int, reason: str, version: int | None = None
    ) -> IncidentView:
        """The work was not done: it begins again in a new round."""
        row = _read(tx, incident)
        _check(row, version)
        if row.open:
            raise NotAllowed(f"incident {row.number} is open")
        _needs(reason, "a reason")
        if (other := incidents.open_for(tx, row.group_key)) is not None:
            raise NotAllowed(f"incident {other.number} is open for the same target")
        level = min(alerts.uncleared(tx, row.id).values(), default=row.level)
        values = {"state": DETECTED, "open": True, "round": row.round + 1, "level": level, "told_level": level}
        values |= {"acknowledged": None, "acknowledged_by": None, "closed": None, "closed_by": None}
        values |= {"verdict": None, "reason": "", "max_level": min(row.max_level, level)}
        return self._do(tx, row, "reopened", values, actor, reason, at, "incident.reopened")

    def _do(
        self,
        tx: Connection,
        row: IncidentRow,
        kind: str,
        values: dict[str, Any],
        actor: str,
        reason: str,
        at: int,
        tells: str | None = None,
    ) -> IncidentView:
        """Change, log, tell, show, audit."""
        occasions = []
        if tells is not None:
            cause = f"round {values.get('round', row.round)}"
            occasions = [Occasion(tells, row.department, values.get("level", row.level), cause)]
        plans = self._teller.plans(tx, row.id, occasions)
        now = incidents.change(tx, row, values, Entry(kind, actor, at, at, reason, told_facts(plans)))
        self._teller.tell(tx, plans, now, at=at, actor=actor, reason=reason)
        self._teller.show_incident(tx, now, kind, at=at)
        audit.note(tx, actor, f"incident.{kind}", row.number, {"reason": reason, "version": now.version}, at=at)
        return incident_view(now)


def _read(tx: Connection, incident: str) -> IncidentRow:
    row = incidents.get(tx, incident)
    if row is None:
        raise NoSuchIncident(incident)
    return row


def _check(row: IncidentRow, version: int | None) -> None:
    if version is not None and version != row.version:
        raise Conflict(row.number, row.version)


def _needs(reason: str, what: str) -> None:
    if not reason.strip():
        raise NotAllowed(f"{what} is needed", (what,))
