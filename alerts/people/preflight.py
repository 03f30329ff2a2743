"""The look ahead: whether for every area, type, level and hour of the next days a first and a second person can be reached.

It goes from one hand-over to the next instead of from hour to hour, and once for all areas, types and levels that share a plan.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec

from alerts.people.area import Area
from alerts.people.book import Book
from alerts.people.plan import Matter, Plan, chosen
from alerts.people.rota import Rota, rota, window

DAYS: Final = 14
HOUR: Final = 3_600_000

Lacks = Literal["plan", "first", "second"]


class Reason(msgspec.Struct, frozen=True, order=True):
    """What is missing, of whom: a person's id or a word of the plan."""

    who: str
    en: str
    zh: str


class Gap(msgspec.Struct, frozen=True):
    """One warning: for these types and levels in this area nobody, or only one person, can be reached in these spans.

    `spans` are [start, end) in epoch ms; `area` empty is what lies in no area; `person` the only one where `second` lacks.
    """

    area: str
    department: str
    types: tuple[str, ...]
    levels: tuple[int, ...]
    lacks: Lacks
    plan: str
    person: str
    spans: tuple[tuple[int, int], ...]
    reasons: tuple[Reason, ...]

    @property
    def hours(self) -> float:
        """How long it is like that."""
        return sum(end - start for start, end in self.spans) / HOUR


class Outlook(msgspec.Struct, frozen=True):
    """What was found for [start, end), epoch ms; `checked` areas, types and levels."""

    start: int
    end: int
    checked: int
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class _Hole:
    """What lacks in one stretch of a plan."""

    lacks: Lacks
    person: str
    reasons: tuple[Reason, ...]


_Holes = Mapping[_Hole, tuple[tuple[int, int], ...]]
_NO_PLAN: Final = _Hole("plan", "", (Reason("", "no plan is for it", "没有适用的预案"),))


@dataclass(slots=True)
class _Look:
    """One look ahead; rotas and plans are looked through once."""

    book: Book
    start: int
    end: int
    rotas: dict[str, Rota] = field(default_factory=dict)
    able: dict[str, tuple[Reason, ...]] = field(default_factory=dict)
    known: dict[tuple[tuple[str, ...], tuple[str, ...]], _Holes] = field(default_factory=dict)


def look_ahead(book: Book, now: int, types: Iterable[str], days: int = DAYS) -> Outlook:
    """Every gap of the next days, from now on (epoch ms); `types` are the types that incidents have."""
    start, end = now, window(book.zone, now, days)[1]
    look = _Look(book, start, end)
    found: dict[tuple[str, str, str, _Hole, tuple[tuple[int, int], ...]], set[tuple[str, int]]] = {}
    checked = 0
    for area, department, line in _places(book):
        leaders = tuple(person for unit in book.units_of(line) for person in unit.leaders)
        near = [plan for plan in book.plans.values() if not plan.areas or not set(line).isdisjoint(plan.areas)]
        for type_ in types:
            for level in (1, 2, 3, 4):
                checked += 1
                plan = chosen(near, Matter(department, type_, level, line))
                holes = {_NO_PLAN: ((start, end),)} if plan is None else _holes(look, plan, leaders)
                for hole, spans in holes.items():
                    key = (area, department, "" if plan is None else plan.id, hole, spans)
                    found.setdefault(key, set()).add((type_, level))
    gaps = [gap for key, which in found.items() for gap in _gaps(key, which)]
    rank = {"plan": 0, "first": 1, "second": 2}
    gaps.sort(key=lambda gap: (rank[gap.lacks], gap.levels, gap.spans[0], gap.area, gap.department))
    return Outlook(start, end, checked, tuple(gaps))


def _places(book: Book) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Every area with its department and those it lies in, and what lies in none."""
    departments = {thing.department for thing in book.things() if thing.department} or {""}
    for area in sorted(book.areas):
        yield area, _department(book, book.areas[area]), tuple(book.line(area))
    whole = {area.department for area in book.areas.values() if _is_whole(area)}
    for department in sorted(departments - whole if "" not in whole else ()):
        yield "", department, ()


def _department(book: Book, area: Area) -> str:
    """The area's department, or that of an area around it or of its units."""
    named = [book.areas[each].department for each in book.line(area.id)]
    named += [unit.department for unit in book.units_of([area.id])]
    return next(filter(None, named), "")


def _is_whole(area: Area) -> bool:
    """Whether it holds everything of its department."""
    return area.outline is None and not area.stations and not area.sections


def _gaps(key: tuple[str, str, str, _Hole, tuple[tuple[int, int], ...]], which: set[tuple[str, int]]) -> Iterator[Gap]:
    """One gap for all types that lack the same at the same levels."""
    area, department, plan, hole, spans = key
    by_type: dict[tuple[int, ...], list[str]] = {}
    for type_ in sorted({type_ for type_, _ in which}):
        levels = tuple(sorted(level for each, level in which if each == type_))
        by_type.setdefault(levels, []).append(type_)
    for levels, types in by_type.items():
        yield Gap(area, department, tuple(types), levels, hole.lacks, plan, hole.person, spans, hole.reasons)


def _holes(look: _Look, plan: Plan, leaders: tuple[str, ...]) -> _Holes:
    """What lacks in a plan where `leaders` lead, with the stretches in which it does."""
    words = tuple(dict.fromkeys(word for step in plan.steps for word in step.who))
    key = (words, leaders if "leader" in words else ())
    if key not in look.known:
        look.known[key] = _looked_through(look, words, leaders)
    return look.known[key]


def _looked_through(look: _Look, words: tuple[str, ...], leaders: tuple[str, ...]) -> _Holes:
    edges = {look.start, look.end}
    rotas = {word: _rota(look, word) for word in words if word.startswith("roster:")}
    for found in rotas.values():
        edges.update(duty.start for duty in found.duties)
    fixed = {
        word: leaders if word == "leader" else look.book.meant(word, (), look.start)
        for word in words
        if word not in rotas
    }
    edges.update(_absences(look, {person for group in fixed.values() for person in group}, rotas.values()))
    inside = sorted(edge for edge in edges if look.start <= edge <= look.end)
    holes: dict[_Hole, list[tuple[int, int]]] = {}
    judged: dict[tuple[tuple[str, tuple[str, ...]], ...], dict[frozenset[str], _Hole | None]] = {}
    for first, last in itertools.pairwise(inside):
        groups = tuple((word, _on(rotas[word], word, first) if word in rotas else fixed[word]) for word in words)
        away = frozenset(person for _, group in groups for person in group if _is_away(look.book, person, first))
        same = judged.setdefault(groups, {})
        if away not in same:
            same[away] = _judge(look, groups, away)
        hole = same[away]
        if hole is not None:
            spans = holes.setdefault(hole, [])
            if spans and spans[-1][1] == first:
                spans[-1] = (spans[-1][0], last)
            else:
                spans.append((first, last))
    return {hole: tuple(spans) for hole, spans in holes.items()}


def _judge(look: _Look, groups: Iterable[tuple[str, tuple[str, ...]]], away: frozenset[str]) -> _Hole | None:
    """What lacks when these are meant, None when two can be reached."""
    reached: dict[str, None] = {}
    seen: set[str] = set()
    reasons: list[Reason] = []
    for word, group in groups:
        if not group:
            roster = word.startswith("roster:")
            reasons.append(
                Reason(word, "nobody on duty" if roster else "is nobody", "无人值班" if roster else "没有人员")
            )
        for person in group:
            if person in reached:
                reasons.append(Reason(person, "is the same person twice", "同一人出现两次"))
            wants = (Reason(person, "is away", "不在岗（请假）"),) if person in away else _wants(look, person)
            if wants and person not in seen:
                reasons += wants
            elif not wants:
                reached[person] = None
            seen.add(person)
        if len(reached) > 1:
            return None
    lone = next(iter(reached), "")
    if not reasons:
        reasons.append(Reason(lone, "is the only one whom the plan tells", "预案只通知这一人"))
    return _Hole("second" if reached else "first", lone, tuple(dict.fromkeys(reasons)))


def _wants(look: _Look, name: str) -> tuple[Reason, ...]:
    """Why a person cannot be reached by any way, empty when they can."""
    if name not in look.able:
        person = look.book.people.get(name)
        if person is None:
            look.able[name] = (Reason(name, "is not in the register", "不在人员名册中"),)
        elif look.book.usable(person):
            look.able[name] = ()
        else:
            look.able[name] = tuple(Reason(name, en, zh) for _, en, zh in look.book.wants(person))
    return look.able[name]


def _rota(look: _Look, word: str) -> Rota:
    name = word.partition(":")[2].partition("/")[0]
    if name not in look.rotas:
        roster = look.book.rosters.get(name)
        look.rotas[name] = Rota(()) if roster is None else rota(roster, look.book.zone, look.start, look.end)
    return look.rotas[name]


def _on(found: Rota, word: str, at: int) -> tuple[str, ...]:
    duty = found.on(at)
    return () if duty is None else duty.people(word.partition("/")[2])


def _absences(look: _Look, people: set[str], rotas: Iterable[Rota]) -> Iterator[int]:
    """When somebody concerned goes away or comes back."""
    concerned = people | {person for found in rotas for duty in found.duties for _, person in duty.on}
    for name in concerned & look.book.people.keys():
        for span in look.book.people[name].away:
            yield from (span.start, span.end)


def _is_away(book: Book, name: str, at: int) -> bool:
    person = book.people.get(name)
    return person is not None and any(span.start <= at < span.end for span in person.away)
