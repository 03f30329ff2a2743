"""`/v1/figures`: how fast incidents are found, told and solved in a month, whom that loads, and which rules cry wolf."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from alerts.figures.kept import KeptFigures
from alerts.figures.month import month_of, span_of
from alerts.figures.views import Figures
from api import documents
from api.answers import answer
from api.asking import Department, InZone, Parts, Who, scoped
from api.documents import proof
from api.formats import JSON, TABULAR, Format, negotiate
from api.problem import invalid
from api.tables import Cell, Table, table_response
from hub.clock import rfc3339
from storage.zones import zone_of

router = APIRouter(tags=["figures"])

_TIMES: Final = ("as_of", "start", "end")
_TABLES: Final[Mapping[str, type[BaseModel]]] = {
    "steps": proof.Step,
    "officers": proof.Officer,
    "rules": proof.FalseAlarms,
    "worst": proof.Nuisance,
    "stale": proof.Stale,
}
_WORDS: Final = frozenset(
    {"step", "type", "area", "officer", "rule", "causes", "station", "property", "alert", "fired", "cleared"}
)

Month = Annotated[str | None, Query(description="yyyy-mm in the zone; the present one when absent")]
Part = Annotated[Literal["steps", "officers", "rules", "worst", "stale"], Query(description="Which table a file holds")]


@router.get("/figures", responses=documents.one(proof.FigureAnswer, files=True))
def figures(
    request: Request,
    parts: Parts,
    who: Who,
    zone: InZone,
    month: Month = None,
    department: Department = None,
    table: Part = "steps",
) -> Response:
    """The figures of the incidents opened in a month; waits that go on count as longer than they have lasted."""
    form = negotiate(request, TABULAR)
    info, now = zone_of(zone), parts.clock.now()
    asked = month or month_of(now, info)
    try:
        span_of(asked, info)
    except (ValueError, OverflowError) as error:
        raise invalid("month", "yyyy-mm") from error
    kept: KeptFigures | None = getattr(request.app.state, "figures", None)
    if kept is None:
        kept = request.app.state.figures = KeptFigures(parts.records)
    found = kept.figures(asked, info, department=scoped(who, department), now=now)
    body = {**_written(found, zone), "zone": zone}
    return answer(body) if form is JSON else _file(body, table, zone, form)


def _written(found: Figures, zone: str) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.to_builtins(found)
    for name in _TIMES:
        body[name] = rfc3339(body[name], zone_of(zone))
    for row in body["stale"]:
        row |= {name: None if row[name] is None else rfc3339(row[name], zone_of(zone)) for name in ("fired", "cleared")}
    return body


def _file(body: dict[str, Any], table: str, zone: str, form: Format) -> Response:
    columns = tuple(_TABLES[table].model_fields)
    rows = [("", *(_cell(row[column]) for column in columns)) for row in body[table]]
    whole = [(body["month"], *row[1:], zone) for row in rows]
    named = ("month", *columns, "zone")
    return table_response(Table(f"figures-{table}", named, [whole], zone, frozenset(columns) - _WORDS), form)


def _cell(value: Any) -> Cell:
    if isinstance(value, dict):
        return "; ".join(f"{name or '-'}: {count}" for name, count in value.items())
    cell: Cell = value
    return cell
