"""Broken bytes by the thousand: each is decoded or refused with a word that is written down, and nothing grows."""

import random
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.codec import REASONS as STORE_REASONS
from ingest.field.session import REASONS as FIELD_REASONS
from ingest.field.session import Deliver, Reject
from ingest.protocols.hj212 import PROTOCOL
from ingest.protocols.hj212.frame import LONGEST
from simulators.field.hj212_wire import frame_of
from tests.protocols.hj212.rig import NOW, Talk, real_time

COUNT = 4_000
DECODED = {"bad_crc", "bad_length", "bad_format", "bad_value", "incomplete", "unsupported"}
KNOWN = STORE_REASONS.keys() | FIELD_REASONS.keys()
SEEDS = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("cases/*/input"))]
PIECES = (
    b"##",
    b"&&",
    b"CP=&&",
    b"\r\n",
    b";",
    b",",
    b"=",
    b"-",
    b"//",
    b"PNUM=",
    b"1e999",
    b"nan",
    b"\xff",
    b"\x00",
    b"DataTime=",
)


def broken(chance: random.Random) -> bytes:
    """A case with bytes changed, taken out, put in, or joined to another; every second time with a check that fits."""
    data = bytearray(chance.choice(SEEDS))
    for _ in range(chance.randrange(1, 5)):
        place = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0:
                data[place : place + chance.randrange(8)] = b""
            case 1:
                data[place:place] = chance.choice(PIECES)
            case 2 if place < len(data):
                data[place] = chance.randrange(256)
            case _:
                data += chance.choice(SEEDS)
    if chance.random() < 0.5:
        segment = bytes(data[6:-6])[:LONGEST].decode(errors="ignore")
        return frame_of(segment)
    return bytes(data)


def test_every_frame_is_decoded_or_refused_with_a_reason() -> None:
    chance = random.Random(212)
    for _ in range(COUNT):
        decoded = PROTOCOL.decode(broken(chance))
        assert decoded.ok or (decoded.reason in DECODED and decoded.detail)


def test_no_device_breaks_its_session_or_makes_it_grow() -> None:
    chance = random.Random(2017)
    talk = Talk()
    talk.upload("2011", real_time(NOW))
    for number in range(COUNT):
        for action in talk.say(broken(chance)):
            if isinstance(action, Reject):
                assert action.reason in KNOWN
            if isinstance(action, Deliver):
                assert all(refused.reason in KNOWN for refused in action.taken.refusals)
                talk.session.durable(action.token, talk.now)
        if number % 100 == 0:
            talk.later(10_000)
            talk.actions.clear()
    talk.later(100_000)
    assert talk.session.closed(talk.now) == []
    talk.upload("2011", real_time(talk.now))
    assert talk.readings


@given(st.binary(max_size=400))
@settings(max_examples=200)
def test_any_bytes_are_an_answer_and_never_an_exception(data: bytes) -> None:
    assert PROTOCOL.decode(data).reason in {"", *DECODED}
    assert len(PROTOCOL.masked(data)) == len(data)
    Talk().say(data)
