"""The page of properties says what the table says."""

from pathlib import Path

from hub.model import check_property
from hub.properties import PROPERTIES

PAGE = Path(__file__).parents[2] / "docs" / "properties.md"


def test_every_property_has_its_row_and_nothing_else_has_one() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == list(PROPERTIES)
    for row, entry in zip(rows, PROPERTIES.values(), strict=True):
        words = [word.strip() for word in row.strip("|").split("|")]
        bounds = ["" if bound is None else f"{bound:g}" for bound in (entry.low, entry.high)]
        assert words[1:] == [entry.zh, entry.en, entry.unit, *bounds, entry.hj212, entry.sl651], entry.code


def test_every_code_can_be_one_and_every_range_is_one() -> None:
    for code, entry in PROPERTIES.items():
        assert check_property(code) == entry.code
        assert entry.low is None or entry.high is None or entry.low < entry.high
