"""A site with people: the plain world of alerts, a company that follows plans, and vendors that answer as they are told."""

from collections.abc import Iterable
from typing import Any, cast

from alerts.people.company import Company
from alerts.people.explain import explain
from alerts.people.form import Kept
from alerts.people.keeping import put_all
from alerts.pipeline import Receiver
from alerts.telling import Site, Teller
from hub.alert import Target
from storage.records import Records, incidents, ladders, notices, outbox
from storage.records.outbox import End, Outcome
from tests.alerts.builders import World, a_transition
from tests.alerts.people.builders import CHANNELS, ZONE, things

WATER = Target("north", "water", "s1", "nh3_n")
RECEIVERS = tuple(Receiver(name, kind, ("nobody",), people=True, levels=()) for name, kind in CHANNELS.items())


class Staff(World):
    """The world with people, at `now` (epoch ms)."""

    def __init__(self, records: Records, now: int, more: Iterable[Kept] = (), level: int = 1) -> None:
        super().__init__(records, RECEIVERS)
        self.clock.advance(now - self.clock.now())
        self.level = level
        self.began = now
        self.start_again()
        named = {(type(thing), thing.id): thing for thing in (*things(), *more)}
        self.write(*named.values())

    def start_again(self) -> None:
        """The hub stops and starts; only what is in the records is left."""
        self.company = Company(ZONE, RECEIVERS)
        self.teller = Teller(Site("north", ZONE, ""), RECEIVERS, self.company.escalation)
        self.keep(self.teller.practice, self.company.escalation)
        self.climber = self.company.climber(self.teller)
        for name, handler in self.company.handlers(self.climber).items():
            self.ticker.on(name, handler)

    def write(self, *given: Kept) -> None:
        """Write things down."""
        with self.records.begin() as tx:
            book = self.company._shelf.book(tx)
            put_all(tx, book, given, actor="test", at=self.clock.now())

    def happens(self, n: int = 1, **more: Any) -> str:
        """An alert fires; the incident's id."""
        now = self.clock.now()
        given = {"level": self.level, "at": now, "received": now, "fired": now, **more}
        self.began = now - 60_000 if n == 1 else self.began
        self.take(a_transition(n, target=WATER, start=self.began, **given))
        with self.records.read() as tx:
            return incidents.opened(tx)[0].id

    def written(self) -> list[str]:
        """Whom notices were written to, in order."""
        with self.records.read() as tx:
            (first,) = [row.id for row in incidents.opened(tx)][:1] or [""]
            return [f"{row.person} {row.receiver}" for row in notices.of_incident(tx, first)]

    def answers(self, incident: str, receiver: str, end: str, answer: str = "") -> None:
        """The vendor says so of every notice that waits for it."""
        with self.records.begin() as tx:
            due = outbox.due(tx, at=self.clock.now(), limit=100)
            rows = outbox.claim(tx, [number for number, name, _ in due if name == receiver], at=self.clock.now())
            status = "refused" if end == "failed" else end
            outbox.settle(
                tx,
                [
                    Outcome(row.id, row.attempts, self.clock.now(), status, cast("End", end), answer=answer)
                    for row in rows
                ],
            )
            self.climber.settle(tx, incident, self.clock.now())

    def states(self, incident: str) -> dict[str, str]:
        """How every ladder stands, by step and person."""
        with self.records.read() as tx:
            return {f"{row.step} {row.person}": row.state for row in ladders.of(tx, incident)}

    def why(self, incident: str, person: str, language: str = "en") -> list[str]:
        """What explain says."""
        with self.records.read() as tx:
            row = incidents.get(tx, incident)
            assert row is not None
            said = explain(tx, self.company._shelf.book(tx), row, person)
        return [getattr(one, language) for one in said]
