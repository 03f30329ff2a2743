"""Shapes of rules."""

from typing import Literal

from api.documents.shape import Shape, Time


class RuleTarget(Shape):
    """Which stations a rule looks at; each word is a shell pattern."""

    department: str
    kind: str
    device: str


class RuleSchedule(Shape):
    """When a rule is in force, in the site's zone: ISO weekdays, times of day HH:MM."""

    days: list[int]
    from_minute: int
    to_minute: int


class Rule(Shape):
    """One rule in one version; limits in the property's unit, times in seconds. Its ETag is its version."""

    id: str
    version: int
    kind: Literal["level", "silence"]
    name_zh: str
    name_en: str
    targets: list[RuleTarget]
    property: str
    above: dict[str, float]
    below: dict[str, float]
    deadband: float
    on_delay_s: float
    off_delay_s: float
    accept: list[str]
    schedule: RuleSchedule | None
    periods: float
    silence_level: int


class RuleVersion(Shape):
    """One version of a rule: who put it, when."""

    at: Time
    actor: str
    rule: Rule
