"""A roster as a calendar file (RFC 5545) that every calendar program can follow."""

from collections.abc import Mapping
from datetime import UTC, datetime

from icalendar import Calendar, Event, vCalAddress

from alerts.people.calendar_in import WHO
from alerts.people.person import Person
from alerts.people.roster import Roster
from alerts.people.rota import Rota, layers_of


def write_calendar(
    roster: Roster, found: Rota, people: Mapping[str, Person], zone: str, now: int, language: str = "zh"
) -> bytes:
    """The duties of a rota, one event for each layer's stretch with the same people; times in UTC."""
    calendar = Calendar()
    calendar.add("prodid", "-//Streamwarden//Duty roster//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", roster.named(language))
    calendar.add("x-wr-timezone", zone)
    for layer, pieces in layers_of(found).items():
        for start, end, who in pieces:
            calendar.add_component(_event(roster, layer, (start, end, who), people, now, language))
    return bytes(calendar.to_ical())


def _event(
    roster: Roster,
    layer: str,
    piece: tuple[int, int, tuple[str, ...]],
    people: Mapping[str, Person],
    now: int,
    language: str,
) -> Event:
    start, end, who = piece
    event = Event()
    event.add("uid", f"{roster.id}-{layer}-{start}@streamwarden")
    event.add("dtstamp", _moment(now))
    event.add("dtstart", _moment(start))
    event.add("dtend", _moment(end))
    named = [people[name].named(language) if name in people else name for name in who]
    event.add("summary", ("、" if language == "zh" else ", ").join(named))
    event.add("categories", [layer])
    event.add(WHO, "+".join(who))
    for name in who:
        if name in people and people[name].mail:
            event.add("attendee", vCalAddress(f"mailto:{people[name].mail}"))
    return event


def _moment(instant: int) -> datetime:
    return datetime.fromtimestamp(instant / 1000, UTC)
