"""The sender: order, retries, refusals, ended subscriptions, crashes; on a real database with a recording channel."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import select

from alerts.channel import ChannelError, Notification, Receipt, RecordingChannel
from alerts.outbox import OutboxSender
from alerts.views import DeliveryView
from hub.clock import Clock, SystemClock
from hub.model import Condition
from hub.settings import Settings
from storage.records import Records, feed, outbox
from storage.records.notices import resume
from storage.records.tables import notification
from tests.alerts.builders import DUTY, OPS, S2, START, World, a_transition
from tests.engines import wait_until

OPS_AT = "http://ops/hook"


@contextmanager
def sending(
    world: World, channel: RecordingChannel, clock: Clock | None = None, hook: RecordingChannel | None = None
) -> Iterator[OutboxSender]:
    """A sender that runs; webhooks by `hook` when it is given, everything else by `channel`."""
    channels = {"webhook": hook or channel, "email": channel}
    sender = OutboxSender(world.records, channels, clock or world.clock, (1.0, 5.0), poll=0.02)
    sender.start()
    yield sender
    sender.close()


def deliveries(world: World) -> list[DeliveryView]:
    return [each for incident in world.incidents() for each in world.detail(incident.id).deliveries]


def settled(world: World) -> Callable[[], bool]:
    return lambda: all(each.state not in {"queued", "sending"} for each in deliveries(world))


def first_stands(world: World, attempts: int, state: str) -> Callable[[], bool]:
    """Whether the first notice had this many tries and stands like this."""

    def stands() -> bool:
        first = deliveries(world)[0]
        return (len(first.attempts), first.state) == (attempts, state)

    return stands


def recording() -> RecordingChannel:
    return RecordingChannel(Settings())


def test_each_notice_is_sent_once_and_in_order(world: World) -> None:
    world.take(a_transition(), a_transition(2, level=1), a_transition(3, Condition.CLEARED), a_transition(target=S2))
    channel = recording()
    with sending(world, channel):
        wait_until(settled(world))
    keys = [sent.key for sent in channel.sent]
    assert len(keys) == len(set(keys)) == len(deliveries(world))
    first = [each for each in channel.sent if each.address == OPS_AT and each.subject.endswith("-1")]
    assert [each.type for each in first] == ["incident.opened", "alert.fired", "incident.raised", "alert.cleared"]
    assert {each.state for each in deliveries(world)} == {"delivered"}


def test_a_failure_is_tried_again_and_holds_its_lane(sqlite_world: World) -> None:
    world = sqlite_world
    world.hear_of(OPS)
    world.take(a_transition())
    channel = recording()
    channel.answers = [
        ChannelError("503 later", permanent=False, code=503),
        ChannelError("timeout", permanent=False, unsure=True),
    ]
    with sending(world, channel) as sender:
        for tries, state in ((1, "waiting"), (2, "waiting"), (3, "delivered")):
            wait_until(first_stands(world, tries, state))
            assert {sent.type for sent in channel.sent[:tries]} == {"incident.opened"}
            world.clock.advance(5000)
            sender.wake()
        wait_until(lambda: len(channel.sent) == 4)
    assert channel.sent[3].type == "alert.fired"
    assert [sent.maybe_duplicate for sent in channel.sent[:3]] == [False, False, True]
    assert len({sent.key for sent in channel.sent[:3]}) == 1
    tries_made = deliveries(world)[0].attempts
    assert [(each.status, each.code, each.answer) for each in tries_made] == [
        ("failed", 503, "503 later"),
        ("unsure", None, "timeout"),
        ("delivered", None, ""),
    ]


def test_after_the_last_try_it_is_failed_and_shown(sqlite_world: World) -> None:
    world = sqlite_world
    world.hear_of(OPS)
    world.take(a_transition())
    channel = recording()
    channel.answers = [ChannelError("503", permanent=False, code=503)] * 3
    with sending(world, channel) as sender:
        for tries, state in ((1, "waiting"), (2, "waiting"), (3, "failed")):
            wait_until(first_stands(world, tries, state))
            world.clock.advance(5000)
            sender.wake()
        wait_until(lambda: len(channel.sent) == 4)
        wait_until(settled(world))
    assert [each.state for each in deliveries(world)] == ["failed", "delivered"]
    assert len(deliveries(world)[0].attempts) == 3


def test_the_vendor_may_ask_for_a_longer_wait(sqlite_world: World) -> None:
    world = sqlite_world
    world.hear_of(OPS)
    world.take(a_transition())
    channel = recording()
    channel.answers = [ChannelError("429", permanent=False, code=429, wait=77.0)]
    with sending(world, channel):
        wait_until(first_stands(world, 1, "waiting"))
    assert deliveries(world)[0].next_action_at == world.clock.now() + 77_000


def test_a_refusal_is_final_and_the_next_notice_goes(world: World) -> None:
    world.hear_of(OPS)
    world.take(a_transition())
    channel = recording()
    channel.answers = [ChannelError("400 what is this", permanent=True, code=400)]
    with sending(world, channel):
        wait_until(settled(world))
    first, second = deliveries(world)
    assert (first.state, first.answer, first.attempts[0].status) == ("failed", "400 what is this", "refused")
    assert second.state == "delivered"


def test_who_was_never_reached_is_not_told_of_the_clear(sqlite_world: World) -> None:
    world = sqlite_world
    world.hear_of(DUTY)
    world.take(a_transition())
    channel = recording()
    channel.answers = [ChannelError("550 no such user", permanent=True, code=550)]
    with sending(world, channel):
        wait_until(settled(world))
        world.take(a_transition(2, Condition.CLEARED))
    assert len([each for each in deliveries(world) if each.type == "alert.cleared"]) == 1


def test_gone_ends_the_subscription_until_somebody_resumes_it(world: World) -> None:
    world.hear_of(OPS)
    world.take(a_transition())
    channel = recording()
    channel.answers = [ChannelError("410", permanent=True, code=410, ends=True)]
    with sending(world, channel) as sender:
        wait_until(settled(world))
        assert [each.state for each in deliveries(world)] == ["gone", "gone"]
        world.take(a_transition(target=S2))
        assert world.detail("zhenhai-20260101-2").deliveries == []
        with world.records.begin() as tx:
            assert resume(tx, "ops", actor="wang", at=1)
            assert not resume(tx, "ops", actor="wang", at=1)
        world.take(a_transition(2, target=S2, level=1))
        sender.wake()
        wait_until(settled(world))
    assert [each.type for each in world.detail("zhenhai-20260101-2").deliveries] == ["incident.raised"]
    assert len(channel.sent) == 2


def test_a_receiver_that_hangs_holds_up_nobody_else(sqlite_world: World) -> None:
    world = sqlite_world
    released = threading.Event()

    class Hanging(RecordingChannel):
        def send(self, notification: Notification) -> Receipt:
            if notification.receiver == "ops":
                released.wait(30)
            return super().send(notification)

    channel = Hanging(Settings())
    spread = (a_transition(target=type(S2)("zhenhai", "water", f"x{n}"), start=START + n * 90_000) for n in range(40))
    world.take(*spread)
    with sending(world, channel):
        wait_until(lambda: sum(sent.receiver == "duty" for sent in channel.sent) == 80)
        assert all(sent.receiver == "duty" for sent in channel.sent)
        released.set()
        wait_until(settled(world))


def test_a_notice_is_claimed_with_what_caused_it_and_goes_at_once(world: World) -> None:
    world.hear_of(OPS)
    world.take(a_transition())
    channel = recording()
    hour = 3600.0
    sender = OutboxSender(world.records, {"webhook": channel}, world.clock, (), poll=hour)
    sender.start()
    wait_until(settled(world))
    world.take(a_transition(target=S2), a_transition(2, level=1))
    wait_until(settled(world))
    sender.close()
    assert len(channel.sent) == len(deliveries(world)) == len({sent.key for sent in channel.sent})
    assert not any(sent.maybe_duplicate for sent in channel.sent)


def test_what_a_crash_left_unsure_is_marked_and_sent_again_with_the_same_key(world: World) -> None:
    world.hear_of(OPS)
    world.take(a_transition())
    with world.records.begin() as tx:
        [(first, _, _)] = outbox.due(tx, at=world.clock.now(), limit=10)
        [row] = outbox.claim(tx, [first], at=world.clock.now())
    channel = recording()
    with sending(world, channel):
        wait_until(settled(world))
    assert [(sent.key == row.key, sent.maybe_duplicate, sent.attempt) for sent in channel.sent] == [
        (True, True, 2),
        (False, False, 1),
    ]
    view = deliveries(world)[0]
    assert view.maybe_duplicate
    assert [each.status for each in view.attempts] == ["unsure", "delivered"]


def test_a_claim_of_which_nobody_knows_is_taken_back(world: World) -> None:
    world.hear_of(OPS)
    world.take(a_transition())
    with world.records.begin() as tx:
        [(first, _, _)] = outbox.due(tx, at=world.clock.now(), limit=10)
        outbox.claim(tx, [first], at=world.clock.now())
        assert outbox.unclaim(tx, known={first}) == 0
        assert outbox.unclaim(tx, known=()) == 1
        row = tx.execute(select(notification).where(notification.c.id == first)).one()
        assert (row.state, row.attempts) == ("queued", 0)
        assert [notice for notice, _, _ in outbox.due(tx, at=world.clock.now(), limit=10)] == [first]


def test_a_channel_that_breaks_is_a_failed_try(sqlite_world: World) -> None:
    class Broken(RecordingChannel):
        def send(self, notification: Notification) -> Receipt:
            raise ZeroDivisionError("oops")

    world = sqlite_world
    world.hear_of(OPS)
    world.take(a_transition())
    with sending(world, Broken(Settings())):
        wait_until(first_stands(world, 1, "waiting"))
    assert (deliveries(world)[0].state, deliveries(world)[0].attempts[0].status) == ("waiting", "unsure")


def test_a_channel_that_is_gone_from_the_hub_is_said_so(sqlite_records: Records) -> None:
    world = World(sqlite_records, [OPS])
    world.take(a_transition())
    sender = OutboxSender(world.records, {}, SystemClock(), (1.0,), poll=0.02)
    sender.start()
    wait_until(settled(world))
    sender.close()
    assert deliveries(world)[0].answer == "the hub has no such channel any more"


def test_ends_are_shown_in_the_feed(sqlite_world: World) -> None:
    world = sqlite_world
    shown: list[str] = []
    sender = OutboxSender(
        world.records,
        {"webhook": recording(), "email": recording()},
        world.clock,
        (),
        lambda _tx, who: shown.append(who),
        0.02,
    )
    world.take(a_transition())
    with world.records.read() as tx:
        assert feed.span(tx) != (1, 0)
    sender.start()
    wait_until(settled(world))
    sender.close()
    assert set(shown) == {world.incidents()[0].id}
