"""The ticker: runs each timer when its time has come, in one transaction with all that it does."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection

from hub.clock import Clock
from hub.errors import StoreUnavailable
from storage.records import Records, timers
from storage.records.timers import TimerRow

_log = logging.getLogger("hub.alerts")

Handler = Callable[[Connection, TimerRow, int], None]
"""Does what a timer is for, in the transaction that takes the timer away; the number is now, epoch ms."""

RETRY_MS: Final = 60_000
"""A timer whose handler breaks is tried again after this time."""

_AT_ONCE: Final = 100


class Ticker:
    """Runs timers in the order of their time; after a stop those that are late run at once."""

    def __init__(self, records: Records, clock: Clock, poll: float = 1.0) -> None:
        self._records = records
        self._clock = clock
        self._poll = poll
        self._handlers: dict[str, Handler] = {}
        self._problem = ""
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="timers", daemon=True)

    def on(self, name: str, handler: Handler) -> None:
        """Let `handler` run the timers of this name, in place of one that did; before `start`."""
        self._handlers[name] = handler

    @property
    def problem(self) -> str:
        """Why timers cannot run now, empty when they can."""
        return self._problem

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin on a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the timer at hand."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def tick(self) -> int:
        """Run everything that is due; how many timers that were.

        Raises:
            StoreUnavailable: the database cannot be reached; what was not run is still due.
        """
        ran = 0
        while not self._stop.is_set():
            with self._records.read() as tx:
                late = timers.due(tx, at=self._clock.now(), limit=_AT_ONCE)
            if not late:
                break
            for row in late:
                self._run_one(row)
                ran += 1
        return ran

    def _run_one(self, row: TimerRow) -> None:
        try:
            with self._records.begin() as tx:
                # Somebody may have moved it, or taken it away, since it was read.
                if timers.get(tx, row.incident, row.name) == row:
                    timers.drop(tx, row.incident, row.name)
                    self._handlers[row.handler](tx, row, self._clock.now())
        except StoreUnavailable:
            raise
        except Exception:  # noqa: BLE001 - a timer that breaks must not stop the clocks of all others
            _log.exception("timer %s of incident %s failed; it is tried again", row.name, row.incident or "-")
            with self._records.begin() as tx:
                timers.put(tx, row.incident, row.name, self._clock.now() + RETRY_MS, row.said)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                self.tick()
                with self._records.read() as tx:
                    next_at = timers.next_after(tx, at=self._clock.now())
                self._problem = ""
            except StoreUnavailable as error:
                self._problem, next_at = str(error), None
            until = self._poll if next_at is None else (next_at - self._clock.now()) / 1000
            self._wake.wait(max(0.0, min(self._poll, until)))
