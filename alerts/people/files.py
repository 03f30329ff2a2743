"""People, units, areas, rosters and plans as files: TOML for all of it, CSV for people, calendars for rosters; every mistake at once."""

import csv
import io
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import tomli_w
from pydantic import ValidationError
from sqlalchemy import Connection

from alerts.people import keeping
from alerts.people.book import SORTS, Book
from alerts.people.duties import calendar_layer
from alerts.people.form import Kept
from alerts.people.keeping import with_thing
from alerts.people.lint import Finding
from alerts.people.person import Person
from hub.errors import ConfigError, Fault
from hub.settings import Settings
from hub.toml_lines import line_of
from storage.records import people

TABLES: Final = {"people": "person", "units": "unit", "areas": "area", "rosters": "roster", "plans": "plan"}
COLUMNS: Final = (
    *("id", "department", "name_zh", "name_en", "login", "phone", "mail", "dingtalk", "wecom", "language", "ways"),
)
LAYER: Final = "calendar"
"""The layer of a roster that a calendar file fills."""

CALENDAR_MS: Final = 90 * 86_400_000


class _Found:
    """Where each thing was written, so that what is wrong among them can be shown in its file."""

    def __init__(self) -> None:
        self.things: dict[tuple[str, str], Kept] = {}
        self.places: dict[tuple[str, str], tuple[str, str, tuple[str | int, ...], int]] = {}
        self.faults: list[Fault] = []


def read_files(book: Book, paths: Iterable[Path]) -> list[Kept]:
    """What the files say, in the order in which each can be written down.

    Raises:
        ConfigError: every mistake in any of them, with file, line and field.
    """
    found = _Found()
    calendars: list[tuple[Path, bytes]] = []
    for path in paths:
        try:
            data = path.read_bytes()
        except OSError as error:
            found.faults.append(Fault(str(path), 0, "", f"cannot be read: {error.strerror}"))
            continue
        match path.suffix.lower():
            case ".toml":
                _toml(found, str(path), data)
            case ".csv":
                _csv(found, str(path), data)
            case ".ics":
                calendars.append((path, data))
            case _:
                found.faults.append(Fault(str(path), 0, "", "expected a file .toml, .csv (people) or .ics (a roster)"))
    after = book
    for thing in found.things.values():
        after = with_thing(after, thing)
    for path, data in calendars:
        after = _calendar(found, after, path, data)
    found.faults += _among(book, after, found)
    if found.faults:
        raise ConfigError(found.faults)
    order = list(SORTS)
    return sorted(found.things.values(), key=lambda thing: order.index(keeping.sort_of(thing)))


def first_people(tx: Connection, settings: Settings, path: Path, *, actor: str, at: int) -> None:
    """Write down what a file says, where nobody is written down yet.

    Raises:
        ConfigError: the file has mistakes.
    """
    if not any(people.stamp(tx)):
        book = keeping.shelf_of(settings).book(tx)
        keeping.put_all(tx, book, read_files(book, [path]), actor=actor, at=at)


def _toml(found: _Found, file: str, data: bytes) -> None:
    try:
        text = data.decode("utf-8-sig")
        tree = tomllib.loads(text)
    except UnicodeDecodeError as error:
        found.faults.append(Fault(file, 0, "", f"is not UTF-8 text: byte {error.start}"))
        return
    except tomllib.TOMLDecodeError as error:
        number = str(error).partition("at line ")[2].partition(",")[0]
        found.faults.append(Fault(file, int(number) if number.isdigit() else 0, "", f"is not TOML: {error}"))
        return
    for table, rows in tree.items():
        if table not in TABLES or not isinstance(rows, list):
            expected = ", ".join(f"[[{name}]]" for name in TABLES)
            found.faults.append(Fault(file, line_of(text, (table,)), table, f"unknown table; expected {expected}"))
            continue
        for place, row in enumerate(rows):
            _take(found, file, text, TABLES[table], row, (table, place))


def _take(
    found: _Found, file: str, text: str, sort: str, row: Any, where: tuple[str | int, ...], line: int = 0
) -> None:
    try:
        thing = SORTS[sort].model_validate(row)
        if not thing.id:
            found.faults.append(Fault(file, line or line_of(text, where), _key(where, "id"), "missing"))
            return
    except ValidationError as error:
        for each in error.errors():
            path = (*where, *each["loc"])
            found.faults.append(Fault(file, line or line_of(text, path), _key(where, *each["loc"]), _said(each)))
        return
    if (sort, thing.id) in found.things:
        found.faults.append(
            Fault(file, line or line_of(text, where), _key(where, "id"), f"{thing.id!r} is given twice")
        )
    found.things[sort, thing.id] = thing
    found.places[sort, thing.id] = (file, text, where, line)


def _csv(found: _Found, file: str, data: bytes) -> None:
    try:
        rows = list(csv.DictReader(data.decode("utf-8-sig").splitlines()))
    except UnicodeDecodeError as error:
        found.faults.append(Fault(file, 0, "", f"is not UTF-8 text: byte {error.start}"))
        return
    for number, row in enumerate(rows, 2):
        if unknown := sorted(str(name) for name in row if name not in COLUMNS):
            found.faults.append(Fault(file, 1, ", ".join(unknown), f"unknown column; expected {', '.join(COLUMNS)}"))
            return
        words = {name: (value or "").strip() for name, value in row.items()}
        ids = {name: words.pop(name) for name in ("dingtalk", "wecom") if words.get(name)}
        ways = [{"receiver": name.strip()} for name in words.pop("ways", "").split("+") if name.strip()]
        given = {name: value for name, value in words.items() if value and name not in ("dingtalk", "wecom")}
        _take(found, file, "", "person", {**given, "user_ids": ids, "ways": ways}, (), number)


def _calendar(found: _Found, book: Book, path: Path, data: bytes) -> Book:
    name = path.stem
    roster, faults = calendar_layer(book, name, LAYER, data, str(path))
    found.faults += faults
    if roster is None:
        return book
    found.things["roster", name] = roster
    found.places.setdefault(("roster", name), (str(path), "", (), 1))
    return with_thing(book, roster)


def _among(before: Book, after: Book, found: _Found) -> list[Fault]:
    """What is wrong among the things, each where its file has it."""
    try:
        keeping.check(before, after, *[(keeping.sort_of(thing), thing.id) for thing in found.things.values()])
    except keeping.Unfit as error:
        return [_placed(found, each) for each in error.findings]
    return []


def _placed(found: _Found, finding: Finding) -> Fault:
    file, text, where, line = found.places.get((finding.sort, finding.id), ("", "", (), 0))
    path: list[str | int] = [int(part) if part.isdigit() else part for part in finding.field.split(".")]
    key = _key(where, *path) if where else f"{finding.sort} {finding.id} {finding.field}"
    return Fault(file or "records", line or (line_of(text, (*where, *path)) if text else 0), key, finding.en)


def _key(where: Sequence[str | int], *path: str | int) -> str:
    return ".".join(map(str, (*where, *path)))


def _said(error: Mapping[str, Any]) -> str:
    message = str(error["msg"]).removeprefix("Value error, ")
    given = error.get("input")
    shown = "" if error["type"] == "missing" or isinstance(given, dict | list | tuple) else f"{given!r}: "
    return f"{shown}{message[0].lower()}{message[1:]}"


def to_toml(book: Book) -> str:
    """All of it as the text of a file that can be read again."""
    tree: dict[str, list[dict[str, Any]]] = {table: [] for table in TABLES}
    tables = {sort: table for table, sort in TABLES.items()}
    for thing in book.things():
        tree[tables[keeping.sort_of(thing)]].append({"id": thing.id, **_words(thing)})
    return tomli_w.dumps({table: rows for table, rows in tree.items() if rows}, multiline_strings=False)


def _words(thing: Kept) -> dict[str, Any]:
    words = thing.model_dump(by_alias=True, exclude_defaults=True)
    if words.get("repeat", 0) is None:
        words["repeat"] = "forever"
    clean: dict[str, Any] = _plain(words)
    return clean


def _plain(value: Any) -> Any:
    """What TOML has words for: no tuples, no null, keys that are text."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items() if each is not None}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def to_csv(book: Book) -> str:
    """The people as the text of a CSV file; what the columns have no place for is left out."""
    out = io.StringIO()
    rows = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    rows.writeheader()
    for person in book.people.values():
        rows.writerow(_row(person))
    return out.getvalue()


def _row(person: Person) -> dict[str, str]:
    row = {name: str(getattr(person, name)) for name in COLUMNS if name not in ("dingtalk", "wecom", "ways")}
    ids = {name: person.user_ids.get(name, "") for name in ("dingtalk", "wecom")}
    return {**row, **ids, "ways": "+".join(way.receiver for way in person.ways)}


def to_calendar(book: Book, roster: str, now: int) -> bytes:
    """A roster's next 90 days as a calendar file."""
    from alerts.people.calendar_out import write_calendar

    known = book.rosters[roster]
    found = book.rota(roster, now, now + CALENDAR_MS)
    return write_calendar(known, found, book.people, known.zone or book.zone.key, now)
