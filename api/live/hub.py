"""The fan-out: a ring of encoded events that every listener reads at its own pace; who falls behind the ring is dropped.

Everything here runs on the event loop; nothing waits for a listener.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final

from api.live.event import HEARTBEAT, Event

RING_EVENTS: Final = 4096
RING_BYTES: Final = 16 << 20
PIECE_BYTES: Final = 1 << 20
"""About how much a listener is given at once."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a listener may and wants to see: one department or None for all, and types of events."""

    department: str | None
    types: frozenset[str]

    def takes(self, one: Event) -> bool:
        """Whether this event is for the listener; heartbeats are for everybody."""
        if one.type and one.type not in self.types:
            return False
        return self.department is None or one.department in ("", self.department)


class FellBehind(Exception):
    """The listener read so slowly that events it has not seen have left the ring."""


class Fanout:
    """Holds the newest events. `put` gives each a place; listeners ask for what follows the place they reached."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self._first = 0
        self._bytes = 0
        self._grown = asyncio.Event()
        self._joined: dict[tuple[int, Scope], tuple[bytes, int]] = {}
        self.closed = False
        self.listeners = 0

    @property
    def end(self) -> int:
        """The place of the next event."""
        return self._first + len(self._events)

    def put(self, events: list[Event]) -> None:
        """Add events and wake everybody who waits."""
        for one in events:
            self._events.append(one)
            self._bytes += len(one.data)
        while len(self._events) > RING_EVENTS or self._bytes > RING_BYTES:
            self._bytes -= len(self._events.popleft().data)
            self._first += 1
        self._wake()

    def beat(self) -> None:
        """Send everybody a comment, so that a dead connection shows on both sides."""
        self.put([Event("", "", HEARTBEAT)])

    def close(self) -> None:
        """Let every listener end."""
        self.closed = True
        self._wake()

    def after(self, place: int, scope: Scope) -> tuple[bytes, int]:
        """What follows `place`, joined, up to a piece, and the place reached; listeners at the same place share the same bytes.

        Raises:
            FellBehind: some of it has left the ring.
        """
        if place < self._first:
            raise FellBehind
        key = (place, scope)
        joined = self._joined.get(key)
        if joined is None:
            joined = self._joined[key] = self._join(place, scope)
        return joined

    def _join(self, place: int, scope: Scope) -> tuple[bytes, int]:
        held: list[bytes] = []
        size = 0
        while place < self.end and size < PIECE_BYTES:
            one = self._events[place - self._first]
            place += 1
            if scope.takes(one):
                held.append(one.data)
                size += len(one.data)
        return b"".join(held), place

    async def wait(self, place: int) -> None:
        """Return once there is something after `place`, or everything ends."""
        while self.end == place and not self.closed:
            await self._grown.wait()

    def _wake(self) -> None:
        self._joined.clear()
        self._grown.set()
        self._grown = asyncio.Event()
