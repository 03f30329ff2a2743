"""One message of the `observations` topic: a batch of device readings in columns.

A block holds the readings that carry the same properties, one row a reading; so one bus message of 500 readings costs about as much as one of a single
reading. Numbers are little-endian; an absent value is NaN. `received` is the ingest process's own clock and `catalogue` the version it worked with:
whoever reads the batch needs neither a clock nor another source, and a replay gives the same answer.
"""

from dataclasses import dataclass, field
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from hub.errors import CorruptRecord

LAYOUT: Final = 1
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Index = NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Readings with the same p properties: station (n,) into `Batch.stations`, time (n,) epoch ms, value (n, p).

    `quality` (n, p) holds codes of `hub.model.QUALITY_LETTERS`, `checks` (n, p) bits of `hub.model.Check`; None stands for all zero.
    """

    properties: tuple[str, ...]
    station: Index
    time: Ints
    value: Floats
    quality: Bytes | None = None
    checks: Bytes | None = None

    def __post_init__(self) -> None:
        shape = (len(self.time), len(self.properties))
        if self.station.shape != shape[:1] or self.value.shape != shape:
            raise ValueError(f"a block of shape {shape} has station {self.station.shape} and value {self.value.shape}")
        for flags in (self.quality, self.checks):
            if flags is not None and flags.shape != shape:
                raise ValueError(f"a block of shape {shape} has flags of shape {flags.shape}")

    def __len__(self) -> int:
        return len(self.time)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Readings of one partition as ingest appended them; an empty batch only says that ingest was alive at `received`."""

    source: str
    sequence: int
    received: int
    catalogue: int
    stations: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = field(default=())

    def __len__(self) -> int:
        return sum(map(len, self.blocks))

    @property
    def values(self) -> int:
        """How many values the batch holds, absent ones included."""
        return sum(block.value.size for block in self.blocks)


class _WireBlock(msgspec.Struct, array_like=True, gc=False):
    properties: tuple[str, ...]
    rows: int
    station: bytes
    time: bytes
    value: bytes
    quality: bytes | None
    checks: bytes | None


class _WireBatch(msgspec.Struct, array_like=True, gc=False):
    layout: int
    source: str
    sequence: int
    received: int
    catalogue: int
    stations: tuple[str, ...]
    blocks: list[_WireBlock]


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(_WireBatch)


def encode_batch(batch: Batch) -> bytes:
    """The bytes of one bus message."""
    blocks = [
        _WireBlock(
            block.properties,
            len(block),
            block.station.astype("<u4", copy=False).tobytes(),
            block.time.astype("<i8", copy=False).tobytes(),
            block.value.astype("<f8", copy=False).tobytes(),
            None if block.quality is None else block.quality.tobytes(),
            None if block.checks is None else block.checks.tobytes(),
        )
        for block in batch.blocks
    ]
    wire = _WireBatch(LAYOUT, batch.source, batch.sequence, batch.received, batch.catalogue, batch.stations, blocks)
    return _encoder.encode(wire)


def decode_batch(value: bytes) -> Batch:
    """The batch in one bus message; its arrays are read-only views of `value`.

    Raises:
        CorruptRecord: not a batch of this layout.
    """
    try:
        wire = _decoder.decode(value)
        if wire.layout != LAYOUT:
            raise CorruptRecord(f"batch layout {wire.layout}, expected {LAYOUT}")
        blocks = tuple(map(_read_block, wire.blocks))
    except (msgspec.DecodeError, ValueError) as error:
        raise CorruptRecord(f"not a batch of observations: {error}") from error
    if any(len(block) and int(block.station.max()) >= len(wire.stations) for block in blocks):
        raise CorruptRecord("a block names a station that the batch does not list")
    return Batch(wire.source, wire.sequence, wire.received, wire.catalogue, wire.stations, blocks)


def _read_block(wire: _WireBlock) -> Block:
    shape = (wire.rows, len(wire.properties))
    return Block(
        wire.properties,
        np.frombuffer(wire.station, "<u4"),
        np.frombuffer(wire.time, "<i8"),
        np.frombuffer(wire.value, "<f8").reshape(shape),
        None if wire.quality is None else np.frombuffer(wire.quality, np.uint8).reshape(shape),
        None if wire.checks is None else np.frombuffer(wire.checks, np.uint8).reshape(shape),
    )
