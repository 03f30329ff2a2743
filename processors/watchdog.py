"""Ends a worker that has stopped moving: Faust can lose its partitions or its consumer without an error."""

import logging
import os
import threading
from collections.abc import Callable, Collection
from typing import Final, NoReturn

from hub.bus import Bus, Place
from hub.buses.watchdog import Standstill
from hub.clock import Clock
from hub.errors import HubError

LOOK_EVERY: Final = 2.0
STALLED_AFTER: Final = 60.0
STALLED_EXIT: Final = 3

_log = logging.getLogger("hub.processors")


def end_worker(detail: str) -> NoReturn:
    """End this process at once with status 3; the supervisor starts it again, and nothing that is not saved has been acknowledged."""
    _log.critical("the worker ends itself: %s", detail)
    os._exit(STALLED_EXIT)


class Watchdog:
    """Watches a group on some topics; calls `stalled(detail)` when a partition has lag and nothing of it was committed for `after` seconds.

    `assigned` tells the partitions that this worker reads now (None: judge all alike).
    """

    def __init__(
        self,
        bus: Bus,
        group: str,
        topics: tuple[str, ...],
        clock: Clock,
        stalled: Callable[[str], None],
        after: float = STALLED_AFTER,
        assigned: Callable[[], Collection[Place]] | None = None,
    ) -> None:
        self.lag = 0
        self.away = ""
        self.assigned = assigned
        self._bus, self._group, self._topics = bus, group, topics
        self._clock, self._stalled, self._after = clock, stalled, after
        self._standstill = Standstill(after)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def close(self) -> None:
        """Stop watching."""
        self._stop.set()
        self._thread.join()

    def look(self) -> None:
        """Compare with the last look."""
        try:
            lags, committed = self._measure()
        except (HubError, OSError) as error:
            # a bus that is away is no fault of the worker
            self.away = str(error)
            self._standstill.forget()
            return
        self.away, self.lag = "", sum(lags.values())
        mine = None if self.assigned is None else self.assigned()
        if standing := self._standstill.look(self._clock.monotonic(), lags, committed, mine):
            places = ", ".join(
                f"{topic}/{partition} ({lags[topic, partition]})" for topic, partition in sorted(standing)
            )
            self._stalled(f"records wait and nothing was committed for {self._after:g} s in {places}")

    def _measure(self) -> tuple[dict[Place, int], dict[Place, int]]:
        lags: dict[Place, int] = {}
        committed: dict[Place, int] = {}
        for topic in self._topics:
            committed |= {(topic, number): at for number, at in self._bus.committed(self._group, topic).items()}
            lags |= {(topic, number): lag for number, lag in self._bus.lag(self._group, topic).items()}
        return lags, committed

    def _run(self) -> None:
        while not self._stop.wait(LOOK_EVERY):
            self.look()
