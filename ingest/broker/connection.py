"""One client's conversation: what may be said when, and what is answered. No sockets, no clock of its own."""

from collections import deque
from collections.abc import Callable
from typing import Protocol

from ingest.broker.access import Access
from ingest.broker.encoding import PINGRESP, encode, encode_ack
from ingest.broker.errors import PacketError, UnsupportedVersion
from ingest.broker.exchange import Exchange, Link, Outcome
from ingest.broker.greeting import Greeting, refusal, welcome
from ingest.broker.packets import (
    V5,
    V311,
    Ack,
    Connect,
    Disconnect,
    Packet,
    Ping,
    Publish,
    Suback,
    Subscribe,
    Subscription,
    Type,
    Unsuback,
    Unsubscribe,
)
from ingest.broker.properties import Property, number
from ingest.broker.reasons import Reason
from ingest.broker.records import message_of
from ingest.broker.session import Session
from ingest.broker.topics import SHARED, valid_filter, valid_name

Refused = Callable[[str | None, str, bytes, str], None]


class Wire(Link, Protocol):
    """What a conversation needs of its connection beside being a link."""

    def verify(self, connect: Connect) -> None:
        """Have the credentials checked; `Connection.verified` is called with the answer."""
        ...

    def close(self) -> None:
        """Close after what was sent."""
        ...

    def hold(self, on: bool) -> None:
        """Read no more from the client until told otherwise."""
        ...


class Connection:
    """Takes packets in order; answers through its wire. `refused(user, topic, payload, reason)` hears of each message
    that its sender was not allowed to publish.
    """

    def __init__(
        self, exchange: Exchange, access: Access, wire: Wire, refused: Refused, new_id: Callable[[], str]
    ) -> None:
        self.session: Session | None = None
        self.user: str | None = None
        self.keep_alive = 0.0
        self.closed = False
        self.version = V311
        self.parked: deque[Publish] = deque()
        self._parked_bytes = 0
        self._exchange = exchange
        self._access = access
        self._wire = wire
        self._refused = refused
        self._new_id = new_id
        self._greeting: Greeting | None = None
        self._early: list[Packet] = []
        self._early_error: PacketError | None = None
        self._allowed: dict[str, bool] = {}

    # -- coming and going

    def take(self, packets: list[Packet], error: PacketError | None, now: int) -> None:
        """Handle packets, then the error that ended the stream, if one did; `now` in epoch ms."""
        try:
            for packet in packets:
                if self.closed:
                    return
                self._handle(packet, now)
            if error is not None and not self.closed:
                if self._checking:
                    self._early_error = error
                else:
                    raise error
        except UnsupportedVersion as wrong:
            self._exchange.counters.refused_connects += 1
            self.version = V5 if wrong.version > V5 else V311
            self._wire.send(refusal(self.version, Reason.UNSUPPORTED_VERSION))
            self.lost(now)
        except PacketError as wrong:
            self._exchange.counters.packet_errors += 1
            self.end(wrong.reason, now)

    @property
    def _checking(self) -> bool:
        return self._greeting is not None and self.session is None

    def verified(self, known: bool, now: int) -> None:
        """The credentials of the CONNECT were checked."""
        greeting = self._greeting
        if greeting is None or self.closed:
            return
        if not known:
            self._refuse(Reason.BAD_CREDENTIALS, now)
            return
        if greeting.will is not None and not self._may_publish(greeting.will.message.topic):
            self._refuse(Reason.NOT_AUTHORIZED, now)
            return
        session, present = self._exchange.open(greeting.client_id, greeting.clean, greeting.expiry, now)
        self.session = session
        self._exchange.counters.connects += 1
        self._wire.send(welcome(greeting, present))
        window = greeting.window or self._exchange.limits.inflight
        for packet in session.attach(self.version, window, greeting.max_packet):
            self._wire.send(packet)
        self._exchange.bind(session, self._wire, greeting.will)
        early, self._early = self._early, []
        self.take(early, self._early_error, now)

    def end(self, reason: Reason, now: int, lost: bool = True) -> None:
        """Disconnect the client for `reason`."""
        if self.closed:
            return
        if self.version == V5 and self.session is not None:
            self._wire.send(encode(Disconnect(reason), V5))
        self.lost(now, lost)

    def lost(self, now: int, lost: bool = True) -> None:
        """The connection is over; `lost` = not by a proper DISCONNECT of the client."""
        if self.closed:
            return
        self.closed = True
        self.parked.clear()
        if self.session is not None:
            self._exchange.close(self.session, self._wire, lost, now)
        self._wire.close()

    def _refuse(self, reason: Reason, now: int) -> None:
        self._exchange.counters.refused_connects += 1
        self._wire.send(refusal(self.version, reason))
        self.lost(now)

    # -- packets

    def _handle(self, packet: Packet, now: int) -> None:
        session = self.session
        if session is None:
            if self._checking:
                self._early.append(packet)  # what follows the CONNECT waits until its credentials are checked
            else:
                self._first(packet, now)
            return
        match packet:
            case Publish():
                self._publish(session, packet, now)
            case Ack(type=Type.PUBREL):
                session.received.discard(packet.packet_id)
                self._exchange.moved(session, self._wire, encode_ack(Type.PUBCOMP, packet.packet_id))
            case Ack():
                self._exchange.acknowledged(session, packet.type, packet.packet_id, packet.code >= 0x80)
            case Ping(response=False):
                self._wire.send(PINGRESP)
            case Subscribe():
                self._subscribe(session, packet, now)
            case Unsubscribe():
                self._unsubscribe(session, packet)
            case Disconnect():
                self._disconnect(session, packet, now)
            case _:
                raise PacketError(f"{type(packet).__name__} may not come from a connected client")

    def _first(self, packet: Packet, now: int) -> None:
        if not isinstance(packet, Connect):
            raise PacketError("the first packet must be CONNECT")
        self.version, self.user = packet.version, packet.user
        try:
            self._greeting = Greeting.of(packet, self._new_id, self._exchange.limits)
        except PacketError as wrong:
            self._refuse(wrong.reason, now)
            return
        self.keep_alive = packet.keep_alive * 1.5  # 3.1.2.10: one and a half times the keep alive
        self._wire.verify(packet)

    def _disconnect(self, session: Session, packet: Disconnect, now: int) -> None:
        expiry = number(packet.properties, Property.SESSION_EXPIRY, -1)
        if expiry >= 0:
            if expiry and not session.stored:
                raise PacketError("a session that was to end cannot be kept after all")  # 3.14.2.2.2
            session.expiry = None if expiry == 0xFFFFFFFF else expiry
        self.lost(now, packet.code != Reason.SUCCESS)  # 3.14.4-3: only a normal one removes the will

    # -- publishing

    def _publish(self, session: Session, packet: Publish, now: int) -> None:
        self._exchange.counters.received += 1
        if number(packet.properties, Property.TOPIC_ALIAS, 0):
            raise PacketError("no topic aliases are offered", Reason.TOPIC_ALIAS_INVALID)
        if number(packet.properties, Property.SUBSCRIPTION_ID, 0):
            raise PacketError("a client may not send a subscription identifier")
        if self.parked and packet.qos:
            self._park(packet)  # behind those that already wait, so that order holds
        else:
            self._route(session, packet, now)

    def _route(self, session: Session, packet: Publish, now: int) -> bool:
        """Whether the message was dealt with; otherwise it is parked."""
        if packet.qos == 2 and packet.packet_id in session.received:
            self._exchange.moved(session, self._wire, encode_ack(Type.PUBREC, packet.packet_id))
            return True
        if not valid_name(packet.topic) or not self._may_publish(packet.topic):
            self._refuse_publish(packet, now)
            return True
        outcome = self._exchange.publish(message_of(packet, now), packet.qos, packet.retain, session, now)
        if packet.qos == 0:
            return True
        if outcome is Outcome.BUSY or (outcome is Outcome.FULL and self.version != V5):
            self._park(packet, again=True)
            return False
        code = Reason.SUCCESS
        if outcome is Outcome.FULL:
            self._exchange.counters.quota_refusals += 1
            code = Reason.QUOTA_EXCEEDED
        elif outcome is Outcome.NOBODY:
            code = Reason.NO_MATCHING_SUBSCRIBERS
        self._acknowledge(session, packet, code, outcome is Outcome.DURABLE)
        return True

    def _acknowledge(self, session: Session, packet: Publish, code: Reason, durable: bool) -> None:
        kind = Type.PUBREC if packet.qos == 2 else Type.PUBACK
        if packet.qos == 2 and code < Reason.UNSPECIFIED:
            session.received.add(packet.packet_id)
            if session.stored:
                self._exchange.journal.moved(session)
                durable = True
        self._exchange.reply(self._wire, encode_ack(kind, packet.packet_id, code, self.version), durable)

    def _refuse_publish(self, packet: Publish, now: int) -> None:
        bad_name = not valid_name(packet.topic)
        reason = Reason.TOPIC_NAME_INVALID if bad_name else Reason.NOT_AUTHORIZED
        self._exchange.counters.refused_publishes += 1
        self._refused(self.user, packet.topic, packet.payload, "topic_invalid" if bad_name else "not_authorized")
        if self.version != V5:
            self.end(reason, now)
        elif packet.qos and self.session is not None:
            self._acknowledge(self.session, packet, reason, False)

    def _may_publish(self, topic: str) -> bool:
        allowed = self._allowed.get(topic)
        if allowed is None:
            if len(self._allowed) >= 1024:
                self._allowed.clear()
            allowed = self._allowed[topic] = self._access.may_publish(self.user, topic)
        return allowed

    def access_changed(self) -> None:
        """Ask again what this client may do."""
        self._allowed.clear()

    # -- waiting publishers

    def _park(self, packet: Publish, again: bool = False) -> None:
        """Keep a message until there is room; the socket is read no more once enough of them wait."""
        if again:
            self.parked.appendleft(packet)
        else:
            self.parked.append(packet)
        if len(self.parked) == 1:
            self._exchange.counters.pauses += 1
        self._parked_bytes += len(packet.payload) + 64
        self._wire.hold(self._parked_bytes > self._exchange.limits.parked_bytes)

    def retry(self, now: int) -> bool:
        """Try the waiting messages again; whether all of them went."""
        while self.parked and self.session is not None and not self.closed:
            packet = self.parked.popleft()
            self._parked_bytes -= len(packet.payload) + 64
            if not self._route(self.session, packet, now):
                return False
        self._wire.hold(False)
        return True

    # -- subscribing

    def _subscribe(self, session: Session, packet: Subscribe, now: int) -> None:
        codes = tuple(self._grant(session, each, now) for each in packet.subscriptions)
        if session.stored:
            self._exchange.journal.session(session)
        self._exchange.reply(self._wire, encode(Suback(packet.packet_id, codes), self.version), session.stored)

    def _grant(self, session: Session, wanted: Subscription, now: int) -> int:
        reason: int = wanted.qos
        if wanted.filter.startswith(SHARED):
            reason = Reason.SHARED_SUBSCRIPTIONS_UNSUPPORTED
        elif not valid_filter(wanted.filter):
            reason = Reason.TOPIC_FILTER_INVALID
        elif not self._access.may_subscribe(self.user, wanted.filter):
            reason = Reason.NOT_AUTHORIZED
        else:
            try:
                self._exchange.subscribe(session, wanted, now)
            except ValueError:
                reason = Reason.QUOTA_EXCEEDED
        if reason < Reason.UNSPECIFIED:
            return reason
        self._exchange.counters.refused_subscribes += 1
        return reason if self.version == V5 else Reason.UNSPECIFIED

    def _unsubscribe(self, session: Session, packet: Unsubscribe) -> None:
        codes = []
        for topic_filter in packet.filters:
            known = self._exchange.unsubscribe(session, topic_filter)
            codes.append(Reason.SUCCESS if known else Reason.NO_SUBSCRIPTION_EXISTED)
        if session.stored:
            self._exchange.journal.session(session)
        found = tuple(codes) if self.version == V5 else ()
        self._exchange.reply(self._wire, encode(Unsuback(packet.packet_id, found), self.version), session.stored)
