"""A rule as it travels on the bus: what it looks at, its limits, its delays (ISA-18.2 words)."""

import math
from fnmatch import fnmatchcase
from typing import Final, Literal

import msgspec

from hub.model import LEVELS, QUALITY_LETTERS
from hub.standards import named

DEFAULT_GAP_MS: Final = 15 * 60_000
"""Longest time between two readings that still counts as covered, where the datastream declares no period."""

DEFAULT_ACCEPT: Final = ("", "N", "T")
"""Letters a rule looks at where it names none: T (above the instrument's range) is not fit for a mean, but surely over a limit (HJ 212-2017, table 8)."""

GAP_PERIODS: Final = 2.5
"""A gap is longer than this many declared periods."""


class Selector(msgspec.Struct, frozen=True):
    """Which stations a rule looks at; each word is a shell pattern."""

    department: str = "*"
    kind: str = "*"
    device: str = "*"

    def matches(self, station: str) -> bool:
        """Whether `department/kind/device` is meant."""
        department, kind, device = station.split("/")
        return (
            fnmatchcase(department, self.department)
            and fnmatchcase(kind, self.kind)
            and fnmatchcase(device, self.device)
        )


class Schedule(msgspec.Struct, frozen=True):
    """When a rule is in force, in the site's zone: ISO weekdays 1-7, minutes of the day [from, to); to <= from runs over midnight."""

    days: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    from_minute: int = 0
    to_minute: int = 24 * 60


class Rule(msgspec.Struct, frozen=True, omit_defaults=True):
    """One rule, one version. Limits and deadband in the property's unit, times in ms.

    kind `level`: a value > `above[level]` or < `below[level]` breaches that level; it fires after `on_delay` of covered time and clears after `off_delay` of
    covered time back inside by `deadband`. `limits` names a standard's limit for a level (`gb3838:III`): its numbers are those of the edition in force at each
    value's time, and of the station. kind `silence`: nothing came from the device for `periods` declared periods; fires at `silence_level`.
    Only values whose quality letter is in `accept` and that pass the hub's checks are looked at; the rest is as good as no data.
    """

    id: str
    version: int
    kind: Literal["level", "silence"]
    targets: tuple[Selector, ...] = (Selector(),)
    name_zh: str = ""
    name_en: str = ""
    property: str = ""
    above: dict[int, float] = {}
    below: dict[int, float] = {}
    deadband: float = 0.0
    on_delay: int = 0
    off_delay: int = 0
    accept: tuple[str, ...] = DEFAULT_ACCEPT
    schedule: Schedule | None = None
    periods: float = 5.0
    silence_level: int = 3
    limits: dict[int, str] = {}

    def __post_init__(self) -> None:
        if problems := self.problems():
            raise ValueError(f"rule {self.id!r}: " + "; ".join(problems))

    def problems(self) -> list[str]:
        """What is wrong with the numbers, all of it."""
        limits = {**self.above, **self.below}
        found = [f"level {level}: expected 1-4" for level in (*limits, *self.limits) if level not in LEVELS]
        found += [f"limit {limit}: expected a finite number" for limit in limits.values() if not math.isfinite(limit)]
        if self.kind == "level" and not limits and not self.limits:
            found.append("a level rule needs a limit in [above] or [below], or the name of one in limit")
        found += [f"level {level}: has a number and a standard's limit" for level in limits.keys() & self.limits.keys()]
        wrong = (named.problem(reference, self.property) for reference in self.limits.values())
        found += [f"limit {text}" for text in wrong if text is not None]
        if self.kind == "level" and not self.property:
            found.append("a level rule needs a property")
        if min(self.on_delay, self.off_delay, self.deadband) < 0:
            found.append("delays and deadband must not be negative")
        if self.kind == "silence" and not self.periods > 1:
            found.append("periods: expected more than 1")
        if self.silence_level not in LEVELS:
            found.append(f"level {self.silence_level}: expected 1-4")
        found += [
            f"quality {letter!r}: expected one of {QUALITY_LETTERS}"
            for letter in self.accept
            if letter not in QUALITY_LETTERS
        ]
        return found

    def matches(self, station: str) -> bool:
        """Whether the rule looks at this station."""
        return any(selector.matches(station) for selector in self.targets)
