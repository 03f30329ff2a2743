"""What `write` appends: the columns of the bus's blocks as they are, with the number of each value's series.

An entry's id is its segment and its place in it. A segment is sealed as a whole, so whoever holds entries in memory lets go of whole segments.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from hub.batch import Block, Ints
from hub.errors import CorruptRecord
from hub.series_index import SeriesIndex
from storage.columns import Columns, concatenate, of_block
from storage.series import Incoming

_SEGMENT: Final = 1 << 32


class _Piece(msgspec.Struct, array_like=True, gc=False):
    rows: int
    width: int
    series: bytes
    time: bytes
    value: bytes
    quality: bytes | None
    checks: bytes | None


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(list[_Piece])


@dataclass(frozen=True, slots=True)
class Entry:
    """One row to append: how many values, in how many blocks, and their bytes."""

    count: int
    blocks: int
    data: bytes


def entry_id(segment: int, place: int) -> int:
    """The id of the entry at `place` of a segment."""
    return segment * _SEGMENT + place


def segment_of(entry: int) -> int:
    """The segment an entry belongs to."""
    return entry // _SEGMENT


def pack(index: SeriesIndex, batches: Sequence[Incoming], most: int) -> list[Entry]:
    """Entries of about `most` values each that hold all the batches, in order; new series get their number."""
    entries, pieces, count = [], [], 0
    for batch in batches:
        for block in batch.blocks:
            if not block.value.size:
                continue
            pieces.append(_piece(index.matrix(batch.stations, block), block))
            count += block.value.size
            if count >= most:
                entries.append(Entry(count, len(pieces), _encoder.encode(pieces)))
                pieces, count = [], 0
    if pieces:
        entries.append(Entry(count, len(pieces), _encoder.encode(pieces)))
    return entries


def _piece(series: Ints, block: Block) -> _Piece:
    rows, width = block.value.shape
    return _Piece(
        rows,
        width,
        series.astype("<u4").tobytes(),
        block.time.astype("<i8", copy=False).tobytes(),
        block.value.astype("<f8", copy=False).tobytes(),
        _flags(block.quality),
        _flags(block.checks),
    )


def _flags(flags: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]] | None") -> bytes | None:
    return flags.tobytes() if flags is not None and flags.any() else None


def unpack(entries: Iterable[bytes]) -> Columns:
    """The values of the entries, in order; absent ones left out.

    Raises:
        CorruptRecord: one is not an entry of ours.
    """
    try:
        return concatenate(_columns(piece) for data in entries for piece in _decoder.decode(data))
    except (msgspec.DecodeError, ValueError) as error:
        raise CorruptRecord(f"not an entry of the series log: {error}") from error


def _columns(piece: _Piece) -> Columns:
    shape = (piece.rows, piece.width)
    block = Block(
        ("",) * piece.width,
        np.zeros(piece.rows, np.uint32),
        np.frombuffer(piece.time, "<i8"),
        np.frombuffer(piece.value, "<f8").reshape(shape),
        None if piece.quality is None else np.frombuffer(piece.quality, np.uint8).reshape(shape),
        None if piece.checks is None else np.frombuffer(piece.checks, np.uint8).reshape(shape),
    )
    return of_block(np.frombuffer(piece.series, "<u4").astype(np.int64).reshape(shape), block)
