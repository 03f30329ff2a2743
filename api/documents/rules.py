"""Shapes of rules."""

from typing import Literal

from pydantic import Field

from api.documents.shape import Shape, Time


class RuleSchedule(Shape):
    """When a rule is in force, in the site's zone: ISO weekdays, HH:MM."""

    days: list[int]
    from_: str = Field(alias="from")
    to: str


class Rule(Shape):
    """One rule in one version, in the words of its file. Its ETag is its version."""

    id: str
    version: int
    kind: Literal["level", "silence"]
    name_zh: str
    name_en: str
    targets: list[str]
    property: str | None = None
    unlisted: bool | None = None
    limit: dict[str, str] | None = None
    above: dict[str, float] | None = None
    below: dict[str, float] | None = None
    deadband: float | None = None
    on_delay: str | None = None
    off_delay: str | None = None
    accept: list[str] | None = None
    schedule: RuleSchedule | None = None
    periods: float | None = None
    level: int | None = None


class RuleVersion(Shape):
    """One version of a rule: who put it, when."""

    at: Time
    actor: str
    rule: Rule
