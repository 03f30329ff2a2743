"""A rule as JSON: the words of a rule file (docs/howto/add-a-rule.md), its names as `name_zh` and `name_en` like every name here."""

from typing import Annotated, Any, Final, Literal

import tomli_w
from pydantic import Field, StringConstraints

from api.bodies import Body, Number, Title
from api.problem import FieldError, Problem
from hub.derived import property_named
from hub.errors import ConfigError
from hub.rule import Rule, Schedule
from hub.rulefiles import parse_rule

Word = Annotated[str, StringConstraints(max_length=200)]
Limits = Annotated[dict[Literal["1", "2", "3", "4"], Number], Field(max_length=4)]

_UNITS: Final = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000))


class ScheduleBody(Body):
    """When it is in force, in the site's zone: ISO weekdays, from and to as HH:MM."""

    days: Annotated[list[int], Field(max_length=7)] | None = None
    from_: Annotated[Word | None, Field(alias="from")] = None
    to: Word | None = None


class RuleBody(Body):
    """A rule to be put. `id` and `version` may be there as they were read; a level rule has the words from `property` on, a silence rule the last two.

    `limit` names a standard's limit: for one level, told in `level`, or by level.
    """

    id: Word | None = None
    version: int | None = None
    kind: Literal["level", "silence"] = "level"
    name_zh: Title = ""
    name_en: Title = ""
    targets: Annotated[list[Word], Field(min_length=1, max_length=500)]
    property: Word | None = None
    unlisted: bool | None = None
    limit: Word | Annotated[dict[Literal["1", "2", "3", "4"], Word], Field(max_length=4)] | None = None
    above: Limits | None = None
    below: Limits | None = None
    deadband: Number | None = None
    on_delay: Word | None = None
    off_delay: Word | None = None
    accept: Annotated[list[Word], Field(max_length=9)] | None = None
    schedule: ScheduleBody | None = None
    periods: Number | None = None
    level: int | None = None


def rule_of(given: RuleBody, rule_id: str) -> Rule:
    """The rule that was given, under `rule_id`, read as its file would be.

    Raises:
        Problem: every mistake in it.
    """
    words = given.model_dump(by_alias=True, exclude_none=True, exclude={"id", "version", "name_zh", "name_en"})
    words["name"] = {"zh": given.name_zh, "en": given.name_en}
    mistakes = []
    if given.id not in (None, rule_id):
        mistakes.append(FieldError("id", f"{rule_id}, as in the path, or none", "body"))
    try:
        rule = parse_rule(tomli_w.dumps({**words, "id": rule_id}), "rule", rule_id)
    except ConfigError as error:
        mistakes += [FieldError(fault.key, _expected(fault.message), "body") for fault in error.faults]
        rule = None
    if rule is None or mistakes:
        detail = "; ".join(f"{one.field}: {one.expected}" for one in mistakes)
        raise Problem("invalid-parameter", detail, errors=mistakes)
    return rule


def body_of(rule: Rule) -> dict[str, Any]:
    """The rule as its own PUT would take it, with its id and version."""
    names = {"name_zh": rule.name_zh, "name_en": rule.name_en}
    return {"id": rule.id, "version": rule.version, "kind": rule.kind, **names, **_words(rule)}


def file_of(rule: Rule) -> str:
    """The rule as the text of its file."""
    name = {"zh": rule.name_zh, "en": rule.name_en}
    words = {"id": rule.id, "kind": rule.kind, "name": name, **_words(rule)}
    return tomli_w.dumps({key: value for key, value in words.items() if value is not None})


def _words(rule: Rule) -> dict[str, Any]:
    targets = [f"{one.department}/{one.kind}/{one.device}" for one in rule.targets]
    if rule.kind == "silence":
        return {"targets": targets, "periods": rule.periods, "level": rule.silence_level}
    return {
        "targets": targets,
        "property": rule.property,
        "unlisted": property_named(rule.property) is None,
        "limit": {str(level): name for level, name in sorted(rule.limits.items())} or None,
        "above": {str(level): limit for level, limit in sorted(rule.above.items())},
        "below": {str(level): limit for level, limit in sorted(rule.below.items())},
        "deadband": rule.deadband,
        "on_delay": _duration(rule.on_delay),
        "off_delay": _duration(rule.off_delay),
        "accept": list(rule.accept),
        "schedule": None if rule.schedule is None else _schedule(rule.schedule),
    }


def _schedule(schedule: Schedule) -> dict[str, Any]:
    return {"days": list(schedule.days), "from": _clock(schedule.from_minute), "to": _clock(schedule.to_minute)}


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _duration(milliseconds: int) -> str:
    for unit, size in _UNITS:
        if milliseconds and milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms" if milliseconds else "0s"


def _expected(message: str) -> str:
    """What a fault of a rule file expects, without the words around it."""
    _, mark, rest = message.partition("expected ")
    return rest if mark else message
