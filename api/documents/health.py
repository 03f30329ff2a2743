"""Shapes of the hub's health."""

from typing import Any

from api.documents.shape import Shape, Time


class Alive(Shape):
    """The process answers."""

    live: bool


class Ready(Shape):
    """Every part works."""

    ready: bool
    failing: list[Any]


class Part(Shape):
    """One part of the hub."""

    name: str
    ok: bool
    detail: str
    age_s: float | None
    lag: float | None
    counters: dict[str, float]


class RuleFault(Shape):
    """A mistake in a rule file; the rules before it stay in force."""

    file: str
    line: int
    key: str
    message: str


class Health(Shape):
    """Every part, and which of them fail."""

    ok: bool
    time: Time
    failing: list[str]
    parts: list[Part]
    rule_faults: list[RuleFault]
