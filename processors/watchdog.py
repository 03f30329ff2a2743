"""Ends a worker that has stopped moving: Faust can lose its partitions or its consumer without an error."""

import logging
import os
import threading
from collections.abc import Callable
from typing import Final, NoReturn

from hub.bus import Bus
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
    """Watches a group's lag on some topics; calls `stalled(detail)` when there is lag and nothing was committed for `after` seconds."""

    def __init__(
        self,
        bus: Bus,
        group: str,
        topics: tuple[str, ...],
        clock: Clock,
        stalled: Callable[[str], None],
        after: float = STALLED_AFTER,
    ) -> None:
        self.lag = 0
        self.away = ""
        self._bus, self._group, self._topics = bus, group, topics
        self._clock, self._stalled, self._after = clock, stalled, after
        self._committed: dict[tuple[str, int], int] = {}
        self._moved = clock.monotonic()
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
            self.away, self._moved = str(error), self._clock.monotonic()
            return
        self.away, self.lag = "", sum(lags.values())
        # A topic that grows between the two questions makes an offset look smaller than it is, so only a new highest one counts.
        moved = {place: offset for place, offset in committed.items() if offset > self._committed.get(place, -1)}
        if moved or not self.lag:
            self._committed |= moved
            self._moved = self._clock.monotonic()
        elif self._clock.monotonic() - self._moved > self._after:
            self._stalled(f"{self.lag} records wait and nothing was committed for {self._after:g} s")

    def _measure(self) -> tuple[dict[tuple[str, int], int], dict[tuple[str, int], int]]:
        lags, committed = {}, {}
        for topic in self._topics:
            ends = self._bus.ends(topic)
            for partition, lag in self._bus.lag(self._group, topic).items():
                lags[topic, partition] = lag
                committed[topic, partition] = ends.get(partition, 0) - lag
        return lags, committed

    def _run(self) -> None:
        while not self._stop.wait(LOOK_EVERY):
            self.look()
