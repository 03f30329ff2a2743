"""What happens at the broker's bounds: full queues, a slow disk, slow readers, senseless packets."""

import random

import pytest

from ingest.broker.limits import Limits
from ingest.broker.packets import V5, V311, Ack, Ping, Type
from ingest.broker.properties import Property
from tests.ingest.broker.rig import FOREVER, Rig, ack, durable, message, subscribe


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_a_full_session_tells_mqtt_5_and_makes_3_1_1_wait() -> None:
    rig = Rig(Limits(queue_bytes=1000, parked_bytes=300))
    durable(rig, "hub").vanish()
    new, old = rig.connect("new", V5), rig.connect("old")
    new.say(*(message("a", b"x" * 200, 1, n + 1) for n in range(5)))
    assert [each.code for each in new.acks()] == [0, 0, 0, 0x97, 0x97][: len(new.acks())]
    old.got.clear()
    old.say(message("a", b"y" * 200, 1, 1), message("a", b"z" * 200, 1, 2), Ping())
    assert old.held
    assert old.got == [Ping(response=True)]
    assert rig.exchange.blocked
    back = durable(rig, "hub")
    payloads = []
    while found := back.published():
        payloads += [each.payload[:1] for each in found]
        back.say(*(ack(Type.PUBACK, each.packet_id) for each in found))
    assert payloads == [b"x"] * 3 + [b"y", b"z"]
    assert old.acks() == [Ack(Type.PUBACK, 1), Ack(Type.PUBACK, 2)]
    assert not old.held
    assert not rig.exchange.blocked
    assert rig.counters.quota_refusals == 2


def test_publishers_wait_while_the_disk_is_behind() -> None:
    rig = Rig(Limits(waiting_bytes=500))
    reader, writer = durable(rig, "hub"), rig.connect("writer", V5)
    rig.automatic = False
    for n in range(9):
        writer.say(message("a", b"x" * 200, 1, n + 1))
    rig.deliver()
    assert writer.acks() == []
    assert len(writer.connection.parked) > 0
    rig.settle()
    assert [each.packet_id for each in writer.acks()] == list(range(1, 10))
    assert len(reader.published()) == 9


def test_a_long_queue_lives_on_disk_and_comes_back_in_order() -> None:
    rig = Rig(Limits(queue_memory=2000, inflight=5))
    durable(rig, "hub").vanish()
    writer = rig.connect("writer")
    for n in range(200):
        writer.say(message("a", b"%03d" % n + b"." * 100, 1, n + 1))
    reader = durable(rig, "hub")
    seen: list[int] = []
    while found := reader.published():
        seen += [int(each.payload[:3]) for each in found]
        if len(seen) == 100:
            writer.say(message("a", b"200", 1, 300))
        reader.say(*(ack(Type.PUBACK, each.packet_id) for each in found))
    assert seen == list(range(201))
    assert rig.exchange.sessions["hub"].bytes == 0


def test_a_slow_client_loses_quality_0_with_a_count_and_nothing_else(rig: Rig) -> None:
    reader = durable(rig, "hub")
    reader.slow = True
    rig.connect("writer").say(message("a", b"0"), message("a", b"1", 1, 1))
    assert reader.published() == []
    assert rig.counters.dropped_slow == 1
    reader.slow = False
    rig.exchange.wake(rig.exchange.sessions["hub"])
    rig.settle()
    assert [each.payload for each in reader.published()] == [b"1"]


def test_a_slow_client_without_a_durable_session_is_cut_off_not_the_devices() -> None:
    rig = Rig(Limits(transient_bytes=500))
    reader = rig.connect("dashboard", V5).say(subscribe("#", 1))
    reader.slow = True
    writer = rig.connect("writer", V5)
    for n in range(5):
        writer.say(message("a", b"x" * 200, 1, n + 1))
    assert reader.closed
    assert [each.code < 0x80 for each in writer.acks()] == [True] * 5
    assert rig.counters.cut_off_slow == 1


def test_a_packet_too_large_for_the_receiver_is_counted(rig: Rig) -> None:
    reader = durable(rig, "hub", V5, properties=(*FOREVER, (Property.MAXIMUM_PACKET_SIZE, 100)))
    rig.connect("writer").say(message("a", b"x" * 200, 1, 1), message("a", b"y", 1, 2))
    assert [each.payload for each in reader.published()] == [b"y"]
    assert rig.counters.dropped_too_large == 1


def test_a_hundred_thousand_packets_of_chance_end_connections_and_nothing_else() -> None:
    """Bytes and mutated packets into a session: no exception, and the others' messages still arrive."""
    chance = random.Random(11)
    rig = Rig(Limits(transient_bytes=20_000, queue_bytes=20_000))
    rig.automatic = False
    kinds = bytes((0x30, 0x32, 0x34, 0x40, 0x50, 0x62, 0x70, 0x82, 0xA2, 0xC0, 0xE0, 0xF0, 0x10))
    peer = rig.connect("fuzz", V5)
    for n in range(100_000):
        if peer.closed:
            rig.peers.clear()
            peer = rig.connect(f"fuzz{n % 7}", chance.choice((V311, V5)), clean=chance.random() < 0.5)
        body = bytes(chance.choice(b"\0\0\1\2a/+#$\x26\x0b\xff") for _ in range(chance.randint(0, 14)))
        peer.say_bytes(bytes((chance.choice(kinds), len(body))) + body)
        if n % 50 == 0:
            rig.settle()
    rig.settle()
    reader = rig.connect("reader").say(subscribe("sane", 1))
    rig.connect("writer").say(message("sane", b"still", 1, 1))
    rig.settle()
    assert b"still" in [each.payload for each in reader.published()]
