"""Random interleavings of transitions, redelivery, aborted transactions, restarts, people's actions, silences and time.

The ten invariants of an incident hold after every step; and whatever happened on the way, the records end as if every
transition and every action had come once, in order.
"""

import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from alerts.episode import take_transition
from alerts.errors import NotAllowed
from alerts.pipeline import Receiver
from alerts.quiet import quiet_of
from alerts.silences import Wanted, create
from alerts.states import ARROWS, FACTS, OPEN, PEOPLE
from hub.alert import AlertTransition, Target
from hub.catalogue import Device
from hub.evidence import Evidence
from hub.model import Condition
from storage.records import Records, alerts, attached, incidents, notices, open_records, register, timers
from storage.records.tables import incident, incident_timer, notification
from tests.alerts.builders import DUTY, OPS, START, World, a_transition

TARGETS: Final = (
    Target("zhenhai", "water", "s1", "ph"),
    Target("zhenhai", "water", "s2", "ph"),  # in the section of s1
    Target("zhenhai", "camera", "c1"),
)
RULES: Final = ("limit", "spike")
PICKY: Final = Receiver("picky", "webhook", ("http://picky",), people=False, levels=(1, 2), events=("incident.*",))
LATER: Final = Receiver("later", "email", ("zhao@example.org",), people=True)

NEXT: Final[dict[Condition | None, tuple[Condition, ...]]] = {
    None: (Condition.PENDING, Condition.ACTIVE),
    Condition.PENDING: (Condition.ACTIVE, Condition.CLEARED, Condition.UNKNOWN),
    Condition.ACTIVE: (Condition.ACTIVE, Condition.CLEARING, Condition.CLEARED, Condition.UNKNOWN),
    Condition.CLEARING: (Condition.ACTIVE, Condition.CLEARED),
    Condition.UNKNOWN: (Condition.ACTIVE, Condition.CLEARED),
}
MACHINE_MOVES: Final = {(state, to) for (state, act), to in ARROWS.items() if act in FACTS}
PEOPLE_MOVES: Final = {(state, to) for (state, act), to in ARROWS.items() if act in PEOPLE} | {
    (state, "closed") for state in OPEN
}


class Crash(Exception):
    """The process ends inside a transaction."""


def a_world(folder: Path, now: int, receivers: tuple[Receiver, ...]) -> World:
    records = open_records("sqlite:///hub.db", folder)
    records.migrate()
    world = World(records, receivers)
    world.clock.advance(now - world.clock.now())
    return world


def told(records: Records) -> list[tuple[Any, ...]]:
    """Every notice with its key, in order."""
    query = select(notification.c.key, notification.c.address, notification.c.type, notification.c.lane)
    with records.read() as tx:
        return [tuple(row) for row in tx.execute(query.order_by(notification.c.id))]


def heads(records: Records) -> dict[str, str]:
    """The newest hash of every incident's log: equal hashes are equal histories."""
    with records.read() as tx:
        return {row.number: row.log_hash for row in tx.execute(select(incident))}


def clocks(records: Records) -> list[tuple[Any, ...]]:
    """Every timer that is set."""
    with records.read() as tx:
        return sorted(tuple(row) for row in tx.execute(select(incident_timer)))


Step = tuple[str, tuple[Any, ...], dict[str, Any]]


class Interleavings(RuleBasedStateMachine):
    """The hub under test in `world`; what truly happened, once each, in `history`."""

    def __init__(self) -> None:
        super().__init__()
        self.folders = [Path(tempfile.mkdtemp()), Path(tempfile.mkdtemp())]
        self.receivers: tuple[Receiver, ...] = (OPS, DUTY, PICKY)
        self.world = a_world(self.folders[0], START + 3_600_000, self.receivers)
        self.last: dict[tuple[int, str], AlertTransition] = {}
        self.seen: list[AlertTransition] = []
        self.history: list[Step] = []

    def do(self, name: str, *args: Any, **more: Any) -> Any:
        """Do it, and note that it happened."""
        answer = apply(self.world, name, args, more)
        self.history.append((name, args, more))
        return answer

    @initialize()
    def begins(self) -> None:
        """Two stations stand in one section."""
        self.do("register")

    @rule(which=st.integers(0, 2), name=st.sampled_from(RULES), pick=st.integers(0, 3), level=st.integers(1, 4))
    def moves(self, which: int, name: str, pick: int, level: int) -> None:
        """An alert makes its next transition; one in eight came too late."""
        last, late = self.last.get((which, name)), (pick + level) % 8 == 0
        if last is not None and last.condition == Condition.CLEARED:
            start, n, before, backfilled = last.breach_start + 600_000, 1, None, late
        elif last is not None:
            start, n, before, backfilled = last.breach_start, last.n + 1, last.condition, last.backfilled
        else:
            start, n, before, backfilled = START, 1, None, late
        condition = NEXT[before][pick % len(NEXT[before])]
        if condition is Condition.UNKNOWN and last is not None:
            level = last.level
        made = a_transition(n, condition, TARGETS[which], start, rule=name, level=level, backfilled=backfilled)
        if condition in {Condition.UNKNOWN, Condition.CLEARED}:
            made = msgspec.structs.replace(made, fired=None if last is None else last.fired)
        states = {each.id: (each.state, each.level) for each in self.world.incidents()}
        self.last[which, name] = made
        self.seen.append(made)
        assert self.do("take", made) == [True]
        if condition is Condition.UNKNOWN:  # invariant 4: it neither clears nor raises
            assert {each.id: (each.state, each.level) for each in self.world.incidents()} == states

    @rule(pick=st.integers(0, 999))
    def comes_again(self, pick: int) -> None:
        """A transition is delivered once more."""
        if self.seen:
            assert self.world.take(self.seen[pick % len(self.seen)]) == [False]

    @rule(pick=st.integers(0, 999))
    def crashes_while_taking(self, pick: int) -> None:
        """The process dies before the commit of something it will be given again: nothing of it is left (5)."""
        before = heads(self.world.records), told(self.world.records), clocks(self.world.records)
        target = TARGETS[pick % 3]
        made = a_transition(1, Condition.ACTIVE, target, START + 9_000_000, rule="never", level=1 + pick % 4)
        with suppress(Crash), self.world.records.begin() as tx:
            take_transition(tx, self.world.teller, made, recorded=self.world.clock.now())
            raise Crash
        assert (heads(self.world.records), told(self.world.records), clocks(self.world.records)) == before

    @rule()
    def restarts(self) -> None:
        """The process is started anew on the same records."""
        self.world.records.close()
        self.world = a_world(self.folders[0], self.world.clock.now(), self.receivers)

    @rule()
    def the_roster_changes(self) -> None:
        """Somebody else is on duty."""
        self.receivers = (OPS, PICKY, LATER) if DUTY in self.receivers else (OPS, DUTY, PICKY)
        self.do("hear_of", *self.receivers)

    @rule(minutes=st.sampled_from((1, 12, 35, 130)))
    def time_passes(self, minutes: int) -> None:
        """Timers run when their time comes."""
        self.do("passes", minutes * 60)

    @rule(level=st.integers(1, 4), minutes=st.sampled_from((10, 60)), device=st.sampled_from(("s1", "s*", "c1")))
    def somebody_wants_quiet(self, level: int, minutes: int, device: str) -> None:
        """A silence is made."""
        at = self.world.clock.now()
        self.do("silence", Wanted({"device": device}, level, at, at + minutes * 60_000))

    @precondition(lambda self: bool(heads(self.world.records)))
    @rule(
        action=st.sampled_from(PEOPLE),
        pick=st.integers(0, 9),
        other=st.integers(0, 9),
        actor=st.sampled_from(("wang", "li")),
    )
    def acts(self, action: str, pick: int, other: int, actor: str) -> None:
        """A person acts; what is refused has changed nothing."""
        numbers = sorted(heads(self.world.records))
        number, into = numbers[pick % len(numbers)], numbers[other % len(numbers)]
        more: dict[str, Any] = {"person": "zhou", "text": "pump off", "into": into}
        more |= {"override": other == 0, "leads": actor == "li"}
        before = heads(self.world.records), told(self.world.records), clocks(self.world.records)
        rows = {name: self.row(name) for name in (number, into)}
        try:
            self.do("act", action, number, actor, **more)
        except NotAllowed:
            assert (heads(self.world.records), told(self.world.records), clocks(self.world.records)) == before
        else:
            if action == "merge":  # invariant 8
                for clock in ("verify_by", "ack_by", "solve_by"):
                    both = [getattr(row, clock) for row in rows.values()]
                    assert getattr(self.row(into), clock) == min(both)
                assert self.row(number).root == self.row(into).id

    @precondition(lambda self: bool(heads(self.world.records)))
    @rule(pick=st.integers(0, 9), sha=st.sampled_from("abcd"))
    def somebody_adds_a_photo(self, pick: int, sha: str) -> None:
        """Evidence is attached."""
        numbers = sorted(heads(self.world.records))
        self.do("attach", numbers[pick % len(numbers)], Evidence(sha * 64, "photo", "image/jpeg", 9, role="after"))

    def row(self, number: str) -> Any:
        """The incident as it stands."""
        with self.world.records.read() as tx:
            return incidents.get(tx, number)

    @invariant()
    def every_state_was_reached_by_an_arrow(self) -> None:
        """(1), and (10): the log alone tells the state again, and is whole."""
        with self.world.records.read() as tx:
            for each in tx.execute(select(incident.c.id)).scalars():
                for line in incidents.log(tx, each)[1:]:
                    move = msgspec.json.decode(line.before)["state"], msgspec.json.decode(line.after)["state"]
                    if move[0] != move[1]:
                        assert move in (MACHINE_MOVES if line.actor == "hub" else PEOPLE_MOVES), (line.kind, move)
                assert incidents.replayed(tx, each) == incidents.get(tx, each)
                assert incidents.first_bad(tx, each) is None

    @invariant()
    def every_fired_alert_is_somebodys_work(self) -> None:
        """(3): whatever is silenced, alerts have incidents, and incidents have clocks."""
        for alert in self.world.alerts(unfired=True):
            assert (alert.incident is not None) == (alert.fired is not None and not alert.backfilled)
        groups: Counter[str] = Counter()
        with self.world.records.read() as tx:
            for row in incidents.opened(tx):
                groups[row.group_key] += 1
                assert None not in (row.verify_by, row.ack_by, row.solve_by)
                assert row.count == len(alerts.of_incident(tx, row.id))
        assert all(count == 1 for count in groups.values())

    @invariant()
    def people_know_how_bad_it_is(self) -> None:
        """(2) and (3): nothing open is worse than people were told, unless something keeps it quiet right now."""
        now = self.world.clock.now()
        with self.world.records.read() as tx:
            for row in incidents.opened(tx):
                worst = alerts.worst(tx, row.id)
                if worst is not None and worst < row.told_level:
                    assert quiet_of(tx, row, now) or timers.get(tx, row.id, "held") is not None

    @invariant()
    def nobody_is_told_twice_and_all_hear_the_end(self) -> None:
        """(6) and (7)."""
        keys = Counter(key for key, *_ in told(self.world.records))
        assert all(count == 1 for count in keys.values())
        with self.world.records.read() as tx:
            ended = select(incident.c.id).where(~incident.c.open, incident.c.root.is_(None))
            for each in tx.execute(ended).scalars():
                heard = {row.address for row in notices.of_incident(tx, each) if row.type == "incident.solved"}
                assert {to.address for to in notices.told(tx, each)} <= heard

    @invariant()
    def evidence_of_what_is_open_is_held(self) -> None:
        """(9)."""
        with self.world.records.read() as tx:
            held = attached.locked(tx, at=self.world.clock.now())
            for row in incidents.opened(tx):
                assert {piece.sha256 for piece in attached.of(tx, row.id)} <= held

    @invariant()
    def closed_means_proven_or_flagged(self) -> None:
        """Nothing is closed against its contract but by a leader."""
        for each in self.world.incidents(state="closed"):
            if not each.overridden:
                assert each.acknowledged_by is not None
                assert all(alert.condition == "cleared" for alert in self.world.detail(each.id).alerts)

    def teardown(self) -> None:
        """The same history, once each and without faults, gives the same records, hash for hash."""
        plain = a_world(self.folders[1], START + 3_600_000, (OPS, DUTY, PICKY))
        for name, args, more in self.history:
            with suppress(NotAllowed):
                apply(plain, name, args, more)
        assert heads(self.world.records) == heads(plain.records)
        assert told(self.world.records) == told(plain.records)
        assert clocks(self.world.records) == clocks(plain.records)
        with self.world.records.read() as tx:
            assert all(alerts.first_bad(tx, each.id) is None for each in self.seen)
        for world, folder in ((self.world, self.folders[0]), (plain, self.folders[1])):
            world.records.close()
            shutil.rmtree(folder)


def apply(world: World, name: str, args: tuple[Any, ...], more: dict[str, Any]) -> Any:
    """One step of a history."""
    if name == "register":
        with world.records.begin() as tx:
            devices = [Device(f"zhenhai/water/s{n}", section="canal") for n in (1, 2)]
            return register.put_devices(tx, devices, actor="test", at=1)
    if name == "silence":
        with world.records.begin() as tx:
            return create(tx, *args, owner="wang", reason="works", at=world.clock.now())
    return getattr(world, name)(*args, **more)


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(max_examples=6, stateful_step_count=20, deadline=None)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
class TestLongInterleavings(Interleavings.TestCase):  # type: ignore[misc,valid-type]
    """The same, for longer."""

    settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
