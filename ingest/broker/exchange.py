"""The middle of the broker: sessions, and the way of a message from a publisher into them. No sockets, no clock."""

from collections.abc import Callable
from enum import Enum
from typing import Protocol

from ingest.broker.encoding import encode_ack
from ingest.broker.health import Counters
from ingest.broker.index import SubscriptionIndex, Target
from ingest.broker.journal import Journal
from ingest.broker.limits import Limits
from ingest.broker.packets import Subscription, Type
from ingest.broker.reasons import Reason
from ingest.broker.records import Entry, Message, Retained, SessionRecord, Testament
from ingest.broker.retained import RetainedMessages
from ingest.broker.session import Session
from ingest.broker.store import Snapshot

Load = Callable[[int, int, int, Callable[[list[Entry]], None]], None]


class Link(Protocol):
    """A live connection as the exchange sees it; `unsettled` = replies of its that wait for the disk."""

    unsettled: int

    def send(self, data: bytes) -> None:
        """Queue bytes for the client."""
        ...

    def settle(self, data: bytes) -> None:
        """Send an acknowledgement that waited for the disk."""
        ...

    def room(self) -> int:
        """Bytes the client may be sent now; 0 while it is slow."""
        ...

    def cut(self, reason: Reason) -> None:
        """Disconnect, with the reason where the protocol has a place for it."""
        ...


class Outcome(Enum):
    """What became of a published message."""

    TAKEN = "taken"  # nobody needs the disk for it
    NOBODY = "nobody"  # no subscription matches
    DURABLE = "durable"  # acknowledge once the journal's open batch is on disk
    FULL = "full"  # a persistent session, or the retained store, is at its bound
    BUSY = "busy"  # the disk is behind, or full


class Exchange:
    """Routes messages; every time `now` is epoch milliseconds."""

    def __init__(self, limits: Limits, counters: Counters, journal: Journal, load: Load, found: Snapshot) -> None:
        self.limits = limits
        self.counters = counters
        self.journal = journal
        self.sessions: dict[str, Session] = {}
        self.links: dict[Session, Link] = {}
        self.retained = RetainedMessages(found.retained, limits)
        self.room_made = False  # a queue that was full has room again: publishers that wait may try
        self._load = load
        self._keys: dict[int, Session] = {}
        self._index: SubscriptionIndex[Session] = SubscriptionIndex()
        self._ready: dict[Session, None] = {}
        self._full: set[Session] = set()
        self._wills: dict[str, tuple[int, Testament]] = {}
        self._next_key = 1

    def restore(self, found: Snapshot, now: int, grace: int) -> None:
        """Take up the sessions and wills of the process before; wills wait `grace` ms for their clients."""
        for queue in found.queues:
            session = Session(queue.record, self.limits, self.counters, stored=True)
            session.restore(queue.progress, queue.last, queue.size)
            session.left = session.left or now
            self._next_key = max(self._next_key, session.key + 1)
            self.sessions[session.client_id] = self._keys[session.key] = session
            for subscription in session.subscriptions.values():
                self._index.add(session, subscription)
        for client_id, will in found.wills.items():
            self._wills[client_id] = (now + max(will.delay, grace), will)
        self._expire(now)

    @property
    def blocked(self) -> bool:
        """Whether some publisher cannot be served: a queue is full, or the disk is behind."""
        return bool(self._full) or self.journal.congested

    # -- sessions

    def open(self, client_id: str, clean: bool, expiry: int | None, now: int) -> tuple[Session, bool]:
        """The session of a connecting client and whether it was there before; `expiry` in seconds, None = never."""
        old = self.sessions.get(client_id)
        if old is not None and old in self.links:
            self.counters.takeovers += 1
            link = self.links[old]
            self.close(old, link, True, now)
            link.cut(Reason.SESSION_TAKEN_OVER)
            old = self.sessions.get(client_id)
        if old is not None and clean:
            self._end(old, now)
            old = None
        if old is None:
            record = SessionRecord(self._next_key, client_id, expiry, 0)
            self._next_key += 1
            session = Session(record, self.limits, self.counters, stored=expiry != 0)
        else:
            session = old
        self._cancel_will(client_id, now, published=old is None)
        self.sessions[client_id] = self._keys[session.key] = session
        session.expiry, session.left = expiry, 0
        if session.stored:
            self.journal.session(session)
        return session, old is not None

    def bind(self, session: Session, link: Link, will: Testament | None) -> None:
        """From now on `link` is the session's client."""
        self.links[session] = link
        session.will = will
        if will is not None:
            self.journal.will(session.client_id, will)
        self._ready[session] = None

    def close(self, session: Session, link: Link, lost: bool, now: int) -> None:
        """The client is gone; `lost` = without a proper DISCONNECT, so its will counts."""
        if self.links.get(session) is not link:
            return
        del self.links[session]
        session.left = now
        will, session.will = session.will, None
        ends = session.expiry == 0
        if will is not None and lost and will.delay and not ends:
            self._wills[session.client_id] = (now + will.delay, will)
        elif will is not None:
            self.journal.will(session.client_id, None)
            if lost:
                self._publish_will(will, now)
        if ends:
            self._end(session, now)
        elif session.stored:
            self.journal.session(session)

    def drop(self, client_id: str, now: int) -> bool:
        """End an abandoned session and its queue; whether there was one that is not connected."""
        session = self.sessions.get(client_id)
        if session is None or session in self.links:
            return False
        self._end(session, now)
        return True

    def _end(self, session: Session, now: int) -> None:
        self.sessions.pop(session.client_id, None)
        self._keys.pop(session.key, None)
        self._ready.pop(session, None)
        for topic_filter in session.subscriptions:
            self._index.remove(session, topic_filter)
        if session.stored:
            self.journal.end(session)
        if session in self._full:
            self._full.discard(session)
            self.room_made = True
        self._cancel_will(session.client_id, now, published=True)

    def _cancel_will(self, client_id: str, now: int, published: bool) -> None:
        # MQTT 5, 3.1.3.2.2: a waiting will is dropped when its session is taken up again, published when it ends.
        due = self._wills.pop(client_id, None)
        if due is not None:
            self.journal.will(client_id, None)
            if published:
                self._publish_will(due[1], now)

    def _publish_will(self, will: Testament, now: int) -> None:
        message = will.message
        if will.lifetime:
            message = Message(message.topic, message.payload, message.properties, now + will.lifetime)
        self.counters.wills += 1
        self.publish(message, will.qos, will.retain, None, now, force=True)

    def tick(self, now: int) -> None:
        """Wills that are due, sessions that are over; once a second is enough."""
        for client_id, (due, _) in list(self._wills.items()):
            if due <= now:
                self._cancel_will(client_id, now, published=True)
        self._expire(now)
        self.flush(now)

    def _expire(self, now: int) -> None:
        for session in list(self.sessions.values()):
            over = session.expiry is not None and session.left and now >= session.left + session.expiry * 1000
            if over and session not in self.links:
                self._end(session, now)

    # -- subscriptions

    def subscribe(self, session: Session, subscription: Subscription, now: int) -> None:
        """Add or replace a subscription and queue the retained messages it asks for; ValueError at the bound."""
        new = session.subscribe(subscription)
        self._index.add(session, subscription)
        if subscription.retain_handling == 0 or (subscription.retain_handling == 1 and new):
            self._send_retained(session, subscription, now)

    def unsubscribe(self, session: Session, topic_filter: str) -> bool:
        """Whether there was such a subscription."""
        if session.subscriptions.pop(topic_filter, None) is None:
            return False
        self._index.remove(session, topic_filter)
        return True

    def _send_retained(self, session: Session, subscription: Subscription, now: int) -> None:
        identifiers = (subscription.identifier,) if subscription.identifier else ()
        for retained in self.retained.matching(subscription.filter, now):
            qos = min(retained.qos, subscription.qos)
            if qos == 0:
                self._send_direct(session, retained.message, True, identifiers, now)
            elif session.room_for(retained.message.size):
                self._enqueue(session, retained.message, qos, True, identifiers)
            else:
                self.counters.dropped_quota += 1

    # -- messages

    def publish(
        self, message: Message, qos: int, retain: bool, source: Session | None, now: int, force: bool = False
    ) -> Outcome:
        """Route one message from `source`; FULL and BUSY mean nobody got it. `force` passes the bounds (wills)."""
        targets = self._index.targets(message.topic)
        keep = retain and self._may_keep(message, qos, force)
        if qos and not force:
            refused = self._refusal(targets, message, qos, retain, keep)
            if refused is not None:
                return refused
        durable = keep and self._keep(message, qos)
        for each in targets:
            target = each.without_local if each.session is source else each
            if target is not None:
                durable |= self._deliver(target, message, min(qos, target.qos), retain, now)
        if durable:
            return Outcome.DURABLE
        return Outcome.TAKEN if targets else Outcome.NOBODY

    def _refusal(
        self, targets: tuple[Target[Session], ...], message: Message, qos: int, retain: bool, keep: bool
    ) -> Outcome | None:
        stored = [each.session for each in targets if each.qos and each.session.stored]
        if (stored or retain) and self.journal.congested:
            return Outcome.BUSY
        full = [session for session in stored if not session.room_for(message.size)]
        if full or retain != keep:
            self._full.update(full)
            return Outcome.FULL
        return None

    def _may_keep(self, message: Message, qos: int, force: bool) -> bool:
        fits = force or not message.payload or self.retained.fits(Retained(message, qos))
        if not fits and not qos:
            self.counters.dropped_quota += 1
        return fits

    def _keep(self, message: Message, qos: int) -> bool:
        retained = Retained(message, qos)
        changed = self.retained.put(retained)
        if changed:
            self.journal.retain(message.topic, retained if message.payload else None)
        return changed

    def _deliver(self, target: Target[Session], message: Message, qos: int, retain: bool, now: int) -> bool:
        """Hand to one session; whether the disk must have it before the publisher is told."""
        session, kept = target.session, retain and target.retain_as_published
        if qos == 0:
            self._send_direct(session, message, kept, target.identifiers, now)
            return False
        if not session.stored and not session.room_for(message.size):
            # It has no claim beyond its connection, and must not hold up the devices.
            if link := self.links.get(session):
                self.counters.cut_off_slow += 1
                link.cut(Reason.QUOTA_EXCEEDED)
            return False
        self._enqueue(session, message, qos, kept, target.identifiers)
        return session.stored

    def _enqueue(
        self, session: Session, message: Message, qos: int, retain: bool, identifiers: tuple[int, ...]
    ) -> None:
        entry = session.enqueue(message, qos, retain, identifiers)
        if session.stored:
            self.journal.entry(session, entry)
        self._ready[session] = None

    def _send_direct(
        self, session: Session, message: Message, retain: bool, identifiers: tuple[int, ...], now: int
    ) -> None:
        link = self.links.get(session)
        if link is None:
            return
        if not link.room():
            self.counters.dropped_slow += 1
            return
        packet = session.direct(message, retain, identifiers, now)
        if packet is not None:
            link.send(packet)

    # -- delivery

    def acknowledged(self, session: Session, kind: Type, packet_id: int, refused: bool) -> None:
        """A PUBACK, PUBREC or PUBCOMP of a subscriber; unknown ones are late ones and mean nothing."""
        link = self.links[session]
        if kind is Type.PUBACK:
            session.puback(packet_id)
        elif kind is Type.PUBCOMP:
            session.pubcomp(packet_id)
        elif session.pubrec(packet_id, refused):
            # PUBREL lets the receiver forget the message: ours must be forgotten first, on disk.
            self.moved(session, link, encode_ack(Type.PUBREL, packet_id))
        elif not refused:
            link.send(encode_ack(Type.PUBREL, packet_id, Reason.PACKET_ID_NOT_FOUND))
        if session.stored:
            self.journal.moved(session)
        if session in self._full and session.bytes <= self.limits.queue_bytes * 0.95:
            self._full.discard(session)
            self.room_made = True
        self._ready[session] = None

    def moved(self, session: Session, link: Link, reply: bytes) -> None:
        """Send `reply` once the session's progress is on disk (at once where nothing of it is)."""
        if session.stored:
            self.journal.moved(session)
        self.reply(link, reply, session.stored)

    def reply(self, link: Link, data: bytes, durable: bool) -> None:
        """Answer a client: after the disk if `durable`, and never before an answer that already waits for it."""
        # MQTT 5, 4.6.0-2: acknowledgements keep the order of the messages.
        if durable or link.unsettled:
            link.unsettled += 1
            self.journal.reply(link, data)
        else:
            link.send(data)

    def wake(self, session: Session) -> None:
        """The client reads again."""
        self._ready[session] = None

    @property
    def busy(self) -> bool:
        """Whether `flush` has something to do."""
        return bool(self._ready)

    def flush(self, now: int) -> None:
        """Send what windows and sockets let out; a slow client is left until `wake`."""
        ready, self._ready = self._ready, {}
        for session in ready:
            link = self.links.get(session)
            if link is None:
                continue
            room = link.room()
            for packet in session.outgoing(now, room):
                link.send(packet)
                room -= len(packet)
            if session.hungry:
                self._fetch(session)
            elif room <= 0 and link.room():
                self._ready[session] = None

    def _fetch(self, session: Session) -> None:
        session.loading = True
        known = session.committed

        def deliver(entries: list[Entry]) -> None:
            session.loading = False
            session.supply(entries)
            if not entries:
                session.loaded = max(session.loaded, known)
            if session.loaded >= session.committed:
                session.supply(self.journal.pending(session.key))
            self._ready[session] = None

        self._load(session.key, session.loaded, self.limits.queue_memory, deliver)

    def committed(self) -> None:
        """The batch that was being written is on disk."""
        batch = self.journal.written()
        self.counters.commits += 1
        for link, data in batch.replies:
            link.settle(data)
        for key, entries in batch.entries.items():
            session = self._keys.get(key)
            if session is not None:
                session.committed = max(session.committed, entries[-1].seq)
                self._ready[session] = None
