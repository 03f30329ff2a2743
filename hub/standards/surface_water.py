"""The class of a section by its worst item, its main pollutants and how the words go: GB 3838 as 环办[2011]22号 applies it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import isfinite
from types import MappingProxyType
from typing import Final

import msgspec

from hub.properties import PROPERTIES
from hub.standards import gb3838
from hub.standards.edition import Edition, in_force, load
from hub.standards.gb3838 import GRADES, SATURATION, SIGNS, Class, Gb3838, Grade, Item, WaterBody
from hub.standards.rounding import round_even

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class Quality(msgspec.Struct, frozen=True):
    """What a class is called, with its colour's name and its sRGB value; a colour is never shown without the word."""

    classes: tuple[Grade, ...]
    zh: str
    en: str
    colour_zh: str
    colour_en: str
    colour: str


class Share(msgspec.Struct, frozen=True):
    """One row of the table for many sections: bounds in per cent, and which quality it is."""

    quality: int
    good_from: float = 0.0
    worse_below: float = 101.0


class Saturation(msgspec.Struct, frozen=True):
    """The saturation of dissolved oxygen that also meets class I, in per cent."""

    percent: float


class Method(Edition, frozen=True, kw_only=True):
    """An edition of the measures for evaluation."""

    excluded: tuple[str, ...]
    routine: tuple[str, ...]
    main_pollutants: int
    multiple_decimals: int
    few_sections: int
    saturation: Saturation
    quality: tuple[Quality, ...]
    shares: tuple[Share, ...]

    def quality_of(self, grade: Grade) -> Quality:
        """The word and colour of a class."""
        return next(one for one in self.quality if grade in one.classes)


METHODS: Final = load("surface_water", Method)


@dataclass(frozen=True, slots=True)
class Single:
    """One item: its mean as reported (rounded), the class it meets, whether it counts, and by how much it is over the base class."""

    property: str
    value: float
    grade: Grade
    counts: bool
    over: bool
    multiple: float | None


@dataclass(frozen=True, slots=True)
class Section:
    """A judgement: `grade` None when nothing could be judged; `missing` of what was expected; `decided_by` the items that are as bad as the class."""

    edition: str
    method: str
    clause: str
    water_body: WaterBody
    base: Class
    grade: Grade | None
    quality: Quality | None
    singles: tuple[Single, ...]
    decided_by: tuple[str, ...]
    main: tuple[Single, ...]
    missing: tuple[str, ...]

    @property
    def item_count(self) -> int:
        """How many items count in the class."""
        return sum(one.counts for one in self.singles)

    @property
    def complete(self) -> bool:
        """Whether there is a class and nothing expected is missing."""
        return self.grade is not None and not self.missing

    @property
    def coverage(self) -> float:
        """The share of the expected items that is there."""
        expected = self.item_count + len(self.missing)
        return self.item_count / expected if expected else 0.0

    def text(self, language: str) -> str:
        """The judgement in words, `zh` or `en`."""
        return sentence(self, language)


def judge(
    means: Mapping[str, float],
    body: WaterBody,
    day: date,
    *,
    base: Class = "III",
    units: Mapping[str, str] = _NOTHING,
    expected: tuple[str, ...] | None = None,
    count_nitrogen: bool = False,
) -> Section | None:
    """The section's class from its items' means; NaN is no mean. None where no edition was in force on `day`.

    `base` is the class whose limits multiples and main pollutants are held against (III, or the section's target); `expected` are the items without which it
    is incomplete (None: the routine ones); `count_nitrogen` takes total nitrogen of a lake into the class, which the measures do not.

    Raises:
        ValueError: a unit that does not measure the same quantity.
    """
    table, method = gb3838.table(day), in_force(METHODS, day)
    if table is None or method is None:
        return None
    known = {name: value for name, value in gb3838.in_catalogue_units(means, units).items() if isfinite(value)}
    excluded = tuple(name for name in method.excluded if not (count_nitrogen and name == "tn"))
    singles = tuple(
        _single(item, known, base, method, counts=name not in excluded)
        for name, item in table.of(body).items()
        if name in known
    )
    counted = [one for one in singles if one.counts]
    worst = max((GRADES.index(one.grade) for one in counted), default=None)
    grade = None if worst is None else GRADES[worst]
    wanted = method.routine if expected is None else expected
    return Section(
        table.edition,
        method.edition,
        f"{table.edition} {table.clause}; {method.edition} {method.clause}",
        body,
        base,
        grade,
        None if grade is None else method.quality_of(grade),
        singles,
        tuple(one.property for one in counted if one.grade == grade),
        _main(counted, table, body, grade, base, method),
        tuple(name for name in wanted if name not in known),
    )


def _single(item: Item, known: Mapping[str, float], base: Class, method: Method, *, counts: bool) -> Single:
    value = known[item.property]
    grade = item.grade(value, known.get(SATURATION), method.saturation.percent)
    return Single(
        item.property,
        round_even(value, item.decimals),
        grade,
        counts,
        GRADES.index(grade) > GRADES.index(base),
        item.exceed_multiple(value, base, method.multiple_decimals),
    )


def _main(
    counted: list[Single], table: Gb3838, body: WaterBody, grade: Grade | None, base: Class, method: Method
) -> tuple[Single, ...]:
    """Clause 3(1): worst class first, then the greatest multiple; cyanide and heavy metals over the limit before all others; the first three."""
    if grade is None or GRADES.index(grade) <= GRADES.index(base):
        return ()
    items = table.of(body)
    over = [one for one in counted if one.over]

    def rank(one: Single) -> tuple[bool, int, float]:
        item = items[one.property]
        return not item.metal, -GRADES.index(one.grade), -(item.exceed_multiple(one.value, base, 9) or 0.0)

    over.sort(key=rank)
    return tuple(over[: method.main_pollutants])


def sentence(section: Section, language: str) -> str:
    """Class, quality and main pollutants in words, `zh` or `en`; "符合" or "劣于" a class as the measures say."""
    if section.grade is None or section.quality is None:
        return "无有效数据,不评价" if language == "zh" else "No valid data, not judged"
    main = [named(one, language) for one in section.main]
    if language == "zh":
        meets = "劣于Ⅴ类" if section.grade == "worse" else f"符合{SIGNS[section.grade]}类"
        words = f"{meets}水质,水质状况{section.quality.zh}"
        return words + (f",主要污染指标为{'、'.join(main)}" if main else "")
    meets = "worse than class V" if section.grade == "worse" else f"meets class {section.grade}"
    words = f"{section.quality.en}: {meets}"
    return words + (f"; main pollutants {', '.join(main)}" if main else "")


def named(one: Single, language: str) -> str:
    """The item with its exceed multiple in brackets, as bulletins print it: 高锰酸盐指数(1.2)."""
    entry = PROPERTIES[one.property]
    name = entry.zh if language == "zh" else entry.en
    return name if one.multiple is None else f"{name}({one.multiple})"
