"""`/v1/summary`: a whole period of each datastream in one row; `/v1/exceedances/runs`: each time that a limit was broken, from when to when."""

from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import documents
from api.analysis.calendar import range_before
from api.analysis.limit import EXPECTED, parse_limit
from api.analysis.summary import Asked as Period
from api.analysis.summary import Summary, summaries
from api.answers import answer
from api.asking import Asked, InZone, Past, Selected
from api.context import History
from api.formats import JSON, TABULAR, Format, negotiate
from api.routes.exceedances import Basis
from api.routes.series import recent
from api.series_head import head_of
from api.tables import Cell, Chunk, Table, table_response
from api.working import answered
from hub.clock import rfc3339
from storage.exceedance import runs_of
from storage.held import HOUR, Span, held
from storage.series import Every, Select
from storage.zones import zone_of

router = APIRouter(tags=["series"])

LimitText = Annotated[str | None, Query(max_length=64, description=f"Also how this limit was kept: {EXPECTED}")]
NeededLimit = Annotated[str, Query(max_length=64, description=f"What values must keep: {EXPECTED}")]
With = Annotated[
    Literal["last_year", "last_month"] | None, Query(alias="with", description="Also the mean of that period before")
]
Most = Annotated[int, Query(ge=1, le=10_000, description="Only the longest so many")]

_NUMBERS: Final = frozenset(
    {"count", "count_all", "mean", "min", "max", "p95", "completeness", "days", "days_over", "over", "hours_over"}
    | {"longest_run", "other_mean", "other_completeness", "percent", "hours", "worst"}
)


@router.get("/summary", responses=documents.one(documents.SummaryAnswer, files=True))
async def summary(
    request: Request,
    parts: Past,
    select: Selected,
    span: Asked,
    zone: InZone,
    limit: LimitText = None,
    other: With = None,
) -> Response:
    """Valid values of each datastream over [from, to) in one row; without `from` the last day."""
    form = negotiate(request, TABULAR)
    start, end = recent(span, parts)
    kept = None if limit is None else parse_limit(limit)
    before = None if other is None else range_before(start, end, other, zone_of(zone))
    period = Period(start, end, parts.clock.now(), zone, kept, before)

    def work(held: History) -> Response:
        if form is not JSON:
            # Drawn while it is sent, which the bounds of an answer in JSON do not allow.
            rows = (_item(one, parts, zone) for one in summaries(parts, select, period))
            return _file("summary", documents.Summary, rows, zone, form)
        items = (_item(one, held, zone) for one in summaries(held, select, period))
        found = sorted(
            items, key=lambda item: tuple(item[name] for name in ("department", "kind", "device", "property"))
        )
        return answer({"zone": zone, "limit": limit, "with": other, "items": found})

    return await answered(request, parts, work)


@router.get("/exceedances/runs", responses=documents.one(documents.RunAnswer, files=True))
async def runs(
    request: Request,
    parts: Past,
    select: Selected,
    span: Asked,
    zone: InZone,
    limit: NeededLimit,
    basis: Basis = "point",
    top: Most = 1000,
) -> Response:
    """Each stretch of time in which a datastream broke the limit, newest first; without `from` the last day."""
    form = negotiate(request, TABULAR)
    start, end = recent(span, parts)
    kept = parse_limit(limit)
    every = Every(1, "h") if basis == "hour" else None
    judged = Span(start, end, parts.clock.now(), every, parts.zone)

    def work(history: History) -> Response:
        found = _runs(history, select, judged, limit, zone)
        found.sort(key=lambda item: -float(item["hours"]))
        items = sorted(found[:top], key=lambda item: item["start"], reverse=True)
        if form is not JSON:
            return _file("runs", documents.Run, iter(items), zone, form)
        return answer({"zone": zone, "basis": basis, "limit": kept.text, "total": len(found), "items": items})

    return await answered(request, parts, work)


def _runs(parts: History, select: Select, judged: Span, limit: str, zone: str) -> list[dict[str, Any]]:
    info, kept, found = zone_of(zone), parse_limit(limit), []
    for one in held(parts.series, select, judged, parts.register.period, kept):
        head, every = head_of(one.series, parts.register), runs_of(one, kept)
        columns = (every.start, every.length, every.worst, every.worst_time)
        found += [
            {
                **head,
                "start": rfc3339(start, info),
                "end": rfc3339(start + length, info),
                "hours": length / HOUR,
                "worst": worst,
                "worst_time": rfc3339(at, info),
            }
            for start, length, worst, at in zip(*(column.tolist() for column in columns), strict=True)
        ]
    return found


def _item(one: Summary, parts: History, zone: str) -> dict[str, Any]:
    def written(time: int | None) -> str | None:
        return None if time is None else rfc3339(time, zone_of(zone))

    broken = one.exceedance
    return {
        **head_of(one.series, parts.register),
        "count": one.count,
        "count_all": one.count_all,
        "mean": one.mean,
        "min": one.min,
        "min_time": written(one.min_time),
        "max": one.max,
        "max_time": written(one.max_time),
        "p95": one.p95,
        "completeness": one.completeness,
        "days": one.days,
        "days_over": one.days_over,
        "over": None if broken is None else broken.count,
        "hours_over": None if broken is None else broken.hours,
        "longest_run": None if broken is None else broken.longest_run,
        "longest_run_start": None if broken is None else written(broken.longest_run_start),
        "other_mean": one.other_mean,
        "other_completeness": one.other_completeness,
        "percent": one.percent,
    }


def _file(
    name: str, shape: type[documents.Shape], items: Iterator[dict[str, Any]], zone: str, form: Format
) -> Response:
    columns = (*shape.model_fields, "zone")
    return table_response(Table(name, columns, _chunks(items, zone), zone, _NUMBERS & frozenset(columns)), form)


def _chunks(items: Iterator[dict[str, Any]], zone: str) -> Iterator[Chunk]:
    for item in items:
        row: tuple[Cell, ...] = (*item.values(), zone)
        yield [row]
