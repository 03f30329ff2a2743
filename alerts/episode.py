"""What one transition of an alert does: the alert's row, its incident, the feed and the outbox, in one transaction."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row

from alerts.pipeline import Occasion
from alerts.telling import Teller, told_facts
from alerts.views import target_of
from hub.alert import AlertTransition
from storage.records import alerts, incidents
from storage.records.alerts import Taken
from storage.records.incidents import Entry

MACHINE = "hub"
"""The actor of everything that no person did."""


def take_transition(tx: Connection, teller: Teller, transition: AlertTransition, *, recorded: int) -> bool:
    """Take one transition, once; False when it, or a later one of its alert, was taken before.

    A pending alert is shown but opens nothing; a fired one opens or joins the incident of its target; one that came too
    late (backfilled) is recorded, and neither opens nor joins anything.
    """
    taken = alerts.take(tx, transition, recorded=recorded)
    if taken is None:
        return False
    if taken.now.fired is not None and not taken.now.backfilled:
        _Change(tx, teller, taken, transition, recorded).make()
    now = alerts.get(tx, transition.id)
    assert now is not None
    teller.show_alert(tx, now, at=recorded)
    return True


class _Change:
    """One transition of a fired alert, on its way into an incident."""

    def __init__(
        self, tx: Connection, teller: Teller, taken: Taken, transition: AlertTransition, recorded: int
    ) -> None:
        self._tx = tx
        self._teller = teller
        self._taken = taken
        self._alert = taken.now
        self._at = transition.at
        self._received = transition.received
        self._recorded = recorded

    def make(self) -> None:
        """Open, join or change the incident."""
        tx, alert = self._tx, self._alert
        if alert.incident is None:
            row = incidents.open_for(tx, incidents.group_key(target_of(alert)))
            row = self._open() if row is None else self._join(row)
        else:
            known = incidents.get(tx, alert.incident)
            assert known is not None
            row = known if self._taken.clears else self._changed(known)
        if self._taken.clears:
            values, _ = self._levels(row)
            self._write(row, "cleared", values, [self._occasion("alert.cleared", alert.level, alert.id)])

    def _open(self) -> Row[Any]:
        tx, alert = self._tx, self._alert
        incident_id = hashlib.sha256(f"incident\0{alert.id}".encode()).hexdigest()[:24]
        site = self._teller.site
        day = int(datetime.fromtimestamp(self._received // 1000, UTC).astimezone(site.zone).strftime("%Y%m%d"))
        day_n = incidents.next_of_day(tx, day)
        level = {"level": alert.level, "max_level": alert.level, "told_level": alert.level}
        place = {name: getattr(alert, name) for name in ("department", "kind", "device", "property")}
        number = {"number": f"{site.district}-{day}-{day_n}", "day": day, "day_n": day_n}
        times = {"opened": self._at, "changed": self._recorded}
        own = {"id": incident_id, "group_key": incidents.group_key(target_of(alert)), "state": "detected", "round": 1}
        incidents.add(tx, {**own, **number, **place, **level, **times})
        alerts.belong(tx, alert.id, incident_id)
        row = incidents.get(tx, incident_id)
        assert row is not None
        occasions = [
            self._occasion("incident.opened", alert.level, "round 1"),
            self._occasion("alert.fired", alert.level, alert.id, aside=True),
        ]
        return self._write(row, "opened", {}, occasions)

    def _join(self, row: Row[Any]) -> Row[Any]:
        alerts.belong(self._tx, self._alert.id, row.id)
        values, raised = self._levels(row)
        fired = self._occasion("alert.fired", self._alert.level, self._alert.id, aside=bool(raised))
        return self._write(row, "joined", values, [fired, *raised])

    def _changed(self, row: Row[Any]) -> Row[Any]:
        """An alert moves that belongs to an incident already."""
        if not row.open and self._alert.level < row.told_level:
            return self._worse_than_judged(row)
        values, raised = self._levels(row)
        before = self._taken.before
        kind = "raised" if raised else "changed"
        if before is not None and before.condition != self._alert.condition == "unknown":
            kind = "unknown"
        return self._write(row, kind, values, raised)

    def _worse_than_judged(self, row: Row[Any]) -> Row[Any]:
        """People ended the incident at a lower level than the alert has now: the work goes on, in a new round."""
        other = incidents.open_for(self._tx, row.group_key)
        if other is not None:
            return self._join(other)
        level = self._alert.level
        values = {"state": "detected", "open": True, "round": row.round + 1, "verdict": None, "reason": ""}
        values |= {"acknowledged": None, "acknowledged_by": None, "closed": None, "closed_by": None}
        values |= {"level": level, "max_level": min(row.max_level, level), "told_level": level}
        again = self._occasion("incident.reopened", level, f"round {row.round + 1}")
        return self._write(row, "reopened", values, [again])

    def _levels(self, row: Row[Any]) -> tuple[dict[str, object], list[Occasion]]:
        """The incident's levels as its alerts stand, and the notice of a rise above what people were told."""
        level = min(alerts.uncleared(self._tx, row.id).values(), default=row.level)
        values: dict[str, object] = {"level": level, "max_level": min(row.max_level, level)}
        if level >= row.told_level or not row.open:
            return values, []
        values["told_level"] = level
        return values, [self._occasion("incident.raised", level, f"round {row.round} level {level}")]

    def _occasion(self, type_: str, level: int, cause: str, *, aside: bool = False) -> Occasion:
        alert = self._alert
        return Occasion(type_, alert.department, level, cause, alert.id, alert.backfilled, aside)

    def _write(self, row: Row[Any], kind: str, values: dict[str, object], occasions: list[Occasion]) -> Row[Any]:
        alert, tx = self._alert, self._tx
        plans = self._teller.plans(tx, row.id, occasions)
        said = {
            "id": alert.id,
            "n": alert.n,
            "condition": alert.condition,
            "level": alert.level,
            "hash": alert.log_hash,
        }
        entry = Entry(kind, MACHINE, self._at, self._recorded, facts={"alert": said, **told_facts(plans)})
        now = incidents.change(tx, row, values, entry)
        fresh = alerts.get(tx, alert.id)
        self._teller.tell(tx, plans, now, at=self._recorded, alert=fresh)
        self._teller.show_incident(tx, now, kind, at=self._recorded)
        return now
