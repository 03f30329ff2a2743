"""The short way of ordinary telemetry: one typed decode, one look-up of the device, one of the shape; no Python per
value.

Whatever is out of the ordinary is left to the decoders, which explain what is wrong; both ways store the same
(tests/ingest/test_fast_path.py).
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from hub.errors import Refused
from ingest.codec import Entry
from ingest.codecs.telemetry import read_plain
from ingest.columns import Bucket
from ingest.gathered import Gathered
from ingest.times import EARLIEST, parse
from ingest.values import MOST_PROPERTIES

_MILLIS: Final = {f".{number:03d}": number for number in range(1000)}
_DIGITS: Final = "0123456789"
_MOST_FINER: Final = 6
"""Digits that may follow the milliseconds; they are dropped, as the decoders drop them."""
_MOST_TIMES: Final = 50_000


class Times:
    """RFC 3339 texts with offset that were seen lately, by their whole seconds."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def read(self, text: str) -> int | None:
        """Epoch ms, None when the text is not a time with offset, or not one in milliseconds or finer."""
        millis = _MILLIS.get(text[19:23])
        if millis is None:
            whole = text
        else:
            finer = text[23:]
            offset = finer.lstrip(_DIGITS)
            if len(finer) - len(offset) > _MOST_FINER:
                return None
            whole = text[:19] + offset
        start = self._known.get(whole)
        if start is None:
            start = self._learn(whole)
        return start if start is None or millis is None else start + millis

    def _learn(self, whole: str) -> int | None:
        try:
            start = parse(whole, None)
        except Refused:
            return None
        if len(self._known) >= _MOST_TIMES:
            self._known.clear()
        self._known[whole] = start
        return start


class _Known:
    """One device as the loop needs it."""

    __slots__ = ("buckets", "entry", "number")

    def __init__(self, number: int, entry: Entry) -> None:
        self.number = number
        self.entry = entry
        self.buckets: dict[tuple[str, ...], Bucket] = {}


class FastPath:
    """Takes ordinary telemetry of known devices straight into the columns."""

    def __init__(self, gathered: Gathered, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._gathered = gathered
        self._known: dict[bytes, _Known] = {}
        self._times = Times()

    def clear(self) -> None:
        """Forget devices and shapes: the register or the columns have changed."""
        self._known.clear()

    def learn(self, topic: bytes, entry: Entry) -> None:
        """From now on telemetry on this topic may take the short way."""
        self._known[topic] = _Known(self._gathered.number(entry.station), entry)

    def take(self, topics: Sequence[bytes], payloads: Sequence[bytes], horizon: int) -> list[int]:
        """Take what is ordinary; the places of the messages that are not."""
        left: list[int] = []
        known_topics, times, most_bytes = self._known, self._times.read, self._most_bytes
        rows = values = 0
        for place, topic in enumerate(topics):
            known = known_topics.get(topic)
            payload = payloads[place]
            if known is None or len(payload) > most_bytes:
                left.append(place)
                continue
            try:
                plain = read_plain(payload)
            except (msgspec.DecodeError, UnicodeDecodeError):
                left.append(place)
                continue
            row, time = plain.values, plain.ts
            names = tuple(row)
            bucket = known.buckets.get(names) or self._bucket(known, names)
            if isinstance(time, str):
                time = times(time)
            if (
                bucket is None
                or not isinstance(time, int)
                or not EARLIEST <= time <= horizon
                or plain.flags is not None
                or plain.units is not None
            ):
                left.append(place)
                continue
            bucket.stations.append(known.number)
            bucket.times.append(time)
            bucket.values.extend(row.values())
            rows += 1
            values += len(names)
        self._gathered.rows += rows
        self._gathered.values += values
        return left

    def _bucket(self, known: _Known, names: tuple[str, ...]) -> Bucket | None:
        if not 0 < len(names) <= MOST_PROPERTIES or not all(map(known.entry.knows, names)):
            return None
        bucket = self._gathered.columns_of(known.entry.station).bucket(names, flagged=False)
        known.buckets[names] = bucket
        return bucket
