"""The part `series` of the role `process`: a plain consumer of the bus that keeps the series store.

It stands in a group of its own, so that a store that is away stops no rule, and a rule that fails stops no store. An offset is committed after the store
has the values; what is read again overwrites itself.
"""

import logging
import signal
import threading
from collections.abc import Callable
from typing import Final

from hub.batch import Batch, decode_batch
from hub.bus import Bus, Consumer, Message, Record
from hub.buses import open_bus
from hub.catalogue import Catalogue
from hub.clock import Clock, SystemClock
from hub.config import read_optional
from hub.dead_letter import DeadLetter, encode_dead_letter
from hub.errors import BusError, CorruptRecord, StoreUnavailable
from hub.follow import CatalogueFollower
from hub.health import HealthFile
from hub.settings import Settings
from hub.topics import DEAD_LETTERS, IMPORTS, OBSERVATIONS, SERIES_GROUP, topics
from processors.series import Flagger
from storage import open_series
from storage.series import Incoming, Rejected, SeriesStore

POLL: Final = 0.25
GATHER: Final = 0.2
PLENTY: Final = 256 << 10
FIRST_WAIT: Final = 0.1
LONGEST_WAIT: Final = 5.0
_log = logging.getLogger("hub.processors")


def run_series(
    settings: Settings, *, clock: Clock | None = None, open_store: Callable[[], SeriesStore] | None = None
) -> None:
    """Work until SIGTERM: what has been read is stored and committed before it leaves."""
    clock, stop = clock or SystemClock(), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    data = settings.hub.data
    with open_bus(settings.engines.bus, data) as bus:
        bus.ensure_topics(topics(settings.partitions))
        follower = CatalogueFollower(bus)
        follower.start()
        health = HealthFile(data, "series", clock)
        token = read_optional(settings.engines.series_token)
        opening = open_store or (lambda: open_series(settings.engines.series, data, token=token))
        keeper = SeriesKeeper(bus, follower, opening, health, clock)
        try:
            keeper.run(stop)
            health.remove()
        finally:
            follower.close()


class SeriesKeeper:
    """Reads batches, flags them, writes them, commits, until told to stop."""

    def __init__(
        self,
        bus: Bus,
        follower: CatalogueFollower,
        open_store: Callable[[], SeriesStore],
        health: HealthFile,
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._bus, self._follower, self._health = bus, follower, health
        self._open_store = open_store
        self._store: SeriesStore | None = None
        self._flagger = Flagger()
        self._catalogue = Catalogue()
        self._counters = {"batches": 0.0, "values": 0.0, "rejected": 0.0, "dead_letters": 0.0, "lag": 0.0}
        self._away = ""

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        consumer = self._bus.consumer(SERIES_GROUP, [OBSERVATIONS, IMPORTS])
        try:
            while not stop.is_set():
                self._tell()
                try:
                    records = self._gather(consumer, stop)
                except BusError as error:
                    self._away = str(error)
                    stop.wait(FIRST_WAIT)
                    continue
                if records:
                    self._keep(records, consumer, stop)
        finally:
            consumer.close()
            if self._store is not None:
                self._store.close()

    def _gather(self, consumer: Consumer, stop: threading.Event) -> list[Record]:
        """What is there; a trickle is left to gather a little, because a store's commit costs the same for one batch as for many."""
        records = consumer.poll(POLL)
        if records and sum(len(record.value or b"") for record in records) < PLENTY:
            stop.wait(GATHER)
            records += consumer.poll(0.0)
        return records

    def _keep(self, records: list[Record], consumer: Consumer, stop: threading.Event) -> None:
        """Store what was read; without a store wait, read no more and forget nothing."""
        incoming: list[Incoming] = []
        for record in records:
            batch = self._read(record, stop)
            if batch is not None and batch.values:
                incoming.append(self._flagged(record.topic, batch))
                self._counters["values"] += batch.values
        rejected: list[Rejected] = []
        if incoming and not self._patiently(lambda: rejected.extend(self._writing().write(incoming)), stop):
            return
        letters = [_letter(value, records[-1].time) for value in rejected]
        if letters and not self._patiently(lambda: self._bus.append(letters), stop):
            return
        positions = {(record.topic, record.partition): record.offset + 1 for record in records}
        if self._patiently(lambda: consumer.commit(positions), stop):
            self._counters["batches"] += len(records)
            self._counters["rejected"] += len(rejected)

    def _flagged(self, topic: str, batch: Batch) -> Incoming:
        if topic == IMPORTS:
            # An import brings its checks along; it is neither late nor newer than what devices send.
            return Incoming(batch.stations, batch.blocks)
        self._follower.bring(self._catalogue, batch.catalogue)
        return self._flagger.flag(batch, self._catalogue)

    def _writing(self) -> SeriesStore:
        if self._store is None:
            self._store = self._open_store()
        return self._store

    def _read(self, record: Record, stop: threading.Event) -> Batch | None:
        try:
            batch = decode_batch(record.value or b"")
        except CorruptRecord as error:
            letter = DeadLetter(record.time, "series", record.topic, "corrupt_record", str(error), record.value or b"")
            message = Message(DEAD_LETTERS, record.key, encode_dead_letter(letter))
            if self._patiently(lambda: self._bus.append([message]), stop):
                self._counters["dead_letters"] += 1
            return None
        while not self._follower.wait(batch.catalogue, 1.0) and not stop.is_set():
            self._away = f"the catalogue is at version {self._follower.version}, {batch.catalogue} is needed"
            self._tell()
        return batch

    def _patiently(self, call: Callable[[], object], stop: threading.Event) -> bool:
        """Do it, again and again while an engine is away; False when told to stop before it was done."""
        wait = FIRST_WAIT
        while True:
            try:
                call()
            except (StoreUnavailable, BusError) as error:
                if not self._away:
                    _log.warning("waiting for an engine: %s", error)
                self._away = str(error)
                self._tell()
            else:
                self._away = ""
                return True
            if stop.wait(wait):
                return False
            wait = min(wait * 2, LONGEST_WAIT)

    def _tell(self) -> None:
        if not self._health.due():
            return
        try:
            self._counters["lag"] = sum(self._bus.lag(SERIES_GROUP, OBSERVATIONS).values())
            if self._store is not None and not self._away:
                self._store.maintain(self._clock.now())
        except (BusError, StoreUnavailable) as error:
            # Whoever writes next finds out for itself whether it is still so.
            _log.warning("upkeep has to wait: %s", error)
        self._health.write(ok=not self._away, detail=self._away or "keeping series", counters=self._counters)


def _letter(value: Rejected, received: int) -> Message:
    detail = f"{value.station} {value.property} at {value.time} ms, value {value.value!r}: {value.reason}"
    letter = DeadLetter(received, "series", OBSERVATIONS, "store_rejected", detail, detail.encode(), value.station)
    return Message(DEAD_LETTERS, value.station.encode(), encode_dead_letter(letter))
