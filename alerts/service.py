"""The part of role serve that turns facts into told people: consumer, sender, catalogue publisher and feed."""

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from alerts.channel import Channel
from alerts.channels import open_channels
from alerts.consumer import AlertConsumer
from alerts.escalation import Escalation
from alerts.incidents import Desk
from alerts.machine import Machine
from alerts.outbox import OutboxSender
from alerts.people.company import Company
from alerts.practice import Practice
from alerts.telling import Site, Teller
from alerts.timers import Ticker
from alerts.trial import Trials
from hub.bus import Bus
from hub.clock import Clock
from hub.errors import BusUnavailable, StoreUnavailable
from hub.settings import Settings
from storage.records import Committed, Records, changes, feed, incidents, notices
from storage.records.feed import FeedRow
from storage.records.publish import CataloguePublisher

_log = logging.getLogger("hub.alerts")

FEED_KEEP_MS: Final = 48 * 3_600_000
"""How long a browser may be away and still see everything it missed."""

_PRUNE_MS: Final = 600_000

FeedCallback = Callable[[FeedRow], None]


@dataclass(frozen=True, slots=True)
class AlertHealth:
    """How telling people stands: `problems` by part; records not taken per topic; notices waiting, and how long (ms)."""

    ok: bool
    problems: Mapping[str, str] = field(default_factory=dict)
    lag: Mapping[str, int] = field(default_factory=dict)
    queued: int = 0
    oldest_ms: int = 0
    unpublished: int = 0


class AlertService:
    """Everything of `alerts/` that runs; the API asks `desk` for people's actions and listens by `on_feed`."""

    def __init__(
        self,
        bus: Bus,
        records: Records,
        settings: Settings,
        clock: Clock,
        channels: Mapping[str, Channel] | None = None,
        poll: float = 1.0,
        escalation: Escalation | None = None,
    ) -> None:
        self._records = records
        self._clock = clock
        self._channels = open_channels(settings) if channels is None else dict(channels)
        receivers = [receiver for channel in self._channels.values() for receiver in channel.receivers()]
        practice = Practice.of(settings.incidents)
        self.people = Company(ZoneInfo(settings.hub.zone), receivers, practice.contracts)
        plans = self.people.escalation if escalation is None else escalation
        self.teller = Teller(Site.of(settings), receivers, plans, practice)
        self.climber = self.people.climber(self.teller)
        self.desk = Desk(self.teller)
        self.timers = Ticker(records, clock, poll)
        handlers = Machine(self.teller).handlers() | self.people.handlers(self.climber)
        for name, handler in handlers.items():
            self.timers.on(name, handler)
        self.consumer = AlertConsumer(bus, records, self.teller, clock)
        self.sender = OutboxSender(records, self._channels, clock, settings.notify.backoff, self._show, poll)
        self.trials = Trials(self._channels, self.sender.allowance, self.teller.site, clock)
        self.publisher = CataloguePublisher(bus, records, poll)
        self.tail = FeedTail(records, clock, poll)
        self._unlisten: Callable[[], None] | None = None

    def start(self) -> None:
        """Begin all of it."""
        self._unlisten = self._records.listen(self._committed)
        with suppress(StoreUnavailable):
            self.people.begin(self._records, self._clock.now())
        for part in (self.tail, self.publisher, self.sender, self.timers, self.consumer):
            part.start()

    def stop(self) -> None:
        """End all of it within a few seconds; nothing is lost."""
        for part in (self.consumer, self.timers, self.publisher, self.sender, self.tail):
            part.close()
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
        for channel in self._channels.values():
            channel.close()

    def on_feed(self, callback: FeedCallback) -> Callable[[], None]:
        """Call `callback` for every new row of the feed, in order, from one thread; the answer ends it."""
        return self.tail.listen(callback)

    def health(self) -> AlertHealth:
        """How telling people stands; never raises."""
        problems = {
            "consumer": self.consumer.problem,
            "outbox": self.sender.problem,
            "catalogue": self.publisher.problem,
            "timers": self.timers.problem,
        }
        parts = (("consumer", self.consumer), ("outbox", self.sender), ("feed", self.tail), ("timers", self.timers))
        for name, part in parts:
            if not part.alive:
                problems[name] = "does not run"
        lag: dict[str, int] = {}
        queued, oldest, unpublished = 0, None, 0
        try:
            lag = self.consumer.lag()
            with self._records.read() as tx:
                queued, oldest = notices.oldest_open(tx)
                unpublished = changes.waiting(tx)
        except (BusUnavailable, StoreUnavailable) as error:
            problems["engines"] = str(error)
        problems = {name: why for name, why in problems.items() if why}
        age = 0 if oldest is None else max(0, self._clock.now() - oldest)
        return AlertHealth(not problems, problems, lag, queued, age, unpublished)

    def _committed(self, done: Committed) -> None:
        if done.catalogue:
            self.publisher.wake()
        if done.feed:
            self.tail.wake()

    def _show(self, tx: Connection, incident: str) -> None:
        row = incidents.get(tx, incident)
        if row is not None:
            self.teller.show_incident(tx, row, "delivery", at=self._clock.now())
            self.climber.settle(tx, incident, self._clock.now())


class FeedTail:
    """Reads the feed as it grows, whoever wrote it, and tells the listeners; forgets what is too old."""

    def __init__(self, records: Records, clock: Clock, poll: float = 1.0) -> None:
        self._records = records
        self._clock = clock
        self._poll = poll
        self._listeners: list[FeedCallback] = []
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._pruned = 0
        self._last = 0
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin on a thread of its own."""
        self._thread.start()

    def wake(self) -> None:
        """There is something new."""
        self._wake.set()

    def close(self) -> None:
        """Stop."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def listen(self, callback: FeedCallback) -> Callable[[], None]:
        """Call `callback` for every row from now on; the answer ends it.

        Raises:
            StoreUnavailable: the feed cannot be read.
        """
        if not self._listeners:
            with self._records.read() as tx:
                self._last = feed.span(tx)[1]
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                self._follow()
                self._prune()
            except StoreUnavailable as error:
                _log.warning("the feed cannot be read: %s", error)
            self._wake.wait(self._poll)

    def _follow(self) -> None:
        """Tell of everything that is new."""
        rows: list[FeedRow] | None = None
        while self._listeners and (rows is None or rows):
            with self._records.read() as tx:
                rows = feed.after(tx, self._last)
            for row in rows:
                self._tell(row)
                self._last = row.seq

    def _tell(self, row: FeedRow) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(row)
            except Exception:  # noqa: BLE001 - one listener that breaks must not silence the others
                _log.exception("a listener failed on feed row %d", row.seq)

    def _prune(self) -> None:
        now = self._clock.now()
        if now - self._pruned < _PRUNE_MS:
            return
        self._pruned = now
        with self._records.begin() as tx:
            feed.prune(tx, now - FEED_KEEP_MS)
