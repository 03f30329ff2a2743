"""One ladder as a state machine: whatever vendors, people and clocks do, ways are used in order, each once, and never too late."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from alerts.people.ladder import Facts, Fate, Ladder, Rung, begin, climb, later
from alerts.people.peace import hold
from alerts.people.person import Person
from tests.alerts.people.builders import NOON, ZONE

UNTIL = st.sampled_from(["sent", "delivered", "read"])
FATES: list[Fate] = ["queued", "sent", "accepted", "delivered", "failed"]


class Climbs(RuleBasedStateMachine):
    """Time, the vendors' answers and the person's deeds in any order."""

    @initialize(untils=st.lists(UNTIL, max_size=4), together=st.booleans(), waits=st.booleans())
    def start(self, untils: list[str], together: bool, waits: bool) -> None:
        self.now = NOON
        rungs = [Rung(f"way{n}", "sms", str(n), 60_000 + n, until) for n, until in enumerate(untils)]  # type: ignore[arg-type]
        self.ladder = later(rungs, NOON + 600_000 if waits else NOON, together=together)
        self.used: list[str] = []
        self.fates: list[Fate] = ["none"] * len(rungs)
        self.read = self.acted = self.ended = False
        if not waits:
            self.move(begin(self.ladder, self.now))

    def move(self, moved: tuple[Ladder, tuple[Rung, ...]]) -> None:
        self.ladder, use = moved
        self.used += [rung.receiver for rung in use]
        for rung in use:
            self.fates[int(rung.address)] = "queued"

    def look(self) -> None:
        facts = Facts(tuple(self.fates), self.read, self.acted, self.ended)
        self.move(climb(self.ladder, facts, self.now))

    @rule(seconds=st.integers(1, 90))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds * 1000
        self.look()

    @precondition(lambda self: any(fate in ("queued", "sent", "accepted") for fate in self.fates))
    @rule(fate=st.sampled_from(FATES), data=st.data())
    def a_vendor_says(self, fate: Fate, data: st.DataObject) -> None:
        under_way = [n for n, each in enumerate(self.fates) if each in ("queued", "sent", "accepted")]
        self.fates[data.draw(st.sampled_from(under_way))] = fate
        self.look()

    @rule()
    def the_link_is_opened(self) -> None:
        self.read = bool(self.used)
        self.look()

    @rule()
    def somebody_takes_it_on(self) -> None:
        self.ended = True
        self.look()

    @precondition(lambda self: self.used)
    @rule()
    def the_person_acts(self) -> None:
        self.acted = True
        self.look()

    @invariant()
    def ways_are_used_in_order_and_once(self) -> None:
        assert self.used == [f"way{n}" for n in range(len(self.used))]

    @invariant()
    def what_is_over_has_nothing_due_and_what_is_not_is_never_late(self) -> None:
        if self.ladder.state in ("waiting", "climbing"):
            assert self.ladder.due is not None
            assert self.ladder.due > self.now or not self.ladder.rungs
        else:
            assert self.ladder.due is None

    @invariant()
    def nobody_is_chased_who_read_acted_or_need_not(self) -> None:
        if self.acted:
            assert self.ladder.state == "acted"
        elif self.ended or (self.read and self.used):
            assert self.ladder.state in ("ended", "reached", "exhausted")


Climbs.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestClimbs = Climbs.TestCase


@given(st.sampled_from([1, 2]), st.integers(0, 86_400_000))
def test_nothing_holds_back_what_is_urgent_but_being_away(level: int, later_ms: int) -> None:
    sleeper = Person.model_validate({"id": "a", "quiet": {"from": "00:00", "to": "00:00"}, "digest": [3, 4]})
    assert hold(sleeper, level, ZONE, NOON + later_ms) == (NOON + later_ms, "")


@pytest.mark.parametrize("level", [3, 4])
def test_quiet_hours_over_midnight_end_in_the_morning(level: int) -> None:
    sleeper = Person.model_validate({"id": "a", "quiet": {"from": "22:00", "to": "07:00"}, "digest": []})
    assert hold(sleeper, level, ZONE, NOON) == (NOON, "")
    assert hold(sleeper, level, ZONE, NOON + 11 * 3_600_000) == (NOON + 19 * 3_600_000, "quiet")
    assert hold(sleeper, level, ZONE, NOON + 18 * 3_600_000) == (NOON + 19 * 3_600_000, "quiet")
