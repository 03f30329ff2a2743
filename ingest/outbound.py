"""Parcels on their way to the bus: in order, tried again with growing waits while the bus is away, never dropped."""

from collections import deque
from collections.abc import Sequence
from typing import Final

from hub.bus import Bus, Message
from hub.clock import Clock
from hub.dead_letter import DeadLetter, encode_dead_letter
from hub.errors import BusUnavailable, MessageTooLarge
from hub.topics import DEAD_LETTERS, OBSERVATIONS
from ingest.counters import Counters
from ingest.gathered import Parcel

_FIRST_WAIT: Final = 0.1
_LONGEST_WAIT: Final = 5.0
_KEPT_OF_TOO_LARGE: Final = 65_536


class Outbound:
    """The queue between what is gathered and the bus; `trouble` says why it stands still."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._parcels: deque[Parcel] = deque()
        self._wait = 0.0
        self._not_before = 0.0
        self.size = 0
        self.trouble = ""

    @property
    def stalled(self) -> bool:
        """Whether the bus refused what it was last given."""
        return bool(self.trouble)

    @property
    def oldest(self) -> float | None:
        """When the oldest message in here came, by the monotonic clock."""
        return next((parcel.oldest for parcel in self._parcels if parcel.oldest is not None), None)

    def put(self, parcel: Parcel) -> None:
        """Append behind what already waits."""
        self._parcels.append(parcel)
        self.size += parcel.size

    def forget_tokens(self) -> None:
        """Nobody waits for these acknowledgements any more."""
        for parcel in self._parcels:
            parcel.waiting.clear()

    def send(self, counters: Counters) -> list[int]:
        """Append as much as the bus takes now; the tokens that became durable."""
        tokens: list[int] = []
        if self._wait and self._clock.monotonic() < self._not_before:
            return tokens
        while self._parcels:
            parcel = self._parcels[0]
            try:
                append(self._bus, parcel.messages)
            except BusUnavailable as error:
                counters.failed_appends += 1
                self.trouble = str(error) or "the bus is away"
                self._wait = min(_LONGEST_WAIT, self._wait * 2 or _FIRST_WAIT)
                self._not_before = self._clock.monotonic() + self._wait
                return tokens
            self._parcels.popleft()
            self.size -= parcel.size
            self.count(parcel, counters)
            tokens += parcel.waiting
        self.trouble, self._wait = "", 0.0
        return tokens

    def count(self, parcel: Parcel, counters: Counters) -> None:
        """Count a parcel that is durable."""
        counters.rows += parcel.rows
        counters.values += parcel.values
        counters.batches += sum(message.topic == OBSERVATIONS for message in parcel.messages)
        counters.bytes += parcel.size
        counters.appends += 1


def append(bus: Bus, messages: Sequence[Message]) -> None:
    """Append messages; one that is over its topic's limit becomes a dead letter, and the others do not wait for it.

    Raises:
        BusUnavailable: some may have been appended.
    """
    if not messages:
        return
    try:
        bus.append(messages)
    except MessageTooLarge:
        for message in messages:
            try:
                bus.append([message])
            except MessageTooLarge as error:
                bus.append([_too_large(message, str(error))])


def _too_large(message: Message, detail: str) -> Message:
    value = message.value or b""
    letter = DeadLetter(
        message.time or 0,
        "ingest",
        f"bus:{message.topic}",
        "too_large",
        f"{detail} (kept: the first {_KEPT_OF_TOO_LARGE} of {len(value)} bytes)",
        value[:_KEPT_OF_TOO_LARGE],
        message.key.decode(errors="replace"),
    )
    return Message(DEAD_LETTERS, message.key, encode_dead_letter(letter), time=message.time)
