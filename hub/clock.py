"""Time comes in by the door: whoever needs it is given a clock."""

import time
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """What the time is."""

    def now(self) -> int:
        """UTC epoch milliseconds."""

    def monotonic(self) -> float:
        """Seconds that never go back, from an arbitrary beginning."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()


class ManualClock:
    """A clock that a test turns by hand."""

    def __init__(self, now: int = 1_767_225_600_000) -> None:
        self._now = now

    def now(self) -> int:
        return self._now

    def monotonic(self) -> float:
        return self._now / 1000

    def advance(self, milliseconds: int) -> None:
        """Turn the clock forward."""
        self._now += milliseconds


def rfc3339(milliseconds: int, zone: ZoneInfo) -> str:
    """Epoch milliseconds as RFC 3339 with the zone's offset; milliseconds are shown only where they are not zero."""
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC).astimezone(zone)
    rest = milliseconds % 1000
    return (moment.replace(microsecond=rest * 1000)).isoformat(timespec="milliseconds" if rest else "seconds")


def parse_rfc3339(text: str) -> int:
    """RFC 3339 with offset to UTC epoch milliseconds.

    Raises:
        ValueError: not a date and time, or without an offset.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset; expected RFC 3339 such as 2026-11-23T10:41:20+08:00")
    seconds = (moment.replace(microsecond=0) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    return int(seconds) * 1000 + moment.microsecond // 1000
