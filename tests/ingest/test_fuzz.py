"""A hundred thousand broken payloads for each decoder: each is taken, or refused with a reason that is written down."""

import json
import math
import random

import pytest

from hub.catalogue import Catalogue, Device
from hub.errors import Refused
from hub.event import encode_event
from ingest.codec import REASONS, Arrival, Codec, Entry, Taken
from ingest.codecs import codecs
from tests.ingest.rig import NOW
from tests.ingest.test_cases import CASES

COUNT = 100_000
PIECES = (
    b"NaN", b"Infinity", b"-1", b"1e999", b"null", b"true", b'"', b"{", b"}", b"[", b"]", b",", b":", b"\x00", b"\xff", b"\xed\xa0\x80",
    b"\\ud800", b'"ts"', b'"values"', b'"n"', b'"v"', b'"bn"', b'"alarms"', b"1767225600000", b"99999999999999999999", b"0.5", b'""', b"\xe2\x82",
)  # fmt: skip
KINDS = {"position": "vehicle", "frame": "camera"}


def corpus(message: str) -> list[bytes]:
    """Good and bad payloads of the cases of one message, whatever became of them."""
    found = []
    for topic in sorted(CASES.rglob("topic")):
        levels = topic.read_text().strip().split("/")
        payload = topic.with_name("input").read_bytes()
        if len(levels) > 4 and levels[4] == message and 0 < len(payload) < 2000:
            found.append(payload)
    return found


def broken(seeds: list[bytes], chance: random.Random) -> bytes:
    """One seed, cut, spliced, or with bytes replaced."""
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randrange(1, 4)):
        place = chance.randrange(len(data) + 1)
        match chance.randrange(5):
            case 0:
                data[place : place + chance.randrange(1, 6)] = chance.choice(PIECES)
            case 1:
                data[place:place] = chance.choice(PIECES)
            case 2:
                del data[place : place + chance.randrange(1, 20)]
            case 3:
                other = chance.choice(seeds)
                data[place:] = other[chance.randrange(len(other)) :]
            case _:
                if place < len(data):
                    data[place] = chance.randrange(256)
    return bytes(data)


def refused_or_taken(codec: Codec, arrival: Arrival, entry: Entry) -> Taken | Refused:
    """What a decoder makes of a payload; every reason it gives must be a known one."""
    try:
        taken = codec.decode(arrival, entry)
    except Refused as refused:
        return refused if refused.reason in REASONS else Refused("no such reason", refused.reason)
    assert all(refused.reason in REASONS for refused in taken.refusals)
    return taken


@pytest.mark.parametrize("message", sorted(codecs()))
def test_fuzz(message: str) -> None:
    chance = random.Random(message)
    codec = codecs()[message]
    entry = Entry(Device(f"d/{KINDS.get(message, 'water')}/x", auto_properties=True), Catalogue())
    seeds = corpus(message)
    assert len(seeds) >= 3
    taken_count = refused_count = 0
    for _ in range(COUNT):
        payload = broken(seeds, chance)
        taken = refused_or_taken(codec, Arrival(payload, NOW, NOW + 600_000), entry)
        if isinstance(taken, Refused):
            assert taken.reason in REASONS
            refused_count += 1
            continue
        taken_count += 1
        if taken.refusals:
            json.dumps(taken.explain())
        for event in taken.events:
            encode_event(event)
        for reading in taken.readings:
            assert len(reading.names) == len(reading.values) > 0
            assert not any(map(math.isinf, reading.values))
            assert 946_684_800_000 <= reading.time <= NOW + 600_000
    assert taken_count > COUNT / 100
    assert refused_count > COUNT / 100
