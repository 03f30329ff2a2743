"""Where an import goes: into the store itself while nobody else writes it, else over the bus to whoever does."""

import time
from collections.abc import Callable, Iterator
from typing import Final, Protocol

import numpy as np

from hub.batch import Batch, Block, encode_batch
from hub.bus import Bus, Message
from hub.clock import Clock
from hub.errors import StoreUnavailable
from hub.topics import IMPORTS, SERIES_GROUP
from ingest.imports.rows import Part
from storage.series import Incoming, Rejected, SeriesStore

AT_ONCE: Final = 262_144
"""Values of one durable write."""

MESSAGE_BYTES: Final = 900_000
MOST_WAITING: Final = 64
"""Messages that may wait on the bus: what is imported is not to be in the way of what devices send."""

PATIENCE_S: Final = 60.0
_LOOK_S: Final = 0.05


class Sink(Protocol):
    """Takes parts of a file one after the other."""

    def take(self, part: Part) -> None:
        """Keep the readings, now or with the next ones.

        Raises:
            StoreUnavailable, BusUnavailable: they cannot be kept; importing the file again is safe.
        """

    def finish(self) -> None:
        """Return once everything is durable, and on the bus also stored."""


class StoreSink:
    """Writes a store that has no other writer."""

    def __init__(self, store: SeriesStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._held: list[Incoming] = []
        self._count = 0

    def take(self, part: Part) -> None:
        """Gather; write when it is much."""
        self._held.append(Incoming(part.stations, part.blocks))
        self._count += sum(block.value.size for block in part.blocks)
        if self._count >= AT_ONCE:
            self._write()

    def finish(self) -> None:
        """Write the rest."""
        self._write()

    def _write(self) -> None:
        if not self._held:
            return
        rejected = self._store.write(self._held)
        if rejected:
            raise StoreUnavailable(_refused(rejected))
        self._store.maintain(self._clock.now())
        self._held, self._count = [], 0


def _refused(rejected: list[Rejected]) -> str:
    one = rejected[0]
    return (
        f"the store refused {len(rejected)} values, first {one.station} {one.property} at {one.time} ms: {one.reason}"
    )


class BusSink:
    """Hands readings to the part that writes the store; never more on the way than it takes in a moment."""

    def __init__(self, bus: Bus, clock: Clock, wait: Callable[[float], None] = time.sleep) -> None:
        self._bus = bus
        self._clock = clock
        self._wait = wait
        self._sequence = 0

    def take(self, part: Part) -> None:
        """Append, once there is room."""
        for stations, block in _cut(part):
            self._until(MOST_WAITING)
            batch = Batch("import", self._sequence, self._clock.now(), 0, stations, (block,))
            self._bus.append([Message(IMPORTS, b"import", encode_batch(batch), partition=0)])
            self._sequence += 1

    def finish(self) -> None:
        """Wait until the last of it is stored."""
        self._until(0)

    def _until(self, most: int) -> None:
        waiting = self._waiting()
        deadline = self._clock.monotonic() + PATIENCE_S
        while waiting > most:
            self._wait(_LOOK_S)
            now = self._waiting()
            if now < waiting:
                deadline = self._clock.monotonic() + PATIENCE_S
            elif self._clock.monotonic() > deadline:
                detail = "the series part takes nothing; what is on the bus is kept and stored when it runs, import the file again then"
                raise StoreUnavailable(detail)
            waiting = now

    def _waiting(self) -> int:
        return sum(self._bus.lag(SERIES_GROUP, IMPORTS).values())


def _cut(part: Part) -> Iterator[tuple[tuple[str, ...], Block]]:
    """Each block in slices that fit into a message, with the stations that occur in it."""
    for block in part.blocks:
        rows = max(1, MESSAGE_BYTES // (16 + 10 * len(block.properties)))
        for first in range(0, len(block), rows):
            piece = slice(first, first + rows)
            used, station = np.unique(block.station[piece], return_inverse=True)
            columns = (block.time[piece], block.value[piece])
            flags = (None if one is None else one[piece] for one in (block.quality, block.checks))
            stations = tuple(part.stations[int(number)] for number in used)
            yield stations, Block(block.properties, station.astype(np.uint32), *columns, *flags)
