"""A small district's people: two on duty, a unit with a leader, areas, plans."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from alerts.people.area import Area
from alerts.people.book import Book
from alerts.people.form import Kept
from alerts.people.person import Person, Unit
from alerts.people.plan import Plan
from alerts.people.roster import Roster

ZONE = ZoneInfo("Asia/Shanghai")
CHANNELS = {"im": "dingtalk-notice", "texts": "sms", "calls": "voice", "mails": "email", "group": "dingtalk-robot"}
NOON = int(datetime(2026, 11, 23, 12, tzinfo=ZONE).timestamp() * 1000)
"""A Monday."""


def at(text: str) -> int:
    """A wall clock time of the site, epoch ms."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp() * 1000)


def shown(instant: int) -> str:
    """The site's wall clock."""
    return datetime.fromtimestamp(instant / 1000, UTC).astimezone(ZONE).strftime("%m-%d %H:%M")


def person(name: str, **more: Any) -> Person:
    """Somebody with a phone and two ways."""
    given = {
        "id": name,
        "department": "north",
        "name_zh": name,
        "phone": "13800000001",
        "user_ids": {"dingtalk": f"u-{name}"},
        "ways": [{"receiver": "im", "wait_s": 60}, {"receiver": "texts", "wait_s": 60}],
    }
    return Person.model_validate({**given, **more})


def roster(name: str = "river", **more: Any) -> Roster:
    """By day one, by night another; the second line is a week each."""
    first: dict[str, Any] = {"name": "first", "rotate": "shift", "members": ["wang", "li"], "start": "2026-11-02"}
    first["shifts"] = [{"from": "08:00", "to": "20:00"}, {"from": "20:00", "to": "08:00"}]
    second = {"name": "second", "rotate": "weekly", "members": ["zhao", "qian"], "start": "2026-11-02"}
    return Roster.model_validate({"id": name, "department": "north", "layers": [first, second], **more})


def plan(name: str = "usual", **more: Any) -> Plan:
    """Whoever is on duty, then the leader."""
    steps = [{"who": ["roster:river"], "wait_s": 180}, {"who": ["leader"], "wait_s": 180}]
    return Plan.model_validate({"id": name, "department": "north", "steps": steps, "repeat": None, **more})


def things() -> list[Kept]:
    """All of them."""
    return [
        *(person(name) for name in ("wang", "li", "zhao", "qian", "sun")),
        Unit.model_validate({"id": "patrol", "department": "north", "members": ["wang", "li"], "leaders": ["sun"]}),
        Area.model_validate({"id": "river", "department": "north", "stations": ["north/water/*"], "units": ["patrol"]}),
        roster(),
        plan(),
    ]


def book(*more: Kept, channels: Mapping[str, str] | None = None) -> Book:
    """The book of them; what is given takes the place of what has the same name."""
    return Book.of([*things(), *more], ZONE, CHANNELS if channels is None else channels)
