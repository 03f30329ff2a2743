"""What a log on this machine offers, and the consumer that reads any such log: the embedded one and the one in memory."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from hub.bus import Place, Record
from hub.errors import BusError

Start = Callable[[Place], int | None]
_log = logging.getLogger(__name__)


class Reader(Protocol):
    """One reader's own way into the log; used by one thread at a time."""

    def bounds(self) -> dict[Place, tuple[int, int]]:
        """The first offset kept and the next to be given, of every partition of the reader's topics.

        Raises:
            BusUnavailable: a topic is absent or the log cannot be read now.
        """

    def read(self, positions: Mapping[Place, int], max_bytes: int) -> tuple[list[Record], dict[Place, int]]:
        """Records from `positions` on, and the positions after them; at least one record if any is there."""

    def wait(self, timeout: float) -> None:
        """Return after an append to one of the topics, or sooner, at the latest after `timeout` seconds."""

    def close(self) -> None:
        """Let go."""


class Member(Protocol):
    """The one place in a consumer group."""

    def close(self) -> None:
        """Give it up."""


class Log(Protocol):
    """A log whose groups have one member each, so that a member reads every partition."""

    def join(self, group: str) -> Member:
        """Become the member of a group.

        Raises:
            BusError: it has one.
        """

    def reader(self, topics: Sequence[str]) -> Reader: ...

    def offsets(self, group: str) -> dict[Place, int]: ...

    def commit(self, group: str, positions: Mapping[Place, int]) -> None: ...


class LogConsumer:
    """The member of a group, or a reader of its own; it finds its partitions when it is first asked, so topics may come later."""

    def __init__(self, log: Log, group: str | None, topics: Sequence[str], start: Start | None) -> None:
        self._log = log
        self._group = group
        self._start = start
        self._member = None if group is None else log.join(group)
        self._reader = log.reader(topics)
        self._positions: dict[Place, int] | None = None
        self._lock = threading.RLock()
        self._closed = False

    def poll(self, timeout: float, max_bytes: int = 8 << 20) -> list[Record]:
        deadline = time.monotonic() + timeout
        while True:
            with self._lock:
                records, moved = self._reader.read(self._assigned(), max_bytes)
                self._assigned().update(moved)
            left = deadline - time.monotonic()
            if records or left <= 0 or self._closed:
                return records
            self._reader.wait(left)

    def commit(self, positions: Mapping[Place, int]) -> None:
        if self._group is None:
            raise BusError("a reader without a group has nowhere to keep its offsets")
        self._log.commit(self._group, positions)

    def seek(self, place: Place, offset: int) -> None:
        with self._lock:
            assigned = self._assigned()
            if place not in assigned:
                raise BusError(f"{place} is not assigned here")
            assigned[place] = offset

    def assignment(self) -> frozenset[Place]:
        with self._lock:
            return frozenset(self._assigned())

    def close(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._reader.close()
            if self._member is not None:
                self._member.close()

    def _assigned(self) -> dict[Place, int]:
        if self._closed:
            raise BusError("this consumer is closed")
        if self._positions is None:
            bounds = self._reader.bounds()
            committed = {} if self._group is None else self._log.offsets(self._group)
            positions = {place: self._begin(place, limits, committed.get(place)) for place, limits in bounds.items()}
            # The group is known from now on, so that retention waits for it before it has committed anything.
            unknown = {place: offset for place, offset in positions.items() if committed.get(place) != offset}
            if self._group is not None and unknown:
                self._log.commit(self._group, unknown)
            self._positions = positions
        return self._positions

    def _begin(self, place: Place, limits: tuple[int, int], committed: int | None) -> int:
        first, end = limits
        named = None if self._start is None else self._start(place)
        offset = committed if named is None else named
        if offset is None:
            return first
        if offset > end:
            _log.warning(
                "%s begins at %d: offset %d is beyond the log's end %d, so it is another log's",
                place,
                first,
                offset,
                end,
            )
            return first
        return max(offset, first)
