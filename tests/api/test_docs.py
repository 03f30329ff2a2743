"""`docs/interface.md` is true: its examples are asked and answered as it says, and it leaves nothing out."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from api.live.event import TYPES
from api.problem import KINDS
from tests.api.hub import NOW, WATER, Hub
from tests.api.patrol import patrol_story

PAGE = (Path(__file__).parents[2] / "docs" / "interface.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```http\n(.*?)```\n\n```json (\d+)\n(.*?)```", PAGE, re.DOTALL)
ANY = "…"


@pytest.fixture(scope="module")
def told(standing_hub: Hub) -> Hub:
    """The hub that the page tells of."""
    hub = standing_hub
    times = [NOW - i * 60_000 for i in (3, 2, 1)]
    hub.write(WATER, {"ph": [7.1, 7.2, 7.3], "nh3_n": [1.0, 2.4, 2.6]}, times, quality=[0, 1, 0])
    hub.alert()
    hub.letter()
    patrol_story(hub)
    return hub


def _same(told: Any, answered: Any, place: str = "") -> None:
    if told == ANY:
        return
    if isinstance(told, dict):
        assert isinstance(answered, dict), place
        assert set(told) == set(answered), place
        for name in told:
            _same(told[name], answered[name], f"{place}.{name}")
    elif isinstance(told, list):
        assert len(told) == len(answered), place
        for number, pair in enumerate(zip(told, answered, strict=True)):
            _same(*pair, f"{place}[{number}]")
    else:
        assert told == answered, place


def test_every_example_is_answered_as_the_page_says(told: Hub) -> None:
    assert len(EXAMPLES) == PAGE.count("```http") > 10
    for asked, status, expected in EXAMPLES:
        head, _, body = asked.partition("\n\n")
        first, *lines = head.strip().splitlines()
        method, path = first.split(" ", 1)
        headers = dict(line.split(": ", 1) for line in lines)
        if body:
            headers.setdefault("Content-Type", "application/json")
        answer = told.ask(method, path, content=body.encode() or None, headers=headers)
        assert answer.status_code == int(status), (first, answer.text)
        _same(json.loads(expected), answer.json(), first)


def test_the_page_names_every_path_and_every_parameter(told: Hub) -> None:
    for path, item in told.get("/v1/openapi.json").json()["paths"].items():
        plain = path.replace("{message}", "{message}")
        assert plain in PAGE, path
        for method, operation in item.items():
            assert f"{method.upper()} {plain}" in PAGE, f"{method} {path}"
            for parameter in operation.get("parameters", []):
                assert re.search(rf"\b{re.escape(parameter['name'])}\b", PAGE), (path, parameter["name"])


def test_the_page_names_every_problem_and_every_event() -> None:
    for kind in KINDS.values():
        assert f"| `{kind.name}` | {kind.status} |" in PAGE, kind.name
    for event in TYPES:
        assert f"| `{event}` |" in PAGE, event


def test_the_page_names_every_reason_a_message_is_refused() -> None:
    folder = Path(__file__).parents[2] / "ingest"
    sources = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py") if "broker" not in path.parts)
    reasons = set(re.findall(r'Refused\(\s*"([a-z_]+)"', sources))
    assert len(reasons) > 8
    assert {reason for reason in reasons if f"`{reason}`" not in PAGE} == set()
