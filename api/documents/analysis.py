"""Shapes of limits over a time, of a period in one row, and of the times a limit was broken."""

from typing import Literal

from pydantic import Field

from api.documents.shape import Shape, Time


class LimitSpan(Shape):
    """A limit from one time to another, `to` excluded: values must not be under `below` nor over `above`; `source` is the edition."""

    from_: Time = Field(alias="from")
    to: Time
    below: float | None
    above: float | None
    source: str


class NamedLimit(Shape):
    """A limit of a standard or a permit by its name as rules say it, or one level of a rule in force by the rule's id."""

    kind: Literal["standard", "permit", "rule"]
    name: str
    name_zh: str | None = None
    name_en: str | None = None
    version: int | None = None
    level: Literal[1, 2, 3, 4] | None = None
    spans: list[LimitSpan]


class LimitsOfOne(Shape):
    """The limits of one datastream; `target_class` is what `gb3838:target` means at its station."""

    department: str
    kind: str
    device: str
    property: str
    unit: str
    target_class: Literal["I", "II", "III", "IV", "V"] | None
    limits: list[NamedLimit]


class LimitAnswer(Shape):
    """Limits of several datastreams."""

    zone: str
    items: list[LimitsOfOne]


class Summary(Shape):
    """One datastream over a period: `over`, `hours_over` and `longest_run` (hours) say how a limit was kept, `days_over` the days whose mean broke it."""

    department: str
    kind: str
    device: str
    property: str
    unit: str
    count: int
    count_all: int
    mean: float | None
    min: float | None
    min_time: Time | None
    max: float | None
    max_time: Time | None
    p95: float | None
    completeness: float | None
    days: int
    days_over: int | None
    over: int | None
    hours_over: float | None
    longest_run: float | None
    longest_run_start: Time | None
    other_mean: float | None
    other_completeness: float | None
    percent: float | None


class SummaryAnswer(Shape):
    """Periods of several datastreams."""

    zone: str
    limit: str | None
    with_: Literal["last_year", "last_month"] | None = Field(alias="with")
    items: list[Summary]


class Run(Shape):
    """One stretch of time in which a limit was broken, and the value farthest from it."""

    department: str
    kind: str
    device: str
    property: str
    unit: str
    start: Time
    end: Time
    hours: float
    worst: float
    worst_time: Time


class RunAnswer(Shape):
    """The longest runs, newest first; `total` is how many there are."""

    zone: str
    basis: Literal["point", "hour"]
    limit: str
    total: int
    items: list[Run]
