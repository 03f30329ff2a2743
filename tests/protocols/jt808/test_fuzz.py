"""Broken frames and broken streams: the codec has one error of its own, a session has none, and neither grows."""

import json
import random
from functools import reduce
from operator import xor

from hub.event import encode_event
from ingest.codec import REASONS
from ingest.field.session import REASONS as FIELD_REASONS
from ingest.field.session import Deliver, Reject
from ingest.protocols.jt808 import PROTOCOL
from ingest.protocols.jt808.frame import MOST_FRAME, parse_frame, write_frame
from ingest.protocols.jt808.packages import MOST_BYTES
from tests.protocols.jt808.rig import Talk
from tests.protocols.jt808.test_cases import CASES

COUNT = 10_000
WORDS = {"bad_crc", "bad_length", "bad_format", "bad_value", "incomplete", "unsupported"}


def seeds() -> list[bytes]:
    """The frames of the cases, good and broken."""
    return [bytes.fromhex(path.read_text()) for path in sorted(CASES.rglob("frame.hex"))]


def broken(frame: bytes, chance: random.Random, *, mended: bool) -> bytes:
    """A frame with bytes replaced, cut or put in; `mended` in the body only, with the length and the check that fit, so that it is read."""
    data = bytearray(frame[1:-1])
    start = 17 if mended and len(data) > 17 else 0
    for _ in range(chance.randrange(1, 5)):
        place = chance.randrange(start, len(data) + 1) if len(data) > start else len(data)
        match chance.randrange(3):
            case 0:
                data[place:place] = chance.randbytes(chance.randrange(1, 9))
            case 1:
                del data[place : place + chance.randrange(1, 9)]
            case _ if place < len(data):
                data[place] = chance.randrange(256)
            case _:
                data.append(0x7D)
    if mended and len(data) > 17:
        header = 12 + 5 * bool(data[2] & 0x40) + 4 * bool(data[2] & 0x20)
        data[2:4] = (data[2] << 8 & 0x6000 | max(0, len(data) - header - 1) & 0x3FF).to_bytes(2)
        data[-1] = reduce(xor, data[:-1])
        inner = bytes(data).replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02")
        return b"\x7e" + inner + b"\x7e"
    return b"\x7e" + bytes(data) + b"\x7e"


def test_every_frame_is_decoded_or_refused_with_a_word() -> None:
    chance, known = random.Random("frames"), seeds()
    good = 0
    for number in range(COUNT):
        raw = broken(chance.choice(known), chance, mended=number % 2 == 0)
        answer = PROTOCOL.decode(raw)
        if answer.ok:
            good += 1
            json.dumps([answer.fields, answer.observations], allow_nan=False).encode()
        else:
            assert answer.reason in WORDS
            assert answer.detail
        PROTOCOL.masked(raw)
    assert COUNT / 100 < good < COUNT


def test_a_session_takes_any_stream_and_holds_little() -> None:
    chance, known = random.Random("stream"), seeds()
    talk = Talk(trusted=True)
    held = 0
    for number in range(COUNT // 3):
        raw = broken(chance.choice(known), chance, mended=number % 2 == 0)
        cut = chance.randrange(len(raw) + 1)
        for piece in (raw[:cut], raw[cut:]):
            for action in talk.session.received(piece, talk.now):
                if isinstance(action, Reject):
                    assert action.reason in REASONS.keys() | FIELD_REASONS.keys()
                    talk.session.durable(action.token, talk.now)
                elif isinstance(action, Deliver):
                    held += 1
                    for event in action.taken.events:
                        encode_event(event)
                    assert all(
                        refused.reason in REASONS.keys() | FIELD_REASONS.keys() for refused in action.taken.refusals
                    )
                    talk.session.durable(action.token, talk.now)
        assert len(talk.session._framer.pending) <= MOST_FRAME
        assert talk.session._packages.held <= MOST_BYTES + MOST_FRAME
        talk.now += 100
        talk.session.tick(talk.now)
    assert held > COUNT / 100
    assert not talk.session._waiting
    assert not talk.session._flying
    list(talk.session.closed(talk.now))


def test_secrets_are_blotted_out_and_nothing_else() -> None:
    raw = bytes.fromhex((CASES / "authentication-2019" / "frame.hex").read_text())
    shown = PROTOCOL.masked(raw)
    assert b"abcd" in raw
    assert b"abcd" not in shown
    assert b"****" in shown
    assert write_frame(parse_frame(shown[1:-1])) == shown
    position = bytes.fromhex((CASES / "position" / "frame.hex").read_text())
    assert PROTOCOL.masked(position) == position
    parameters = bytes.fromhex((CASES / "parameters" / "frame.hex").read_text())
    assert b"abc" in parameters
    assert b"abc" not in PROTOCOL.masked(parameters)
