"""Frames and what they say, one folder each in `cases/`, and the vectors of a third party where they are at hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.protocols.hj212 import PROTOCOL
from ingest.protocols.hj212.content import as_object, read_items
from ingest.protocols.hj212.frame import Frame, Framer, encode_frame
from ingest.protocols.hj212.packet import parse_packet

CASES = sorted((Path(__file__).parent / "cases").iterdir())
VECTORS = Path(__file__).parents[4] / "shared" / "vectors" / "vectors.json"
REASONS = {
    "hj212-guocay-5": "bad_crc",
    "hj212-guocay-7": "bad_crc",
    "hj212-bad-modbuscrc": "bad_crc",
    "hj212-bad-swapped": "bad_crc",
    "hj212-bad-1bit": "bad_crc",
    "hj212-bad-len-short": "bad_length",
    "hj212-bad-len-long": "bad_length",
    "hj212-bad-len-nondigit": "bad_length",
    "hj212-bad-trunc": "incomplete",
    "hj212-bad-nocp": "bad_format",
    "hj212-bad-maxlen": "bad_length",
}


def vectors() -> list[Any]:
    if not VECTORS.is_file():
        return [pytest.param({}, marks=pytest.mark.skip(reason="the vectors are not on this machine"))]
    found = json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"]
    return [pytest.param(one, id=one["id"]) for one in found if one["protocol"] == "HJ212"]


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_a_frame_says_what_its_case_says(case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    decoded = PROTOCOL.decode((case / "input").read_bytes())
    assert decoded.ok == expected["ok"]
    if decoded.ok:
        assert decoded.fields == expected["fields"]
        assert decoded.observations == expected["observations"]
    else:
        assert (decoded.reason, decoded.detail) == (expected["reason"], expected["detail"])


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_a_frame_that_can_be_read_is_written_again_byte_by_byte(case: Path) -> None:
    for frame in Framer().feed((case / "input").read_bytes()):
        if isinstance(frame, Frame) and not case.name.startswith("bad-"):
            again = encode_frame(parse_packet(frame.segment).segment(), frame.check)
            assert again[:-6] == frame.raw[: len(again) - 6]
            assert again[-6:-2].decode() == frame.given.upper()


@pytest.mark.parametrize("vector", vectors())
def test_a_vector_is_decoded_or_refused_as_it_says(vector: dict[str, Any]) -> None:
    expected = dict(vector["expected"])
    for raw in (vector["raw"].encode(), vector["raw"].strip("\r\n").encode()):
        decoded = PROTOCOL.decode(raw)
        assert decoded.ok == vector["valid"], decoded.detail
        if not decoded.ok:
            assert decoded.reason == REASONS[vector["id"]]
            continue
        content = expected.pop("CP", None)
        if content is not None:
            assert decoded.fields["CP"] == as_object(read_items(content))
        assert expected.items() <= decoded.fields.items()
