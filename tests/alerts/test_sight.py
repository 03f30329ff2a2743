"""What a camera could not see does not prove its place clean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.contracts import Contract, Item
from alerts.errors import NotAllowed
from alerts.practice import Practice
from hub.alert import Target
from hub.model import Condition
from storage.records.patrol import coverage
from storage.records.patrol.coverage import HOUR, Hour
from tests.alerts.builders import S1, START, World, a_transition

BRIDGE, QUAY = (Target("zhenhai", "camera", name) for name in ("bridge-1", "quay-1"))
CLEAN = Contract((Item("alerts_cleared"), Item("clean_camera", 10)), watch_minutes=0)
MINUTE = 60_000
CLEARED = START + 2 * MINUTE
"""When the finding was over; START begins an hour."""


@pytest.fixture
def world(sqlite_world: World) -> World:
    sqlite_world.keep(Practice(contracts={"default": CLEAN}))
    sqlite_world.clock.advance(CLEARED + 12 * MINUTE - sqlite_world.clock.now())
    return sqlite_world


def over(world: World, *targets: Target) -> str:
    """Findings of these cameras that are over, of one incident that was taken on; its id."""
    for target in targets:
        for n, condition in ((1, Condition.ACTIVE), (2, Condition.CLEARED)):
            world.take(a_transition(n, condition, target, rule="event:debris.item"))
    return world.act("acknowledge", world.incidents()[-1].id).id


def saw(world: World, seen: int, through: int, target: Target = BRIDGE) -> None:
    """In the hour of START the camera saw so long, up to `through` (both ms of the hour)."""
    blind = {"glint": through - seen} if seen < through else {}
    with world.records.begin() as tx:
        coverage.put(tx, [Hour(target.station(), START, seen, blind, START + through)])


def test_ten_minutes_in_sight_are_clean(world: World) -> None:
    incident = over(world, BRIDGE)
    saw(world, 14 * MINUTE, 14 * MINUTE)
    assert world.act("close", incident).state == "closed"


@pytest.mark.parametrize(
    ("seen", "through", "lacking"),
    [(10, 14, 2), (14, 14, 0), (8, 8, 4), (0, 14, 10)],
    ids=["blind for four", "seen", "offline since", "blind all along"],
)
def test_minutes_blind_or_offline_are_not_clean(world: World, seen: int, through: int, lacking: int) -> None:
    incident = over(world, BRIDGE)
    saw(world, seen * MINUTE, through * MINUTE)
    missing = world.detail(incident).contract.missing
    assert missing == ([f"{lacking} more minutes of clear sight of the place"] if lacking else [])


def test_nothing_is_clean_where_no_camera_looks(world: World) -> None:
    incident = over(world, S1)
    with pytest.raises(NotAllowed) as refused:
        world.act("close", incident)
    assert refused.value.missing == ("10 more minutes of clear sight of the place",)


minutes = st.integers(0, 60)


@given(st.lists(st.tuples(minutes, minutes), min_size=1, max_size=3), st.integers(0, 180), st.integers(0, 180))
def test_what_was_seen_is_never_taken_for_more_than_it_can_have_been(
    hours: list[tuple[int, int]], start: int, length: int
) -> None:
    rows = [
        Hour("c", START + n * HOUR, min(pair) * MINUTE, {}, START + n * HOUR + max(pair) * MINUTE)
        for n, pair in enumerate(hours)
    ]
    begin, end = START + start * MINUTE, START + (start + length) * MINUTE
    unseen = coverage.unseen(rows, begin, end)
    assert 0 <= unseen <= end - begin
    most = sum(row.seen_ms for row in rows if row.start < end and row.through > begin)
    assert end - begin - unseen <= most
