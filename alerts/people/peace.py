"""When a person is told of what can wait: after quiet hours, with the day's digest, never while away."""

from datetime import timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from alerts.people.person import URGENT, Person
from alerts.people.wall import at, day_of, span_on

Why = Literal["", "away", "quiet", "digest"]

_DAY = timedelta(days=1)


def hold(person: Person, level: int, zone: ZoneInfo, now: int, *, quiet: bool = True) -> tuple[int, Why]:
    """From when on (epoch ms) the person may be told of something of this level, and why not at once.

    Levels 1 and 2 are never held back. Somebody who is away is not told at all: the moment is when they are back.
    """
    if (back := back_at(person, now)) > now:
        return back, "away"
    if level <= URGENT or not quiet:
        return now, ""
    if level in person.digest:
        return _next_digest(person, zone, now), "digest"
    until = _quiet_until(person, zone, now)
    return (until, "quiet") if until > now else (now, "")


def back_at(person: Person, now: int) -> int:
    """When the person is to be reached again (epoch ms), now where they are not away."""
    moment = now
    for span in sorted(person.away, key=lambda each: each.start):
        if span.start <= moment < span.end:
            moment = span.end
    return moment


def _next_digest(person: Person, zone: ZoneInfo, now: int) -> int:
    today = day_of(zone, now)
    moments = (at(zone, today + n * _DAY, person.digest_at) for n in (0, 1, 2))
    return next(moment for moment in moments if moment > now)


def _quiet_until(person: Person, zone: ZoneInfo, now: int) -> int:
    if person.quiet is None:
        return now
    today = day_of(zone, now)
    for day in (today - _DAY, today):
        begin, end = span_on(zone, day, person.quiet.from_, person.quiet.to)
        if begin <= now < end:
            return end
    return now
