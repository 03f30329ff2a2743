"""A batch on the bus: what goes in comes out, and nothing else is taken for one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hub.batch import Batch, Block, decode_batch, encode_batch
from hub.errors import CorruptRecord
from hub.series_index import SeriesIndex

STATIONS = ("zhenhai/water/W01", "zhenhai/water/W02", "zhenhai/air/A01")


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    rows, columns = draw(st.integers(0, 5)), draw(st.integers(1, 4))
    flags = st.none() | hnp.arrays(np.uint8, (rows, columns))
    return Block(
        tuple(f"p{place}" for place in range(columns)),
        draw(hnp.arrays(np.uint32, rows, elements=st.integers(0, len(STATIONS) - 1))),
        draw(hnp.arrays(np.int64, rows)),
        draw(hnp.arrays(np.float64, (rows, columns))),
        draw(flags),
        draw(flags),
    )


@given(st.lists(blocks(), max_size=3), st.integers(0, 2**40), st.integers(0, 1000))
def test_a_batch_comes_back_as_it_was(given_blocks: list[Block], received: int, version: int) -> None:
    batch = Batch("ingest-1", 7, received, version, STATIONS, tuple(given_blocks))
    back = decode_batch(encode_batch(batch))
    assert (back.source, back.sequence, back.received, back.catalogue) == ("ingest-1", 7, received, version)
    assert back.stations == STATIONS
    for was, now in zip(batch.blocks, back.blocks, strict=True):
        assert was.properties == now.properties
        for name in ("station", "time", "value"):
            np.testing.assert_array_equal(getattr(was, name), getattr(now, name))
        for name in ("quality", "checks"):
            before, after = getattr(was, name), getattr(now, name)
            assert (before is None) == (after is None)
            if before is not None:
                np.testing.assert_array_equal(before, after)


@given(st.binary(max_size=200))
def test_other_bytes_are_refused_by_one_error(data: bytes) -> None:
    with pytest.raises(CorruptRecord):
        decode_batch(data)


@given(st.data())
def test_a_changed_byte_never_raises_anything_else(data: st.DataObject) -> None:
    block = Block(("ph",), np.zeros(2, np.uint32), np.arange(2), np.ones((2, 1)))
    wire = bytearray(encode_batch(Batch("i", 1, 2, 3, STATIONS, (block,))))
    wire[data.draw(st.integers(0, len(wire) - 1))] = data.draw(st.integers(0, 255))
    try:
        decode_batch(bytes(wire))
    except CorruptRecord:
        return


def test_a_block_that_names_an_unlisted_station_is_corrupt() -> None:
    block = Block(("ph",), np.array([5], np.uint32), np.zeros(1, np.int64), np.zeros((1, 1)))
    with pytest.raises(CorruptRecord, match="station"):
        decode_batch(encode_batch(Batch("i", 1, 2, 3, STATIONS, (block,))))


def test_series_numbers_are_the_same_for_the_same_series() -> None:
    index = SeriesIndex()
    block = Block(("ph", "do"), np.array([0, 1, 0], np.uint32), np.zeros(3, np.int64), np.zeros((3, 2)))
    first = index.matrix(STATIONS, block)
    assert first.tolist() == [[0, 1], [2, 3], [0, 1]]
    assert index.keys[3] == ("zhenhai/water/W02", "do")
    assert (
        index.matrix(
            STATIONS[1:], Block(("do",), np.zeros(1, np.uint32), np.zeros(1, np.int64), np.zeros((1, 1)))
        ).item()
        == 3
    )
