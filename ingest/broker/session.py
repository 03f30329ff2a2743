"""One client's session: what is to be sent, what is on its way, what was taken. No sockets, no clock of its own."""

from collections import deque
from collections.abc import Iterable

from ingest.broker.encoding import encode_ack, encode_publish
from ingest.broker.health import Counters
from ingest.broker.limits import Limits
from ingest.broker.packets import V5, V311, Publish, Subscription, Type
from ingest.broker.properties import Property, write_pairs
from ingest.broker.records import Entry, Message, Progress, SessionRecord, Testament

IDENTIFIERS = 65_535
UNLIMITED = 1 << 32


def packet_id(seq: int) -> int:
    """The packet identifier of an entry. It follows from the sequence number, so it is the same after a restart:
    a QoS 2 receiver then knows the message again.
    """
    return (seq - 1) % IDENTIFIERS + 1


class Session:
    """State of one client id; `stored` sessions outlive the connection and the broker's process.

    `last` is the newest sequence number, `committed` the newest on disk, `loaded` the newest held in memory: between
    `loaded` and `last` the queue exists on disk alone.
    """

    def __init__(self, record: SessionRecord, limits: Limits, counters: Counters, stored: bool) -> None:
        self.key = record.key
        self.client_id = record.client_id
        self.expiry = record.expiry
        self.left = record.left
        self.stored = stored
        self.subscriptions = {each.filter: each for each in record.subscriptions}
        self.will: Testament | None = None
        self.received: set[int] = set()
        self.low = self.sent = self.last = self.committed = self.loaded = 0
        self.bytes = 0
        self.loading = False
        self._limits = limits
        self._counters = counters
        self._done: set[int] = set()
        self._queue: deque[Entry] = deque()
        self._held = 0
        self._inflight: dict[int, Entry] = {}
        self._inflight_bytes = 0
        self._released: dict[int, int] = {}
        self.attach(V311, limits.inflight, UNLIMITED)

    def restore(self, progress: Progress, last: int, size: int) -> None:
        """Take up what the disk remembers: `last` and `size` (bytes) of its queue."""
        self.low = self.loaded = progress.low
        self.last = self.committed = max(last, progress.low, progress.sent, *progress.done, *progress.released)
        self.sent = progress.sent
        self.bytes = size
        self.received = set(progress.received)
        self._done = set(progress.done)
        self._released = {packet_id(seq): seq for seq in progress.released}

    def record(self) -> SessionRecord:
        """What the disk must remember beside the queue."""
        return SessionRecord(self.key, self.client_id, self.expiry, self.left, tuple(self.subscriptions.values()))

    def progress(self) -> Progress:
        """What the disk must remember of the queue's head."""
        done, released = tuple(sorted(self._done)), tuple(self._released.values())
        return Progress(self.low, self.sent, done, released, tuple(self.received))

    @property
    def queued(self) -> int:
        """Entries not yet delivered to the end."""
        return self.last - self.low - len(self._done)

    @property
    def hungry(self) -> bool:
        """Whether the next entries must be read back from disk."""
        return not self._queue and self.loaded < self.committed and not self.loading

    def attach(self, version: int, window: int, max_packet: int) -> list[bytes]:
        """A connection takes the session up; answers what must be sent first (MQTT 5, 4.4: PUBREL again)."""
        self._version = version
        self._window = window
        self._max_packet = max_packet
        for entry in sorted(self._inflight.values(), key=lambda each: each.seq, reverse=True):
            self._queue.appendleft(entry)
            self._held += entry.message.size
        self._inflight.clear()
        self._inflight_bytes = 0
        return [encode_ack(Type.PUBREL, pid) for pid in self._released]

    def room_for(self, size: int) -> bool:
        """Whether the quota lets in another message of `size` bytes; an empty queue takes any."""
        quota = self._limits.queue_bytes if self.stored else self._limits.transient_bytes
        return not self.bytes or self.bytes + size <= quota

    def enqueue(self, message: Message, qos: int, retain: bool, identifiers: tuple[int, ...]) -> Entry:
        """Append a message at QoS 1 or 2."""
        spilled = self.loaded != self.last
        self.last += 1
        entry = Entry(self.last, qos, retain, identifiers, message)
        size = message.size
        self.bytes += size
        if not self.stored or (not spilled and (not self._queue or self._held + size <= self._limits.queue_memory)):
            self._queue.append(entry)
            self._held += size
            self.loaded = self.last
        return entry

    def supply(self, entries: Iterable[Entry]) -> None:
        """Entries read back from disk, or still on their way there, in order."""
        for entry in entries:
            if entry.seq <= self.loaded:
                continue
            self.loaded = entry.seq
            if entry.seq > self.low and entry.seq not in self._done and packet_id(entry.seq) not in self._released:
                self._queue.append(entry)
                self._held += entry.message.size

    def outgoing(self, now: int, room: int) -> list[bytes]:
        """The PUBLISH packets that the window lets out now (epoch ms), about `room` bytes of them."""
        out: list[bytes] = []
        queue, inflight = self._queue, self._inflight
        while queue and room > 0 and len(inflight) + len(self._released) < self._window:
            entry = queue[0]
            size = entry.message.size
            if inflight and self._inflight_bytes + size > self._limits.inflight_bytes:
                break
            # A QoS 2 entry goes out only once its number is on disk: a crash must not give the number to another.
            # The span keeps packet identifiers apart.
            if (entry.qos == 2 and self.stored and entry.seq > self.committed) or entry.seq - self.low > IDENTIFIERS:
                break
            queue.popleft()
            self._held -= size
            packet = self._packet(entry, now)
            if packet is None:
                self._finish(entry.seq, size)
                continue
            inflight[packet_id(entry.seq)] = entry
            self._inflight_bytes += size
            self.sent = max(self.sent, entry.seq)
            room -= len(packet)
            out.append(packet)
        return out

    def _packet(self, entry: Entry, now: int) -> bytes | None:
        message = entry.message
        if message.expires and message.expires <= now:
            self._counters.dropped_expired += 1
            return None
        again = entry.seq <= self.sent
        packet = self.publish_bytes(
            message, entry.qos, entry.retain, entry.identifiers, now, packet_id(entry.seq), again
        )
        if len(packet) > self._max_packet:
            self._counters.dropped_too_large += 1
            return None
        self._counters.sent += 1
        return packet

    def direct(self, message: Message, retain: bool, identifiers: tuple[int, ...], now: int) -> bytes | None:
        """A QoS 0 PUBLISH, which no session keeps; None where the client cannot take it."""
        packet = self.publish_bytes(message, 0, retain, identifiers, now, 0, False)
        if len(packet) > self._max_packet:
            self._counters.dropped_too_large += 1
            return None
        self._counters.sent += 1
        return packet

    def publish_bytes(
        self, message: Message, qos: int, retain: bool, identifiers: tuple[int, ...], now: int, pid: int, dup: bool
    ) -> bytes:
        """The message as this client's protocol version writes it."""
        pairs = b""
        if self._version == V5:
            pairs = message.properties
            if identifiers:
                pairs = write_pairs(tuple((Property.SUBSCRIPTION_ID, each) for each in identifiers)) + pairs
            if message.expires:
                # 3.3.2.3.3: the lifetime that is left, not the one that was set.
                pairs = write_pairs(((Property.MESSAGE_EXPIRY, max(0, message.expires - now) // 1000),)) + pairs
        return encode_publish(Publish(message.topic, message.payload, qos, retain, dup, pid), pairs, self._version)

    def puback(self, pid: int) -> bool:
        """The client has a QoS 1 message; whether it was on its way."""
        entry = self._inflight.get(pid)
        if entry is None or entry.qos != 1:
            return False
        self._land(pid, entry)
        self._finish(entry.seq, entry.message.size)
        return True

    def pubrec(self, pid: int, refused: bool) -> bool:
        """The client has a QoS 2 message (or refuses it: that ends it). Whether a PUBREL must follow, once on disk."""
        entry = self._inflight.get(pid)
        if entry is None or entry.qos != 2:
            return pid in self._released and not refused
        self._land(pid, entry)
        if refused:
            self._finish(entry.seq, entry.message.size)
            return False
        self.bytes -= entry.message.size
        self._released[pid] = entry.seq
        return True

    def pubcomp(self, pid: int) -> bool:
        """The client has let go of a QoS 2 message."""
        seq = self._released.pop(pid, None)
        if seq is None:
            return False
        self._finish(seq, 0)
        return True

    def _land(self, pid: int, entry: Entry) -> None:
        del self._inflight[pid]
        self._inflight_bytes -= entry.message.size

    def _finish(self, seq: int, size: int) -> None:
        self.bytes -= size
        self._done.add(seq)
        while self.low + 1 in self._done:
            self.low += 1
            self._done.discard(self.low)
        if self.low == self.last:
            self.bytes = 0

    def subscribe(self, subscription: Subscription) -> bool:
        """Add or replace; whether the filter is new. Full sessions refuse by ValueError."""
        new = subscription.filter not in self.subscriptions
        if new and len(self.subscriptions) >= self._limits.subscriptions:
            raise ValueError(f"a session may hold {self._limits.subscriptions} subscriptions")
        self.subscriptions[subscription.filter] = subscription
        return new
