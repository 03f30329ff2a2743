"""Escalation by plans: who a step tells now, by which way, and who is not told and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from alerts.escalation import Escalation, Step
from alerts.people import peace
from alerts.people.book import Book, Shelf
from alerts.people.ladder import Ladder, Rung, begin, later
from alerts.people.person import Person
from alerts.people.plan import Matter, Plan, PlanStep
from alerts.people.rungs import UNANSWERED, ladder_row
from storage.records import ladders, timers
from storage.records.notices import Recipient
from storage.records.rows import IncidentRow

REMIND: Final = "remind"
"""The timers of ladders: `remind:ROUND:STEP:PERSON`."""

SKIP_MS: Final = 1000
"""A step that reaches nobody does not keep the next one waiting, but a second for the order of things."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One step of one incident at one moment."""

    incident: IncidentRow
    number: int
    step: PlanStep
    areas: tuple[str, ...]
    at: int


class PlanEscalation:
    """Follows the plan that an incident took along when it opened; where there is none it does as `otherwise` says."""

    def __init__(self, shelf: Shelf, otherwise: Escalation) -> None:
        self._shelf = shelf
        self._otherwise = otherwise

    def plan_for(self, tx: Connection, incident: IncidentRow) -> dict[str, Any]:
        """The plan most closely meant for the incident, with the areas it lies in."""
        book = self._shelf.book(tx)
        areas = areas_of(book, incident)
        plan = book.plan(Matter(incident.department, incident.type or incident.kind, incident.level, areas))
        rest = self._otherwise.plan_for(tx, incident)
        if plan is None:
            return rest
        return {**rest, "people": plan.model_dump(mode="json", by_alias=True), "areas": list(areas)}

    def step(self, tx: Connection, incident: IncidentRow, step: int, at: int) -> Step:
        """Whoever the step means at this moment, each by the first of their ways that is due."""
        plan, areas = plan_of(incident)
        if plan is None:
            return self._otherwise.step(tx, incident, step, at)
        now = plan.step(step)
        found = self._otherwise.step(tx, incident, step, at) if step == 0 else Step()
        if now is None:
            return found
        told, why = self._tell(tx, Turn(incident, step, now, areas, at))
        wait = plan.wait(step)
        if not told and (step + 1) % len(plan.steps):
            wait = SKIP_MS // 1000
        next_at = None if wait is None else at + wait * 1000
        return Step(tuple(dict.fromkeys((*found.recipients, *told))), next_at, (*found.why, *why))

    def _tell(self, tx: Connection, turn: Turn) -> tuple[list[Recipient], list[tuple[str, str]]]:
        """Begin everybody's ladder; whom to tell now, and why the others are not."""
        book = self._shelf.book(tx)
        told: list[Recipient] = []
        why: list[tuple[str, str]] = []
        names: dict[str, None] = {}
        for word in turn.step.who:
            meant = book.meant(word, turn.areas, turn.at)
            names |= dict.fromkeys(meant)
            why += [] if meant else [(word, "nobody on duty" if word.startswith("roster") else "nobody")]
        for name in names:
            rungs, said = self._begin(tx, book, turn, name)
            told += [Recipient(rung.receiver, rung.channel, rung.address, name) for rung in rungs]
            why += [(name, said)] if said else []
        return told, why

    def _begin(self, tx: Connection, book: Book, turn: Turn, name: str) -> tuple[tuple[Rung, ...], str]:
        person = book.people.get(name)
        if person is None:
            return (), "not in the register any more"
        rungs = rungs_of(book, person)
        if not rungs:
            return (), "; ".join(english for _, english, _ in book.wants(person)) or "has no channel"
        due, held = peace.hold(person, turn.incident.level, book.zone, turn.at, quiet=turn.step.quiet)
        if held == "away":
            return (), "away"
        ladder = later(rungs, due, together=turn.step.policy == "all")
        if turn.incident.state not in UNANSWERED:
            return begin(ladder, turn.at)[1], ""  # somebody has it: people are told, nobody is chased
        use: tuple[Rung, ...] = ()
        if not held:
            ladder, use = begin(ladder, turn.at)
        keep(tx, turn.incident, turn.number, name, ladder, turn.at, held)
        return use, {"quiet": "quiet hours", "digest": "kept for the digest"}.get(held, "")


def keep(tx: Connection, incident: IncidentRow, step: int, person: str, ladder: Ladder, at: int, why: str = "") -> None:
    """Write a ladder down with the timer of what is next on it."""
    known = ladders.get(tx, incident.id, incident.round, step, person)
    begun = at if known is None else known.begun
    ladders.put(tx, ladder_row(incident, step, person, ladder, begun, at, why))
    name = f"{REMIND}:{incident.round}:{step}:{person}"
    if ladder.due is None:
        timers.drop(tx, incident.id, name)
    else:
        timers.put(tx, incident.id, name, ladder.due)


def plan_of(incident: IncidentRow) -> tuple[Plan | None, tuple[str, ...]]:
    """The incident's own copy of its plan and the areas it lay in; None where it has none."""
    said: dict[str, Any] = msgspec.json.decode(incident.plan or "{}")
    if "people" not in said:
        return None, ()
    return Plan.model_validate(said["people"]), tuple(said.get("areas", ()))


def areas_of(book: Book, incident: IncidentRow) -> tuple[str, ...]:
    """The areas an incident lies in, the innermost first: those of the register, and the one it names itself."""
    station = f"{incident.department}/{incident.kind}/{incident.device}"
    found = book.areas_of(station, incident.area or "", incident.lon, incident.lat)
    named = book.line(incident.area or "")
    return tuple(dict.fromkeys((*named, *found)))


def rungs_of(book: Book, person: Person) -> tuple[Rung, ...]:
    """A person's ways as they are now, those that cannot be used left out."""
    return tuple(
        Rung(way.receiver, channel, address, way.wait_s * 1000, way.until)
        for way, channel, address in book.usable(person)
    )


def recipients(person: str, rungs: Iterable[Rung]) -> tuple[Recipient, ...]:
    """The ways as the outbox knows them."""
    return tuple(Recipient(rung.receiver, rung.channel, rung.address, person) for rung in rungs)
