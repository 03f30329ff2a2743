"""Alerts as rows: each transition is taken once, logged in the alert's hash chain, and folded into the alert's row."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from hub.alert import AlertTransition, encode_transition
from storage.records import chain
from storage.records.tables import alert, alert_transition

_SAME: Final = (
    *("id", "n", "rule", "rule_version", "level", "condition", "breach_start", "fired", "cleared", "value", "limit"),
    *("unit", "coverage", "backfilled", "text", "at", "received"),
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A transition that was new: the alert as it stood before (None: never seen) and as it stands now."""

    before: Row[Any] | None
    now: Row[Any]

    @property
    def fires(self) -> bool:
        """Whether the alert had not fired before and has now."""
        return self.now.fired is not None and (self.before is None or self.before.fired is None)

    @property
    def clears(self) -> bool:
        """Whether a fired alert is over now and was not before."""
        over = self.now.fired is not None and self.now.condition == "cleared"
        return over and (self.before is None or self.before.condition != "cleared")


def take(tx: Connection, transition: AlertTransition, *, recorded: int) -> Taken | None:
    """Fold a transition into its alert; None when it, or a later one, was taken before. `recorded` is our clock, ms."""
    before = get(tx, transition.id)
    if before is not None and before.n >= transition.n:
        return None
    body = encode_transition(transition).decode()
    prev = chain.START if before is None else before.log_hash
    head = chain.link(prev, (transition.id, transition.n, body, recorded))
    values = {name: getattr(transition, name) for name in _SAME}
    values |= {"condition": str(transition.condition), "recorded": recorded, "log_hash": head}
    values["max_level"] = transition.level if before is None else min(before.max_level, transition.level)
    if before is None:
        target = transition.target
        place = {"department": target.department, "kind": target.kind, "device": target.device}
        tx.execute(insert(alert), {**values, **place, "property": target.property})
    else:
        tx.execute(update(alert).where(alert.c.id == transition.id).values(values))
    entry = {"alert": transition.id, "n": transition.n, "body": body, "recorded": recorded}
    tx.execute(insert(alert_transition), {**entry, "prev_hash": prev, "hash": head})
    now = get(tx, transition.id)
    assert now is not None
    return Taken(before, now)


def get(tx: Connection, alert_id: str) -> Row[Any] | None:
    """The alert's row, None when there is none."""
    return tx.execute(select(alert).where(alert.c.id == alert_id)).one_or_none()


def belong(tx: Connection, alert_id: str, incident: str) -> None:
    """The alert belongs to this incident from now on."""
    tx.execute(update(alert).where(alert.c.id == alert_id).values(incident=incident))


def of_incident(tx: Connection, incident: str) -> list[Row[Any]]:
    """The alerts of an incident, oldest first."""
    return list(
        tx.execute(select(alert).where(alert.c.incident == incident).order_by(alert.c.breach_start, alert.c.id))
    )


def uncleared(tx: Connection, incident: str) -> dict[str, int]:
    """The level of every alert of the incident that is not over, by id."""
    query = select(alert.c.id, alert.c.level).where(alert.c.incident == incident, alert.c.condition != "cleared")
    return {row.id: row.level for row in tx.execute(query.order_by(alert.c.id))}


def transitions(tx: Connection, alert_id: str) -> list[Row[Any]]:
    """The alert's log in order: n, body (JSON), recorded, prev_hash, hash."""
    query = select(alert_transition).where(alert_transition.c.alert == alert_id)
    return list(tx.execute(query.order_by(alert_transition.c.n)))


def first_bad(tx: Connection, alert_id: str) -> int | None:
    """The position of the first entry of the alert's log that was tampered with, None when all are as written."""
    row = get(tx, alert_id)
    rows = (((e.alert, e.n, e.body, e.recorded), e.prev_hash, e.hash) for e in transitions(tx, alert_id))
    return chain.first_bad(rows, None if row is None else row.log_hash)
