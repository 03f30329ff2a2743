"""Random lives of publishers, a subscriber and the broker's process: what was acknowledged is delivered.

The model is three lists: what publishers sent, what they know to be taken, what the subscriber has seen.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ingest.broker.limits import Limits
from ingest.broker.packets import V5, Ack, Connack, Disconnect, Publish, Type
from tests.ingest.broker.rig import FOREVER, Peer, Rig, ack, message, subscribe


class Publisher:
    """A client that does what the standard asks of one: keeps what is not acknowledged and sends it again."""

    def __init__(self, name: str, version: int) -> None:
        self.name = name
        self.version = version
        self.peer: Peer | None = None
        self.open: dict[int, Publish] = {}
        self.releasing: list[int] = []
        self.sent: list[bytes] = []
        self.taken: set[bytes] = set()

    def connect(self, rig: Rig) -> None:
        """Connect with a session that stays, and repeat what is open, in order."""
        properties = FOREVER if self.version == V5 else ()
        self.peer = rig.connect(self.name, self.version, clean=False, properties=properties)
        answer = self.peer.got.pop(0)
        assert isinstance(answer, Connack)
        again = [message(m.topic, m.payload, m.qos, m.packet_id, dup=True) for m in self.open.values()]
        self.peer.say(*again, *(ack(Type.PUBREL, pid) for pid in self.releasing))

    def publish(self, qos: int, topic: str) -> None:
        """A new message; every payload is another."""
        assert self.peer is not None
        used = {*self.open, *self.releasing}
        pid = next(n for n in range(1, 100) if n not in used)
        packet = message(topic, f"{self.name} {len(self.sent)}".encode(), qos, pid)
        self.open[pid] = packet
        self.sent.append(packet.payload)
        self.peer.say(packet)

    def read(self) -> None:
        """Take in what the broker answered."""
        assert self.peer is not None
        answers, self.peer.got = self.peer.got, []
        for each in answers:
            assert isinstance(each, Ack), each
            if each.type is Type.PUBCOMP:
                self.releasing.remove(each.packet_id)
            elif each.packet_id in self.open:
                self.taken.add(self.open.pop(each.packet_id).payload)
                if each.type is Type.PUBREC:
                    self.releasing.append(each.packet_id)
                    self.peer.say(ack(Type.PUBREL, each.packet_id))


class Delivery(RuleBasedStateMachine):
    """Two publishers (3.1.1 and 5), one durable subscriber, a broker that is killed between commits."""

    @initialize(window=st.sampled_from((1, 3, 100)), memory=st.sampled_from((150, 100_000)))
    def start(self, window: int, memory: int) -> None:
        self.rig = Rig(Limits(inflight=window, queue_memory=memory))
        self.reader: Peer | None = None
        self.seen: list[Publish] = []
        self.holding: set[int] = set()
        self.unread: list[Publish] = []
        self.publishers = [Publisher("p4", 4), Publisher("p5", V5)]
        self.connect_reader()
        assert self.reader is not None
        self.reader.say(subscribe("#", 2))
        self.connect_publishers()
        self.rig.settle()
        self.rig.automatic = False
        self.reader.got.clear()

    def connect_publishers(self) -> None:
        for each in self.publishers:
            if each.peer is None or each.peer.closed:
                each.connect(self.rig)

    def connect_reader(self) -> None:
        self.reader = self.rig.connect("hub", clean=False)
        self.reader.got = [each for each in self.reader.got if not isinstance(each, Connack)]

    @rule(who=st.integers(0, 1), qos=st.integers(1, 2), topic=st.sampled_from("ab"), count=st.integers(1, 5))
    def publish(self, who: int, qos: int, topic: str, count: int) -> None:
        publisher = self.publishers[who]
        if publisher.peer is None or publisher.peer.closed:
            return
        for _ in range(count):
            if len(publisher.open) + len(publisher.releasing) < 90:
                publisher.publish(qos, topic)

    @rule(commit=st.booleans())
    def turn(self, commit: bool) -> None:
        self.rig.deliver()
        if commit:
            self.rig.commit()

    @rule(who=st.integers(0, 1))
    def publisher_reads(self, who: int) -> None:
        publisher = self.publishers[who]
        if publisher.peer is not None and not publisher.peer.closed:
            publisher.read()

    @precondition(lambda self: self.reader is not None)
    @rule(some=st.integers(1, 4))
    def reader_reads(self, some: int) -> None:
        assert self.reader is not None
        answers, self.reader.got = self.reader.got[:some], self.reader.got[some:]
        for each in answers:
            if isinstance(each, Publish):
                self.take(each)
            elif isinstance(each, Ack) and each.type is Type.PUBREL:
                self.holding.discard(each.packet_id)
                self.reader.say(ack(Type.PUBCOMP, each.packet_id))

    def take(self, packet: Publish) -> None:
        assert self.reader is not None
        if packet.qos == 1:
            self.seen.append(packet)
            self.reader.say(ack(Type.PUBACK, packet.packet_id))
            return
        if packet.packet_id not in self.holding:
            self.holding.add(packet.packet_id)
            self.seen.append(packet)
        self.reader.say(ack(Type.PUBREC, packet.packet_id))

    @precondition(lambda self: self.reader is not None)
    @rule(politely=st.booleans())
    def reader_leaves(self, politely: bool) -> None:
        assert self.reader is not None
        if politely:
            self.reader.say(Disconnect())
        else:
            self.reader.vanish()
        self.reader = None

    @precondition(lambda self: self.reader is None)
    @rule()
    def reader_returns(self) -> None:
        self.connect_reader()

    @rule(who=st.integers(0, 1))
    def publisher_is_cut_and_returns(self, who: int) -> None:
        publisher = self.publishers[who]
        if publisher.peer is not None:
            publisher.peer.vanish()
        publisher.connect(self.rig)

    @rule()
    def broker_is_killed(self) -> None:
        self.rig.boot()
        self.reader = None
        for each in self.publishers:
            each.peer = None
        self.connect_publishers()

    @invariant()
    def quality_2_arrives_once(self) -> None:
        if hasattr(self, "seen"):
            once = [each.payload for each in self.seen if each.qos == 2]
            assert len(once) == len(set(once))

    def teardown(self) -> None:
        if not hasattr(self, "rig"):
            return
        self.rig.automatic = True
        if self.reader is None:
            self.connect_reader()
        self.connect_publishers()
        for _ in range(1000):
            self.rig.settle()
            for each in self.publishers:
                each.read()
            assert self.reader is not None
            if not self.reader.got and not any(each.open or each.releasing for each in self.publishers):
                break
            self.reader_reads(1000)
        self.rig.settle()
        self.check_everything_arrived()

    def check_everything_arrived(self) -> None:
        payloads = [each.payload for each in self.seen]
        for publisher in self.publishers:
            assert publisher.taken == set(publisher.sent)
            assert publisher.taken <= set(payloads)
        self.quality_2_arrives_once()
        assert self.rig.exchange.sessions["hub"].queued == 0
        self.check_order()

    def check_order(self) -> None:
        """The first arrivals of one publisher's messages of one topic and quality are in the order they were sent."""
        seen: set[bytes] = set()
        newest: dict[tuple[bytes, str, int], int] = {}
        for each in self.seen:
            if each.payload in seen:
                continue
            seen.add(each.payload)
            name, n = each.payload.split()
            key = (name, each.topic, each.qos)
            assert int(n) > newest.get(key, -1), key
            newest[key] = int(n)


TestDelivery = Delivery.TestCase
TestDelivery.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
