"""The page of standards lists every edition of every table, with its days, clause and how it was checked."""

from pathlib import Path

from tests.standards.test_tables import TABLES

PAGE = Path(__file__).parents[2] / "docs" / "standards.md"


def test_every_edition_has_its_row_and_nothing_else_has_one() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    expected = set()
    for name, editions in TABLES.items():
        for one in editions:
            stage = getattr(one, "stage_en", "")
            days = f"{one.valid_from} - {one.valid_to or ''}".strip()
            title = one.edition + (f" ({stage})" if stage else "")
            expected.add(f"| `{name}` | {title} | {days} | {one.clause} | {one.verified} |")
    assert set(rows) == expected
