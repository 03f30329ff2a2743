"""`/v1/observations`: what was observed, oldest first, and the newest of each datastream."""

from collections.abc import Iterator
from operator import itemgetter
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import documents
from api.answers import answer, page_answer
from api.asking import FAR, Asked, Cursor, InZone, Parts, Selected
from api.context import Context
from api.formats import JSON, TABULAR, negotiate
from api.rows import COLUMNS, NUMBERS, chunk_of, items_of
from api.tables import Chunk, Table, table_response
from storage.series import Points, Select

router = APIRouter(tags=["observations"])

_DEFAULT = 1000
_PIECE = 10_000

PageLimit = Annotated[
    int | None, Query(ge=1, le=_PIECE, description=f"Most items; a page has {_DEFAULT} and a file all when absent")
]


@router.get("/observations", responses=documents.page(documents.Observation, files=True))
def observations(
    request: Request,
    parts: Parts,
    select: Selected,
    span: Asked,
    zone: InZone,
    limit: PageLimit = None,
    cursor: Cursor = None,
) -> Response:
    """Values in [from, to), oldest first over all datastreams asked for; CSV, XLSX and Parquet hold all pages."""
    start, end = span.within(-FAR, FAR)
    form = negotiate(request, TABULAR)
    if form is not JSON:
        chunks = _chunks(parts, select, (start, end), limit, cursor, zone)
        return table_response(Table("observations", COLUMNS, chunks, zone, NUMBERS), form)
    page = parts.series.raw(select, start, end, limit or _DEFAULT, cursor)
    return page_answer(request, items_of(page.points, parts.register, zone), page.next)


def _chunks(
    parts: Context, select: Select, span: tuple[int, int], limit: int | None, cursor: str | None, zone: str
) -> Iterator[Chunk]:
    while True:
        page = parts.series.raw(select, *span, limit or _PIECE, cursor)
        yield chunk_of(page.points, parts.register, zone)
        cursor = page.next
        if cursor is None or limit is not None:
            return


@router.get("/observations/latest", responses=documents.page(documents.Latest, files=True))
def latest(request: Request, parts: Parts, select: Selected, zone: InZone) -> Response:
    """The newest value of each datastream with its age in seconds, all on one page, by station and property."""
    points = parts.series.latest(select)
    form = negotiate(request, TABULAR)
    if form is not JSON:
        rows = latest_rows(points, parts, zone)
        return table_response(Table("latest", (*COLUMNS, "age_s"), [rows], zone, NUMBERS | {"age_s"}), form)
    return answer({"items": latest_items(points, parts, zone), "next": None})


def latest_items(points: list[Points], parts: Context, zone: str) -> list[dict[str, object]]:
    """The newest values as items of an answer or of a live event, by series."""
    items = items_of(points, parts.register, zone)
    for item, age in zip(items, _ages(points, parts), strict=True):
        item["age_s"] = age
    return sorted(items, key=itemgetter("department", "kind", "device", "property"))


def latest_rows(points: list[Points], parts: Context, zone: str) -> Chunk:
    """The newest values as rows of a file, by series."""
    rows = zip(chunk_of(points, parts.register, zone), _ages(points, parts), strict=True)
    return sorted(((*row, age) for row, age in rows), key=lambda row: row[:4])


def _ages(points: list[Points], parts: Context) -> list[float]:
    """Seconds since each point, oldest first: the order in which items and rows come."""
    now = parts.clock.now()
    return sorted((round((now - int(one.time[-1])) / 1000, 3) for one in points), reverse=True)
