"""When a calendar's duty happens: its own hours, those of its rule (RFC 5545), additions and exceptions, in its zone."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from alerts.people.repeating import rule_of
from alerts.people.roster import CalendarEvent
from alerts.people.wall import moment, wall_of

_SLACK: Final = timedelta(days=1)


def occurrences(event: CalendarEvent, start: int, end: int) -> Iterator[tuple[int, int]]:
    """[start, end) of every duty of the event that touches the window, epoch ms."""
    zone = ZoneInfo(event.zone)
    length = event.end - event.start
    first, last = wall_of(zone, start) - length - _SLACK, wall_of(zone, end) + _SLACK
    for wall in _starts(event, first, last):
        begins, ends = moment(zone, wall), moment(zone, wall + length)
        if begins < end and start < ends and begins < ends:
            yield begins, ends


def _starts(event: CalendarEvent, first: datetime, last: datetime) -> list[datetime]:
    found = {event.start} if not event.rrule else set(rule_of(event.rrule, event.start).between(first, last, inc=True))
    found.update(event.also)
    return sorted(each for each in found.difference(event.except_) if first <= each <= last)
