"""Shapes of people, units, areas, rosters, plans, who is on duty, the look ahead, and who was told."""

from typing import Any, Final, Literal

from pydantic import Field

from alerts.people.area import Area
from alerts.people.person import Person, Unit
from alerts.people.plan import Plan
from alerts.people.roster import Roster
from api.documents.shape import Shape, Time


class PersonEntry(Person):
    """Somebody who may be told of incidents; a viewer is not shown how they are reached."""

    version: int


class UnitEntry(Unit):
    """A team of a department."""

    version: int


class AreaEntry(Area):
    """A part of the district, and the units that look after it."""

    version: int


class RosterEntry(Roster):
    """A duty roster: layers of turns, overrides, holidays."""

    version: int


class PlanEntry(Plan):
    """A plan of escalation."""

    version: int


class NamedPerson(Shape):
    """A person by id and names."""

    id: str
    name_zh: str
    name_en: str


class OnDuty(Shape):
    """Who of one layer of a roster is on duty, since when and until when; nobody where `people` is empty."""

    roster: str
    layer: str
    people: list[NamedPerson]
    from_: Time | None = Field(alias="from")
    to: Time | None


class DutyShape(Shape):
    """One stretch in which the same people of a layer are on duty."""

    layer: str
    from_: Time = Field(alias="from")
    to: Time
    people: list[str]


class Stretch(Shape):
    """From a moment to another."""

    from_: Time = Field(alias="from")
    to: Time


class GapReason(Shape):
    """What is missing, of whom."""

    who: str
    en: str
    zh: str


class PreflightGap(Shape):
    """Where nobody, or only one person, can be reached; `lacks` no plan, a first person or a second one."""

    area: str
    department: str
    types: list[str]
    levels: list[int]
    lacks: Literal["plan", "first", "second"]
    plan: str
    person: str
    hours: float
    spans: list[Stretch]
    reasons: list[GapReason]


class Preflight(Shape):
    """What the look ahead found; `at` is when it looked, `checked` how many areas, types and levels."""

    at: Time
    from_: Time = Field(alias="from")
    to: Time
    checked: int
    items: list[PreflightGap]


class Explained(Shape):
    """One occasion, and why the person was, or was not, told on it."""

    at: Time
    type: str
    told: bool
    status: str
    receiver: str
    answer: str
    en: str
    zh: str


class LadderRung(Shape):
    """How far one notice to one person came; `read` is when its link was opened, `acted` when something was done by it."""

    person: str
    receiver: str
    channel: str
    type: str
    status: Literal["queued", "sent", "accepted", "delivered", "read", "acted", "failed"]
    at: Time
    read: Time | None
    acted: Time | None
    answer: str


class Suggested(Shape):
    """Somebody to send and why; `until` is the end of the shift, `seen` when they were there, `open` incidents they have."""

    person: str
    name_zh: str
    name_en: str
    unit: str
    phone: str
    reachable: bool
    on_duty: bool
    until: Time | None
    roster: str
    distance_m: float | None
    seen: Time | None
    open: int
    en: str
    zh: str


_TEXT: Final = {"text/calendar": {"schema": {"type": "string"}}}
CALENDAR: dict[int | str, dict[str, Any]] = {200: {"description": "A calendar file (RFC 5545)", "content": _TEXT}}
CALENDAR_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": _TEXT}}
