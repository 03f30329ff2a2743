"""What one caller may cost: connections an address, bytes and frames a second."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hub.settings import FieldSection

BURST_S: Final = 10.0
"""A connection may spend this many seconds' worth at once: a logger that was away sends what it kept."""

ROUND_S: Final = 0.02
"""What a round of turns may last; then answers, flushes and new callers have theirs."""


@dataclass(slots=True)
class Bucket:
    """Tokens that come back at `rate` a second, up to `rate * BURST_S`; it may go below zero, and then says how long to wait."""

    rate: float
    level: float
    at: float

    @classmethod
    def full(cls, rate: float, now: float) -> "Bucket":
        """A bucket nothing was taken from; `now` is monotonic seconds."""
        return cls(rate, rate * BURST_S, now)

    def take(self, number: float, now: float) -> float:
        """Take tokens; the seconds until the level is no longer below zero."""
        self.level = min(self.rate * BURST_S, self.level + (now - self.at) * self.rate) - number
        self.at = now
        return max(0.0, -self.level / self.rate)


class Doors:
    """How many connections there are, in all and from each address."""

    def __init__(self, settings: FieldSection) -> None:
        self._most, self._each = settings.max_sessions, settings.per_address
        self._from: Counter[str] = Counter()
        self.open = 0
        self.turned_away: Counter[str] = Counter()

    def enter(self, address: str) -> str:
        """Let a connection in; otherwise why not."""
        if self.open >= self._most:
            reason = f"field.max_sessions = {self._most} connections are open"
        elif self._from[address] >= self._each:
            reason = f"field.per_address = {self._each} connections are open from {address}"
        else:
            self.open += 1
            self._from[address] += 1
            return ""
        self.turned_away["full" if self.open >= self._most else "address"] += 1
        return reason

    def leave(self, address: str) -> None:
        """A connection that was let in is gone."""
        self.open -= 1
        self._from[address] -= 1
        if not self._from[address]:
            del self._from[address]


class Turns:
    """Who has bytes to be looked into, in the order of coming: thousands who come back at once must not keep records from the bus and answers from devices."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._waiting: deque[Callable[[], None]] = deque()
        self._called = False

    def ask(self, take: Callable[[], None]) -> None:
        """Call `take` when it is its turn: soon, and never from within this call."""
        self._waiting.append(take)
        self._call()

    def _call(self) -> None:
        if not self._called:
            self._called = True
            asyncio.get_running_loop().call_soon(self._round)

    def _round(self) -> None:
        self._called = False
        end = self._monotonic() + ROUND_S
        try:
            while self._waiting:
                self._waiting.popleft()()
                if self._monotonic() >= end:
                    break
        finally:
            if self._waiting:
                self._call()
