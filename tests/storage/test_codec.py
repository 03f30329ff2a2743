"""Chunks: what goes in comes out, to the last bit; damage is noticed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import CorruptRecord
from storage.chunks.codec import Values, encode
from storage.chunks.decode import decode

times = st.lists(st.integers(-(1 << 41), 1 << 42), min_size=1, max_size=60, unique=True).map(sorted)
decimals = st.integers(-(10**9), 10**9).map(lambda whole: whole / 1000)
values = st.one_of(decimals, st.floats(allow_nan=False))
flags = st.sampled_from([0, 0, 0, 1, 2, 63, 255])


@given(times, st.data())
def test_what_is_encoded_is_decoded(time: list[int], data: st.DataObject) -> None:
    n = len(time)
    kind = data.draw(st.sampled_from([decimals, values]))
    written = Values(
        np.array(time, np.int64),
        np.array(data.draw(st.lists(kind, min_size=n, max_size=n))),
        np.array(data.draw(st.lists(flags, min_size=n, max_size=n)), np.uint8),
        np.array(data.draw(st.lists(flags, min_size=n, max_size=n)), np.uint8),
    )
    read = decode(encode(written))
    assert read.time.tolist() == written.time.tolist()
    assert read.value.tolist() == written.value.tolist()
    assert read.quality.tolist() == written.quality.tolist()
    assert read.checks.tolist() == written.checks.tolist()


def plain(n: int) -> Values:
    zeros = np.zeros(n, np.uint8)
    return Values(
        np.arange(n, dtype=np.int64) * 900_000, np.random.default_rng(1).normal(7, 0.1, n).round(2), zeros, zeros
    )


def test_regular_decimals_are_small() -> None:
    assert len(encode(plain(4096))) < 1.6 * 4096


def test_long_steps_and_wide_values_survive() -> None:
    n = 5
    time = np.array([0, 1, 1 << 40, (1 << 40) + 1, 1 << 41], np.int64)
    value = np.array([0.0, 9e15, -9e15, 1e300, -1e-300])
    read = decode(encode(Values(time, value, np.zeros(n, np.uint8), np.zeros(n, np.uint8))))
    assert read.time.tolist() == time.tolist()
    assert read.value.tolist() == value.tolist()


def test_damage_is_noticed_wherever_it_is() -> None:
    whole = encode(plain(100))
    for i in [*range(0, len(whole), 7), len(whole) - 1]:
        damaged = bytearray(whole)
        damaged[i] ^= 0x10
        with pytest.raises(CorruptRecord):
            decode(bytes(damaged))
    for cut in (0, 10, 47, 60, len(whole) - 1):
        with pytest.raises(CorruptRecord):
            decode(whole[:cut])
