"""`docs/howto/add-an-event-kind.md` and `docs/patrol-events.md` are true."""

import importlib
import re
from pathlib import Path

import pytest

from tests.vision.judge.script import START, ScriptedSight, camera, frame, thing
from vision import kinds
from vision.geometry.view import view_of
from vision.pipeline import Patrol

DOCS = Path(__file__).parents[3] / "docs"
STEP = 2000
VIEW = view_of(camera())


def test_the_page_s_file_is_found_and_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (DOCS / "howto" / "add-an-event-kind.md").read_text(encoding="utf-8")
    found = re.search(r"`vision/kinds/(\w+\.py)`.*?```python\n(.*?)```", page, re.DOTALL)
    assert found
    (tmp_path / found[1]).write_text(found[2], encoding="utf-8")
    monkeypatch.setattr(kinds, "__path__", [*kinds.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    times = [START + number * STEP for number in range(170)]
    patrol = Patrol(camera(), ScriptedSight({time: [thing(VIEW, 0, 20, 4.0, "boat")] for time in times}))
    told = [event for time in times for event in patrol.step(frame(time)).events]
    assert [(event.kind, event.state, event.level) for event in told] == [("boat.moored", "open", 4)]


def test_every_kind_is_in_the_table() -> None:
    page = (DOCS / "patrol-events.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z]+\.[a-z]+)` \| (\d) \|", page, re.MULTILINE))
    assert rows == {kind.name: str(kind.level) for kind in kinds.load(VIEW)}


def test_a_file_that_is_no_kind_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty_kind.py").write_text('"""Nothing."""\n')
    monkeypatch.setattr(kinds, "__path__", [*kinds.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    with pytest.raises(ValueError, match=r"empty_kind\.py: expected a function kinds"):
        kinds.load(VIEW)
