"""`/v1/limits`: which limits hold at a datastream over a time: those of rules in force, of standards by class or level, and of permits."""

from collections.abc import Iterator
from math import inf, isfinite
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from api import documents
from api.answers import answer
from api.asking import Asked, InZone, Past, Selected
from api.context import History
from api.routes.series import recent
from api.series_head import head_of
from hub.clock import rfc3339
from hub.rule import Rule
from hub.standards.facts import facts_of
from hub.standards.named import NEVER, Bounds, Facts, bounds, names_for
from storage.records.rules import list_rules
from storage.series import Series
from storage.zones import zone_of

router = APIRouter(tags=["series"])

_OPEN: Final = 1 << 62


@router.get("/limits", responses=documents.one(documents.LimitAnswer))
def limits(parts: Past, select: Selected, span: Asked, zone: InZone) -> Response:
    """The limits of each datastream in [from, to), with the time that each of its editions holds; without `from` of the last day."""
    start, end = recent(span, parts)
    with parts.records.read() as tx:
        rules = [rule for rule in list_rules(tx) if rule.kind == "level"]
    found = sorted((one.series for one in parts.series.latest(select)), key=lambda one: (one.station, one.property))
    items = [
        {
            **head_of(one, parts.register),
            "target_class": _target(one, parts),
            "limits": [*_every(one, rules, parts, (start, end), zone)],
        }
        for one in found
    ]
    return answer({"zone": zone, "items": items})


def _target(series: Series, parts: History) -> str | None:
    device = parts.register.now().devices.get(series.station)
    return None if device is None else device.target_class


def _every(
    series: Series, rules: list[Rule], parts: History, span: tuple[int, int], zone: str
) -> Iterator[dict[str, Any]]:
    facts = facts_of(parts.register.now(), series.station, series.property)
    for name in names_for(series.property):
        spans = _spans(_named(name, series.property, facts, parts.zone), span, zone)
        if spans:
            kind = name.partition(":")[0]
            yield {"kind": "permit" if kind == "permit" else "standard", "name": name, "spans": spans}
    for rule in rules:
        if rule.property == series.property and rule.matches(series.station):
            yield from _of_rule(rule, facts, parts, span, zone)


def _of_rule(rule: Rule, facts: Facts, parts: History, span: tuple[int, int], zone: str) -> Iterator[dict[str, Any]]:
    head = {"kind": "rule", "name": rule.id, "name_zh": rule.name_zh, "name_en": rule.name_en, "version": rule.version}
    for level in sorted({*rule.above, *rule.below, *rule.limits}):
        own = Bounds((NEVER,), (rule.below.get(level, -inf),), (rule.above.get(level, inf),), ("",))
        held = own if level not in rule.limits else _named(rule.limits[level], rule.property, facts, parts.zone)
        spans = _spans(held, span, zone)
        if spans:
            yield {**head, "level": level, "spans": spans}


def _named(name: str, property_: str, facts: Facts, zone: str) -> Bounds:
    return bounds(name, property_, facts, zone_of(zone))


def _spans(held: Bounds, span: tuple[int, int], zone: str) -> list[dict[str, Any]]:
    """The parts of the span in which there is a limit at all."""
    found, info = [], zone_of(zone)
    for place, since in enumerate(held.since):
        until = held.since[place + 1] if place + 1 < len(held.since) else _OPEN
        low, high = held.below[place], held.above[place]
        first, last = max(since, span[0]), min(until, span[1])
        if first < last and (isfinite(low) or isfinite(high)):
            sides = {"below": low if isfinite(low) else None, "above": high if isfinite(high) else None}
            found.append(
                {"from": rfc3339(first, info), "to": rfc3339(last, info), **sides, "source": held.source[place]}
            )
    return found
