"""What the broker answers, packet by packet, on a clock and a disk that the test holds."""

from dataclasses import dataclass

import pytest

from ingest.broker.packets import (
    V5,
    V311,
    Ack,
    Connack,
    Connect,
    Disconnect,
    Ping,
    Publish,
    Suback,
    Subscribe,
    Subscription,
    Type,
    Unsuback,
    Unsubscribe,
    Will,
)
from ingest.broker.properties import Property
from ingest.broker.reasons import Reason
from tests.ingest.broker.rig import FOREVER, Peer, Rig, ack, connack, durable, message, subscribe

BOTH = pytest.mark.parametrize("version", [V311, V5])


@pytest.fixture
def rig() -> Rig:
    return Rig()


@dataclass
class Register:
    """Lets in those with the password `good`, each under its own name only."""

    def authenticate(self, client_id: str, user: str | None, password: bytes | None) -> bool:
        return password == b"good"

    def may_publish(self, user: str | None, topic: str) -> bool:
        return user is not None and topic.startswith(f"{user}/")

    def may_subscribe(self, user: str | None, topic_filter: str) -> bool:
        return self.may_publish(user, topic_filter)


@BOTH
@pytest.mark.parametrize("sent", [0, 1, 2])
@pytest.mark.parametrize("granted", [0, 1, 2])
def test_a_message_arrives_at_the_lower_of_both_qualities(rig: Rig, version: int, sent: int, granted: int) -> None:
    reader = rig.connect("reader", version).say(subscribe("a/+", granted))
    writer = rig.connect("writer", version)
    writer.say(message("a/b", b"hello", sent, 5 if sent else 0))
    found = reader.published()
    assert [(each.topic, each.payload, each.qos) for each in found] == [("a/b", b"hello", min(sent, granted))]
    wanted = {0: [], 1: [Ack(Type.PUBACK, 5)], 2: [Ack(Type.PUBREC, 5)]}[sent]
    assert writer.acks() == wanted


def test_an_acknowledgement_waits_for_the_disk_and_keeps_its_order(rig: Rig) -> None:
    durable(rig, "hub").say(Unsubscribe(2, ("#",)), subscribe("kept/#", 1))
    writer = rig.connect("writer")
    rig.automatic = False
    writer.say(message("kept/a", b"1", 1, 1), message("other", b"2", 1, 2))
    rig.deliver()
    assert writer.acks() == []
    rig.commit()
    assert writer.acks() == [Ack(Type.PUBACK, 1), Ack(Type.PUBACK, 2)]


def test_a_message_nobody_keeps_is_acknowledged_without_the_disk(rig: Rig) -> None:
    writer = rig.connect("writer", V5)
    rig.automatic = False
    writer.say(message("nobody", b"1", 1, 1))
    assert writer.acks() == [Ack(Type.PUBACK, 1, Reason.NO_MATCHING_SUBSCRIBERS)]


@BOTH
def test_a_session_keeps_messages_over_absence_and_crash(rig: Rig, version: int) -> None:
    durable(rig, "hub", version).vanish()
    writer = rig.connect("writer")
    for n in range(10):
        writer.say(message(f"t/{n % 3}", b"%d" % n, 1 + n % 2, n + 1))
    rig.boot()
    back = rig.connect("hub", version, clean=False, properties=FOREVER if version == V5 else ())
    assert connack(back).session_present
    assert [each.payload for each in back.published()] == [b"%d" % n for n in range(10)]


def test_what_was_sent_and_not_acknowledged_comes_again_marked(rig: Rig) -> None:
    reader = durable(rig, "hub")
    rig.connect("writer").say(message("a", b"1", 1, 1), message("a", b"2", 2, 2))
    first = reader.published()
    reader.vanish()
    again = durable(rig, "hub").published()
    assert [(each.packet_id, each.payload, each.dup) for each in again] == [
        (each.packet_id, each.payload, True) for each in first
    ]


def test_quality_2_both_ways(rig: Rig) -> None:
    reader, writer = durable(rig, "hub"), rig.connect("writer")
    writer.say(message("a", b"1", 2, 9), message("a", b"1", 2, 9, dup=True), ack(Type.PUBREL, 9))
    assert writer.acks() == [Ack(Type.PUBREC, 9), Ack(Type.PUBREC, 9), Ack(Type.PUBCOMP, 9)]
    (found,) = reader.published()
    reader.say(ack(Type.PUBREC, found.packet_id))
    assert reader.acks() == [Ack(Type.PUBREL, found.packet_id)]
    reader.vanish()
    reader = durable(rig, "hub")
    assert reader.got == [Ack(Type.PUBREL, found.packet_id)]
    reader.say(ack(Type.PUBCOMP, found.packet_id))
    assert rig.exchange.sessions["hub"].queued == 0


def test_a_release_waits_for_the_disk(rig: Rig) -> None:
    reader = durable(rig, "hub")
    rig.connect("writer").say(message("a", b"1", 2, 9))
    (found,) = reader.published()
    rig.automatic = False
    reader.say(ack(Type.PUBREC, found.packet_id))
    rig.deliver()
    assert reader.acks() == []
    rig.commit()
    assert reader.acks() == [Ack(Type.PUBREL, found.packet_id)]


def test_the_window_is_the_clients_receive_maximum(rig: Rig) -> None:
    reader = durable(rig, "hub", V5, properties=(*FOREVER, (Property.RECEIVE_MAXIMUM, 3)))
    writer = rig.connect("writer")
    for n in range(8):
        writer.say(message("a", b"%d" % n, 1, n + 1))
    found = reader.published()
    assert len(found) == 3
    reader.say(ack(Type.PUBACK, found[1].packet_id))
    assert [each.payload for each in reader.published()] == [b"3"]


@BOTH
def test_a_second_connection_takes_the_session_over(rig: Rig, version: int) -> None:
    first = durable(rig, "hub", version)
    second = durable(rig, "hub", version)
    assert first.closed
    assert first.got == ([Disconnect(Reason.SESSION_TAKEN_OVER)] if version == V5 else [])
    rig.connect("writer").say(message("a", b"1", 1, 1))
    assert [each.payload for each in second.published()] == [b"1"]
    assert rig.counters.takeovers == 1


def test_a_clean_start_forgets(rig: Rig) -> None:
    durable(rig, "hub").vanish()
    rig.connect("writer").say(message("a", b"1", 1, 1))
    assert not connack(rig.connect("hub", clean=True)).session_present
    rig.boot()
    assert rig.exchange.sessions == {}


def test_a_session_expires(rig: Rig) -> None:
    rig.connect("hub", V5, properties=((Property.SESSION_EXPIRY, 60),)).say(subscribe("#", 1)).vanish()
    rig.pass_time(59)
    assert "hub" in rig.exchange.sessions
    rig.boot()
    rig.pass_time(1)
    assert "hub" not in rig.exchange.sessions


def test_the_goodbye_may_shorten_a_session_but_not_make_one(rig: Rig) -> None:
    durable(rig, "hub", V5).say(Disconnect(0, ((Property.SESSION_EXPIRY, 0),)))
    assert "hub" not in rig.exchange.sessions
    short = rig.connect("short", V5)
    short.say(Disconnect(0, ((Property.SESSION_EXPIRY, 5),)))
    assert short.got[-1] == Disconnect(Reason.PROTOCOL_ERROR)


@BOTH
def test_a_will_is_published_when_the_client_is_lost_and_not_after_goodbye(rig: Rig, version: int) -> None:
    reader = rig.connect("reader", version).say(subscribe("w", 1))
    will = Will("w", b"offline", 1, retain=True)
    rig.connect("a", version, will=will).vanish()
    rig.connect("b", version, will=will).say(Disconnect())
    assert [each.payload for each in reader.published()] == [b"offline"]
    late = rig.connect("late", version).say(subscribe("w", 1))
    assert [(each.payload, each.retain) for each in late.published()] == [(b"offline", True)]


def test_a_will_survives_a_crash_of_the_broker(rig: Rig) -> None:
    durable(rig, "hub").vanish()
    rig.connect("device", will=Will("w", b"offline", 1))
    rig.boot()
    rig.pass_time(1)
    assert [each.payload for each in durable(rig, "hub").published()] == [b"offline"]
    rig.boot()
    rig.pass_time(1)
    assert rig.counters.wills == 0


def test_a_delayed_will_is_dropped_when_the_client_comes_back(rig: Rig) -> None:
    reader = rig.connect("reader").say(subscribe("w", 0))
    asked = {"properties": FOREVER, "will": Will("w", b"off", properties=((Property.WILL_DELAY, 10),))}
    rig.connect("a", V5, clean=False, **asked).vanish()
    rig.pass_time(5)
    rig.connect("a", V5, clean=False, **asked).vanish()
    rig.pass_time(9)
    assert reader.published() == []
    rig.pass_time(1)
    assert len(reader.published()) == 1


@BOTH
def test_retained_messages_are_kept_replaced_cleared_and_survive(rig: Rig, version: int) -> None:
    writer = rig.connect("writer")
    for topic, payload in (("r/1", b"old"), ("r/1", b"new"), ("r/2", b"x"), ("r/2", b""), ("s/1", b"y")):
        writer.say(message(topic, payload, 1, 1, retain=True))
    rig.boot()
    reader = rig.connect("reader", version).say(subscribe("r/+", 2))
    assert [(each.payload, each.retain, each.qos) for each in reader.published()] == [(b"new", True, 1)]


def test_subscription_options_of_mqtt_5(rig: Rig) -> None:
    rig.connect("writer").say(message("r", b"kept", 0, retain=True))
    reader = rig.connect("reader", V5)
    reader.say(subscribe("r", 0, retain_handling=2))
    assert reader.published() == []
    reader.say(subscribe("r", 0, retain_handling=1))
    assert reader.published() == []  # not a new subscription
    reader.say(subscribe("r", 0, no_local=True, retain_as_published=True))
    assert len(reader.published()) == 1
    reader.say(message("r", b"mine"))
    assert reader.published() == []
    rig.connect("writer").say(message("r", b"theirs", retain=True))
    assert [(each.payload, each.retain) for each in reader.published()] == [(b"theirs", True)]


def test_overlapping_filters_send_one_copy_with_both_identifiers(rig: Rig) -> None:
    reader = rig.connect("reader", V5)
    reader.say(Subscribe(1, (Subscription("a/+", 0, identifier=3),), ((Property.SUBSCRIPTION_ID, 3),)))
    reader.say(Subscribe(2, (Subscription("a/#", 1, identifier=4),), ((Property.SUBSCRIPTION_ID, 4),)))
    rig.connect("writer").say(message("a/b", b"x", 1, 1))
    (found,) = reader.published()
    assert found.qos == 1
    assert sorted(found.properties) == [(Property.SUBSCRIPTION_ID, 3), (Property.SUBSCRIPTION_ID, 4)]


def test_properties_are_passed_on_untouched_and_in_order(rig: Rig) -> None:
    sent = ((38, ("ts", "1")), (3, "image/jpeg"), (38, ("ts", "2")), (9, b"\0\1"), (8, "answer"), (1, 0))
    reader = durable(rig, "hub", V5)
    rig.connect("writer", V5).say(message("a", b"x", 1, 1, properties=sent))
    assert [each.properties for each in reader.published()] == [sent]


def test_an_expired_message_is_not_delivered_and_a_living_one_says_what_is_left(rig: Rig) -> None:
    durable(rig, "hub", V5).vanish()
    writer = rig.connect("writer", V5)
    for n, seconds in enumerate((10, 100)):
        writer.say(message("a", b"%d" % n, 1, n + 1, properties=((Property.MESSAGE_EXPIRY, seconds),)))
    rig.pass_time(30)
    found = durable(rig, "hub", V5).published()
    assert [(each.payload, each.properties) for each in found] == [(b"1", ((Property.MESSAGE_EXPIRY, 70),))]
    assert rig.counters.dropped_expired == 1


@pytest.mark.parametrize(("version", "codes"), [(V311, (0x80, 0x80, 0x80, 0x80, 1)), (V5, (0x8F, 0x8F, 0x9E, 0x87, 1))])
def test_refused_filters(version: int, codes: tuple[int, ...]) -> None:
    rig = Rig(access=Register())
    peer = rig.connect("a", version, user="me", password=b"good")
    filters = ("me/#/b", "me/b+", "$share/g/me/b", "you/b", "me/+")
    peer.say(Subscribe(7, tuple(Subscription(each, 1) for each in filters)))
    assert peer.got[-1] == Suback(7, codes)
    assert rig.counters.refused_subscribes == 4


@BOTH
def test_unsubscribing(rig: Rig, version: int) -> None:
    peer = rig.connect("a", version).say(subscribe("x", 1), Unsubscribe(2, ("x", "y")))
    assert peer.got[-1] == Unsuback(2, (0, 0x11) if version == V5 else ())
    rig.connect("writer").say(message("x"))
    assert peer.published() == []


@pytest.mark.parametrize(("version", "code"), [(V311, 4), (V5, 0x86)])
def test_wrong_credentials(version: int, code: int) -> None:
    rig = Rig(access=Register())
    peer = rig.connect("a", version, user="me", password=b"bad")
    assert peer.got == [Connack(code)]
    assert peer.closed


@pytest.mark.parametrize(("version", "code"), [(V311, 5), (V5, 0x87)])
def test_a_will_on_a_foreign_topic_is_refused(version: int, code: int) -> None:
    rig = Rig(access=Register())
    assert rig.connect("a", version, user="me", password=b"good", will=Will("you/w", b"")).got == [Connack(code)]


@BOTH
def test_a_foreign_topic_is_refused_and_reported(version: int) -> None:
    rig = Rig(access=Register())
    peer = rig.connect("a", version, user="me", password=b"good")
    peer.got.clear()
    peer.say(message("you/x", b"1", 1, 3), message("me/x", b"2", 1, 4))
    assert rig.refused == [("me", "you/x", b"1", "not_authorized")]
    assert peer.closed == (version == V311)
    assert peer.acks() == ([Ack(Type.PUBACK, 3, 0x87), Ack(Type.PUBACK, 4, 0x10)] if version == V5 else [])


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (message("a", properties=((Property.TOPIC_ALIAS, 1),)), Reason.TOPIC_ALIAS_INVALID),
        (Connect(V5, "again"), Reason.PROTOCOL_ERROR),
        (Connack(0), Reason.PROTOCOL_ERROR),
        (Ping(response=True), Reason.PROTOCOL_ERROR),
    ],
)
def test_what_a_connected_client_may_not_say(rig: Rig, asked: Publish | Connect, reason: Reason) -> None:
    peer = rig.connect("a", V5).say(asked)
    assert peer.got[-1] == Disconnect(reason)
    assert peer.closed
    assert rig.counters.packet_errors == 1


def test_a_client_without_a_name_is_given_one_or_refused(rig: Rig) -> None:
    answer = connack(rig.connect("", V5))
    assert (Property.ASSIGNED_CLIENT_ID, "auto-1") in answer.properties
    assert connack(rig.connect("", V311)).code == 0
    assert connack(rig.connect("", V311, clean=False)).code == 2


def test_the_first_packet_must_be_connect_of_a_version_spoken_here(rig: Rig) -> None:
    assert Peer(rig, V311).say(Ping()).closed
    old = Peer(rig, V311).say_bytes(bytes.fromhex("100e00064d51497364700302003c0000"))
    assert old.got == [Connack(1)]


def test_topics_that_start_with_a_dollar_are_not_for_wildcards(rig: Rig) -> None:
    reader = rig.connect("a").say(subscribe("#", 0), subscribe("+/x", 0))
    exact = rig.connect("b").say(subscribe("$own/#", 0))
    rig.connect("writer").say(message("$own/x"))
    assert reader.published() == []
    assert len(exact.published()) == 1


def test_an_abandoned_session_can_be_dropped(rig: Rig) -> None:
    hub = durable(rig, "hub")
    assert not rig.exchange.drop("hub", rig.now)
    hub.vanish()
    assert rig.exchange.drop("hub", rig.now)
    rig.settle()
    rig.boot()
    assert rig.exchange.sessions == {}


def test_quality_2_completed_out_of_order_or_half_way_is_not_sent_again_after_a_crash(rig: Rig) -> None:
    reader, writer = durable(rig, "hub"), rig.connect("writer")
    writer.say(*(message("a", b"%d" % n, 2, n + 1) for n in range(3)))
    _, second, third = reader.published()
    reader.say(ack(Type.PUBREC, second.packet_id), ack(Type.PUBREC, third.packet_id))
    reader.say(ack(Type.PUBCOMP, third.packet_id))
    rig.pass_time(1)
    rig.exchange.journal.hand_over(idle=True)
    rig.settle()
    rig.boot()
    again = durable(rig, "hub")
    assert again.acks() == [Ack(Type.PUBREL, second.packet_id)]
    assert [each.payload for each in again.published()] == [b"0"]
