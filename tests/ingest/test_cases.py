"""Every folder of tests/cases/telemetry: one message, and exactly what becomes of it."""

import json
import re
from pathlib import Path

import msgspec
import pytest

from hub.catalogue import Device
from ingest.codec import REASONS
from tests.ingest.rig import Rig

CASES = Path(__file__).parents[1] / "cases" / "telemetry"
NAMES = sorted(path.parent.relative_to(CASES).as_posix() for path in CASES.rglob("expected.json"))


def play(folder: Path, *, fast: bool) -> dict[str, object]:
    register = folder / "device.json"
    device = json.loads(register.read_text()) if register.exists() else {}
    topic = (folder / "topic").read_text().strip()
    own = "/".join(topic.split("/")[1:4])
    devices = [] if device is None else [msgspec.convert({"station": own} | device, Device)] if _valid(own) else []
    extra = folder / "properties.json"
    rig = Rig(*(devices or [Device("other/water/w9")]), fast=fast)
    rig.intake.take_now(
        topic,
        (folder / "input").read_bytes(),
        source="mqtt",
        properties=json.loads(extra.read_text()) if extra.exists() else {},
    )
    return rig.outcome()


def _valid(station: str) -> bool:
    try:
        Device(station)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("name", NAMES)
def test_case(name: str) -> None:
    folder = CASES / name
    outcome = play(folder, fast=False)
    assert json.loads(json.dumps(outcome)) == json.loads((folder / "expected.json").read_text())


def test_every_reason_has_a_case() -> None:
    shown = {
        letter[0]
        for name in NAMES
        for letter in json.loads((CASES / name / "expected.json").read_text())["dead_letters"]
    }
    assert shown == set(REASONS)


def test_every_reason_is_explained_where_people_look() -> None:
    page = (Path(__file__).parents[2] / "docs" / "howto" / "add-a-decoder.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", page, re.MULTILINE))
    assert {reason: meaning.replace("`", "") for reason, meaning in rows.items()} == dict(REASONS)
