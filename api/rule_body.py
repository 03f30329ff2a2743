"""A rule as JSON: the words of `hub.rule.Rule`, delays in seconds."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from api.bodies import Body, Number, Title
from api.problem import invalid
from hub.rule import Rule, Schedule, Selector

Pattern = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:*?\[\]!-]+$")]
Seconds = Annotated[float, Field(ge=0, le=31_622_400, allow_inf_nan=False)]
LevelLimits = Annotated[dict[Literal["1", "2", "3", "4"], Number], Field(max_length=4)]


class TargetBody(Body):
    """Which stations; each word is a shell pattern."""

    department: Pattern = "*"
    kind: Pattern = "*"
    device: Pattern = "*"


class ScheduleBody(Body):
    """When it is in force, in the site's zone: ISO weekdays, minutes of the day [from, to)."""

    days: Annotated[tuple[Annotated[int, Field(ge=1, le=7)], ...], Field(min_length=1, max_length=7)] = (
        1,
        2,
        3,
        4,
        5,
        6,
        7,
    )
    from_minute: Annotated[int, Field(ge=0, le=1440)] = 0
    to_minute: Annotated[int, Field(ge=0, le=1440)] = 1440


class RuleBody(Body):
    """A rule to be put; `id` and `version` may be there as they were read."""

    id: Annotated[str | None, StringConstraints(max_length=64)] = None
    version: int | None = None
    kind: Literal["level", "silence"]
    name_zh: Title = ""
    name_en: Title = ""
    targets: Annotated[tuple[TargetBody, ...], Field(min_length=1, max_length=200)] = (TargetBody(),)
    property: Annotated[str, StringConstraints(pattern=r"^([a-z][a-z0-9_]{0,47})?$")] = ""
    above: LevelLimits = Field(default_factory=dict)
    below: LevelLimits = Field(default_factory=dict)
    deadband: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0
    on_delay_s: Seconds = 0
    off_delay_s: Seconds = 0
    accept: Annotated[tuple[Literal["", "N", "F", "M", "S", "D", "C", "T", "B"], ...], Field(max_length=9)] = ("", "N")
    schedule: ScheduleBody | None = None
    periods: Annotated[float, Field(gt=1, le=100_000, allow_inf_nan=False)] = 5
    silence_level: Annotated[int, Field(ge=1, le=4)] = 3


def rule_of(given: RuleBody, rule_id: str) -> Rule:
    """The rule that was given, under `rule_id`.

    Raises:
        Problem: its numbers do not fit together, or it names another id.
    """
    if given.id is not None and given.id != rule_id:
        raise invalid("id", f"{rule_id}, as in the path, or none", "body")
    schedule = given.schedule
    try:
        return Rule(
            rule_id,
            0,
            given.kind,
            tuple(Selector(one.department, one.kind, one.device) for one in given.targets),
            given.name_zh,
            given.name_en,
            given.property,
            {int(level): limit for level, limit in given.above.items()},
            {int(level): limit for level, limit in given.below.items()},
            given.deadband,
            round(given.on_delay_s * 1000),
            round(given.off_delay_s * 1000),
            given.accept,
            None if schedule is None else Schedule(schedule.days, schedule.from_minute, schedule.to_minute),
            given.periods,
            given.silence_level,
        )
    except ValueError as error:
        raise invalid("rule", str(error).partition(": ")[2] or str(error), "body") from error


def body_of(rule: Rule) -> dict[str, Any]:
    """The rule as its own PUT would take it."""
    schedule = rule.schedule
    return {
        "id": rule.id,
        "version": rule.version,
        "kind": rule.kind,
        "name_zh": rule.name_zh,
        "name_en": rule.name_en,
        "targets": [{"department": one.department, "kind": one.kind, "device": one.device} for one in rule.targets],
        "property": rule.property,
        "above": {str(level): limit for level, limit in sorted(rule.above.items())},
        "below": {str(level): limit for level, limit in sorted(rule.below.items())},
        "deadband": rule.deadband,
        "on_delay_s": rule.on_delay / 1000,
        "off_delay_s": rule.off_delay / 1000,
        "accept": list(rule.accept),
        "schedule": None
        if schedule is None
        else {"days": list(schedule.days), "from_minute": schedule.from_minute, "to_minute": schedule.to_minute},
        "periods": rule.periods,
        "silence_level": rule.silence_level,
    }
