"""Readings of one partition gathered into columns, and taken out again as batches that fit on the bus."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from hub.batch import Block, Index
from ingest.codec import Reading

_ROW: Final = 12
"""Bytes of a row without its values: station u4, time i8."""


class Bucket:
    """Rows with the same properties as flat lists; appending a row is a few C calls whatever its width."""

    __slots__ = ("checks", "names", "quality", "stations", "times", "values")

    def __init__(self, names: tuple[str, ...], *, flagged: bool) -> None:
        self.names = names
        self.stations: list[int] = []
        self.times: list[int] = []
        self.values: list[float | None] = []
        self.quality: list[int] | None = [] if flagged else None
        self.checks: list[int] | None = [] if flagged else None

    def add(self, station: int, reading: Reading) -> None:
        """Append one row."""
        self.stations.append(station)
        self.times.append(reading.time)
        self.values.extend(reading.values)
        if self.quality is not None and self.checks is not None:
            width = len(self.names)
            self.quality.extend(reading.quality or (0,) * width)
            self.checks.extend((reading.checks,) * width)

    def take(self) -> Block:
        """All rows, `station` still holding the gatherer's numbers; the bucket is empty afterwards."""
        shape = (len(self.times), len(self.names))
        block = Block(
            self.names,
            np.array(self.stations, np.uint32),
            np.array(self.times, np.int64),
            np.array(self.values, np.float64).reshape(shape),
            None if self.quality is None else _flags(self.quality, shape),
            None if self.checks is None else _flags(self.checks, shape),
        )
        for column in (self.stations, self.times, self.values, self.quality, self.checks):
            if column is not None:
                column.clear()
        return block


def _flags(codes: list[int], shape: tuple[int, int]) -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]] | None":
    return np.array(codes, np.uint8).reshape(shape) if any(codes) else None


class Columns:
    """The buckets of one partition."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[tuple[str, ...], bool], Bucket] = {}

    def __len__(self) -> int:
        return len(self._buckets)

    def bucket(self, names: tuple[str, ...], *, flagged: bool) -> Bucket:
        """The bucket of rows with these properties, with or without quality and checks."""
        key = (names, flagged)
        found = self._buckets.get(key)
        if found is None:
            found = self._buckets[key] = Bucket(names, flagged=flagged)
        return found

    def add(self, station: int, reading: Reading) -> None:
        """Append one reading."""
        flagged = bool(reading.quality) or bool(reading.checks)
        self.bucket(reading.names, flagged=flagged).add(station, reading)

    def drain(self, names: Sequence[str], most_bytes: int) -> Iterator[tuple[tuple[str, ...], tuple[Block, ...]]]:
        """Everything gathered, as (stations, blocks) of at most about `most_bytes` each; `names` are the stations by
        number.
        """
        group: list[Block] = []
        size = 0
        for bucket in self._buckets.values():
            if not bucket.times:
                continue
            for block in _pieces(bucket.take(), most_bytes):
                weight = _weight(block)
                if group and size + weight > most_bytes:
                    yield _numbered(group, names)
                    group, size = [], 0
                group.append(block)
                size += weight
        if group:
            yield _numbered(group, names)

    def forget(self) -> None:
        """Drop empty buckets; nobody may hold one."""
        self._buckets.clear()


def _pieces(block: Block, most_bytes: int) -> Iterator[Block]:
    rows = max(1, most_bytes // max(1, _weight(block) // len(block) + 1))
    if len(block) <= rows:
        yield block
        return
    for first in range(0, len(block), rows):
        piece = slice(first, first + rows)
        yield Block(
            block.properties,
            block.station[piece],
            block.time[piece],
            block.value[piece],
            None if block.quality is None else block.quality[piece],
            None if block.checks is None else block.checks[piece],
        )


def _weight(block: Block) -> int:
    flags = (block.quality is not None) + (block.checks is not None)
    return sum(map(len, block.properties)) + 64 + len(block) * (_ROW + len(block.properties) * (8 + flags))


def _numbered(group: list[Block], names: Sequence[str]) -> tuple[tuple[str, ...], tuple[Block, ...]]:
    used: Index = np.unique(np.concatenate([block.station for block in group]))
    blocks = tuple(
        Block(
            block.properties,
            np.searchsorted(used, block.station).astype(np.uint32),
            block.time,
            block.value,
            block.quality,
            block.checks,
        )
        for block in group
    )
    return tuple(names[number] for number in used), blocks
