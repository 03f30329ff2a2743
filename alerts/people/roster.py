"""Duty rosters as they are written: layers of rotations or of calendar events, overrides, swaps, holidays."""

from datetime import date, datetime, time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from alerts.people.form import FILLED, Clock, Form, Kept, Name, Span, Title, Weekday
from alerts.people.repeating import rule_of

Turn = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}(\+[a-z0-9][a-z0-9._-]{0,63}){0,9}$")]
"""Who has a turn: a person, or several joined by `+` who are on duty together."""

LayerName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
Uid = Annotated[str, StringConstraints(max_length=300)]


def _is_zone(name: str) -> str:
    try:
        if name:
            ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r}: expected an IANA zone such as Asia/Shanghai") from None
    return name


Zone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_is_zone)]


class Shift(Form):
    """Hours that a layer covers on some weekdays (ISO, 1 is Monday), in the roster's zone; over midnight where `to` is not after `from`."""

    days: Annotated[tuple[Weekday, ...], Field(max_length=7), FILLED] = (1, 2, 3, 4, 5, 6, 7)
    from_: Annotated[Clock, Field(alias="from")]
    to: Clock


class CalendarEvent(Form):
    """One duty out of a calendar, or a row of them by `rrule` (RFC 5545, section 3.3.10), but for `except`.

    `start` and `end` are wall clock times of `zone`; a whole-day duty runs from midnight to midnight.
    """

    uid: Uid = ""
    who: Turn
    start: datetime
    end: datetime
    zone: Annotated[Zone, Field(min_length=1)]
    rrule: Annotated[str, StringConstraints(max_length=500)] = ""
    also: Annotated[tuple[datetime, ...], Field(max_length=5000)] = ()
    except_: Annotated[tuple[datetime, ...], Field(alias="except", max_length=5000)] = ()

    @model_validator(mode="after")
    def _is_span(self) -> "CalendarEvent":
        if any(each.tzinfo is not None for each in (self.start, self.end, *self.also, *self.except_)):
            raise ValueError("expected wall clock times without offset, and their zone in `zone`")
        if self.end <= self.start:
            raise ValueError("expected `end` after `start`")
        if self.rrule:
            rule_of(self.rrule, self.start)
        return self


class Layer(Form):
    """One line of duty: `members` take turns from `start` on at `handover`, or `events` say who when.

    `rotate`: each turn is a day, a week, `every` days (custom), or one shift. Without `shifts` it covers every hour.
    `covers`: while somebody of this layer is on duty, those of the layers after it are not.
    """

    name: LayerName
    rotate: Literal["daily", "weekly", "custom", "shift"] = "weekly"
    every: Annotated[int, Field(ge=1, le=366)] = 7
    members: Annotated[tuple[Turn, ...], Field(max_length=200)] = ()
    start: date = date(2026, 1, 5)
    handover: Clock = time(8, 0)
    shifts: Annotated[tuple[Shift, ...], Field(max_length=50)] = ()
    holidays: Literal["as_usual", "off", "only"] = "as_usual"
    covers: bool = False
    events: Annotated[tuple[CalendarEvent, ...], Field(max_length=5000)] = ()

    @model_validator(mode="after")
    def _is_one(self) -> "Layer":
        if bool(self.members) == bool(self.events):
            raise ValueError("expected either members who take turns, or events of a calendar")
        if self.rotate == "shift" and not self.shifts:
            raise ValueError('expected shifts where rotate is "shift"')
        return self

    @property
    def days(self) -> int:
        """The length of a turn in days; of a turn by shifts it does not tell."""
        return {"daily": 1, "weekly": 7}.get(self.rotate, self.every)


class Override(Span):
    """From, to: `person` instead of whoever a layer names, or nobody where it is empty.

    `layer` empty: in every layer. With `instead_of` only where that person would be on duty: a swap is two of these
    with one `swap` word.
    """

    id: Name
    person: Turn | Literal[""] = ""
    instead_of: Name | Literal[""] = ""
    layer: LayerName | Literal[""] = ""
    swap: Name | Literal[""] = ""
    reason: Title = ""
    by: Title = ""


class Roster(Kept):
    """Who is on duty when. `zone` empty is the site's; `runs_as` are days that run as another weekday does."""

    zone: Zone = ""
    layers: Annotated[tuple[Layer, ...], Field(max_length=10), FILLED]
    holidays: Annotated[tuple[date, ...], Field(max_length=500)] = ()
    runs_as: Annotated[dict[date, Weekday], Field(max_length=200)] = Field(default_factory=dict)
    overrides: Annotated[tuple[Override, ...], Field(max_length=2000)] = ()

    @model_validator(mode="after")
    def _is_named_once(self) -> "Roster":
        names = [layer.name for layer in self.layers]
        if double := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"layers named twice: {', '.join(sorted(double))}")
        for each in self.overrides:
            if each.layer and each.layer not in names:
                raise ValueError(f"override {each.id}: expected a layer of this roster, one of {', '.join(names)}")
        return self

    def people(self) -> frozenset[str]:
        """Everybody it may name."""
        turns = [turn for layer in self.layers for turn in layer.members]
        turns += [event.who for layer in self.layers for event in layer.events]
        turns += [each.person for each in self.overrides if each.person]
        return frozenset(person for turn in turns for person in turn.split("+"))
