"""Shapes of handovers between shifts."""

from typing import Any

from api.documents.shape import Shape, Time


class ShiftFeed(Shape):
    """A station or a part of the hub that is not heard; `last` null: never."""

    name: str
    state: str
    last: Time | None
    detail: str


class ShiftIncident(Shape):
    """An incident that stood open."""

    number: str
    state: str
    level: int
    type: str
    text: str
    owner: str | None
    acknowledged_by: str | None
    opened: Time
    solve_by: Time | None
    count: int
    target: dict[str, Any]
    source: str


class ShiftSilence(Shape):
    """A silence that held."""

    owner: str
    reason: str
    matcher: dict[str, str]
    level: int
    ends: Time


class ShiftFacts(Shape):
    """What stood open: `since` is the handover before, `open` how many incidents."""

    since: Time | None
    open: int
    incidents: list[ShiftIncident]
    silences: list[ShiftSilence]
    feeds: list[ShiftFeed]


class Shift(Shape):
    """A handover: who gave it and who took it; `hash` is over all that both signed, `sound` whether it still fits."""

    id: str
    department: str
    note: str
    facts: ShiftFacts
    given_by: str
    given_at: Time
    taken_by: str
    taken_at: Time | None
    taken_note: str
    hash: str
    sound: bool


class ShiftDraft(Shape):
    """What would be handed over now, and the handover that waits to be taken, if there is one."""

    department: str
    facts: ShiftFacts
    waiting: Shift | None
