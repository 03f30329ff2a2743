"""Every word of the phone page is there, and none stands outside the tables."""

import json
import re
from pathlib import Path

import pytest

from alerts.field_work.task import TYPES

STATIC = Path(__file__).parents[2] / "api" / "console" / "static"
SCRIPTS = sorted((STATIC / "task").glob("*.js"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_word_of_the_phone_page_is_there(language: str) -> None:
    table = json.loads((STATIC / "i18n" / language / "task.json").read_text(encoding="utf-8"))
    for script in SCRIPTS:
        text = script.read_text(encoding="utf-8")
        assert not re.search(r"[\u4e00-\u9fff]", text), script.name
        for key in re.findall(r'"(task\.[a-zA-Z_.]+)"', text):
            assert key in table, key
        for prefix in re.findall(r"`(task\.[a-z_.]*)\$\{", text):
            assert any(key.startswith(prefix) for key in table), prefix


def test_the_form_offers_what_the_api_takes() -> None:
    form = (STATIC / "js" / "report" / "page.js").read_text(encoding="utf-8")
    offered = re.search(r"const TYPES = \[(.*?)\]", form)
    assert offered is not None
    assert [word.strip(' "') for word in offered.group(1).split(",")] == list(TYPES)
