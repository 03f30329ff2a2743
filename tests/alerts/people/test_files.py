"""People, rosters and plans as files: what goes in comes out the same, and every mistake has its file, line and field."""

from pathlib import Path

import pytest

from alerts.people import files
from alerts.people.book import Book
from alerts.people.keeping import with_thing
from hub.errors import ConfigError
from hub.toml_lines import line_of
from tests.alerts.people.builders import CHANNELS, NOON, ZONE, at

CASES = Path(__file__).parents[2] / "cases" / "duty"


def empty() -> Book:
    return Book(ZONE, CHANNELS)


def filled(book: Book, *paths: Path) -> Book:
    for thing in files.read_files(book, paths):
        book = with_thing(book, thing)
    return book


def test_files_of_every_sort_make_one_book() -> None:
    book = filled(empty(), *sorted((CASES / "whole").iterdir()))
    assert list(book.people) == ["wang", "li", "sun"]
    assert book.plans["level-1"].repeat is None
    assert book.meant("roster:river/first", (), at("2026-11-24T09:00")) == ("wang",)
    assert book.meant("roster:night", (), at("2026-11-25T01:00")) == ("li",)
    assert book.meant("leader", ("river",), NOON) == ("sun",)


def test_what_is_written_is_read_as_it_was(tmp_path: Path) -> None:
    book = filled(empty(), *sorted((CASES / "whole").iterdir()))
    (tmp_path / "duty.toml").write_text(files.to_toml(book), encoding="utf-8")
    again = filled(empty(), tmp_path / "duty.toml")
    assert list(again.things()) == list(book.things())
    (tmp_path / "people.csv").write_text(files.to_csv(book), encoding="utf-8")
    people = filled(empty(), tmp_path / "people.csv").people
    assert people["li"] == book.people["li"]
    (tmp_path / "copy.ics").write_bytes(files.to_calendar(book, "river", NOON))
    copy = filled(book, tmp_path / "copy.ics")
    assert set(copy.meant("roster:copy", (), at("2026-11-24T09:00"))) == {"wang", "sun"}


def test_every_mistake_is_named_at_once_with_its_file_line_and_field() -> None:
    with pytest.raises(ConfigError) as raised:
        files.read_files(empty(), sorted((CASES / "many-mistakes").iterdir()))
    said = [(Path(fault.file).name, fault.line, fault.key) for fault in raised.value.faults]
    assert said == [
        ("duty.toml", 3, "people.0.phone"),
        ("duty.toml", 8, "people.1.ways.0.wait_s"),
        ("duty.toml", 21, "rosters.1.layers.0.rotate"),
        ("duty.toml", 34, "squads"),
        ("people.csv", 2, "phone"),
        ("people.csv", 2, "mail"),
        ("people.csv", 3, "id"),
        ("two.ics", 5, "SUMMARY"),
        ("duty.toml", 32, "units.0.members.0"),
        ("duty.toml", 14, "rosters.0.layers.0.members.0"),
        ("duty.toml", 27, "plans.0.steps.0.who.0"),
        ("duty.toml", 28, "plans.0.steps.0.wait_s"),
    ]


def test_a_table_within_a_row_of_tables_is_found_in_its_own_row() -> None:
    text = (CASES / "many-mistakes" / "duty.toml").read_text(encoding="utf-8")
    assert line_of(text, ("rosters", 0, "layers", 0, "members")) == 14
    assert line_of(text, ("rosters", 1, "layers", 0, "members")) == 20
    assert line_of(text, ("rosters", 1, "id")) == 17
