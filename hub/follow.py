"""Following the catalogue topic: every process has the register and the rules at any version it asks for."""

import threading
import time

from hub.bus import Bus, Record
from hub.catalogue import Catalogue, Change, decode_change
from hub.errors import BusUnavailable
from hub.topics import CATALOGUE


class CatalogueFollower:
    """Reads the catalogue topic on a thread of its own; `changes` grows, so a catalogue at any version can be folded from it."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._changes: list[Change] = []
        self._grown = threading.Condition()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="catalogue", daemon=True)

    @property
    def version(self) -> int:
        """The newest version read."""
        return len(self._changes)

    def start(self, timeout: float = 30.0) -> None:
        """Begin, and wait until everything that is on the topic now has been read.

        Raises:
            BusUnavailable: that did not happen within `timeout` seconds.
        """
        self._thread.start()
        deadline = time.monotonic() + timeout
        end = self._end(deadline)
        if not self.wait(end, deadline - time.monotonic()):
            raise BusUnavailable(f"the catalogue was read to {self.version} of {end} in {timeout:g} s")

    def _end(self, deadline: float) -> int:
        while True:
            try:
                return self._bus.ends(CATALOGUE).get(0, 0)
            except BusUnavailable:
                if time.monotonic() > deadline:
                    raise
                self._stop.wait(0.2)

    def wait(self, version: int, timeout: float) -> bool:
        """Whether `version` has been read, waiting up to `timeout` seconds for it."""
        with self._grown:
            return self._grown.wait_for(lambda: len(self._changes) >= version, max(0.0, timeout))

    def bring(self, catalogue: Catalogue, version: int | None = None) -> list[Change]:
        """Apply to `catalogue` what it lacks up to `version` (None: all that is read); the changes applied."""
        upto = len(self._changes) if version is None else min(version, len(self._changes))
        changes = self._changes[catalogue.version : upto]
        catalogue.apply_all(changes)
        return changes

    def close(self) -> None:
        """Stop reading."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        consumer = self._bus.consumer(None, [CATALOGUE])
        try:
            while not self._stop.is_set():
                try:
                    records = consumer.poll(0.25)
                except BusUnavailable:
                    self._stop.wait(0.5)
                    continue
                if records:
                    self._take(records)
        finally:
            consumer.close()

    def _take(self, records: list[Record]) -> None:
        changes = [decode_change(record.value) for record in records if record.value is not None]
        with self._grown:
            self._changes.extend(changes)
            self._grown.notify_all()
