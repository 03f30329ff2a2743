"""Rivers, basins and lakes from their sections and points: 环办[2011]22号 clause 2."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum, isfinite
from typing import Literal

from hub.standards.edition import in_force
from hub.standards.gb3838 import GRADES, Class, Grade
from hub.standards.surface_water import METHODS, Method, Quality, Section, judge

Means = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Basin:
    """A river or basin: `by` says whether the sections were averaged (then `averaged` is that judgement) or counted (then `shares` are per cent)."""

    method: str
    clause: str
    by: Literal["mean", "shares"]
    sections: int
    judged: int
    quality: Quality | None
    averaged: Section | None
    shares: dict[Grade, float]
    main: tuple[str, ...]

    @property
    def coverage(self) -> float:
        """The share of the sections that could be judged."""
        return self.judged / self.sections if self.sections else 0.0


def basin(sections: Sequence[Means], day: date, *, base: Class = "III") -> Basin | None:
    """A river or basin from the means of its sections; None where no edition was in force.

    With fewer than five the items are averaged over the sections, with five or more the sections are counted by class (the source says "less than five" and
    "more than five": five itself is counted).
    """
    method = in_force(METHODS, day)
    if method is None:
        return None
    found = [judge(one, "river", day, base=base) for one in sections]
    judged = [one for one in found if one is not None and one.grade is not None]
    if len(sections) < method.few_sections:
        whole = judge(mean_of(sections), "river", day, base=base) if judged else None
        quality = None if whole is None else whole.quality
        main = () if whole is None else tuple(one.property for one in whole.main)
        return Basin(method.edition, method.clause, "mean", len(sections), len(judged), quality, whole, {}, main)
    shares = {
        grade: 100 * sum(one.grade == grade for one in judged) / len(judged) if judged else 0.0 for grade in GRADES
    }
    quality = _by_shares(shares, method) if judged else None
    main = _most_often(judged, method)
    return Basin(method.edition, method.clause, "shares", len(sections), len(judged), quality, None, shares, main)


def lake(points: Sequence[Means], day: date, *, base: Class = "III", count_nitrogen: bool = False) -> Section | None:
    """A lake or reservoir from its points' means over time: their mean is judged; None where no edition was in force."""
    return judge(mean_of(points), "lake", day, base=base, count_nitrogen=count_nitrogen)


def mean_of(places: Sequence[Means]) -> dict[str, float]:
    """The mean of each item over the places that have it."""
    names = dict.fromkeys(name for one in places for name in one)
    values = {name: [one[name] for one in places if name in one and isfinite(one[name])] for name in names}
    return {name: fsum(found) / len(found) for name, found in values.items() if found}


def _by_shares(shares: Mapping[Grade, float], method: Method) -> Quality:
    good, worse = shares["I"] + shares["II"] + shares["III"], shares["worse"]
    row = next(one for one in method.shares if good >= one.good_from and worse < one.worse_below)
    return method.quality[row.quality]


def _most_often(judged: Sequence[Section], method: Method) -> tuple[str, ...]:
    """The items over the base class in the most sections, first three."""
    over: dict[str, int] = {}
    for section in judged:
        for one in section.singles:
            if one.counts and one.over:
                over[one.property] = over.get(one.property, 0) + 1
    return tuple(sorted(over, key=lambda name: -over[name])[: method.main_pollutants])
