"""`/v1/exceedances`: how often, how long and how far each datastream broke a limit."""

from dataclasses import replace
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import documents
from api.analysis.limit import EXPECTED, limit_of_rule, parse_limit
from api.answers import answer
from api.asking import Asked, InZone, Parts, Selected
from api.context import Context
from api.formats import JSON, TABULAR, negotiate
from api.problem import invalid
from api.routes.series import recent
from api.rows import place_of
from api.tables import Cell, Table, table_response
from hub.clock import rfc3339
from hub.rule import Rule
from storage.exceedance import Exceedance, exceedance
from storage.held import Span, held
from storage.limit import Limit
from storage.records.rules import get_rule
from storage.series import Every, Series
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

_NUMBERS: Final = frozenset({"total", "count", "hours", "longest_run", "max", "min"})


@router.get("/exceedances", responses=documents.one(documents.ExceedanceAnswer, files=True))
def exceedances(
    request: Request,
    parts: Parts,
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
    kept, found_rule = _limit(parts, limit, rule)
    start, end = recent(span, parts)
    wanted = select if found_rule is None else replace(select, properties=(found_rule.property,))
    judged = Span(start, end, parts.clock.now(), Every(1, "h") if basis == "hour" else None, parts.zone)
    found = [
        (one.series, exceedance(one, kept))
        for one in held(parts.series, wanted, judged, parts.register.period)
        if found_rule is None or found_rule.matches(one.series.station)
    ]
    found.sort(key=lambda pair: (-pair[1].hours, -pair[1].count, pair[0].station, pair[0].property))
    items = [_item(series, one, parts, zone) for series, one in found[:top]]
    if form is not JSON:
        columns = (*documents.Exceedance.model_fields, "zone")
        rows = [(*item.values(), zone) for item in items]
        return table_response(Table("exceedances", columns, [rows], zone, _NUMBERS), form)
    return answer({"zone": zone, "basis": basis, "limit": kept.text, "items": items})


def _limit(parts: Context, limit: str | None, rule: str | None) -> tuple[Limit, Rule | None]:
    if (limit is None) == (rule is None):
        raise invalid("limit", f"{EXPECTED}; or rule=ID instead")
    if limit is not None:
        return parse_limit(limit), None
    with parts.records.read() as tx:
        found = get_rule(tx, rule or "")
    if found is None or found.kind != "level":
        raise invalid("rule", "the id of a level rule in force")
    return limit_of_rule(found), found


def _item(series: Series, one: Exceedance, parts: Context, zone: str) -> dict[str, Cell]:
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
