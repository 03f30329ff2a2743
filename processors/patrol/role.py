"""The role `patrol` as a process: it reads the topic of frames, deals pictures out to its workers, and commits what is done with for good."""

import logging
import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from typing import Final

from hub.bus import Bus, Consumer, Place
from hub.buses import open_bus
from hub.catalogue import Catalogue
from hub.clock import Clock, SystemClock
from hub.errors import BusError, StoreUnavailable
from hub.follow import CatalogueFollower
from hub.health import HealthFile
from hub.pictures import Source
from hub.settings import Settings
from hub.topics import FRAMES, PATROL_GROUP, topics
from processors.patrol.disk import DiskGuard
from processors.patrol.effects import Effects
from processors.patrol.handle import Worker
from processors.patrol.lane import Lane
from processors.patrol.sources import Fetcher, FramesTopic, fetcher
from processors.patrol.watch import CameraWatch
from storage.evidence import DiskLevels, EvidenceFolder, Retention, folder_at
from storage.pictures import Pictures
from storage.records import Records, open_records
from storage.records.attached import locked
from storage.records.patrol.keeper import EvidenceKeeper

POLL: Final = 0.25
RENEW_S: Final = 2.0
LOOK_S: Final = 1.0
COMMIT_S: Final = 1.0
TIDY_S: Final = 600.0
_log = logging.getLogger("hub.patrol")


def run_patrol(settings: Settings, *, clock: Clock | None = None, stop: threading.Event | None = None) -> None:
    """Work until SIGTERM: every camera's state is saved and committed before it leaves.

    Raises:
        BusUnavailable, StoreUnavailable: an engine does not answer at the start.
    """
    clock = clock or SystemClock()
    if stop is None:
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
    data = settings.hub.data
    with ExitStack() as stack:
        bus = stack.enter_context(open_bus(settings.engines.bus, data))
        bus.ensure_topics(topics(settings.partitions))
        records = stack.enter_context(closing(open_records(settings.engines.records, data)))
        records.migrate()
        follower = stack.enter_context(closing(CatalogueFollower(bus)))
        follower.start()
        patrol = PatrolRole(settings, bus, records, follower, clock)
        patrol.run(stop)


class PatrolRole:
    """The main loop: whatever takes long is a lane's or a fetcher's."""

    def __init__(
        self, settings: Settings, bus: Bus, records: Records, follower: CatalogueFollower, clock: Clock
    ) -> None:
        section, data = settings.patrol, settings.hub.data
        self._bus, self._follower, self._clock = bus, follower, clock
        self._catalogue = Catalogue()
        folder = EvidenceFolder(folder_at(settings.engines.evidence, data))
        retention = Retention(section.keep_days, DiskLevels(section.disk_alarm, section.disk_stop, section.disk_spare))
        self._effects = Effects(bus, records, folder, retention, settings.partitions, clock)
        self._effects.levels = section.levels
        pictures = Pictures(data)
        self._lanes = [
            Lane(Worker(), self._effects, pictures, clock, lambda: follower.version) for _ in range(section.workers)
        ]
        keeper = EvidenceKeeper(folder, records, retention, lambda tx, _: locked(tx, at=clock.now()))
        self._disk = DiskGuard(folder, keeper, self._effects, settings.hub.district, section.disk_alarm, clock)
        self._health = HealthFile(data, "patrol", clock)
        stale = section.lost_after_s

        def fetch(station: str, source: Source, password: str) -> Fetcher:
            return fetcher(station, source, password, frames, self._watch.tell, clock, stale)

        self._watch = CameraWatch(records, pictures, self._lanes, section, clock, fetch)
        frames = FramesTopic(bus, clock, self._watch.tell)
        self._read: dict[Place, int] = {}
        self._committed: dict[Place, int] = {}
        self._due = dict.fromkeys(("renew", "look", "commit", "tidy"), 0.0)
        self._away = ""

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        consumer = self._bus.consumer(PATROL_GROUP, [FRAMES])
        for lane in self._lanes:
            lane.start()
        try:
            while not stop.is_set():
                self._turn(consumer, stop)
        finally:
            self._watch.close()
            for lane in self._lanes:
                lane.close()
            self._guarded(partial(self._commit, consumer))
            consumer.close()
        self._health.remove()

    def _turn(self, consumer: Consumer, stop: threading.Event) -> None:
        self._every("renew", RENEW_S, self._watch.renew)
        self._every("look", LOOK_S, self._look)
        self._every("tidy", TIDY_S, self._disk.tidy)
        try:
            records = consumer.poll(POLL)
        except BusError as error:
            self._away = str(error)
            stop.wait(POLL)
            return
        for record in records:
            place = (record.topic, record.partition)
            station = record.key.decode(errors="replace")
            self._watch.hear(station)
            self._watch.lane(station).put(record)
            self._read[place] = record.offset + 1
        self._every("commit", COMMIT_S, partial(self._commit, consumer))
        self._tell()

    def _look(self) -> None:
        self._follower.bring(self._catalogue)
        self._watch.look(self._catalogue)
        self._disk.look()

    def _commit(self, consumer: Consumer) -> None:
        """Commit up to the oldest picture that would be needed again: one that waits, or one after the last saved state."""
        done = dict(self._read)
        for lane in self._lanes:
            for place, offset in lane.oldest().items():
                done[place] = min(done.get(place, offset), offset)
        fresh = {place: offset for place, offset in done.items() if self._committed.get(place) != offset}
        if fresh:
            consumer.commit(fresh)
            self._committed.update(fresh)

    def _every(self, name: str, seconds: float, work: Callable[[], object]) -> None:
        now = self._clock.monotonic()
        if now < self._due[name]:
            return
        self._due[name] = now + seconds
        self._guarded(work)

    def _guarded(self, work: Callable[[], object]) -> None:
        try:
            work()
        except (StoreUnavailable, BusError) as error:
            if not self._away:
                _log.warning("waiting for an engine: %s", error)
            self._away = str(error)
        else:
            self._away = ""

    def _tell(self) -> None:
        if not self._health.due():
            return
        counters = {**self._effects.counters, **self._watch.counters, "waiting": 0.0, "dropped": 0.0}
        for lane in self._lanes:
            counters["waiting"] += len(lane.waiting)
            counters["dropped"] += lane.waiting.dropped
            for name, value in lane.counters.items():
                counters[name] = counters.get(name, 0.0) + value
        away = self._away or next((lane.away for lane in self._lanes if lane.away), "") or self._disk.trouble
        self._health.write(ok=not away, detail=away or "looking at cameras", counters=counters)
