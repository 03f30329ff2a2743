"""Frames with what they say: the golden cases beside this file, and the shared vectors where they are."""

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.protocols.jt808 import PROTOCOL
from ingest.protocols.jt808.frame import parse_frame, write_frame
from ingest.protocols.jt808.message import read_message, write_message

CASES = Path(__file__).parent / "cases"
VECTORS = Path(__file__).parents[4] / "shared" / "vectors" / "vectors.json"
REASONS = {
    "jt808-bad-anonymised-1": "bad_crc",
    "jt808-bad-len-1": "bad_length",
    "jt808-quirk-2019flag-6bytephone": "bad_length",
    "jt808-bad-rawescape": "bad_format",
    "jt808-bad-checksum": "bad_crc",
    "jt808-bad-noend": "incomplete",
    "jt808-bad-empty": "bad_length",
    "jt808-bad-danglingescape": "bad_format",
}


def vectors() -> list[dict[str, Any]]:
    """The shared vectors of this protocol; none where they are not at hand."""
    if not VECTORS.is_file():
        return []
    every = json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"]
    return [vector for vector in every if vector["protocol"] == "JT808"]


def same_bytes_again(raw: bytes) -> None:
    for piece in filter(None, raw.split(b"\x7e")[1:]):
        frame = parse_frame(piece)
        assert write_frame(frame) == b"\x7e" + piece + b"\x7e"
        if not frame.header.split:
            assert write_message(read_message(frame)) == frame


@pytest.mark.parametrize("name", sorted(case.name for case in CASES.iterdir()))
def test_case(name: str) -> None:
    raw = bytes.fromhex((CASES / name / "frame.hex").read_text())
    expected = json.loads((CASES / name / "expected.json").read_text(encoding="utf-8"))
    answer = PROTOCOL.decode(raw)
    json.dumps(answer.fields, allow_nan=False).encode("ascii")
    assert answer.ok == expected["ok"], (answer.reason, answer.detail)
    if not answer.ok:
        assert (answer.reason, answer.detail) == (expected["reason"], expected["detail"])
        return
    assert {key: answer.fields.get(key) for key in expected["fields"]} == expected["fields"]
    if "observations" in expected:
        assert answer.observations == expected["observations"]
    same_bytes_again(raw)


@pytest.mark.skipif(not vectors(), reason="the shared vectors are not at hand")
@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["id"])
def test_vector(vector: dict[str, Any]) -> None:
    raw = bytes.fromhex(vector["raw"])
    answer = PROTOCOL.decode(raw)
    assert answer.ok == vector["valid"], (answer.reason, answer.detail)
    if answer.ok:
        assert {key: answer.fields.get(key) for key in vector["expected"]} == vector["expected"]
        same_bytes_again(raw)
    elif vector["id"] in REASONS:
        assert answer.reason == REASONS[vector["id"]]
