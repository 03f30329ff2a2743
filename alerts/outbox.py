"""The sender: takes what is due out of the outbox, tries each once, and writes down what became of it."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Row

from alerts.channel import Channel
from alerts.tries import Tries
from hub.clock import Clock
from hub.errors import StoreUnavailable
from storage.records import Records, outbox
from storage.records.engine import Ending
from storage.records.outbox import Outcome

_log = logging.getLogger("hub.alerts")

LINGER: Final = 0.003
"""Seconds that an outcome waits for others to be written down with it."""

GRACE: Final = 2.0
"""Seconds that tries under way get to end when we stop; what is cut off is made again, marked unsure."""

Shown = Callable[[Connection, str], None]


class OutboxSender:
    """Sends notices, in order per incident and recipient; one per records database (it lives in the role serve).

    A try is written down before it is made, so after a crash every try that may have happened is known: it is marked
    unsure, and made again with the same key. What a transaction of this process puts into the outbox is claimed in that
    transaction, so that its first try needs no commit of its own. `backoff` is the wait in seconds before each further
    try; `shown` is called in the transaction in which notices of an incident came to their end.
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
        self._tries = Tries(channels, clock, backoff, self._end)
        self.allowance = self._tries.allowance
        self._clock = clock
        self._shown = shown
        self._poll = poll
        self._problem = ""
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
        self._tries.close()

    def _run(self) -> None:
        recovered = False
        while not self._stop.is_set():
            self._wake.clear()
            try:
                if not recovered:
                    self._recover()
                    recovered = True
                    self._records.attend(self._claim)
                wait = self._turn()
                self._problem = ""
            except StoreUnavailable as error:
                self._problem, self._astray, wait = str(error), True, 0.5
            if wait:
                self._wake.wait(wait)
        self._records.attend(None)
        self._drain()

    def _recover(self) -> None:
        with self._records.begin() as tx:
            unsure = outbox.recover(tx, at=self._clock.now())
        if unsure:
            _log.warning("%d tries to notify were cut off by the last stop; they are made again", unsure)

    def _claim(self, tx: Connection) -> Ending:
        """Claim what a transaction of ours has put into the outbox; what it answers is called when that has ended."""
        rows, complete = self._tries.claim(tx, self._clock.now())

        def ended(committed: bool) -> None:
            if committed:
                self._tries.begin(rows)
            else:
                self._astray = True
            if not (committed and complete):
                self._wake.set()

        return ended

    def _end(self, row: Row[Any], outcome: Outcome) -> None:
        self._ended.put((row, outcome))
        self._wake.set()

    def _turn(self) -> float:
        """Write down what ended, begin what is due; seconds until there is more to do, unless woken."""
        self._gather()
        now = self._clock.now()
        if not self._unsettled and not self._astray:
            with self._records.read() as tx:
                if not self._tries.waited_for(tx, now):
                    return self._rest(tx, now)
        astray, self._astray = self._astray, False
        with self._records.begin() as tx:
            if astray:
                mine = {row.id for row, _ in self._unsettled}
                outbox.unclaim(tx, known=self._tries.known() | mine)
            self._settle(tx)
            rows, complete = self._tries.claim(tx, now)
            wait = self._rest(tx, now)
        self._unsettled.clear()
        self._tries.begin(rows)
        return wait if complete else 0.0

    def _rest(self, tx: Connection, now: int) -> float:
        """Seconds until a notice is due that is not now."""
        moments = (outbox.next_due(tx, at=now), *self.allowance.closed(now).values())
        return min([self._poll, *((moment - now) / 1000 for moment in moments if moment is not None)])

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
            self._tries.forget(row.id)
            self._unsettled.append((row, outcome))
            if not self._tries:
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
        while self._tries and time.monotonic() < deadline:
            self._wake.wait(0.05)
            self._wake.clear()
            self._gather()
        self._gather()
        try:
            with self._records.begin() as tx:
                self._settle(tx)
        except StoreUnavailable as error:
            _log.warning("what became of %d tries could not be written down: %s", len(self._unsettled), error)
