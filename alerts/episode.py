"""What one transition of an alert does: the alert's row, its incident, the feed and the outbox, in one transaction."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection

from alerts.pipeline import Occasion, Plan
from alerts.telling import Teller, told_facts
from hub.alert import AlertTransition
from storage.records import alerts, incidents
from storage.records.alerts import Taken
from storage.records.incidents import Entry
from storage.records.rows import AlertRow, IncidentRow, target_of

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
    alert = taken.now
    if alert.fired is not None and not alert.backfilled:
        alert = _Change(tx, teller, taken, transition, recorded).make()
    teller.show_alert(tx, alert, at=recorded)
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

    def make(self) -> AlertRow:
        """Open, join or change the incident; the alert as it stands then."""
        tx = self._tx
        if self._alert.incident is None:
            row = incidents.open_for(tx, incidents.group_key(target_of(self._alert)))
            row = self._open() if row is None else self._join(row)
        else:
            known = incidents.get(tx, self._alert.incident)
            assert known is not None
            row = known if self._taken.clears else self._changed(known)
        if self._taken.clears:
            values, _ = self._levels(row)
            self._write(row, "cleared", values, [self._occasion("alert.cleared", self._alert.id)])
        return self._alert

    def _open(self) -> IncidentRow:
        new = self._new()
        fired = self._occasion("alert.fired", self._alert.id, aside=True)
        plans = self._teller.plans(self._tx, new.id, [self._occasion("incident.opened", "round 1"), fired])
        row = incidents.add(self._tx, new, self._entry("opened", plans))
        self._alert = alerts.belong(self._tx, self._alert, row.id)
        self._tell(plans, row, "opened")
        return row

    def _new(self) -> IncidentRow:
        """The incident that this alert opens, before its first log line."""
        alert, site = self._alert, self._teller.site
        day = int(datetime.fromtimestamp(self._received // 1000, UTC).astimezone(site.zone).strftime("%Y%m%d"))
        day_n = incidents.next_of_day(self._tx, day)
        return IncidentRow(
            id=hashlib.sha256(f"incident\0{alert.id}".encode()).hexdigest()[:24],
            number=f"{site.district}-{day}-{day_n}",
            day=day,
            day_n=day_n,
            group_key=incidents.group_key(target_of(alert)),
            department=alert.department,
            kind=alert.kind,
            device=alert.device,
            property=alert.property,
            level=alert.level,
            max_level=alert.level,
            told_level=alert.level,
            opened=self._at,
            changed=self._recorded,
        )

    def _join(self, row: IncidentRow) -> IncidentRow:
        self._alert = alerts.belong(self._tx, self._alert, row.id)
        values, raised = self._levels(row)
        fired = self._occasion("alert.fired", self._alert.id, aside=bool(raised))
        return self._write(row, "joined", values, [fired, *raised])

    def _changed(self, row: IncidentRow) -> IncidentRow:
        """An alert moves that belongs to an incident already."""
        if not row.open and self._alert.level < row.told_level:
            return self._worse_than_judged(row)
        values, raised = self._levels(row)
        before = self._taken.before
        kind = "raised" if raised else "changed"
        if before is not None and before.condition != self._alert.condition == "unknown":
            kind = "unknown"
        return self._write(row, kind, values, raised)

    def _worse_than_judged(self, row: IncidentRow) -> IncidentRow:
        """People ended the incident at a lower level than the alert has now: the work goes on, in a new round."""
        other = incidents.open_for(self._tx, row.group_key)
        if other is not None:
            return self._join(other)
        level = self._alert.level
        values = {"state": "detected", "open": True, "round": row.round + 1, "verdict": None, "reason": ""}
        values |= {"acknowledged": None, "acknowledged_by": None, "closed": None, "closed_by": None}
        values |= {"level": level, "max_level": min(row.max_level, level), "told_level": level}
        again = self._occasion("incident.reopened", f"round {row.round + 1}")
        return self._write(row, "reopened", values, [again])

    def _levels(self, row: IncidentRow) -> tuple[dict[str, object], list[Occasion]]:
        """The incident's levels as its alerts stand, and the notice of a rise above what people were told."""
        level = min(alerts.uncleared(self._tx, row.id).values(), default=row.level)
        values: dict[str, object] = {"level": level, "max_level": min(row.max_level, level)}
        if level >= row.told_level or not row.open:
            return values, []
        values["told_level"] = level
        return values, [self._occasion("incident.raised", f"round {row.round} level {level}", level=level)]

    def _occasion(self, type_: str, cause: str, *, level: int | None = None, aside: bool = False) -> Occasion:
        alert = self._alert
        return Occasion(type_, alert.department, level or alert.level, cause, alert.id, alert.backfilled, aside)

    def _entry(self, kind: str, plans: Sequence[Plan]) -> Entry:
        alert = self._alert
        said = {name: getattr(alert, name) for name in ("id", "n", "condition", "level")} | {"hash": alert.log_hash}
        return Entry(kind, MACHINE, self._at, self._recorded, facts={"alert": said, **told_facts(plans)})

    def _write(
        self, row: IncidentRow, kind: str, values: Mapping[str, object], occasions: Sequence[Occasion]
    ) -> IncidentRow:
        plans = self._teller.plans(self._tx, row.id, occasions)
        now = incidents.change(self._tx, row, values, self._entry(kind, plans))
        self._tell(plans, now, kind)
        return now

    def _tell(self, plans: Sequence[Plan], row: IncidentRow, kind: str) -> None:
        self._teller.tell(self._tx, plans, row, at=self._recorded, alert=self._alert)
        self._teller.show_incident(self._tx, row, kind, at=self._recorded)
