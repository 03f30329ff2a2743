"""Duty rosters as calendar files: what other programs write is read, what is wrong is named, what goes out comes back."""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given, settings

from alerts.people.calendar_in import read_calendar
from alerts.people.calendar_out import write_calendar
from alerts.people.roster import Layer, Roster
from alerts.people.rota import Rota, layers_of, rota
from tests.alerts.people.builders import NOON, ZONE, at, book, shown
from tests.alerts.people.test_rota import cases

CASES = Path(__file__).parents[2] / "cases" / "calendars"
NAMES = {"王": "wang", "李": "li", "wang": "wang", "li": "li", "zhao@example.org": "zhao"}


def find(name: str) -> str | None:
    return NAMES.get(name.lower())


def duties(found: Rota) -> list[str]:
    return [
        f"{shown(duty.start)} - {shown(duty.end)} {'+'.join(duty.people())}" for duty in found.duties if duty.people()
    ]


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_a_calendar_of_another_program(case: str) -> None:
    expected = json.loads((CASES / case / "expected.json").read_text(encoding="utf-8"))
    text = (CASES / case / "input.ics").read_text(encoding="utf-8")
    events, faults = read_calendar(text, "input.ics", ZONE, find)
    said = [str(fault) for fault in faults]
    assert said == expected.get("faults", [])
    if "duties" in expected:
        roster = Roster(id="river", layers=(Layer(name="calendar", events=events),))
        assert duties(rota(roster, ZONE, NOON - 4 * 3_600_000, at("2026-12-10T00:00"))) == expected["duties"]


def test_a_rule_keeps_its_wall_clock_over_a_change_of_clocks() -> None:
    lines = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "DTSTART;TZID=Europe/Berlin:20261024T080000"]
    lines += ["DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3", "SUMMARY:wang", "END:VEVENT", "END:VCALENDAR"]
    events, faults = read_calendar("\r\n".join(lines), "x.ics", ZONE, find)
    assert not faults
    roster = Roster(id="river", layers=(Layer(name="calendar", events=events),))
    berlin = ZoneInfo("Europe/Berlin")
    found = rota(roster, berlin, at("2026-10-24T00:00"), at("2026-10-28T00:00"))
    assert duties(found) == [
        "10-24 14:00 - 10-24 15:00 wang",
        "10-25 15:00 - 10-25 16:00 wang",
        "10-26 15:00 - 10-26 16:00 wang",
    ]


@settings(max_examples=40, deadline=None)
@given(cases())
def test_what_goes_out_comes_back_with_the_same_people_in_every_moment(
    case: tuple[Roster, ZoneInfo, int, int],
) -> None:
    roster, zone, start, end = case
    before = rota(roster, zone, start, end)
    text = write_calendar(roster, before, {}, zone.key, NOON).decode()
    for layer, pieces in layers_of(before).items():
        events, faults = read_calendar(_only(text, layer), "out.ics", zone, lambda name: name)
        assert not faults
        back = Roster(id="back", zone=zone.key, layers=(Layer(name=layer, events=events),))
        assert layers_of(rota(back, zone, start, end))[layer] == pieces


def _only(text: str, layer: str) -> str:
    calendar = icalendar.Calendar.from_ical(text)
    assert isinstance(calendar, icalendar.Calendar)
    kept = icalendar.Calendar()
    for event in calendar.walk("VEVENT"):
        if f"CATEGORIES:{layer}\r\n" in event.to_ical().decode():
            kept.add_component(event)
    return str(kept.to_ical().decode())


def test_a_calendar_says_names_and_mail_addresses() -> None:
    given = book()
    found = rota(given.rosters["river"], ZONE, NOON, at("2026-11-24T12:00"))
    text = write_calendar(given.rosters["river"], found, given.people, ZONE.key, NOON).decode()
    first = icalendar.Calendar.from_ical(text).walk("VEVENT")[0]
    assert str(first["SUMMARY"]) == "wang"
    assert first["UID"] == f"river-first-{NOON}@streamwarden"
    assert "TZID" not in text
