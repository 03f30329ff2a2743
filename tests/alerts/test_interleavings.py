"""Random interleavings of transitions, redelivery, aborted transactions, restarts and people's actions.

Whatever happened on the way, the records end as if every transition and every action had come once, in order.
"""

import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import select

from alerts.episode import take_transition
from alerts.errors import NotAllowed
from alerts.pipeline import Receiver
from hub.alert import AlertTransition, Target
from hub.model import Condition
from storage.records import Records, alerts, incidents, open_records
from storage.records.tables import incident, notification
from tests.alerts.builders import DUTY, OPS, START, World, a_transition

TARGETS = (Target("zhenhai", "water", "s1", "ph"), Target("zhenhai", "camera", "c1"))
RULES = ("limit", "spike")
ACTIONS = ("acknowledge", "close", "reject", "reopen", "note")
PICKY = Receiver("picky", "webhook", ("http://picky",), people=False, levels=(1, 2), events=("incident.*",))

NEXT: dict[Condition | None, tuple[Condition, ...]] = {
    None: (Condition.PENDING, Condition.ACTIVE),
    Condition.PENDING: (Condition.ACTIVE, Condition.CLEARED, Condition.UNKNOWN),
    Condition.ACTIVE: (Condition.ACTIVE, Condition.CLEARING, Condition.CLEARED, Condition.UNKNOWN),
    Condition.CLEARING: (Condition.ACTIVE, Condition.CLEARED),
    Condition.UNKNOWN: (Condition.ACTIVE, Condition.CLEARED),
}


class Crash(Exception):
    """The process ends inside a transaction."""


def a_world(folder: Path) -> World:
    records = open_records("sqlite:///hub.db", folder)
    records.migrate()
    return World(records, (OPS, DUTY, PICKY))


def told(records: Records) -> list[tuple[Any, ...]]:
    """Every notice with its key, in order."""
    query = select(notification.c.key, notification.c.address, notification.c.type, notification.c.lane)
    with records.read() as tx:
        return [tuple(row) for row in tx.execute(query.order_by(notification.c.id))]


def heads(records: Records) -> dict[str, str]:
    """The newest hash of every incident's log: equal hashes are equal histories."""
    with records.read() as tx:
        return {row.number: row.log_hash for row in tx.execute(select(incident))}


class Interleavings(RuleBasedStateMachine):
    """The hub under test in `world`; what truly happened, once each, in `history`."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.world = a_world(self.folder)
        self.last: dict[tuple[int, str], AlertTransition] = {}
        self.seen: list[AlertTransition] = []
        self.history: list[AlertTransition | tuple[str, str, str]] = []

    @rule(
        which=st.integers(0, 1),
        name=st.sampled_from(RULES),
        pick=st.integers(0, 3),
        level=st.integers(1, 4),
        late=st.booleans(),
    )
    def moves(self, which: int, name: str, pick: int, level: int, late: bool) -> None:
        """An alert makes its next transition."""
        last = self.last.get((which, name))
        if last is not None and last.condition == Condition.CLEARED:
            start, n, before, backfilled = last.breach_start + 3_600_000, 1, None, late
        elif last is not None:
            start, n, before, backfilled = last.breach_start, last.n + 1, last.condition, last.backfilled
        else:
            start, n, before, backfilled = START, 1, None, late
        condition = NEXT[before][pick % len(NEXT[before])]
        made = a_transition(n, condition, TARGETS[which], start, rule=name, level=level, backfilled=backfilled)
        if condition in {Condition.UNKNOWN, Condition.CLEARED}:
            made = msgspec.structs.replace(made, fired=None if last is None else last.fired)
        self.last[which, name] = made
        self.seen.append(made)
        self.history.append(made)
        assert self.world.take(made) == [True]

    @rule(pick=st.integers(0, 999))
    def comes_again(self, pick: int) -> None:
        """A transition is delivered once more."""
        if self.seen:
            assert self.world.take(self.seen[pick % len(self.seen)]) == [False]

    @rule(pick=st.integers(0, 999))
    def crashes_while_taking(self, pick: int) -> None:
        """The process dies before the commit of something it will be given again."""
        target = TARGETS[pick % 2]
        made = a_transition(1, Condition.ACTIVE, target, START + 9_000_000, rule="never", level=1 + pick % 4)
        with suppress(Crash), self.world.records.begin() as tx:
            take_transition(tx, self.world.teller, made, recorded=self.world.clock.now())
            raise Crash

    @rule()
    def restarts(self) -> None:
        """The process is started anew on the same records."""
        self.world.records.close()
        self.world = a_world(self.folder)

    @rule(action=st.sampled_from(ACTIONS), pick=st.integers(0, 9), actor=st.sampled_from(("wang", "li")))
    def acts(self, action: str, pick: int, actor: str) -> None:
        """A person acts; what is refused has changed nothing."""
        numbers = sorted(heads(self.world.records))
        if not numbers:
            return
        number = numbers[pick % len(numbers)]
        before = heads(self.world.records), told(self.world.records)
        try:
            self.world.act(action, number, actor)
        except NotAllowed:
            assert (heads(self.world.records), told(self.world.records)) == before
        else:
            self.history.append((action, number, actor))

    @invariant()
    def a_target_has_one_open_incident(self) -> None:
        counts = Counter(each.target for each in self.world.incidents(open=True))
        assert all(count == 1 for count in counts.values())

    @invariant()
    def every_fired_alert_is_somebodys_work(self) -> None:
        for each in self.world.alerts(unfired=True):
            assert (each.incident is not None) == (each.fired is not None and not each.backfilled)

    @invariant()
    def closed_means_cleared_and_acknowledged(self) -> None:
        for each in self.world.incidents(state="closed"):
            assert each.acknowledged_by is not None
            assert all(alert.condition == "cleared" for alert in self.world.detail(each.id).alerts)

    @invariant()
    def nobody_is_told_twice(self) -> None:
        keys = Counter(key for key, *_ in told(self.world.records))
        assert all(count == 1 for count in keys.values())

    def teardown(self) -> None:
        """The same history, once each and without faults, gives the same records, hash for hash."""
        plain_folder = Path(tempfile.mkdtemp())
        plain = a_world(plain_folder)
        for step in self.history:
            if isinstance(step, AlertTransition):
                plain.take(step)
            else:
                plain.act(*step)
        assert heads(self.world.records) == heads(plain.records)
        assert told(self.world.records) == told(plain.records)
        with self.world.records.read() as tx:
            for each in self.world.incidents():
                assert incidents.first_bad(tx, each.id) is None
                assert incidents.folded(tx, each.id)["state"] == each.state
            assert all(alerts.first_bad(tx, each.id) is None for each in self.seen)
        for world, folder in ((plain, plain_folder), (self.world, self.folder)):
            world.records.close()
            shutil.rmtree(folder)


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
