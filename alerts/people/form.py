"""What people, units, areas, rosters and plans are made of: unknown words are errors, nothing changes."""

from datetime import datetime, time
from typing import Annotated, Final, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from hub.section import Department

T = TypeVar("T")

_PLAIN: Final = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
"""How a person, unit, area, roster or plan is called in files and addresses."""

Title = Annotated[str, StringConstraints(max_length=200, pattern=_PLAIN)]
AnyDepartment = Annotated[str, StringConstraints(pattern=r"^([a-z0-9-]{1,32})?$")]
Level = Annotated[int, Field(ge=1, le=4)]
Levels = Annotated[tuple[Level, ...], Field(max_length=4)]
Weekday = Annotated[int, Field(ge=1, le=7)]
Seconds = Annotated[int, Field(ge=0, le=7 * 86_400)]

__all__ = [
    "FILLED",
    "AnyDepartment",
    "Clock",
    "Department",
    "Form",
    "Kept",
    "Level",
    "Levels",
    "Moment",
    "Name",
    "Seconds",
    "Span",
    "Title",
    "Weekday",
    "minute_of",
]


def _has_offset(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("expected a time with its offset, such as 2026-10-01T08:00:00+08:00")
    return moment


def _is_whole(clock: time) -> time:
    if clock.tzinfo is not None or clock.second or clock.microsecond:
        raise ValueError("expected HH:MM")
    return clock


def _is_filled(given: tuple[T, ...]) -> tuple[T, ...]:
    if not given:
        raise ValueError("expected at least one")
    return given


FILLED: Final = AfterValidator(_is_filled)
"""For rows that must not be empty; looked at only when all in them is right, so that one mistake is said once."""

Moment = Annotated[datetime, AfterValidator(_has_offset)]
Clock = Annotated[time, AfterValidator(_is_whole)]
"""A time of day in the site's zone, HH:MM."""


class Form(BaseModel):
    """A part of what is written down; only what it names, and it never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Kept(Form):
    """What has a name of its own; `department` is whose it is, empty for the whole site's."""

    id: Name = ""
    department: AnyDepartment = ""
    name_zh: Title = ""
    name_en: Title = ""

    def named(self, language: str) -> str:
        """How people call it."""
        first, second = (self.name_zh, self.name_en) if language == "zh" else (self.name_en, self.name_zh)
        return first or second or self.id


class Span(Form):
    """From a moment, included, to another, excluded."""

    from_: Annotated[Moment, Field(alias="from")]
    to: Moment

    @model_validator(mode="after")
    def _is_forward(self) -> Self:
        if self.to <= self.from_:
            raise ValueError("expected `to` after `from`")
        return self

    @property
    def start(self) -> int:
        """Epoch ms."""
        return int(self.from_.timestamp() * 1000)

    @property
    def end(self) -> int:
        """Epoch ms, excluded."""
        return int(self.to.timestamp() * 1000)

    @classmethod
    def of(cls, start: datetime, end: datetime, **more: object) -> Self:
        """Such a span with its other members."""
        return cls.model_validate({"from": start, "to": end, **more})


def minute_of(clock: time) -> int:
    """Minutes since midnight."""
    return clock.hour * 60 + clock.minute
