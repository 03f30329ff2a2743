"""What people do with incidents: each action is one transaction with its log line, feed, notices, timers and audit."""

from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection

from alerts import deeds
from alerts.deeds import Deed
from alerts.errors import Conflict, NoSuchAction, NoSuchIncident
from alerts.given import Given
from alerts.lessons import teach
from alerts.pipeline import Occasion
from alerts.practice import Practice
from alerts.quiet import quiet_of, untold
from alerts.rounds import HELD_MS, NOBODY, set_timers
from alerts.telling import Teller, told_facts
from alerts.views import IncidentView, incident_view
from storage.records import audit, incidents
from storage.records.incidents import Entry
from storage.records.notices import NEWS
from storage.records.rows import IncidentRow

OFFERED: Final = (
    *("verify", "reject", "acknowledge", "assign", "decline", "check-in", "deliver", "note", "close", "reopen"),
    "merge",
)


class Desk:
    """The actions. Every one takes who does it, why, when (epoch ms), and the version the person saw (None: any)."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller

    @property
    def teller(self) -> Teller:
        """Who decides who is told: what people report goes the same way."""
        return self._teller

    @property
    def practice(self) -> Practice:
        """How the site keeps its incidents."""
        return self._teller.practice

    def act(
        self,
        tx: Connection,
        action: str,
        incident: str,
        *,
        actor: str,
        at: int,
        version: int | None = None,
        **more: Any,
    ) -> IncidentView:
        """The action with this name on the incident with this id or number; the incident as it stands then.

        `more` is what `alerts.given.Given` has: reason, text, person, unit, lon, lat, evidence, into, override, ...

        Raises:
            NoSuchAction, NoSuchIncident: the name or the incident.
            Conflict: the incident is not at `version`.
            NotAllowed: the incident does not stand where this can be done, or something is missing; it names all of it.
        """
        if action not in OFFERED:
            raise NoSuchAction(action)
        row = _read(tx, incident)
        given = Given(actor, at, **more)
        if action == "acknowledge" and (same := deeds.acknowledged_again(self._teller, tx, row, given)) is not None:
            return incident_view(row) if same.kind == "" else self._do(tx, row, same, given)
        _check(row, version)
        return self._do(tx, row, deeds.DEEDS[action](self._teller, tx, row, given), given)

    def acknowledge(
        self, tx: Connection, incident: str, *, actor: str, at: int, reason: str = "", version: int | None = None
    ) -> IncidentView:
        """Somebody has seen it and takes it on; a second time by the same person changes nothing."""
        return self.act(tx, "acknowledge", incident, actor=actor, at=at, reason=reason, version=version)

    def _do(self, tx: Connection, row: IncidentRow, deed: Deed, given: Given) -> IncidentView:
        """Change, log, tell, set the timers, show, audit."""
        occasions = []
        if deed.tells is not None:
            cause = f"round {deed.values.get('round', row.round)}"
            occasions = [Occasion(deed.tells, row.department, deed.values.get("level", row.level), cause)]
        deed, quiet = self._hushed(tx, row, deed, given)
        plans = self._teller.plans(tx, deed.after(row), occasions, at=given.at, quiet=quiet)
        facts = {**deed.facts, **told_facts(plans)}
        entry = Entry(deed.kind, given.actor, given.done, given.at, given.reason or given.text, facts)
        now = incidents.change(tx, row, deed.values, entry)
        self._teller.tell(tx, plans, now, at=given.at, actor=given.actor, reason=given.reason)
        set_timers(tx, now, deed.timers)
        self._teller.show_incident(tx, now, deed.kind, at=given.at)
        said = {"reason": given.reason, "version": now.version}
        teach(tx, row.id, deed.kind, by=given.actor, at=given.at, reason=given.reason)
        audit.note(tx, given.actor, f"incident.{deed.kind}", row.number, said, at=given.at)
        return incident_view(now)

    def _hushed(self, tx: Connection, row: IncidentRow, deed: Deed, given: Given) -> tuple[Deed, str]:
        """The deed and why nobody hears of it: what is silenced or inhibited is told once it is not any more."""
        if deed.tells not in NEWS:
            return deed, untold(row)
        why = quiet_of(tx, deed.after(row), given.at)
        if not why:
            return deed, ""
        held = {**deed.timers, "held": given.at + HELD_MS}
        return replace(deed, values={**deed.values, "told_level": NOBODY}, timers=held), why


def _read(tx: Connection, incident: str) -> IncidentRow:
    row = incidents.get(tx, incident)
    if row is None:
        raise NoSuchIncident(incident)
    return row


def _check(row: IncidentRow, version: int | None) -> None:
    if version is not None and version != row.version:
        raise Conflict(row.number, row.version)
