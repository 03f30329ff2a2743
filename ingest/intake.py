"""The one way in: what MQTT, HTTP and a retry bring is decoded, gathered, made durable in one append, and only then
acknowledged.
"""

import itertools
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from hub.bus import Bus, Message
from hub.catalogue import Catalogue
from hub.clock import Clock
from hub.dead_letter import DeadLetter
from hub.errors import BusUnavailable, Refused
from hub.settings import IngestSection
from hub.topics import OBSERVATIONS
from ingest.changes import Changes
from ingest.codec import Arrival, Taken
from ingest.codecs import position, telemetry
from ingest.counters import Counters
from ingest.document import check_size
from ingest.fast import FastPath
from ingest.gathered import Gathered, Stamp
from ingest.outbound import Outbound, append
from ingest.register import Register
from ingest.router import Route, Router

TICK_MS: Final = 900
"""Between two empty batches of a partition: with a loop's own delay still at least one a second."""

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(slots=True)
class Deliveries:
    """Messages as one read of the broker brought them, in columns; a token of 0 needs no acknowledgement.

    `extras` holds, by place, the user properties and the retained flag of the few messages that have any;
    `waited` is for how many seconds the first of them may have lain unread.
    """

    topics: list[bytes] = field(default_factory=list)
    payloads: list[bytes] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    extras: dict[int, tuple[Mapping[str, str], bool]] = field(default_factory=dict)
    waited: float = 0.0

    def __len__(self) -> int:
        return len(self.topics)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one message that was taken at once: all of it is durable. Each refusal is (reason, detail)."""

    readings: int
    values: int
    events: int
    pictures: int
    refusals: tuple[tuple[str, str], ...]

    @property
    def accepted(self) -> bool:
        """Whether anything was stored, or there was nothing to refuse."""
        return not self.refusals or bool(self.readings or self.events or self.pictures)


class Intake:
    """One per process, named `source` in its batches; all methods may be called from any thread."""

    def __init__(
        self,
        bus: Bus,
        register: Register,
        settings: IngestSection,
        clock: Clock,
        *,
        source: str,
        router: Router | None = None,
        fast: bool = True,
    ) -> None:
        self._bus = bus
        self._register = register
        self._settings = settings
        self._clock = clock
        self._source = source
        self._router = router or Router()
        self._partitions = bus.partitions(OBSERVATIONS)
        self._gathered = Gathered(self._partitions)
        self._fast = FastPath(self._gathered, settings.max_payload) if fast else None
        self._outbound = Outbound(bus, clock)
        self._changes = Changes()
        self._sequence = itertools.count(1)
        self._last_tick = -float("inf")
        # Whoever takes waits for nobody who sends: an append may last as long as the bus is away. Sending is locked first.
        self._lock = threading.RLock()
        self._sending = threading.RLock()
        self.counters = Counters()

    @property
    def register(self) -> Register:
        """The register as this intake follows it."""
        return self._register

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue in force."""
        return self._register.catalogue

    def take(self, arrived: Deliveries, source: str = "mqtt") -> None:
        """Decode and gather messages; they are durable, and their tokens come back, with a later `flush`."""
        with self._lock:
            self._refresh()
            received = self._clock.now()
            self.counters.received += len(arrived)
            if arrived and self._gathered.oldest is None:
                self._gathered.oldest = self._clock.monotonic() - arrived.waited
            self._gathered.waiting += [token for token in arrived.tokens if token]
            places: Sequence[int] = range(len(arrived))
            if self._fast is not None:
                places = self._fast.take(arrived.topics, arrived.payloads, received + self._settings.future_ms)
            for place in places:
                properties, retained = arrived.extras.get(place, (_NOTHING, False))
                topic = arrived.topics[place]
                arrival = Arrival(
                    arrived.payloads[place], received, received + self._settings.future_ms, (), properties, retained
                )
                self._take_one(self._gathered, topic, arrival, source)

    def take_now(
        self,
        topic: str,
        payload: bytes,
        *,
        source: str,
        properties: Mapping[str, str] = _NOTHING,
        received: int | None = None,
        retried: str = "",
    ) -> Receipt:
        """Take one message and wait until it is durable, dead letter included; a retry gives the time it first came.

        Raises:
            BusUnavailable: nothing is known to be durable; the sender must try again.
        """
        with self._lock:
            self._refresh()
            now = self._clock.now()
            gathered = Gathered(self._partitions)
            arrival = Arrival(
                payload, now if received is None else received, now + self._settings.future_ms, (), properties
            )
            self.counters.received += 1
            taken = self._take_one(gathered, topic.encode(errors="replace"), arrival, source, retried)
        return self._append_now(gathered, [taken], now)

    def keep_now(self, read: Sequence[tuple[str, Taken, bytes]], letter: DeadLetter, retried: str) -> Receipt:
        """Store what a field protocol reads again from a dead letter (station, what it became, a picture's bytes) and wait until it is durable.

        Raises:
            BusUnavailable: nothing is known to be durable.
        """
        with self._lock:
            now, received = self._clock.now(), letter.received
            gathered = Gathered(self._partitions)
            self.counters.received += 1
            for station, taken, picture in read:
                self._keep(gathered, station, taken, Arrival(picture, received, now))
                if taken.refusals:
                    why = taken.explain()
                    self._letter(
                        gathered, letter.topic, letter.payload, received, *why, letter.source, station, retried
                    )
        return self._append_now(gathered, [taken for _, taken, _ in read], now)

    def take_read(
        self,
        station: str,
        taken: Taken,
        raw: bytes,
        *,
        source: str,
        topic: str,
        token: int = 0,
        picture: bytes = b"",
    ) -> None:
        """Gather what a field protocol has read from `raw`; durable, and the token back, with a later `flush`."""
        with self._lock:
            now = self._clock.now()
            self._refresh()
            self._count_in(token)
            if taken.events and taken.readings and "/vehicle/" in station:
                taken.events = self._changes.news(station, taken)
            self._keep(self._gathered, station, taken, Arrival(picture, now, now))
            if taken.refusals:
                reason, detail = taken.explain()
                self._letter(self._gathered, topic, raw, now, reason, detail, source, station)

    def turn_down(
        self, station: str, raw: bytes, reason: str, detail: str, *, source: str, topic: str, token: int = 0
    ) -> None:
        """Make a dead letter of a field protocol's frame; durable, and the token back, with a later `flush`."""
        with self._lock:
            self._count_in(token)
            self._letter(self._gathered, topic, raw, self._clock.now(), reason, detail, source, station)

    def say(self, message: Message) -> None:
        """Send something of the process's own along with the next `flush`."""
        with self._lock:
            self._gathered.add_message(message)

    def refuse(self, topic: str, payload: bytes, reason: str, detail: str, source: str) -> None:
        """Make a dead letter of a message that somebody else refused; durable with the next `flush`."""
        with self._lock:
            self.counters.received += 1
            self._letter(self._gathered, topic, payload, self._clock.now(), reason, detail, source)

    def due(self) -> bool:
        """Whether what is gathered should go to the bus now."""
        gathered, settings = self._gathered, self._settings
        if gathered.rows >= settings.flush_rows or gathered.size >= settings.flush_bytes:
            return True
        if gathered.oldest is not None:
            return (self._clock.monotonic() - gathered.oldest) * 1000 >= settings.flush_ms
        return bool(gathered)

    def wait(self, longest: float, *, connected: bool) -> float:
        """Seconds until something is due, at most `longest`."""
        now = self._clock.monotonic()
        if connected:
            longest = min(longest, TICK_MS / 1000 - (now - self._last_tick / 1000))
        if self._gathered.oldest is not None:
            longest = min(longest, self._settings.flush_ms / 1000 - (now - self._gathered.oldest))
        return max(0.0, longest)

    def flush(self, *, connected: bool = False) -> list[int]:
        """Append what is gathered, and once a second an empty batch to every partition while `connected`; the tokens
        that are durable now.

        When the bus is away everything is kept and tried again at later calls, with growing waits.
        """
        with self._sending:
            with self._lock:
                ticks = connected and self._clock.monotonic() * 1000 - self._last_tick >= TICK_MS
                if ticks:
                    self._last_tick = self._clock.monotonic() * 1000
                if self._gathered or ticks:
                    stamp = self._stamp(self._clock.now())
                    self._outbound.put(self._gathered.drain(stamp, self._settings.flush_bytes, ticks=ticks))
                    if self._gathered.shapes_grew() and self._fast is not None:
                        self._fast.clear()
            return self._outbound.send(self.counters)

    def tick_due(self) -> bool:
        """Whether the partitions wait for a sign of life."""
        return self._clock.monotonic() * 1000 - self._last_tick >= TICK_MS

    def forget_tokens(self) -> None:
        """A new connection began: tokens of the old one may mean other messages now. What was gathered is kept."""
        with self._sending, self._lock:
            self._gathered.waiting.clear()
            self._outbound.forget_tokens()

    @property
    def held(self) -> int:
        """Bytes that wait for the bus."""
        return self._gathered.size + self._outbound.size

    @property
    def stalled(self) -> bool:
        """Whether the bus did not take what it was last given."""
        return self._outbound.stalled

    @property
    def oldest_age(self) -> float:
        """Seconds since the oldest message that is not durable came."""
        ages = [moment for moment in (self._gathered.oldest, self._outbound.oldest) if moment is not None]
        return self._clock.monotonic() - min(ages) if ages else 0.0

    def health(self) -> tuple[bool, str]:
        """Whether messages become durable, and if not why."""
        return not self.stalled, self._outbound.trouble

    def _refresh(self) -> None:
        if self._register.refresh() and self._fast is not None:
            self._fast.clear()

    def _stamp(self, now: int) -> Stamp:
        return Stamp(self._source, now, self._register.version, self._sequence)

    def _count_in(self, token: int) -> None:
        self.counters.received += 1
        if self._gathered.oldest is None:
            self._gathered.oldest = self._clock.monotonic()
        if token:
            self._gathered.waiting.append(token)

    def _take_one(self, gathered: Gathered, topic: bytes, arrival: Arrival, source: str, retried: str = "") -> Taken:
        name = topic.decode(errors="replace")
        station, taken = "", Taken()
        try:
            check_size(arrival.payload, self._settings.max_payload)
            route = self._router.route(name, arrival.payload)
            if route is None:
                self.counters.ignored += 1
                return taken
            station = route.station
            taken = self._decode(topic, route, arrival)
        except Refused as refused:
            taken.refusals.append(refused)
        self._keep(gathered, station, taken, arrival)
        if taken.refusals:
            reason, detail = taken.explain()
            self._letter(gathered, name, arrival.payload, arrival.received, reason, detail, source, station, retried)
        return taken

    def _decode(self, topic: bytes, route: Route, arrival: Arrival) -> Taken:
        entry = self._register.entry(route.station)
        if self._fast is not None and route.ordinary and route.message == telemetry.MESSAGE:
            self._fast.learn(topic, entry)
        if route.rest:
            arrival = Arrival(
                arrival.payload, arrival.received, arrival.horizon, route.rest, arrival.properties, arrival.retained
            )
        try:
            taken = route.decode(arrival, entry)
        except RecursionError:
            raise Refused("bad_json", "nested too deeply") from None
        if route.message == position.MESSAGE:
            taken.events = self._changes.news(route.station, taken)
        return taken

    def _keep(self, gathered: Gathered, station: str, taken: Taken, arrival: Arrival) -> None:
        for reading in taken.readings:
            gathered.add_reading(station, reading)
        for event in taken.events:
            gathered.add_event(event)
        if taken.picture is not None:
            gathered.add_picture(station, taken.picture, arrival.payload, arrival.received)
            self.counters.pictures += 1
        self.counters.events += len(taken.events)

    def _letter(
        self,
        gathered: Gathered,
        topic: str,
        payload: bytes,
        received: int,
        reason: str,
        detail: str,
        source: str,
        station: str = "",
        retried: str = "",
    ) -> None:
        self.counters.refused[reason] += 1
        gathered.add_letter(DeadLetter(received, source, topic, reason, detail, payload, station, retried))

    def _append_now(self, gathered: Gathered, taken: Sequence[Taken], now: int) -> Receipt:
        with self._lock:
            parcel = gathered.drain(self._stamp(now), self._settings.flush_bytes, ticks=False)
        try:
            append(self._bus, parcel.messages)
        except BusUnavailable:
            with self._sending:
                self.counters.failed_appends += 1
            raise
        with self._sending:
            self._outbound.count(parcel, self.counters)
        refusals = tuple((refused.reason, refused.detail) for one in taken for refused in one.refusals)
        pictures = sum(one.picture is not None for one in taken)
        return Receipt(
            sum(len(one.readings) for one in taken),
            parcel.values,
            sum(len(one.events) for one in taken),
            pictures,
            refusals,
        )
