"""What has arrived and is not on the bus yet: columns per partition, pictures, findings, dead letters, and who waits
for it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from hub.batch import Batch, encode_batch
from hub.bus import Message
from hub.dead_letter import DeadLetter, encode_dead_letter
from hub.event import DeviceEvent, encode_event
from hub.partition import partition_of
from hub.topics import DEAD_LETTERS, EVENTS, FRAMES, OBSERVATIONS
from ingest.codec import Picture, Reading
from ingest.columns import Columns

LARGEST_LETTER: Final = 3_500_000
"""Bytes of a payload that a dead letter keeps; a longer one is cut, and its detail says so."""

_MOST_SHAPES: Final = 4096


@dataclass(slots=True)
class Stamp:
    """What every batch of a flush carries: who, when (epoch ms), which catalogue, and the next sequence number."""

    source: str
    received: int
    catalogue: int
    sequence: Iterator[int]


@dataclass(slots=True)
class Parcel:
    """Messages that go to the bus in one append, and the acknowledgements that wait for it."""

    messages: list[Message]
    waiting: list[int] = field(default_factory=list)
    rows: int = 0
    values: int = 0
    oldest: float | None = None

    @property
    def size(self) -> int:
        """Bytes of all values."""
        return sum(len(message.value or b"") for message in self.messages)


class Gathered:
    """Gathers until it is drained; buckets stay the same objects, so a fast path may hold on to them until
    `shapes_grew`.
    """

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions
        self._columns = [Columns() for _ in range(partitions)]
        self._numbers: dict[str, int] = {}
        self._names: list[str] = []
        self._beside: list[Message] = []
        self._beside_bytes = 0
        self.values = 0
        self.rows = 0
        self.waiting: list[int] = []
        self.oldest: float | None = None

    def __bool__(self) -> bool:
        return bool(self.rows or self._beside or self.waiting)

    @property
    def size(self) -> int:
        """About how many bytes a drain will make."""
        return self._beside_bytes + 12 * self.rows + 8 * self.values

    def columns_of(self, station: str) -> Columns:
        """The columns of the station's partition."""
        return self._columns[partition_of(station.encode(), self._partitions)]

    def number(self, station: str) -> int:
        """A small number for the station."""
        number = self._numbers.get(station)
        if number is None:
            number = self._numbers[station] = len(self._names)
            self._names.append(station)
        return number

    def add_reading(self, station: str, reading: Reading) -> None:
        """One row."""
        self.columns_of(station).add(self.number(station), reading)
        self.rows += 1
        self.values += len(reading.values)

    def add_event(self, event: DeviceEvent) -> None:
        """One finding or status."""
        self._put(Message(EVENTS, event.station.encode(), encode_event(event), time=event.received))

    def add_picture(self, station: str, picture: Picture, data: bytes, received: int) -> None:
        """One frame: the bytes as they came, facts about them in the headers."""
        facts: Mapping[str, bytes] = {
            "time": b"%d" % picture.time,
            "received": b"%d" % received,
            "media": picture.media.encode(),
            "width": b"%d" % picture.width,
            "height": b"%d" % picture.height,
            "time_assumed": b"1" if picture.time_assumed else b"0",
        }
        self._put(Message(FRAMES, station.encode(), data, time=received, headers=facts))

    def add_message(self, message: Message) -> None:
        """One message as it is."""
        self._put(message)

    def add_letter(self, letter: DeadLetter) -> None:
        """One message, or the part of one, that could not be taken."""
        key = (letter.device or letter.topic)[:256].encode()
        self._put(Message(DEAD_LETTERS, key, encode_dead_letter(_fitting(letter)), time=letter.received))

    def shapes_grew(self) -> bool:
        """Whether there are more shapes than anyone needs: then they are forgotten, and whoever holds buckets must let
        go.
        """
        if self.rows or sum(map(len, self._columns)) <= _MOST_SHAPES:
            return False
        for columns in self._columns:
            columns.forget()
        return True

    def drain(self, stamp: Stamp, most_bytes: int, *, ticks: bool) -> Parcel:
        """Everything as one parcel; with `ticks` every partition also gets an empty batch. Nothing is gathered
        afterwards.
        """
        messages: list[Message] = []
        for partition, columns in enumerate(self._columns):
            for stations, blocks in columns.drain(self._names, most_bytes):
                batch = Batch(stamp.source, next(stamp.sequence), stamp.received, stamp.catalogue, stations, blocks)
                messages.append(_message(batch, partition))
            if ticks:
                empty = Batch(stamp.source, next(stamp.sequence), stamp.received, stamp.catalogue)
                messages.append(_message(empty, partition))
        messages += self._beside
        parcel = Parcel(messages, self.waiting, self.rows, self.values, self.oldest)
        self._beside, self._beside_bytes, self.waiting = [], 0, []
        self.rows, self.values, self.oldest = 0, 0, None
        return parcel

    def _put(self, message: Message) -> None:
        self._beside.append(message)
        self._beside_bytes += len(message.value or b"")


def _message(batch: Batch, partition: int) -> Message:
    return Message(OBSERVATIONS, batch.source.encode(), encode_batch(batch), partition, batch.received)


def _fitting(letter: DeadLetter) -> DeadLetter:
    payload, detail, topic = letter.payload, letter.detail[:4000], letter.topic
    if len(payload) > LARGEST_LETTER:
        detail = f"{detail} (kept: the first {LARGEST_LETTER} of {len(payload)} bytes)"
        payload = payload[:LARGEST_LETTER]
    # What came as text may hold what cannot be written as UTF-8 again.
    detail, topic = (text.encode(errors="replace").decode() for text in (detail, topic))
    return DeadLetter(
        letter.received, letter.source, topic, letter.reason, detail, payload, letter.device, letter.retried
    )
