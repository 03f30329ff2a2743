"""What cannot stand: names that nobody has, steps that tell nobody or come too soon, plans that are never chosen."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from alerts.people.area import Area
from alerts.people.book import Book
from alerts.people.form import Kept
from alerts.people.person import Unit
from alerts.people.plan import Plan
from alerts.people.roster import Roster

SOONEST_S: Final = 60
"""A step is given this long before the next: sooner, the first person's way has not even rung, and vendors take it for a storm."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake: of what (`sort`, `id`), in which field, and in words."""

    sort: str
    id: str
    field: str
    en: str
    zh: str

    def __str__(self) -> str:
        return f"{self.sort} {self.id} {self.field} - {self.en}"


def lint(book: Book) -> list[Finding]:
    """Every mistake in the book."""
    return [found for thing in book.things() for found in lint_one(book, thing)]


def lint_one(book: Book, thing: Kept) -> list[Finding]:
    """Every mistake in one thing of the book."""
    match thing:
        case Unit():
            found = _unit(book, thing)
        case Area():
            found = _area(book, thing)
        case Roster():
            found = _roster(book, thing)
        case Plan():
            found = _plan(book, thing)
        case _:
            return []
    sort = type(thing).__name__.lower()
    return [Finding(sort, thing.id, *each) for each in found]


Said = Iterator[tuple[str, str, str]]


def _unknown(sort: str, zh: str, name: str) -> tuple[str, str]:
    return f"there is no {sort} {name}", f"没有{zh} {name}"


def _unit(book: Book, unit: Unit) -> Said:
    for where, names in (("members", unit.members), ("leaders", unit.leaders)):
        for place, name in enumerate(names):
            if name not in book.people:
                yield f"{where}.{place}", *_unknown("person", "人员", name)


def _area(book: Book, area: Area) -> Said:
    for place, name in enumerate(area.units):
        if name not in book.units:
            yield f"units.{place}", *_unknown("unit", "班组", name)
    if area.parent and area.parent not in book.areas:
        yield "parent", *_unknown("area", "区域", area.parent)
    elif area.parent and area.id in book.line(area.parent):
        circle = " > ".join(book.line(area.parent))
        yield "parent", f"the area would lie in itself: {circle}", f"区域不能互相包含：{circle}"


def _roster(book: Book, roster: Roster) -> Said:
    for n, layer in enumerate(roster.layers):
        for place, turn in enumerate(layer.members):
            for name in turn.split("+"):
                if name not in book.people:
                    yield f"layers.{n}.members.{place}", *_unknown("person", "人员", name)
        for place, event in enumerate(layer.events):
            for name in event.who.split("+"):
                if name not in book.people:
                    yield f"layers.{n}.events.{place}.who", *_unknown("person", "人员", name)
    for n, override in enumerate(roster.overrides):
        for name in override.person.split("+") if override.person else []:
            if name not in book.people:
                yield f"overrides.{n}.person", *_unknown("person", "人员", name)


def _plan(book: Book, plan: Plan) -> Said:
    for place, name in enumerate(plan.areas):
        if name not in book.areas:
            yield f"areas.{place}", *_unknown("area", "区域", name)
    for n, step in enumerate(plan.steps):
        for place, word in enumerate(step.who):
            for said in _who(book, plan, word):
                yield f"steps.{n}.who.{place}", *said
        if plan.wait(n) is not None and step.wait_s < SOONEST_S:
            en = f"{step.wait_s} s: expected {SOONEST_S} or more before the next step, which would come before anybody can answer"
            zh = f"{step.wait_s} 秒：距下一步至少应为 {SOONEST_S} 秒，否则当事人来不及响应"
            yield f"steps.{n}.wait_s", en, zh
    if plan.ack_s and plan.ack_s < SOONEST_S:
        yield "ack_s", f"expected 0, or {SOONEST_S} or more", f"应为 0，或不少于 {SOONEST_S} 秒"
    yield from _shadowed(book, plan)


def _who(book: Book, plan: Plan, word: str) -> Iterator[tuple[str, str]]:
    """Why a word of a step means nobody who can be told."""
    kind, _, name = word.partition(":")
    roster, _, layer = name.partition("/")
    kept = {"person": book.people, "unit": book.units, "leader": book.units, "roster": book.rosters}[kind]
    first = roster if kind == "roster" else name
    if first and first not in kept:
        zh = {"person": "人员", "unit": "班组", "leader": "班组", "roster": "值班表"}[kind]
        yield _unknown("unit" if kind == "leader" else kind, zh, first)
        return
    if kind == "roster" and layer and layer not in {each.name for each in book.rosters[roster].layers}:
        yield f"roster {roster} has no layer {layer}", f"值班表 {roster} 没有层 {layer}"
        return
    everybody = people_of(book, plan, word)
    if not everybody:
        yield f"{word} is nobody", f"{word} 中没有任何人"
    elif not any(book.usable(book.people[each]) for each in everybody if each in book.people):
        yield f"nobody of {word} has a channel: the step reaches nobody", f"{word} 中无人设置可用通道，该步骤无法送达"


def people_of(book: Book, plan: Plan, word: str) -> frozenset[str]:
    """Everybody whom a word of the plan can mean at any time."""
    kind, _, name = word.partition(":")
    if kind == "roster":
        roster, _, layer = name.partition("/")
        known = book.rosters.get(roster)
        if known is None:
            return frozenset()
        return known.people() if not layer else known.model_copy(update={"layers": _only(known, layer)}).people()
    areas = [each for area in plan.areas for each in book.line(area)] or list(book.areas)
    return frozenset(book.meant(word, areas, 0))


def _only(roster: Roster, layer: str) -> tuple[object, ...]:
    return tuple(each for each in roster.layers if each.name == layer)


def _shadowed(book: Book, plan: Plan) -> Said:
    same = (set(plan.areas), set(plan.types), set(plan.levels), plan.department)
    for other in sorted(book.plans):
        given = book.plans[other]
        if other < plan.id and (set(given.areas), set(given.types), set(given.levels), given.department) == same:
            en = f"plan {other} is for the same areas, types and levels, so this one is never chosen"
            yield "id", en, f"预案 {other} 的区域、类型、级别与本预案完全相同，本预案永远不会被选用"
            return
