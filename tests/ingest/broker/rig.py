"""The pure broker on a real store, without sockets: commits, crashes and time happen when a test says so."""

from collections import deque
from collections.abc import Callable
from pathlib import Path

from ingest.broker.access import Access, AllowAll
from ingest.broker.connection import Connection
from ingest.broker.encoding import encode
from ingest.broker.exchange import Exchange
from ingest.broker.health import Counters
from ingest.broker.journal import Batch, Journal
from ingest.broker.limits import Limits
from ingest.broker.packets import (
    V5,
    V311,
    Ack,
    Connack,
    Connect,
    Packet,
    Publish,
    Suback,
    Subscribe,
    Subscription,
    Type,
)
from ingest.broker.properties import Properties
from ingest.broker.reasons import Reason
from ingest.broker.records import Entry
from ingest.broker.store import Store
from ingest.broker.stream import PacketStream


class Peer:
    """A client and its connection in one: `say` packets, look at `got`."""

    def __init__(self, rig: "Rig", version: int) -> None:
        self.unsettled = 0
        self.got: list[Packet] = []
        self.closed = False
        self.slow = False
        self.held = False
        self.version = version
        self._rig = rig
        self._in = PacketStream()
        self._out = PacketStream(version)
        self.connection = Connection(rig.exchange, rig.access, self, rig.note_refused, lambda: f"auto-{rig.next_id()}")
        rig.peers.append(self)

    def say(self, *packets: Packet) -> "Peer":
        """Send packets, as the client would."""
        return self.say_bytes(b"".join(encode(each, self.version) for each in packets))

    def say_bytes(self, data: bytes) -> "Peer":
        """Send anything."""
        packets = self._in.feed(data)
        self.connection.take(packets, self._in.error, self._rig.now)
        if self._rig.automatic:
            self._rig.settle()
        return self

    def vanish(self) -> None:
        """The network is gone."""
        self.closed = True
        self.connection.lost(self._rig.now)

    def published(self) -> list[Publish]:
        """The messages received, taken out of `got`."""
        found = [each for each in self.got if isinstance(each, Publish)]
        self.got = [each for each in self.got if not isinstance(each, Publish)]
        return found

    def acks(self) -> list[Ack]:
        """The acknowledgements received so far."""
        return [each for each in self.got if isinstance(each, Ack)]

    # -- Wire

    def send(self, data: bytes) -> None:
        if not self.closed:
            self.got.extend(self._out.feed(data))

    def settle(self, data: bytes) -> None:
        self.unsettled -= 1
        self.send(data)

    def room(self) -> int:
        return 0 if self.slow else 1 << 20

    def cut(self, reason: Reason) -> None:
        self.connection.end(reason, self._rig.now)

    def verify(self, connect: Connect) -> None:
        known = self._rig.access.authenticate(connect.client_id, connect.user, connect.password)
        self.connection.verified(known, self._rig.now)

    def close(self) -> None:
        self.closed = True

    def hold(self, on: bool) -> None:
        self.held = on


class Rig:
    """A broker whose disk writes when told to (`automatic`: at once) and whose clock is `now` (epoch ms)."""

    def __init__(self, limits: Limits | None = None, access: Access | None = None) -> None:
        self.limits = limits or Limits()
        self.access = access or AllowAll()
        self.store = Store(Path(":memory:"))
        self.now = 1_767_225_600_000
        self.automatic = True
        self.refused: list[tuple[str | None, str, bytes, str]] = []
        self._ids = 0
        self.boot()

    def boot(self) -> None:
        """Start a broker on what the store holds; whatever was not committed is forgotten, as after a kill."""
        self.peers: list[Peer] = []
        self.counters = Counters()
        self._batches: deque[Batch] = deque()
        self._loads: deque[Callable[[], None]] = deque()
        journal = Journal(self._batches.append, lambda: None, self.limits.waiting_bytes)
        found = self.store.snapshot()
        self.exchange = Exchange(self.limits, self.counters, journal, self._load, found)
        self.exchange.restore(found, self.now, 0)

    def _load(self, key: int, after: int, room: int, deliver: Callable[[list[Entry]], None]) -> None:
        self._loads.append(lambda: deliver(self.store.load(key, after, room)))

    def deliver(self) -> None:
        """One turn of the loop: send what may go, hand over what waits. Nothing is committed."""
        if self.exchange.room_made:
            self.exchange.room_made = False
            for peer in self.peers:
                if peer.connection.parked:
                    peer.connection.retry(self.now)
        self.exchange.flush(self.now)
        self.exchange.journal.hand_over()

    def commit(self) -> bool:
        """The store does what was asked of it by now; whether there was anything."""
        if not self._batches and not self._loads:
            return False
        while self._batches:
            congested = self.exchange.journal.congested
            self.store.commit(self._batches.popleft())
            self.exchange.committed()
            self.exchange.room_made |= congested
        while self._loads:
            self._loads.popleft()()
        return True

    def settle(self) -> None:
        """Turn and commit until nothing is left to do."""
        self.deliver()
        while self.commit() or self.exchange.busy or self.exchange.room_made:
            self.deliver()

    def pass_time(self, seconds: float) -> None:
        """Let time pass, then tick."""
        self.now += int(seconds * 1000)
        self.exchange.tick(self.now)
        self.settle()

    def next_id(self) -> int:
        """Numbers instead of chance."""
        self._ids += 1
        return self._ids

    def note_refused(self, user: str | None, topic: str, payload: bytes, reason: str) -> None:
        """The callback for refused messages."""
        self.refused.append((user, topic, payload, reason))

    def connect(self, client_id: str, version: int = V311, *, clean: bool = True, **asked: object) -> Peer:
        """A connected client; `got` starts empty, `connack` has the answer."""
        peer = Peer(self, version)
        peer.say(make_connect(client_id, version, clean, asked))
        return peer


def make_connect(client_id: str, version: int, clean: bool, asked: dict[str, object]) -> Connect:
    """A CONNECT with more fields by name."""
    fields: dict[str, object] = {"version": version, "client_id": client_id, "clean": clean, **asked}
    return Connect(**fields)  # type: ignore[arg-type]  # the fields' types are checked by the tests that give them


def connack(peer: Peer) -> Connack:
    """The answer to the CONNECT."""
    answer = peer.got[0]
    assert isinstance(answer, Connack)
    return answer


def subscribe(topic_filter: str, qos: int = 0, **options: object) -> Subscribe:
    """A SUBSCRIBE for one filter."""
    fields: dict[str, object] = {"filter": topic_filter, "qos": qos, **options}
    return Subscribe(1, (Subscription(**fields),))  # type: ignore[arg-type]  # as above


def message(topic: str, payload: bytes = b"x", qos: int = 0, pid: int = 0, **more: object) -> Publish:
    """A PUBLISH."""
    fields: dict[str, object] = {"topic": topic, "payload": payload, "qos": qos, "packet_id": pid, **more}
    return Publish(**fields)  # type: ignore[arg-type]  # as above


def ack(kind: Type, pid: int, code: int = 0) -> Ack:
    """An acknowledgement."""
    return Ack(kind, pid, code)


def durable(rig: Rig, client_id: str, version: int = V311, **asked: object) -> Peer:
    """A client with a session that stays, subscribed to everything at QoS 2."""
    more = {"properties": FOREVER, **asked} if version == V5 else asked
    peer = rig.connect(client_id, version, clean=False, **more)
    if not connack(peer).session_present:
        peer.say(subscribe("#", 2))
    peer.got = [each for each in peer.got if not isinstance(each, Connack | Suback)]
    return peer


FOREVER: Properties = ((17, 0xFFFFFFFF),)
__all__ = ["FOREVER", "V5", "V311", "Peer", "Rig", "ack", "connack", "durable", "make_connect", "message", "subscribe"]
