"""Alerts as rows: each transition is taken once, logged in the alert's hash chain, and folded into the alert's row."""

from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from hub.alert import AlertTransition, encode_transition
from storage.records import chain
from storage.records.rows import AlertRow
from storage.records.tables import alert, alert_transition

# Built once: making a statement costs more than running it.
_GET: Final = select(alert).where(alert.c.id == bindparam("b_id"))
_ADD: Final = insert(alert)
_CHANGE: Final = (
    update(alert)
    .where(alert.c.id == bindparam("b_id"))
    .values({name: bindparam(name) for name in AlertRow.__dataclass_fields__ if name != "id"})
)
_BELONG: Final = update(alert).where(alert.c.id == bindparam("b_id")).values(incident=bindparam("b_incident"))
_LOG: Final = insert(alert_transition)
_UNCLEARED: Final = (
    select(alert.c.id, alert.c.level)
    .where(alert.c.incident == bindparam("b_incident"), alert.c.condition != "cleared")
    .order_by(alert.c.id)
)
_WORST: Final = select(func.min(alert.c.level)).where(
    alert.c.incident == bindparam("b_incident"), alert.c.condition != "cleared"
)
_LAST_FIRED: Final = select(func.max(alert.c.fired)).where(alert.c.incident == bindparam("b_incident"))
_FIRED: Final = (
    select(func.count())
    .select_from(alert)
    .where(alert.c.incident == bindparam("b_incident"), alert.c.fired > bindparam("b_since"))
)
_AGAIN: Final = _FIRED.where(
    alert.c.rule == bindparam("b_rule"),
    alert.c.department == bindparam("b_department"),
    alert.c.kind == bindparam("b_kind"),
    alert.c.device == bindparam("b_device"),
    func.coalesce(alert.c.property, "") == bindparam("b_property"),
)
_PLACE: Final = alert.c.department + "/" + alert.c.kind + "/" + alert.c.device
_STATIONS: Final = select(func.count(func.distinct(_PLACE))).where(
    alert.c.incident == bindparam("b_incident"), alert.c.condition != "cleared", bindparam("b_besides") != _PLACE
)
_MOVE: Final = update(alert).where(alert.c.incident == bindparam("b_from")).values(incident=bindparam("b_to"))


@dataclass(frozen=True, slots=True)
class Taken:
    """A transition that was new: the alert as it stood before (None: never seen) and as it stands now."""

    before: AlertRow | None
    now: AlertRow

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
    now = _folded(before, transition, recorded, head)
    if before is None:
        tx.execute(_ADD, _columns(now))
    else:
        tx.execute(_CHANGE, {**_columns(now), "b_id": now.id})
    entry = {"alert": transition.id, "n": transition.n, "body": body, "recorded": recorded}
    tx.execute(_LOG, {**entry, "prev_hash": prev, "hash": head})
    return Taken(before, now)


def _columns(row: AlertRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in AlertRow.__dataclass_fields__}


def _folded(before: AlertRow | None, transition: AlertTransition, recorded: int, head: str) -> AlertRow:
    target = transition.target
    return AlertRow(
        id=transition.id,
        n=transition.n,
        rule=transition.rule,
        rule_version=transition.rule_version,
        department=target.department,
        kind=target.kind,
        device=target.device,
        property=target.property,
        level=transition.level,
        max_level=transition.level if before is None else min(before.max_level, transition.level),
        condition=str(transition.condition),
        breach_start=transition.breach_start,
        fired=transition.fired,
        cleared=transition.cleared,
        value=transition.value,
        limit=transition.limit,
        unit=transition.unit,
        coverage=transition.coverage,
        backfilled=transition.backfilled,
        text=transition.text,
        at=transition.at,
        received=transition.received,
        recorded=recorded,
        incident=None if before is None else before.incident,
        evidence=_gathered("[]" if before is None else before.evidence, transition),
        log_hash=head,
    )


def _gathered(known: str, transition: AlertTransition) -> str:
    """The alert's evidence with what this transition brings, each piece once, as JSON."""
    if not transition.evidence:
        return known
    pieces = {each["sha256"]: each for each in msgspec.json.decode(known)}
    pieces |= {each.sha256: msgspec.to_builtins(each) for each in transition.evidence}
    return msgspec.json.encode(list(pieces.values())).decode()


def get(tx: Connection, alert_id: str) -> AlertRow | None:
    """The alert's row, None when there is none."""
    row = tx.execute(_GET, {"b_id": alert_id}).one_or_none()
    return None if row is None else AlertRow(*row)


def belong(tx: Connection, row: AlertRow, incident: str) -> AlertRow:
    """The alert belongs to this incident from now on; its row as it stands then."""
    tx.execute(_BELONG, {"b_id": row.id, "b_incident": incident})
    return replace(row, incident=incident)


def of_incident(tx: Connection, incident: str) -> list[AlertRow]:
    """The alerts of an incident, oldest first."""
    query = select(alert).where(alert.c.incident == incident).order_by(alert.c.breach_start, alert.c.id)
    return [AlertRow(*row) for row in tx.execute(query)]


def uncleared(tx: Connection, incident: str) -> dict[str, int]:
    """The level of every alert of the incident that is not over, by id."""
    return {row.id: row.level for row in tx.execute(_UNCLEARED, {"b_incident": incident})}


def worst(tx: Connection, incident: str) -> int | None:
    """The worst level of the incident's alerts that are not over, None when all are."""
    level = tx.execute(_WORST, {"b_incident": incident}).scalar()
    return None if level is None else int(level)


def last_fired(tx: Connection, incident: str) -> int:
    """When (event time, epoch ms) an alert of the incident fired last, 0 when none did."""
    return int(tx.execute(_LAST_FIRED, {"b_incident": incident}).scalar() or 0)


def fired_since(tx: Connection, incident: str, since: int) -> int:
    """How many alerts of the incident fired after `since` (event time, epoch ms)."""
    return int(tx.execute(_FIRED, {"b_incident": incident, "b_since": since}).scalar_one())


def fired_again(tx: Connection, row: AlertRow, since: int) -> int:
    """How often this alert's rule fired for this target after `since` (event time), in the same incident."""
    words = {f"b_{name}": getattr(row, name) for name in ("rule", "department", "kind", "device", "incident")}
    keys = {**words, "b_property": row.property or "", "b_since": since}
    return int(tx.execute(_AGAIN, keys).scalar_one())


def stations(tx: Connection, incident: str, besides: str = "") -> int:
    """How many stations, besides this one, have an alert in the incident that is not over."""
    return int(tx.execute(_STATIONS, {"b_incident": incident, "b_besides": besides}).scalar_one())


def move(tx: Connection, from_: str, to: str) -> int:
    """Give every alert of one incident to another; how many that were."""
    return tx.execute(_MOVE, {"b_from": from_, "b_to": to}).rowcount


def transitions(tx: Connection, alert_id: str) -> list[Row[Any]]:
    """The alert's log in order: n, body (JSON), recorded, prev_hash, hash."""
    query = select(alert_transition).where(alert_transition.c.alert == alert_id)
    return list(tx.execute(query.order_by(alert_transition.c.n)))


def first_bad(tx: Connection, alert_id: str) -> int | None:
    """The position of the first entry of the alert's log that was tampered with, None when all are as written."""
    row = get(tx, alert_id)
    rows = (((e.alert, e.n, e.body, e.recorded), e.prev_hash, e.hash) for e in transitions(tx, alert_id))
    return chain.first_bad(rows, None if row is None else row.log_hash)
