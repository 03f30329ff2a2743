"""Duties out of a calendar file (RFC 5545): whole days, zones, rules, exceptions; every mistake with its line, field and value."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar import vDDDTypes, vDuration, vRecur
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON
from pydantic import ValidationError

from alerts.people.calendar_lines import Entry, Line, Zones, entries
from alerts.people.roster import CalendarEvent
from hub.errors import Fault

WHO: Final = "X-STREAMWARDEN-WHO"
"""Our own property: the ids of the people on duty, joined by `+`."""

MOST_EVENTS: Final = 5000

Finder = Callable[[str], str | None]
"""The id of the person with this name, id or mail address, None where there is none."""

_SPLIT: Final = str.maketrans(dict.fromkeys("、，,/;；&+", "+"))
_TIME: Final = "expected a time such as 20261123T080000, with TZID or a final Z, or a day such as 20261123"


class _Wrong(Exception):
    def __init__(self, line: int, name: str, message: str) -> None:
        self.fault = (line, name, message)
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class _Wall:
    """A wall clock time and its zone; `day`: a whole day was meant."""

    at: datetime
    zone: str
    day: bool


@dataclass(slots=True)
class _Reader:
    file: str
    zone: str
    finder: Finder
    zones: Zones
    faults: list[Fault]
    found: list[tuple[Entry, CalendarEvent]] = field(default_factory=list)
    moved: dict[str, list[datetime]] = field(default_factory=dict)


def read_calendar(
    text: str, file: str, zone: ZoneInfo, finder: Finder
) -> tuple[tuple[CalendarEvent, ...], list[Fault]]:
    """The duties of a calendar and every mistake in it; times without a zone are of `zone`."""
    events, zones, faults = entries(text, file)
    reader = _Reader(file, zone.key, finder, zones, faults)
    for entry in _newest(events):
        try:
            _take(reader, entry)
        except _Wrong as wrong:
            line, name, message = wrong.fault
            faults.append(Fault(file, line, name, message))
    if len(events) > MOST_EVENTS:
        faults.append(Fault(file, 0, "VEVENT", f"{len(events)} events: expected {MOST_EVENTS} at the most"))
    if not events and not faults:
        faults.append(Fault(file, 0, "VEVENT", "expected at least one event"))
    taken = tuple(_without(event, reader.moved.get(event.uid, ()), entry) for entry, event in reader.found)
    return taken, sorted(faults, key=lambda fault: fault.line)


def _newest(events: Iterable[Entry]) -> Iterator[Entry]:
    """Of several forms of one event only that with the highest SEQUENCE (section 3.8.7.4)."""
    best: dict[tuple[str, str], Entry] = {}
    for number, entry in enumerate(events):
        key = (entry.text("UID") or f"line {number}", entry.text("RECURRENCE-ID"))
        if key not in best or _sequence(entry) >= _sequence(best[key]):
            best[key] = entry
    yield from best.values()


def _sequence(entry: Entry) -> int:
    text = entry.text("SEQUENCE")
    return int(text) if text.isdigit() else 0


def _take(reader: _Reader, entry: Entry) -> None:
    gone = entry.text("STATUS").upper() == "CANCELLED"
    given = entry.one("DTSTART")
    if given is None:
        raise _Wrong(entry.number, "DTSTART", f"missing: {_TIME}")
    start = _wall(reader, given)
    instead = entry.one("RECURRENCE-ID")
    if instead is not None:
        if "RANGE" in instead.params:
            raise _Wrong(instead.number, "RECURRENCE-ID", "RANGE is not taken: expected one event for each change")
        moved = _in_zone(_wall(reader, instead), start.zone)
        reader.moved.setdefault(entry.text("UID"), []).append(moved)
    if gone:
        return
    rule = "" if instead is not None else _rule(entry, start)
    words = {
        "uid": entry.text("UID"),
        "who": _who(reader, entry),
        "start": start.at,
        "end": _end(reader, entry, start),
        "zone": start.zone,
        "rrule": rule,
        "also": _moments(reader, entry, "RDATE", start.zone),
        "except": _moments(reader, entry, "EXDATE", start.zone),
    }
    try:
        event = CalendarEvent.model_validate(words)
    except ValidationError as error:
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
        line = entry.one("RRULE") if "rule" in said else entry.one("DTEND") or given
        raise _Wrong(
            entry.number if line is None else line.number, "RRULE" if "rule" in said else "DTEND", said
        ) from error
    reader.found.append((entry, event))


def _without(event: CalendarEvent, moved: Iterable[datetime], entry: Entry) -> CalendarEvent:
    """The row of duties without those that another event of the file tells anew."""
    if entry.one("RECURRENCE-ID") is not None or not moved:
        return event
    return event.model_copy(update={"except_": tuple(dict.fromkeys((*event.except_, *moved)))})


def _who(reader: _Reader, entry: Entry) -> str:
    own = entry.one(WHO)
    people = [] if own is None else own.value.split("+")
    summary = entry.one("SUMMARY")
    if not people and summary is not None:
        people = [word.strip() for word in summary.value.translate(_SPLIT).split("+") if word.strip()]
    if not all(map(reader.finder, people)) or not people:
        mails = [line.value.removeprefix("mailto:").removeprefix("MAILTO:") for line in entry.lines.get("ATTENDEE", ())]
        people = mails or people
    named = [reader.finder(each) for each in people]
    if unknown := [given for given, found in zip(people, named, strict=True) if found is None]:
        line = own or summary
        where = entry.number if line is None else line.number
        raise _Wrong(
            where, "SUMMARY", f"{', '.join(map(repr, unknown))}: expected the name, id or mail address of a person"
        )
    if not named:
        raise _Wrong(entry.number, "SUMMARY", "missing: expected the name, id or mail address of whoever is on duty")
    return "+".join(dict.fromkeys(filter(None, named)))


def _end(reader: _Reader, entry: Entry, start: _Wall) -> datetime:
    line = entry.one("DTEND")
    if line is not None:
        return _in_zone(_wall(reader, line), start.zone)
    line = entry.one("DURATION")
    if line is None:
        if start.day:
            return start.at + timedelta(days=1)
        raise _Wrong(entry.number, "DTEND", "missing: expected DTEND or DURATION")
    try:
        length: timedelta = vDuration.from_ical(line.value)  # type: ignore[no-untyped-call]
    except ValueError as error:
        raise _Wrong(line.number, "DURATION", f"{line.value!r}: expected a duration such as PT12H") from error
    return start.at + length


def _rule(entry: Entry, start: _Wall) -> str:
    line = entry.one("RRULE")
    if line is None:
        return ""
    try:
        rule = vRecur.from_ical(line.value)
    except ValueError as error:
        message = f"{line.value!r}: expected a rule such as FREQ=WEEKLY;BYDAY=MO,TU ({error})"
        raise _Wrong(line.number, "RRULE", message) from error
    # The rule runs over wall clock times, so its end must be one too.
    for place, until in enumerate(rule.get("UNTIL", [])):
        rule["UNTIL"][place] = _until(until, start.zone)
    return str(rule.to_ical().decode())


def _until(until: date | datetime, zone: str) -> datetime:
    if not isinstance(until, datetime):
        return datetime.combine(until, datetime.max.time()).replace(microsecond=0)
    return until if until.tzinfo is None else until.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _moments(reader: _Reader, entry: Entry, name: str, zone: str) -> tuple[datetime, ...]:
    found: list[datetime] = []
    for line in entry.lines.get(name, ()):
        if line.params.get("VALUE", "").upper() == "PERIOD":
            raise _Wrong(line.number, name, "VALUE=PERIOD is not taken: expected times or days")
        parts = (Line(line.number, name, line.params, part.strip()) for part in line.value.split(","))
        found += [_in_zone(_wall(reader, part), zone) for part in parts]
    return tuple(found)


def _wall(reader: _Reader, line: Line) -> _Wall:
    try:
        said = vDDDTypes.from_ical(line.value)  # type: ignore[no-untyped-call]
    except ValueError as error:
        raise _Wrong(line.number, line.name, f"{line.value!r}: {_TIME}") from error
    if isinstance(said, datetime):
        if said.tzinfo is not None:
            return _Wall(said.astimezone(UTC).replace(tzinfo=None), "UTC", day=False)
        return _Wall(said, _zone(reader, line), day=False)
    if isinstance(said, date):
        return _Wall(datetime.combine(said, datetime.min.time()), reader.zone, day=True)
    raise _Wrong(line.number, line.name, f"{line.value!r}: {_TIME}")


def _in_zone(wall: _Wall, zone: str) -> datetime:
    if wall.zone == zone or wall.day:
        return wall.at
    return wall.at.replace(tzinfo=ZoneInfo(wall.zone)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _zone(reader: _Reader, line: Line) -> str:
    name = line.params.get("TZID", "")
    if not name:
        return reader.zone
    # Some programs write a path before the name, others the names that Windows has.
    path = name.strip("/").split("/")
    for guess in (
        name,
        reader.zones.locations.get(name, ""),
        WINDOWS_TO_OLSON.get(name, ""),
        "/".join(path[-2:]),
        path[-1],
    ):
        try:
            if guess:
                return ZoneInfo(guess).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    raise _Wrong(line.number, line.name, f"TZID={name}: expected an IANA zone such as Asia/Shanghai")
