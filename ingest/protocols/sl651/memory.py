"""What is remembered of a station over its connections: what it sent last, its alarms, and whether it is to stay on line."""

from collections import deque
from dataclasses import dataclass, field
from typing import Final
from zlib import crc32

from ingest.protocols.sl651.wire import Frame

_RECENT: Final = 16
_MOST_STATIONS: Final = 50_000

Key = tuple[int, int, int]


@dataclass(slots=True)
class Known:
    """One station. `word` is its last state word, `new_password` one that was set and that the register may not have yet."""

    recent: deque[Key] = field(default_factory=lambda: deque(maxlen=_RECENT))
    word: int | None = None
    keep: bool = False
    clock_off: bool = False
    new_password: str = ""


class Memory:
    """Of all stations of the process; those that were silent longest are forgotten first."""

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}

    def of(self, identity: str) -> Known:
        """What is known of a station."""
        known = self._known.pop(identity, None) or Known()
        self._known[identity] = known
        if len(self._known) > _MOST_STATIONS:
            del self._known[next(iter(self._known))]
        return known


def key_of(frame: Frame) -> Key:
    """What makes a message the same when it comes again: function, serial number, and all but the time it was sent (6.6.2.4)."""
    head, serial = (16, 4) if frame.ascii else (8, 2)
    return frame.function, crc32(frame.body[:serial]), crc32(frame.body[head:])
