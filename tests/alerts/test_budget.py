"""Budgets: never more than the vendor takes in any stretch of time, and nobody waits who need not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.budget import Allowance, Budget, Rate
from alerts.channel import ChannelError, RecordingChannel
from alerts.pipeline import Receiver
from hub.settings import Settings
from tests.alerts.builders import OPS, S2, World, a_transition
from tests.alerts.test_outbox import deliveries, sending
from tests.engines import wait_until

WANG, LI = "wang@example.org", "li@example.org"


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("20/min", Rate(20, 60_000)),
        ("1/30s", Rate(1, 30_000)),
        ("5/s", Rate(5, 1000)),
        ("1000/h", Rate(1000, 3_600_000)),
        ("50/day", Rate(50, 86_400_000)),
    ],
)
def test_a_rate_is_read(text: str, rate: Rate) -> None:
    assert Rate.parse(text) == rate


@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(1, 2000)), min_size=1, max_size=3),
    st.lists(st.integers(0, 900), min_size=1, max_size=80),
)
def test_no_stretch_of_time_holds_more_than_its_rate(rates: list[tuple[int, int]], steps: list[int]) -> None:
    given_rates = [Rate(count, window) for count, window in rates]
    budget, now, sent = Budget(given_rates), 0, []
    for step in steps:
        now += step
        if budget.ready() <= now:
            budget.take(now)
            sent.append(now)
    for rate in given_rates:
        for first in sent:
            assert sum(first <= moment < first + rate.window for moment in sent) <= rate.count


def test_a_rest_that_the_vendor_asked_for_is_kept() -> None:
    allowance = Allowance([Receiver("robot", "x", ("a",), True), Receiver("sms", "x", ("1", "2"), True)])
    allowance.rest("robot", None, 5000)
    allowance.rest("sms", "1", 7000)
    assert allowance.closed(4999) == {"robot": 5000}
    assert allowance.closed(5000) == {}
    assert (allowance.ready("sms", "1"), allowance.ready("sms", "2")) == ((0, 7000), (0, 0))


def recording(*receivers: Receiver) -> RecordingChannel:
    return RecordingChannel(Settings(), receivers)


def test_a_receiver_over_its_budget_waits_in_the_outbox_in_order_and_holds_up_nobody(sqlite_world: World) -> None:
    world = sqlite_world
    slow = Receiver("duty", "email", (WANG, LI), people=True, rates=("4/min",))
    world.hear_of(OPS, slow)
    world.take(*(a_transition(target=type(S2)("zhenhai", "water", f"x{n}")) for n in range(6)))
    mail, hook = recording(slow), recording(OPS)
    with sending(world, mail, hook=hook) as sender:
        wait_until(lambda: len(hook.sent) == 12 and len(mail.sent) == 4)
        assert {each.attempts == [] for each in deliveries(world) if each.state == "queued"} == {True}
        world.clock.advance(60_000)
        sender.wake()
        wait_until(lambda: len(mail.sent) == 8)
        world.clock.advance(60_000)
        sender.wake()
        wait_until(lambda: len(mail.sent) == 12)
    for address in (WANG, LI):
        numbers = [sent.subject for sent in mail.sent if sent.address == address]
        assert numbers == sorted(numbers)


def test_an_address_over_its_budget_waits_and_says_why_while_others_are_told(sqlite_world: World) -> None:
    world = sqlite_world
    both = Receiver("duty", "email", (WANG, LI), people=True, address_rates=("1/30s",))
    world.hear_of(both)
    world.take(a_transition(), a_transition(target=S2))
    channel = recording(both)
    with sending(world, channel) as sender:
        wait_until(lambda: sum("held back" in each.answer for each in deliveries(world)) == 2)
        wait_until(lambda: sorted(sent.address for sent in channel.sent) == [LI, WANG])
        assert {each.next_action_at for each in deliveries(world) if each.state == "queued"} == {
            world.clock.now() + 30_000
        }
        world.clock.advance(30_000)
        sender.wake()
        wait_until(lambda: len(channel.sent) == 4)


def test_a_vendor_that_is_busy_is_left_alone_by_all_notices_of_the_receiver(sqlite_world: World) -> None:
    world = sqlite_world
    robot = Receiver("duty", "email", (WANG,), people=True)
    world.hear_of(robot)
    world.take(a_transition())
    channel = recording(robot)
    channel.answers = [ChannelError("130101", permanent=False, code=130101, wait=600.0, busy="receiver")]
    with sending(world, channel) as sender:
        wait_until(lambda: [each.state for each in deliveries(world)] == ["waiting"])
        world.take(a_transition(target=S2))
        sender.wake()
        world.clock.advance(599_000)
        sender.wake()
        wait_until(lambda: len(sender.allowance.closed(world.clock.now())) == 1)
        assert len(channel.sent) == 1
        world.clock.advance(1000)
        sender.wake()
        wait_until(lambda: len(channel.sent) == 3)
