"""What frames say: golden cases kept as data, and the shared vectors where they are at hand."""

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hub.catalogue import Catalogue, Device
from hub.model import QUALITY_LETTERS
from hub.properties import PROPERTIES
from ingest.codec import Entry
from ingest.explain import explain_frame
from ingest.protocols.sl651.body import decode_body
from ingest.protocols.sl651.elements import ELEMENTS
from ingest.protocols.sl651.readings import taken_of
from ingest.protocols.sl651.rows import values_of
from ingest.protocols.sl651.text import decode_text
from simulators.field.sl651_wire import Wire, check

CASES = Path(__file__).parent / "cases"
VECTORS = Path(__file__).parents[4] / "shared" / "vectors" / "vectors.json"
HEAD = "0007251123080000"
EIGHT_HOURS = 8 * 3_600_000


def cases(name: str) -> list[Any]:
    """The cases of one file, by name."""
    found = tomllib.loads((CASES / f"{name}.toml").read_text(encoding="utf-8"))["case"]
    return [pytest.param(case, id=case["name"]) for case in found]


def vectors() -> list[Any]:
    """The shared vectors of this protocol."""
    if not VECTORS.is_file():
        return [pytest.param({}, marks=pytest.mark.skip("no shared vectors here"))]
    found = json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"]
    return [pytest.param(vector, id=vector["id"]) for vector in found if vector["protocol"] == "SL651"]


def frame_of(case: dict[str, Any]) -> bytes:
    """The bytes of a case; `resealed` gives what was changed by hand a check that fits."""
    if "raw" in case:
        raw = bytes.fromhex(case["raw"])
        return raw[:-2] + check(raw[:-2]).to_bytes(2, "big") if case.get("resealed") else raw
    made = case["made"]
    wire = Wire("0012345678", "1234", ascii_="text" in made)
    body = made["text"].encode() if "text" in made else bytes.fromhex(made["body"])
    packet = tuple(made["packet"]) if "packet" in made else None
    return wire.frame(int(made["function"], 16), body, packet=packet)


@pytest.mark.parametrize("case", cases("frames"))
def test_a_frame_says_what_it_says_or_is_refused_with_its_reason(case: dict[str, Any]) -> None:
    answer = explain_frame("sl651", frame_of(case), 0)
    if "reason" in case:
        assert (answer["ok"], answer.get("reason")) == (False, case["reason"])
        assert answer["detail"]
    else:
        assert answer["ok"], answer
        assert {name: answer["fields"].get(name) for name in case["fields"]} == case["fields"]


@pytest.mark.parametrize("vector", vectors())
def test_a_shared_vector_decodes_to_its_fields_or_is_refused(vector: dict[str, Any]) -> None:
    answer = explain_frame("sl651", bytes.fromhex(vector["raw"]), 0)
    if vector["valid"]:
        expected = {name: value for name, value in vector["expected"].items() if name != "decode_stopped"}
        assert answer["ok"], answer
        assert {name: answer["fields"].get(name) for name in expected} == expected
    else:
        reasons = {"truncated": "incomplete", "bad start": "bad_format"}
        assert answer["reason"] == reasons.get(vector["expected"].get("reject_reason"), "bad_crc")


@pytest.mark.parametrize("case", cases("values"))
def test_a_body_becomes_the_catalogues_values(case: dict[str, Any]) -> None:
    function = int(case["function"], 16)
    decode, body = (
        (decode_text, case["text"].encode()) if "text" in case else (decode_body, bytes.fromhex(case["body"]))
    )
    head = HEAD.encode() if "text" in case else bytes.fromhex(HEAD)
    message = decode(head + body, function)
    wrong: list[Any] = []
    entry = Entry(Device("d/water/x"), Catalogue())
    taken = taken_of(values_of(message.items, "0012345678", None, wrong), entry, 0, 1 << 62)
    first = int(datetime.fromisoformat(case["first"]).replace(tzinfo=UTC).timestamp() * 1000) - EIGHT_HOURS
    found = [
        (name, (reading.time - first) // 60_000, value, QUALITY_LETTERS[letter])
        for reading in taken.readings
        for name, value, letter in zip(
            reading.names, reading.values, reading.quality or (0,) * len(reading.names), strict=True
        )
    ]
    expected = [(name, minutes, value, *(rest or [""])) for name, minutes, value, *rest in case["values"]]
    assert str(sorted(found, key=str)) == str(sorted(expected, key=str))
    assert not wrong
    assert not taken.refusals


def test_the_catalogue_and_annex_c_name_each_other() -> None:
    for row in ELEMENTS.values():
        if row.property:
            assert row.property in PROPERTIES, row
    for entry in PROPERTIES.values():
        if entry.sl651:
            assert ELEMENTS[entry.sl651].property == entry.code, entry.code
