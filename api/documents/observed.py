"""Shapes of observations, windows, exceedances and comparisons."""

from typing import Literal

from pydantic import Field

from api.documents.shape import Shape, Time


class Observation(Shape):
    """One value; `quality` is the HJ 212 letter or "", `checks` the hub's own."""

    department: str
    kind: str
    device: str
    property: str
    time: Time
    value: float | None
    unit: str
    quality: Literal["", "N", "F", "M", "S", "D", "C", "T", "B"]
    checks: list[Literal["range", "stuck", "spike", "rate", "late", "time_assumed"]]


class Latest(Observation):
    """The newest value and its age."""

    age_s: float


class ChartLimit(Shape):
    """A limit that a rule in force sets here: a value above, or below, breaches that level."""

    rule: str
    version: int
    level: Literal[1, 2, 3, 4]
    above: float | None = None
    below: float | None = None


class OneSeries(Shape):
    """Rows of one datastream in the order of the answer's `columns`; of a chart also the declared period and the limits in force."""

    department: str
    kind: str
    device: str
    property: str
    unit: str
    period_s: float | None = None
    limits: list[ChartLimit] | None = None
    rows: list[list[str | float | None]]


class SeriesAnswer(Shape):
    """Windows of several datastreams, or with `width` columns of a chart, each `step_s` seconds wide from `from` on."""

    zone: str
    every: str | None = None
    width: int | None = None
    from_: Time | None = Field(default=None, alias="from")
    to: Time | None = None
    step_s: float | None = None
    columns: list[str]
    series: list[OneSeries]


class Exceedance(Shape):
    """What one datastream did; hours by basis, times of the longest run's start and of the maximum."""

    department: str
    kind: str
    device: str
    property: str
    unit: str
    total: int
    count: int
    hours: float
    longest_run: float
    longest_run_start: Time | None
    max: float | None
    max_time: Time | None
    min: float | None


class ExceedanceAnswer(Shape):
    """Datastreams against a limit, worst first."""

    zone: str
    basis: Literal["point", "hour"]
    limit: str
    items: list[Exceedance]


class Period(Shape):
    """A range [from, to)."""

    from_: Time = Field(alias="from")
    to: Time


class CompareAnswer(Shape):
    """Two periods beside each other."""

    zone: str
    every: str
    agg: str
    period: Period
    other: Period
    columns: list[str]
    series: list[OneSeries]
