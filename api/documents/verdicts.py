"""Shapes of verdicts and loads."""

from typing import Literal

from pydantic import Field

from api.documents.shape import Shape, Time


class VerdictPart(Shape):
    """What one property gave: its mean as the standard reports it (null: not valid), its class, index, or whether it kept its limit."""

    property: str
    indicator: str
    value: float | None
    unit: str
    grade: str | None
    multiple: float | None
    counts: bool
    coverage: float
    limit: float | None
    days: int | None
    days_over: int | None


class Verdict(Shape):
    """What the standard says of one station, or with `group` of one water, in one window; `value` null where nothing may be said: `text` says why."""

    department: str | None = None
    kind: str | None = None
    device: str | None = None
    name_zh: str | None = None
    name_en: str | None = None
    group: Literal["river", "basin", "lake"] | None = None
    standard: Literal["gb3838", "hj633", "gb3095"]
    from_: Time = Field(alias="from")
    to: Time
    running: bool
    value: int | str | None
    word_zh: str
    word_en: str
    colour: str
    colour_zh: str
    colour_en: str
    text_zh: str
    text_en: str
    decided_by: list[str]
    main_zh: list[str]
    main_en: list[str]
    missing: list[str]
    coverage: float
    valid: bool
    edition: str
    clause: str
    parts: list[VerdictPart] | None = None
    target: Literal["I", "II", "III", "IV", "V"] | None = None
    meets_target: bool | None = None
    sections: int | None = None
    judged: int | None = None
    shares: dict[str, float] | None = None


class VerdictAnswer(Shape):
    """Verdicts, station by station, oldest first."""

    zone: str
    standard: Literal["gb3838", "aqi", "gb3095"]
    every: str
    stations: list[str]
    items: list[Verdict]


class Load(Shape):
    """What passed one station in one window; null where too few hours are covered."""

    department: str
    kind: str
    device: str
    property: str
    flow: str
    from_: Time = Field(alias="from")
    to: Time
    mass_kg: float | None
    volume_m3: float | None
    mean_mg_l: float | None
    coverage: float
    valid: bool


class LoadAnswer(Shape):
    """Loads, station by station, property by property, oldest first."""

    zone: str
    every: str
    items: list[Load]
