"""`/v1/observations`: what was observed, oldest first, and the newest of each datastream."""

from collections.abc import Iterator
from operator import itemgetter
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import documents
from api.answers import answer, page_answer
from api.asking import FAR, Asked, Cursor, InZone, Past, Selected
from api.context import History
from api.files.table import Row
from api.formats import JSON, TABULAR, negotiate
from api.parts_of import each_period
from api.rows import COLUMNS, NUMBERS, TIMES, Observed, items_of, observed
from api.tables import Table, table_response
from api.working import answered
from storage.series import Points, Select

router = APIRouter(tags=["observations"])

_DEFAULT = 1000
_MOST = 10_000

PageLimit = Annotated[
    int | None, Query(ge=1, le=_MOST, description=f"Most items; a page has {_DEFAULT} and a file all when absent")
]


@router.get("/observations", responses=documents.page(documents.Observation, files=True))
async def observations(
    request: Request,
    parts: Past,
    select: Selected,
    span: Asked,
    zone: InZone,
    limit: PageLimit = None,
    cursor: Cursor = None,
) -> Response:
    """Values in [from, to), oldest first over all datastreams asked for; CSV, XLSX and Parquet hold all pages."""
    times = span.within(-FAR, FAR)
    form = negotiate(request, TABULAR)

    def work(held: History) -> Response:
        if form is not JSON:
            pieces = _pieces(parts, select, times, limit, cursor, zone)
            return table_response(Table("observations", COLUMNS, pieces, zone, NUMBERS, times=TIMES), form)
        page = held.series.raw(select, *times, limit or _DEFAULT, cursor)
        return page_answer(request, items_of(page.points, parts.register, zone), page.next)

    return await answered(request, parts, work)


def _pieces(
    parts: History, select: Select, span: tuple[int, int], limit: int | None, cursor: str | None, zone: str
) -> Iterator[Observed]:
    if limit is not None or cursor is not None:
        for points in _pages(parts, select, span, limit, cursor):
            yield from observed(points, parts.register, zone).pieces()
        return
    for period in each_period(parts.series, select, *span):
        yield from observed(period, parts.register, zone).pieces()


def _pages(
    parts: History, select: Select, span: tuple[int, int], limit: int | None, cursor: str | None
) -> Iterator[tuple[Points, ...]]:
    while True:
        page = parts.series.raw(select, *span, limit or _MOST, cursor)
        yield page.points
        cursor = page.next
        if cursor is None or limit is not None:
            return


@router.get("/observations/latest", responses=documents.page(documents.Latest, files=True))
async def latest(request: Request, parts: Past, select: Selected, zone: InZone) -> Response:
    """The newest value of each datastream with its age in seconds, all on one page, by station and property."""
    form = negotiate(request, TABULAR)

    def work(held: History) -> Response:
        points = held.series.latest(select)
        if form is not JSON:
            rows = latest_rows(points, parts, zone)
            return table_response(Table("latest", (*COLUMNS, "age_s"), [rows], zone, NUMBERS | {"age_s"}), form)
        return answer({"items": latest_items(points, parts, zone), "next": None})

    return await answered(request, parts, work)


def latest_items(points: list[Points], parts: History, zone: str) -> list[dict[str, object]]:
    """The newest values as items of an answer or of a live event, by series."""
    items = items_of(points, parts.register, zone)
    for item, age in zip(items, _ages(points, parts), strict=True):
        item["age_s"] = age
    return sorted(items, key=itemgetter("department", "kind", "device", "property"))


def latest_rows(points: list[Points], parts: History, zone: str) -> list[Row]:
    """The newest values as rows of a file, by series."""
    rows = zip(observed(points, parts.register, zone).rows(), _ages(points, parts), strict=True)
    return sorted(((*row, age) for row, age in rows), key=lambda row: row[:4])


def _ages(points: list[Points], parts: History) -> list[float]:
    """Seconds since each point, oldest first: the order in which items and rows come."""
    now = parts.clock.now()
    return sorted((round((now - int(one.time[-1])) / 1000, 3) for one in points), reverse=True)
