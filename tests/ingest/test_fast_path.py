"""The short way and the decoders must agree about every message."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.catalogue import Device
from hub.errors import Refused
from ingest.fast import Times
from ingest.times import parse
from tests.ingest.rig import NOW, STATION, TOPIC, Rig

NAMES = st.sampled_from(["ph", "do", "tp", "own_probe", "unknown_one", "Bad Name", ""])
NUMBERS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.integers(),
    st.integers(10**20, 10**30),
    st.none(),
    st.booleans(),
    st.text(max_size=3),
)
OFFSETS = st.sampled_from(["Z", "z", "+08:00", "-03:30", "", "+8", "+00:00"])
FRACTIONS = st.sampled_from(["", ".000", ".123", ".9", ".123456", ".1234567891", ".12x"])
TEXT_TIMES = st.builds(
    lambda second, fraction, offset: f"2025-12-31T23:59:{second}{fraction}{offset}",
    st.sampled_from(["00", "59", "60", "61", "7"]),
    FRACTIONS,
    OFFSETS,
)
TIMES = st.one_of(
    TEXT_TIMES,
    st.integers(NOW - 10**9, NOW + 10**7),
    st.integers(-5, 2 * 10**9),
    st.floats(0, 2e12),
    st.none(),
    st.booleans(),
    st.text(max_size=30),
)
MESSAGES = st.fixed_dictionaries(
    {"values": st.one_of(st.dictionaries(NAMES, NUMBERS, max_size=4), st.none(), st.lists(st.integers(), max_size=2))},
    optional={
        "ts": TIMES,
        "seq": st.one_of(st.integers(), st.text(max_size=2), st.booleans()),
        "flags": st.dictionaries(st.sampled_from(["ph", "do"]), st.sampled_from(["N", "M", "X"]), max_size=2),
        "units": st.dictionaries(st.sampled_from(["ph", "tp"]), st.sampled_from(["ug/L", "kPa"]), max_size=2),
        "other": st.integers(),
    },
)


def stored(messages: list[dict[str, Any]], *, fast: bool) -> tuple[Any, Any]:
    rig = Rig(Device(STATION, datastreams={}), fast=fast)
    for message in messages:
        payload = json.dumps(message).encode()
        # Twice: the first message of a topic teaches the short way, the second may take it.
        rig.take((TOPIC, payload), (TOPIC, payload))
    return rig.rows(), sorted((letter.reason, letter.detail) for letter in rig.letters())


@settings(max_examples=150, deadline=None)
@given(st.lists(MESSAGES, min_size=1, max_size=4))
def test_both_ways_store_and_refuse_the_same(messages: list[dict[str, Any]]) -> None:
    assert stored(messages, fast=True) == stored(messages, fast=False)


@given(TEXT_TIMES)
def test_remembered_times_are_the_same_as_read_ones(text: str) -> None:
    times = Times()
    for _ in range(2):
        try:
            expected: int | None = parse(text, None)
        except Refused:
            expected = None
        assert times.read(text) in (expected, None)
        if expected is not None and ".9" not in text:
            assert times.read(text) == expected
