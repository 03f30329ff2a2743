"""Climbing ladders: the next way when one fails or is not answered in time, and what waited for its hour, told together."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from alerts.people.book import Shelf
from alerts.people.escalation import keep, recipients
from alerts.people.ladder import Ladder, Rung, climb
from alerts.people.rungs import facts_of, ladder_of
from alerts.pipeline import Occasion, Plan
from alerts.telling import MACHINE, Teller
from storage.records import alerts, incidents, ladders
from storage.records.incidents import Entry
from storage.records.ladders import LadderRow
from storage.records.rows import AlertRow, IncidentRow
from storage.records.timers import TimerRow

OPENED, AGAIN, DIGEST = "incident.opened", "incident.reminder", "incident.digest"

_MOST_TOGETHER: Final = 50


class Climber:
    """Moves ladders when their timer is due, when a notice came to its end, when a link was opened."""

    def __init__(self, shelf: Shelf, teller: Teller) -> None:
        self._shelf = shelf
        self._teller = teller

    def remind(self, tx: Connection, timer: TimerRow, now: int) -> None:
        """The handler of the timers `remind:ROUND:STEP:PERSON`."""
        _, round_, step, person = timer.name.split(":", 3)
        row = ladders.get(tx, timer.incident, int(round_), int(step), person)
        if row is None:
            return
        if row.state == "waiting":
            self._together(tx, person, now)
        else:
            self._move(tx, row, now)

    def settle(self, tx: Connection, incident: str, now: int) -> None:
        """Look at every ladder of an incident: a notice of it came to its end, somebody opened a link, or it was taken on."""
        for row in ladders.live(tx, incident):
            if row.state == "climbing":
                self._move(tx, row, now)

    def _move(self, tx: Connection, row: LadderRow, now: int) -> None:
        incident = incidents.get(tx, row.incident)
        if incident is None:
            return
        before = ladder_of(row)
        after, use = climb(before, facts_of(tx, row, incident, self._logins(tx, row.person)), now)
        if after == before:
            return
        why = _why(before, after, row, now)
        keep(tx, incident, row.step, row.person, after, now, why)
        if use:
            self._tell(tx, incident, row, use, now, why)
        elif after.state == "exhausted":
            self._log(tx, incident, row, (), now, "no way is left")

    def _together(self, tx: Connection, person: str, now: int) -> None:
        """What waited for the same hour is told in one notice; of a single incident as always."""
        due: list[tuple[LadderRow, IncidentRow, Ladder, tuple[Rung, ...]]] = []
        for row in ladders.waiting(tx, person, now)[:_MOST_TOGETHER]:
            incident = incidents.get(tx, row.incident)
            if incident is None:
                continue
            after, use = climb(ladder_of(row), facts_of(tx, row, incident, self._logins(tx, person)), now)
            keep(tx, incident, row.step, person, after, now, row.why)
            if use:
                due.append((row, incident, after, use))
        if not due:
            return
        row, incident, _, use = min(due, key=lambda each: (each[1].level, each[1].opened))
        others = [each for _, each, _, _ in due]
        self._tell(tx, incident, row, use, now, row.why, others if len(others) > 1 else ())
        for said, other, ladder, _ in due:
            if other.id != incident.id:
                told = Ladder(ladder.rungs, ladder.tried, "reached", None, ladder.together)
                keep(tx, other, said.step, person, told, now, f"told with {incident.number}")
                self._log(tx, other, said, use, now, f"{row.why}: told with {incident.number}")

    def _tell(
        self,
        tx: Connection,
        incident: IncidentRow,
        row: LadderRow,
        use: Sequence[Rung],
        now: int,
        why: str,
        others: Sequence[IncidentRow] = (),
    ) -> None:
        type_ = DIGEST if others else OPENED if row.rung < 0 else AGAIN
        cause = f"round {row.round} step {row.step} way {row.rung + 1} of {row.person} at {now}"
        occasion = Occasion(type_, incident.department, incident.level, cause)
        plan = Plan(occasion, (), chosen=recipients(row.person, use))
        alert = None if others else _worst(tx, incident)
        said = "; ".join(_line(each) for each in others)
        self._teller.tell(tx, [plan], incident, at=now, alert=alert, reason=said)
        self._log(tx, incident, row, use, now, why, type_)

    def _log(
        self,
        tx: Connection,
        incident: IncidentRow,
        row: LadderRow,
        use: Sequence[Rung],
        now: int,
        why: str,
        type_: str = AGAIN,
    ) -> None:
        """One line of the incident's log: whom, by which way now, and why this one."""
        told = [f"{rung.receiver} {rung.address}" for rung in use]
        facts = {"person": row.person, "step": row.step, "told": {type_: told} if told else {}}
        entry = Entry("fallback" if use else "unreached", MACHINE, now, now, why, facts)
        after = incidents.change(tx, incident, {}, entry)
        self._teller.show_incident(tx, after, entry.kind, at=now)

    def _logins(self, tx: Connection, person: str) -> tuple[str, ...]:
        known = self._shelf.book(tx).people.get(person)
        return (person,) if known is None or not known.login else (person, known.login)


def _why(before: Ladder, after: Ladder, row: LadderRow, now: int) -> str:
    """Why the ladder moved, for the log."""
    if after.state not in {"climbing", "exhausted"}:
        return row.why
    last = before.rungs[before.tried] if before.tried >= 0 else None
    if last is None:
        return row.why
    late = before.due is not None and before.due <= now
    return f"{last.receiver}: no answer in {last.wait // 1000} s" if late else f"{last.receiver} failed"


def _worst(tx: Connection, incident: IncidentRow) -> AlertRow | None:
    """The alert that a notice tells of: the worst that has not cleared."""
    open_ = [each for each in alerts.of_incident(tx, incident.id) if each.condition != "cleared"]
    return min(open_, key=lambda each: (each.level, each.breach_start), default=None)


def _line(incident: IncidentRow) -> str:
    place = f"{incident.department}/{incident.kind}/{incident.device}"
    return " ".join(filter(None, (incident.number, place, incident.text)))
