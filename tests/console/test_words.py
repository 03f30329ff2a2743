"""Every word of the console is there in both languages, and every colour that carries words can be read."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from api.console import PAGES, Page

CONSOLE = Path(__file__).parents[2] / "api" / "console"
STATIC = CONSOLE / "static"
LITERAL = re.compile(r"""\bt\(\s*["']([a-zA-Z0-9_.]+)["']""")
COMPOSED = re.compile(r"""\bt\(\s*`([a-z_]+\.)\$\{""")
TEMPLATED = re.compile(r"""words\[["']([a-zA-Z0-9_.]+)["']\]""")
IMPORT = re.compile(r"""(?:from|import\()\s*["'](\.[^"']+)["']""")
TOKEN = re.compile(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6})")
READABLE = 4.5
"""WCAG 2.2, 1.4.3: contrast of text against what is behind it."""


def words(language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for file in sorted((STATIC / "i18n" / language).glob("*.json")):
        table = json.loads(file.read_text(encoding="utf-8"))
        assert not found.keys() & table.keys(), file.name
        found |= table
    return found


def test_every_table_of_words_is_there_in_both_languages() -> None:
    tables = [{file.name for file in (STATIC / "i18n" / language).glob("*.json")} for language in ("zh", "en")]
    assert tables[0] == tables[1]


def test_both_languages_have_the_same_words() -> None:
    assert words("zh").keys() == words("en").keys()
    for key, text in words("zh").items():
        assert set(re.findall(r"\{(\w+)\}", text)) == set(re.findall(r"\{(\w+)\}", words("en")[key])), key


def test_every_word_that_is_asked_for_is_there() -> None:
    known = words("en")
    for file in (STATIC / "js").rglob("*.js"):
        text = file.read_text(encoding="utf-8")
        for key in LITERAL.findall(text):
            assert key in known, f"{file.name}: {key}"
        for prefix in COMPOSED.findall(text):
            assert any(key.startswith(prefix) for key in known), f"{file.name}: {prefix}*"
    for file in (CONSOLE / "templates").glob("*.html"):
        for key in TEMPLATED.findall(file.read_text(encoding="utf-8")):
            assert key in known, f"{file.name}: {key}"


def test_chinese_is_written_in_the_table_of_words_only() -> None:
    for file in [*(STATIC / "js").rglob("*.js"), *(CONSOLE / "templates").glob("*.html")]:
        assert not re.search(r"[\u4e00-\u9fff]", file.read_text(encoding="utf-8")), file.name


def test_vendored_files_are_those_of_the_table() -> None:
    table = (STATIC / "vendor" / "README.md").read_text(encoding="utf-8")
    for file in (STATIC / "vendor").iterdir():
        if file.suffix in (".js", ".css"):
            assert hashlib.sha256(file.read_bytes()).hexdigest() in table, file.name


def themes() -> dict[str, dict[str, str]]:
    text = (STATIC / "css" / "console.css").read_text(encoding="utf-8")
    light, dark = text.split(':root[data-theme="dark"]', 1)
    return {
        "light": dict(TOKEN.findall(light)),
        "dark": dict(TOKEN.findall(light)) | dict(TOKEN.findall(dark.split("@media")[0])),
    }


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("word", ["ink", "mute", "faint", "accent", "l1", "l2", "l3", "l4", "ok"])
def test_words_can_be_read_on_every_surface(theme: str, word: str) -> None:
    tokens = themes()[theme]
    for surface in ("surface", "raised"):
        assert contrast(tokens[word], tokens[surface]) >= READABLE, (theme, word, surface)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_filled_button_can_be_read(theme: str) -> None:
    tokens = themes()[theme]
    assert contrast(tokens["on-accent"], tokens["accent"]) >= READABLE


def _reached(module: Path, seen: set[Path]) -> set[Path]:
    """The module and all that it imports of ours."""
    if module in seen or not module.exists():
        return seen
    seen.add(module)
    for name in IMPORT.findall(module.read_text(encoding="utf-8")):
        _reached((module.parent / name).resolve(), seen)
    return seen


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_every_page_is_given_the_words_that_its_modules_ask_for(page: Page) -> None:
    known: set[str] = set()
    for name in ("console", *page.words):
        known |= json.loads((STATIC / "i18n" / "en" / f"{name}.json").read_text(encoding="utf-8")).keys()
    modules: set[Path] = set()
    for name in page.modules:
        _reached((STATIC / "js" / f"{name}.js").resolve(), modules)
    for module in modules:
        lacking = set(LITERAL.findall(module.read_text(encoding="utf-8"))) - known
        assert not lacking, module.name
