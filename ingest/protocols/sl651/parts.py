"""Messages that come in several packets (SL 651-2014, M3): collected by number, asked for again where one is missing, joined when all are there."""

from dataclasses import dataclass, field
from typing import Final

from ingest.protocols.sl651.wire import ETX, Frame

_DIGITS: Final = b"0123456789ABCDEFabcdef"
MOST_OPEN: Final = 2
MOST_BYTES: Final = 2_097_152
"""What the packets of one connection may hold together; a picture may not be larger (`ingest.codecs.frame`)."""
MOST_ASKED: Final = 2
"""How often one packet is asked for again (6.3.1.2 c)."""


@dataclass(slots=True)
class Parts:
    """The packets of one message as far as they have come; `touched` epoch ms."""

    first: Frame
    touched: int
    raws: dict[int, bytes] = field(default_factory=dict)
    bodies: dict[int, bytes] = field(default_factory=dict)
    size: int = 0
    ended: bool = False
    asked: dict[int, int] = field(default_factory=dict)

    def put(self, frame: Frame, raw: bytes, now: int) -> None:
        """One packet; one that came before is replaced."""
        self.touched = now
        self.size += len(raw) - len(self.raws.get(frame.number, b""))
        self.raws[frame.number], self.bodies[frame.number] = raw, frame.body
        # A packet that was asked for again ends with ETX as the last one does (6.3.1.2 c).
        self.ended = self.ended or frame.end == ETX or frame.number == frame.total

    def missing(self) -> int:
        """The first packet that is not there; 0 where all are."""
        return next((number for number in range(1, self.first.total + 1) if number not in self.bodies), 0)

    def ask(self) -> int:
        """The packet to ask for now; 0 where there is none, or where it was asked for often enough."""
        number = self.missing()
        if number:
            self.asked[number] = self.asked.get(number, 0) + 1
            if self.asked[number] > MOST_ASKED:
                return 0
        return number

    def serial(self) -> int:
        """The message's serial number; 0 while its first packet is missing (6.6.2.4)."""
        head = self.bodies.get(1, b"")
        if not self.first.ascii:
            return int.from_bytes(head[:2])
        return int(head[:4], 16) if head[:4] and all(digit in _DIGITS for digit in head[:4]) else 0

    def raw(self) -> bytes:
        """The bytes of all packets that came, in their order."""
        return b"".join(self.raws[number] for number in sorted(self.raws))

    def joined(self) -> Frame:
        """One frame with the whole body, as if it had never been split."""
        body = b"".join(self.bodies[number] for number in range(1, self.first.total + 1))
        first = self.first
        return Frame(
            first.centre, first.station, first.password, first.function, first.up, ETX, body, ascii=first.ascii
        )


class Reassembly:
    """The messages of one connection that are not whole."""

    __slots__ = ("_open", "wait_ms")

    def __init__(self, wait_ms: int) -> None:
        self.wait_ms = wait_ms
        self._open: dict[tuple[str, int], Parts] = {}

    def __len__(self) -> int:
        return len(self._open)

    def put(self, frame: Frame, raw: bytes, now: int) -> tuple[Parts, list[Parts]]:
        """The message this packet belongs to, and those given up for it: another count or another beginning is another message."""
        key = frame.station, frame.function
        given_up = []
        parts = self._open.get(key)
        if parts is not None and not _continues(parts, frame):
            given_up.append(self._open.pop(key))
            parts = None
        if parts is None:
            if len(self._open) >= MOST_OPEN:
                given_up.append(self._open.pop(min(self._open, key=lambda one: self._open[one].touched)))
            parts = self._open[key] = Parts(frame, now)
        parts.put(frame, raw, now)
        if sum(one.size for one in self._open.values()) > MOST_BYTES:
            given_up.append(self._open.pop(key))
        return parts, given_up

    def done(self, parts: Parts) -> None:
        """The message is whole or given up."""
        self._open.pop((parts.first.station, parts.first.function), None)

    def overdue(self, now: int) -> list[Parts]:
        """Messages of which nothing has come for as long as one waits."""
        return [parts for parts in self._open.values() if now - parts.touched >= self.wait_ms]

    def due(self) -> int | None:
        """When the next one is overdue, epoch ms."""
        return min((parts.touched for parts in self._open.values()), default=0) + self.wait_ms if self._open else None

    def drain(self) -> list[Parts]:
        """All that is open, given up."""
        left, self._open = list(self._open.values()), {}
        return left


def _continues(parts: Parts, frame: Frame) -> bool:
    if frame.total != parts.first.total or frame.ascii != parts.first.ascii:
        return False
    return frame.number != 1 or parts.bodies.get(1, frame.body) == frame.body
