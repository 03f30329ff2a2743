"""Pictures that wait for a worker: each camera's in order, cameras by turns; where too many wait, the oldest go."""

import threading
from collections import OrderedDict, deque
from itertools import chain
from typing import Final

from hub.bus import Record

LONGEST_MS: Final = 45_000
"""Of one camera's pictures that wait: longer than what is looked at again after a restart."""

MOST_BYTES: Final = 96 << 20


class Waiting:
    """The queue of one lane; a picture that is put never blocks whoever puts it."""

    def __init__(self, longest_ms: int = LONGEST_MS, most_bytes: int = MOST_BYTES) -> None:
        self._longest, self._most = longest_ms, most_bytes
        self._cameras: OrderedDict[str, deque[Record]] = OrderedDict()
        self._bytes = 0
        self._there = threading.Condition()
        self._in_hand: Record | None = None
        self.dropped = 0

    def put(self, station: str, record: Record) -> list[Record]:
        """Add a picture; those that had to go for it."""
        with self._there:
            queue = self._cameras.setdefault(station, deque())
            queue.append(record)
            self._bytes += len(record.value or b"")
            gone = []
            while len(queue) > 1 and (record.time - queue[0].time > self._longest or self._bytes > self._most):
                gone.append(self._out(queue))
            self.dropped += len(gone)
            self._there.notify()
            return gone

    def take(self, timeout: float) -> tuple[str, Record] | None:
        """The oldest picture of the camera whose turn it is, in hand until `done`; None after `timeout` seconds without any."""
        with self._there:
            if not self._there.wait_for(lambda: bool(self._cameras), timeout):
                return None
            station, queue = next(iter(self._cameras.items()))
            record = self._in_hand = self._out(queue)
            if queue:
                self._cameras.move_to_end(station)
            else:
                del self._cameras[station]
            return station, record

    def done(self) -> None:
        """The picture in hand is done with."""
        with self._there:
            self._in_hand = None

    def has(self, station: str) -> bool:
        """Whether pictures of a camera wait."""
        with self._there:
            return station in self._cameras

    def oldest(self) -> dict[tuple[str, int], int]:
        """The lowest offset that waits or is in hand, by topic and partition."""
        with self._there:
            found: dict[tuple[str, int], int] = {}
            in_hand = () if self._in_hand is None else (self._in_hand,)
            for record in chain(in_hand, *self._cameras.values()):
                place = (record.topic, record.partition)
                found[place] = min(found.get(place, record.offset), record.offset)
            return found

    def __len__(self) -> int:
        with self._there:
            return sum(map(len, self._cameras.values()))

    def _out(self, queue: deque[Record]) -> Record:
        record = queue.popleft()
        self._bytes -= len(record.value or b"")
        return record
