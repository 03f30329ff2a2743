"""The consumer of role serve: alerts, dead letters, devices' states and commands' steps go from the bus into the records, each once."""

import logging
import threading
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from alerts.episode import take_transition
from alerts.telling import Teller
from hub.alert import decode_transition
from hub.bus import Bus, Consumer, Place, Record
from hub.clock import Clock, rfc3339
from hub.command import decode_answer
from hub.dead_letter import DeadLetter, decode_dead_letter
from hub.errors import BusError, CorruptRecord, StoreUnavailable
from hub.event import decode_event
from hub.topics import ALERTS, ALERTS_GROUP, ANSWERS, DEAD_LETTERS, EVENTS
from storage.records import Records, commands, dead_letters, feed, offsets, register
from storage.records.register import DeviceState

_log = logging.getLogger("hub.alerts")

TOPICS: Final = (ALERTS, ANSWERS, DEAD_LETTERS, EVENTS)


class AlertConsumer:
    """Reads the topics and keeps, in one transaction each time, what they say and how far it has read."""

    def __init__(self, bus: Bus, records: Records, teller: Teller, clock: Clock, batch: int = 32) -> None:
        self._bus = bus
        self._records = records
        self._teller = teller
        self._clock = clock
        self._batch = batch
        self._problem = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="alert-consumer", daemon=True)

    @property
    def problem(self) -> str:
        """Why nothing can be taken now, empty when it can."""
        return self._problem

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin on a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the transaction at hand."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def lag(self) -> dict[str, int]:
        """Records of each topic that are not taken yet.

        Raises:
            BusUnavailable, StoreUnavailable: it cannot be told now.
        """
        with self._records.read() as tx:
            taken = offsets.get(tx, ALERTS_GROUP)
        found: dict[str, int] = {}
        for topic in TOPICS:
            ends = self._bus.ends(topic)
            found[topic] = sum(max(0, end - taken.get((topic, part), 0)) for part, end in ends.items())
        return found

    def take(self, records: Sequence[Record]) -> dict[Place, int]:
        """Apply records in one transaction, but for those applied before; the next offsets of their partitions.

        Raises:
            StoreUnavailable: nothing was applied; call again.
        """
        with self._records.begin() as tx:
            known = offsets.get(tx, ALERTS_GROUP)
            new = [each for each in records if each.offset >= known.get((each.topic, each.partition), 0)]
            moved = {(each.topic, each.partition): each.offset + 1 for each in new}
            letters = 0
            for record in new:
                letters += self._apply(tx, record)
            if letters:
                self._show_letters(tx, letters)
            offsets.put(tx, ALERTS_GROUP, moved)
        return {**{(each.topic, each.partition): each.offset + 1 for each in records}, **moved}

    def _apply(self, tx: Connection, record: Record) -> int:
        """Apply one record; how many dead letters it left."""
        now = self._clock.now()
        if record.value is None:
            return 0
        try:
            if record.topic == ALERTS:
                take_transition(tx, self._teller, decode_transition(record.value), recorded=now)
            elif record.topic == ANSWERS:
                commands.take(tx, decode_answer(record.value))
            elif record.topic == EVENTS:
                self._take_event(tx, record.value, now)
            else:
                dead_letters.store(tx, decode_dead_letter(record.value))
                return 1
        except CorruptRecord as error:
            dead_letters.store(tx, _letter(record, "bad_format", str(error), now))
            return 1
        return 0

    def _take_event(self, tx: Connection, value: bytes, now: int) -> None:
        event = decode_event(value)
        if event.kind != "status":
            return
        state = DeviceState(event.station, event.type, event.time, event.received)
        if register.put_state(tx, state):
            zone = self._teller.site.zone
            body = {"station": state.station, "state": state.state, "time": rfc3339(state.time, zone)}
            feed.append(tx, "health", body, at=now)

    def _show_letters(self, tx: Connection, count: int) -> None:
        """One event for all dead letters of a transaction: a flood of them must not flood every screen."""
        newest = dead_letters.listing(tx, limit=1).items[0]
        last = {name: getattr(newest, name) for name in ("id", "source", "topic", "reason", "detail", "size")}
        received = rfc3339(newest.received, self._teller.site.zone)
        feed.append(tx, "dead_letter", {"count": count, **last, "received": received}, at=self._clock.now())

    def _run(self) -> None:
        consumer: Consumer | None = None
        while not self._stop.is_set():
            try:
                if consumer is None:
                    consumer = self._bus.consumer(ALERTS_GROUP, TOPICS, self._start_of)
                records = consumer.poll(0.25)
                self._problem = ""
            except (BusError, StoreUnavailable) as error:
                self._problem = str(error)
                self._stop.wait(0.5)
                continue
            for first in range(0, len(records), self._batch):
                self._insist(consumer, records[first : first + self._batch])
        if consumer is not None:
            consumer.close()

    def _start_of(self, place: Place) -> int | None:
        with self._records.read() as tx:
            return offsets.get(tx, ALERTS_GROUP).get(place)

    def _insist(self, consumer: Consumer, records: Sequence[Record]) -> None:
        """Take the records, however long the database is away."""
        wait = 0.1
        while not self._stop.is_set():
            try:
                moved = self._take_or_set_aside(records)
                consumer.commit(moved)  # for those who look at the lag; the offsets that count are in the records
            except (StoreUnavailable, BusError) as error:
                self._problem = str(error)
                self._stop.wait(wait)
                wait = min(5.0, wait * 2)
            else:
                self._problem = ""
                return

    def _take_or_set_aside(self, records: Sequence[Record]) -> dict[Place, int]:
        """Take the records; one that breaks us, by a mistake of ours, becomes a dead letter and holds nobody up."""
        try:
            return self.take(records)
        except StoreUnavailable:
            raise
        except Exception:  # noqa: BLE001 - a mistake of ours in one record must not stop the alerts of all others
            if len(records) == 1:
                _log.exception("%s %d:%d is set aside", records[0].topic, records[0].partition, records[0].offset)
                return self._set_aside(records[0])
        moved: dict[Place, int] = {}
        for record in records:
            moved |= self._take_or_set_aside([record])
        return moved

    def _set_aside(self, record: Record) -> dict[Place, int]:
        moved = {(record.topic, record.partition): record.offset + 1}
        with self._records.begin() as tx:
            letter = _letter(record, "internal", "the hub failed on this record; its log says how", self._clock.now())
            dead_letters.store(tx, letter)
            self._show_letters(tx, 1)
            offsets.put(tx, ALERTS_GROUP, moved)
        return moved


def _letter(record: Record, reason: str, detail: str, now: int) -> DeadLetter:
    key = record.key.decode(errors="replace")
    return DeadLetter(now, "alerts", record.topic, reason, detail, record.value or b"", device=key)
