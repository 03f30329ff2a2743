"""`docs/howto/add-a-protocol.md` is true: a package made by its steps is found, decodes, stores, answers, and is told of."""

import asyncio
import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.batch import decode_batch
from hub.catalogue import Device
from hub.link import FieldLink
from hub.topics import OBSERVATIONS
from ingest import protocols
from ingest.field.wording import wording
from ingest.protocols import load_protocols, protocol_names
from tests.engines.waiting import wait_until_async as until
from tests.field.rig import GatewayRig
from tests.ingest.rig import rows_of

PAGE = (Path(__file__).parents[2] / "docs" / "howto" / "add-a-protocol.md").read_text(encoding="utf-8")
STEP = re.compile(r"`ingest/protocols/(tick/[a-z_]+\.(?:py|toml))`.*?```(?:python|toml)\n(.*?)```", re.DOTALL)
STATION = "water-bureau/water/t1"


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The page's files in a folder of their own, beside the shipped protocols."""
    for name, text in STEP.findall(PAGE):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(protocols, "__path__", [*protocols.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    protocol_names.cache_clear()
    yield
    protocol_names.cache_clear()
    wording.cache_clear()
    for name in [name for name in sys.modules if name.startswith("ingest.protocols.tick")]:
        del sys.modules[name]


@pytest.mark.usefixtures("made")
def test_the_page_has_every_file_and_the_package_is_found() -> None:
    assert {name for name, _ in STEP.findall(PAGE)} == {
        "tick/__init__.py",
        "tick/frame.py",
        "tick/session.py",
        "tick/commands.toml",
    }
    assert "tick" in protocol_names()
    tick = load_protocols(("tick",))["tick"]
    assert set(wording("tick").commands) == set(tick.commands)
    assert tick.decode(b"t=18.4\n").fields == {"kind": "value", "text": "18.4"}
    assert tick.decode(b"?").reason == "bad_format"


@pytest.mark.usefixtures("made")
def test_its_devices_are_served() -> None:
    device = Device(STATION, link=FieldLink("tick", "thermometer"))
    rig = GatewayRig(device, protocol=load_protocols(("tick",))["tick"])

    async def scene() -> None:
        async with rig.running():
            caller = await rig.call()
            await caller.say("#nobody", "#thermometer", "t=18.4")
            assert await caller.hear() == "ok"
            rig.ask("report", STATION)
            assert await caller.hear() == "report"
            await caller.say("t=18.5", "t=warm")
            assert await caller.hear() == "ok"
            await until(lambda: [one.state for one in rig.answers()] == ["sent", "done"] and len(rig.letters()) == 2)

    asyncio.run(scene())
    rows = [row for value in rig.values(OBSERVATIONS) for row in rows_of(decode_batch(value))]
    assert [(row.station, row.name, row.value) for row in rows] == [
        (STATION, "temperature", 18.4),
        (STATION, "temperature", 18.5),
    ]
    assert [letter.reason for letter in rig.letters()] == ["unknown_device", "bad_value"]
