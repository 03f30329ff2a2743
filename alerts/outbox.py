"""The sender: takes what is due out of the outbox, tries each once, and writes down what became of it."""

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row

from alerts.budget import Allowance
from alerts.channel import Channel, ChannelError, Notification
from alerts.crew import Crew
from hub.clock import Clock
from hub.errors import StoreUnavailable
from storage.records import Records, outbox
from storage.records.outbox import End, Outcome

_log = logging.getLogger("hub.alerts")

PER_RECEIVER: Final = 16
"""Tries under way at once to one receiver: one that hangs holds up nobody else."""

AT_ONCE: Final = 256
"""Notices looked at for one transaction."""

LINGER: Final = 0.003
"""Seconds that an outcome waits for others to be written down with it."""

GRACE: Final = 2.0
"""Seconds that tries under way get to end when we stop; what is cut off is made again, marked unsure."""

Shown = Callable[[Connection, str], None]


class OutboxSender:
    """Sends notices, in order per incident and recipient; one per records database (it lives in the role serve).

    A try is written down before it is made, so after a crash every try that may have happened is known: it is marked
    unsure, and made again with the same key. `backoff` is the wait in seconds before each further try; `shown` is
    called in the transaction in which notices of an incident came to their end.
    """

    def __init__(
        self,
        records: Records,
        channels: Mapping[str, Channel],
        clock: Clock,
        backoff: tuple[float, ...],
        shown: Shown = lambda _tx, _incident: None,
        poll: float = 1.0,
    ) -> None:
        self._records = records
        self._channels = dict(channels)
        self.allowance = Allowance(each for channel in self._channels.values() for each in channel.receivers())
        self._clock = clock
        self._backoff = backoff
        self._shown = shown
        self._poll = poll
        self._problem = ""
        self._under_way: dict[int, str] = {}
        self._crews: dict[str, Crew] = {}
        self._ended: queue.SimpleQueue[tuple[Row[Any], Outcome]] = queue.SimpleQueue()
        self._unsettled: list[tuple[Row[Any], Outcome]] = []
        self._astray = False  # whether a commit failed, so that rows may be claimed of which we do not know
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)

    @property
    def problem(self) -> str:
        """Why nothing can be sent now, empty when it can."""
        return self._problem

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin on threads of its own; what an earlier process left unsure is marked and sent again."""
        self._thread.start()

    def wake(self) -> None:
        """There is something new."""
        self._wake.set()

    def close(self) -> None:
        """Begin nothing new, give what is under way a moment to end, write down what became of it."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        for crew in self._crews.values():
            crew.close()

    def _run(self) -> None:
        recovered = False
        while not self._stop.is_set():
            self._wake.clear()
            try:
                if not recovered:
                    self._recover()
                    recovered = True
                wait = self._turn()
                self._problem = ""
            except StoreUnavailable as error:
                self._problem, self._astray, wait = str(error), True, 0.5
            if wait:
                self._wake.wait(wait)
        self._drain()

    def _recover(self) -> None:
        with self._records.begin() as tx:
            unsure = outbox.recover(tx, at=self._clock.now())
        if unsure:
            _log.warning("%d tries to notify were cut off by the last stop; they are made again", unsure)

    def _turn(self) -> float:
        """Write down what ended, begin what is due; seconds until there is more to do, unless woken."""
        self._gather()
        now = self._clock.now()
        with self._records.read() as tx:
            chosen, held = self._choose(tx, now)
            next_due = None if chosen else outbox.next_due(tx, at=now)
        if not chosen and not held and not self._unsettled and not self._astray:
            opening = min(self.allowance.closed(now).values(), default=None)
            moments = [moment for moment in (next_due, opening) if moment is not None]
            return min([self._poll, *((moment - now) / 1000 for moment in moments)])
        with self._records.begin() as tx:
            if self._astray:
                outbox.unclaim(tx, known=self._under_way)
            self._settle(tx)
            outbox.postpone(tx, held)
            rows = outbox.claim(tx, chosen, at=now)
        self._astray = False
        self._unsettled.clear()
        for row in rows:
            self._begin(row)
        return 0.0

    def _choose(self, tx: Connection, now: int) -> tuple[list[int], dict[int, int]]:
        """Notices that are due, as many as each receiver has room and budget for; and those held, with until when."""
        under_way = Counter(self._under_way.values())
        busy = {name for name, count in under_way.items() if count >= PER_RECEIVER} | self.allowance.closed(now).keys()
        chosen: list[int] = []
        held: dict[int, int] = {}
        for notice, receiver, address in outbox.due(tx, at=now, limit=AT_ONCE, busy=busy):
            if under_way[receiver] >= PER_RECEIVER:
                continue
            whole, own = self.allowance.ready(receiver, address)
            if own > now:
                held[notice] = own
            elif whole <= now:
                self.allowance.take(receiver, address, now)
                under_way[receiver] += 1
                chosen.append(notice)
        return chosen, held

    def _begin(self, row: Row[Any]) -> None:
        self._under_way[row.id] = row.receiver
        crew = self._crews.get(row.receiver)
        if crew is None:
            crew = self._crews[row.receiver] = Crew(f"send-{row.receiver}", PER_RECEIVER)
        crew.give(lambda: self._try(row))

    def _try(self, row: Row[Any]) -> None:
        """One try, on a thread of the crew."""
        outcome = self._outcome(row)
        self._ended.put((row, outcome))
        self._wake.set()

    def _outcome(self, row: Row[Any]) -> Outcome:
        channel = self._channels.get(row.channel)
        if channel is None:
            return self._failed(row, ChannelError("the hub has no such channel any more", permanent=True))
        try:
            receipt = channel.send(_notification(row, self._clock.now()))
        except ChannelError as error:
            return self._failed(row, error)
        except Exception as error:  # noqa: BLE001 - a channel that breaks is a failed try, not the end of the sender
            _log.exception("channel %s failed on notice %d", row.channel, row.id)
            return self._failed(row, ChannelError(f"{type(error).__name__}: {error}", permanent=False, unsure=True))
        ended, status = self._clock.now(), receipt.status
        return Outcome(row.id, row.attempts, ended, status, status, 0, receipt.code, receipt.answer, receipt.vendor_id)

    def _failed(self, row: Row[Any], error: ChannelError) -> Outcome:
        now = self._clock.now()
        if error.busy:
            address = row.address if error.busy == "address" else None
            self.allowance.rest(row.receiver, address, now + int(error.wait * 1000))
        status = "refused" if error.permanent else "unsure" if error.unsure else "failed"
        end: End | None = "gone" if error.ends else "failed"
        next_at = 0
        if not error.permanent and row.attempts <= len(self._backoff):
            end, next_at = None, now + int(max(self._backoff[row.attempts - 1], error.wait) * 1000)
        return Outcome(row.id, row.attempts, now, status, end, next_at, error.code, error.answer)

    def _gather(self) -> None:
        """Take what ended off the crews' queue; when something has, wait a moment for what ends beside it.

        One commit then writes down many outcomes. What is new is not kept waiting: a commit takes longer.
        """
        moment = time.monotonic() + LINGER
        while True:
            try:
                row, outcome = self._ended.get(timeout=max(0.0, moment - time.monotonic()) if self._unsettled else 0.0)
            except queue.Empty:
                return
            self._under_way.pop(row.id, None)
            self._unsettled.append((row, outcome))
            if not self._under_way:
                return

    def _settle(self, tx: Connection) -> None:
        outbox.settle(tx, [outcome for _, outcome in self._unsettled])
        for row, outcome in self._unsettled:
            if outcome.end == "gone":
                outbox.end_subscription(tx, row.receiver, row.address, answer=outcome.answer, at=outcome.ended)
        for incident in dict.fromkeys(row.incident for row, outcome in self._unsettled if outcome.end is not None):
            self._shown(tx, incident)

    def _drain(self) -> None:
        deadline = time.monotonic() + GRACE
        while self._under_way and time.monotonic() < deadline:
            self._wake.wait(0.05)
            self._wake.clear()
            self._gather()
        self._gather()
        try:
            with self._records.begin() as tx:
                self._settle(tx)
        except StoreUnavailable as error:
            _log.warning("what became of %d tries could not be written down: %s", len(self._unsettled), error)


def _notification(row: Row[Any], now: int) -> Notification:
    data = msgspec.json.decode(row.body)
    return Notification(
        row.key,
        row.type,
        row.receiver,
        row.address,
        data["incident"]["number"],
        row.created,
        now,
        data,
        row.attempts,
        row.maybe_duplicate,
    )
