"""`/v1/exceedances`: how often, how long and how far each datastream broke a limit."""

from dataclasses import replace
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import documents
from api.analysis.limit import EXPECTED, limit_of_rule, parse_limit
from api.answers import answer
from api.asking import Asked, InZone, Past, Selected
from api.context import History
from api.formats import JSON, TABULAR, negotiate
from api.problem import invalid
from api.routes.series import recent
from api.rows import place_of
from api.tables import Cell, Table, table_response
from api.working import answered
from hub.clock import rfc3339
from hub.rule import Rule
from storage.exceedance import Exceedance, exceedance
from storage.held import Span, held
from storage.limit import Limit
from storage.records.rules import get_rule
from storage.series import Every, Select, Series
from storage.zones import zone_of

router = APIRouter(tags=["series"])

Basis = Annotated[
    Literal["point", "hour"], Query(description="point: each value; hour: hourly means, as standards judge")
]
LimitText = Annotated[str | None, Query(max_length=64, description=f"What values must keep: {EXPECTED}")]
RuleText = Annotated[
    str | None, Query(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$", description="Or the limits and targets of this rule")
]
Top = Annotated[int | None, Query(ge=1, le=10_000, description="Only the worst so many")]

_MOST_HOURS: Final = 50_000_000
"""Cells of hourly means that one question may look at: 2 800 series over a year."""

_NUMBERS: Final = frozenset({"total", "count", "hours", "longest_run", "max", "min"})


@router.get("/exceedances", responses=documents.one(documents.ExceedanceAnswer, files=True))
async def exceedances(
    request: Request,
    parts: Past,
    select: Selected,
    span: Asked,
    zone: InZone,
    limit: LimitText = None,
    rule: RuleText = None,
    basis: Basis = "point",
    top: Top = None,
) -> Response:
    """Valid values of each datastream against a limit, worst first; without `from` the last day."""
    form = negotiate(request, TABULAR)

    def work(held: History) -> Response:
        kept, found_rule = _limit(held, limit, rule)
        found = _found(held, select, recent(span, held), kept, found_rule, basis)
        items = [_item(series, one, held, zone) for series, one in found[:top]]
        if form is not JSON:
            columns = (*documents.Exceedance.model_fields, "zone")
            rows = [(*item.values(), zone) for item in items]
            return table_response(Table("exceedances", columns, [rows], zone, _NUMBERS), form)
        return answer({"zone": zone, "basis": basis, "limit": limit or f"rule:{rule}", "items": items})

    return await answered(request, parts, work, most_cells=_MOST_HOURS)


def _found(
    parts: History, select: Select, span: tuple[int, int], limit: Limit | None, rule: Rule | None, basis: str
) -> list[tuple[Series, Exceedance]]:
    """The exceedance of every series asked for, worst first; a rule's limits are those of the station and of each value's time."""
    wanted = select if rule is None else replace(select, properties=(rule.property,))
    judged = Span(*span, parts.clock.now(), Every(1, "h") if basis == "hour" else None, parts.zone)
    found = []
    for one in held(parts.series, wanted, judged, parts.register.period, limit):
        kept = limit
        if rule is not None and rule.matches(one.series.station):
            kept = limit_of_rule(rule, one.series, one.time, parts.register.now(), parts.zone)
        if kept is not None:
            found.append((one.series, exceedance(one, kept)))
    return sorted(found, key=lambda pair: (-pair[1].hours, -pair[1].count, pair[0].station, pair[0].property))


def _limit(parts: History, limit: str | None, rule: str | None) -> tuple[Limit | None, Rule | None]:
    if (limit is None) == (rule is None):
        raise invalid("limit", f"{EXPECTED}; or rule=ID instead")
    if limit is not None:
        return parse_limit(limit), None
    with parts.records.read() as tx:
        found = get_rule(tx, rule or "")
    if found is None or found.kind != "level":
        raise invalid("rule", "the id of a level rule in force")
    return None, found


def _item(series: Series, one: Exceedance, parts: History, zone: str) -> dict[str, Cell]:
    def written(time: int | None) -> str | None:
        return None if time is None else rfc3339(time, zone_of(zone))

    return {
        **place_of(series.station),
        "property": series.property,
        "unit": parts.register.unit(series.station, series.property),
        "total": one.total,
        "count": one.count,
        "hours": one.hours,
        "longest_run": one.longest_run,
        "longest_run_start": written(one.longest_run_start),
        "max": one.max,
        "max_time": written(one.max_time),
        "min": one.min,
    }
