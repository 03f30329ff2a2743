"""Several sections as one water: a river or basin, or a lake from its points (环办[2011]22号, clause 2)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from statistics import fmean
from typing import Final

from api.context import History
from api.verdicts.judging import section_means
from api.verdicts.question import Group, Question
from hub.properties import PROPERTIES
from hub.standards.columns import Means
from hub.standards.gb3838 import Grade
from hub.standards.verdict import Verdict, day_of, nothing, of_section
from hub.standards.waters import Basin, basin, lake
from storage.zones import zone_of

_GOOD: Final[tuple[Grade, ...]] = ("I", "II", "III")


@dataclass(frozen=True, slots=True)
class Grouped:
    """The verdict on a whole water: how many sections it has and how many could be judged; `shares` in per cent where the sections were counted by class."""

    verdict: Verdict
    sections: int
    judged: int
    shares: dict[Grade, float] | None = None


def grouped(parts: History, stations: list[str], question: Question, group: Group) -> Iterator[Grouped]:
    """Every window of the water that these stations lie on; multiples are held against `base`, III where none is named."""
    means = [section_means(parts, station, question) for station in stations]
    zone, base = zone_of(question.zone), question.base or "III"
    for place, (start, end) in enumerate(zip(question.edges[:-1].tolist(), question.edges[1:].tolist(), strict=True)):
        values = [{name: float(one.value[place]) for name, one in section.items()} for section in means]
        day, coverage = day_of(end - 1, zone), _coverage(means, place)
        if group == "lake":
            section = lake(values, day, base=base)
            judged = sum(any(map(isfinite, one.values())) for one in values)
            one = nothing("gb3838", start, end) if section is None else of_section(section, start, end, coverage)
            yield Grouped(one, len(stations), judged)
            continue
        whole = basin(values, day, base=base)
        if whole is None:
            yield Grouped(nothing("gb3838", start, end), len(stations), 0)
        elif whole.averaged is not None:
            yield Grouped(of_section(whole.averaged, start, end, coverage), whole.sections, whole.judged)
        else:
            shares = whole.shares if whole.judged else None
            yield Grouped(_counted(whole, start, end, coverage), whole.sections, whole.judged, shares)


def _coverage(means: list[dict[str, Means]], place: int) -> dict[str, float]:
    """The mean of each item's coverage over the sections; one that lacks the item covers nothing."""
    names = {name for section in means for name in section}
    return {
        name: fmean(float(section[name].coverage[place]) if name in section else 0.0 for section in means)
        for name in names
    }


def _counted(whole: Basin, start: int, end: int, coverage: Mapping[str, float]) -> Verdict:
    zh, en = _words(whole)
    quality = whole.quality
    return Verdict(
        "gb3838",
        start,
        end,
        whole.method,
        f"{whole.method} {whole.clause}",
        None,
        "" if quality is None else quality.zh,
        "" if quality is None else quality.en,
        "" if quality is None else quality.colour,
        "" if quality is None else quality.colour_zh,
        "" if quality is None else quality.colour_en,
        zh,
        en,
        (),
        tuple(PROPERTIES[name].zh for name in whole.main),
        tuple(PROPERTIES[name].en for name in whole.main),
        (),
        (),
        whole.coverage * (fmean(coverage.values()) if coverage else 0.0),
        whole.judged == whole.sections and quality is not None,
    )


def _words(whole: Basin) -> tuple[str, str]:
    if whole.quality is None:
        return "无有效数据,不评价", "No valid data, not judged"
    good, worse = sum(whole.shares[one] for one in _GOOD), whole.shares["worse"]
    zh = f"Ⅰ～Ⅲ类断面占{good:.1f}%,劣Ⅴ类断面占{worse:.1f}%,水质状况{whole.quality.zh}"
    en = f"{whole.quality.en}: classes I to III {good:.1f} %, worse than V {worse:.1f} % of the sections"
    main = [PROPERTIES[name] for name in whole.main]
    if main:
        zh += f",主要污染指标为{'、'.join(one.zh for one in main)}"
        en += f"; main pollutants {', '.join(one.en for one in main)}"
    return zh, en
