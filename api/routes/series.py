"""`/v1/series`: aggregates per window, labelled by the window's start."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import documents
from api.analysis.series import COMPLETENESS, Answer, Question, ask, rows_of
from api.answers import answer
from api.asking import DAY, Asked, InZone, Past, Selected, Span, words_of
from api.chart import chart_answer
from api.context import History
from api.formats import JSON, TABULAR, negotiate
from api.parts_of import each_station
from api.pixels import LEAST_WIDTH, MOST_WIDTH
from api.problem import invalid
from api.series_head import HEAD, head_of
from api.tables import Chunk, Table, table_response
from api.times import write_times
from api.working import answered
from storage.aggregate import parse
from storage.fill import FILLS, Fill
from storage.series import Select
from storage.windows import parse_every

router = APIRouter(tags=["series"])

_WINDOW = "Window: Ns, Nm, Nh, 1d, 1w, 1mo or 1y in the zone"
EveryText = Annotated[str, Query(max_length=16, description=_WINDOW)]
EveryOrNone = Annotated[str | None, Query(alias="every", max_length=16, description=f"{_WINDOW}; 1h when absent")]
Aggregates = Annotated[
    list[str] | None,
    Query(
        description="mean, min, max, sum, count, count_all, first, last, p1..p99, median, completeness; mean when absent"
    ),
]
FillWord = Annotated[Fill, Query(description="Empty windows: " + ", ".join(FILLS))]
Width = Annotated[
    int | None,
    Query(
        ge=LEAST_WIDTH,
        le=MOST_WIDTH,
        description="Pixels of a chart: of each column the least and largest valid value, and all flags; instead of every, agg and fill",
    ),
]


def aggregates_of(given: list[str] | None) -> tuple[str, ...]:
    """The aggregates asked for, each once, in order.

    Raises:
        BadQuery: one is unknown.
    """
    words = words_of(given) or ("mean",)
    if plain := [word for word in words if word != COMPLETENESS]:
        parse(plain)
    return words


def recent(span: Span, parts: History) -> tuple[int, int]:
    """The range; up to now where no end is named, one day where no start is.

    Raises:
        Problem: `to` comes before `from`.
    """
    now = parts.clock.now()
    end = now + parts.settings.ingest.future_ms if span.end is None else span.end
    start = min(now, end) - DAY if span.start is None else span.start
    if end < start:
        raise invalid("from", "a time before `to`, or before now")
    return start, end


@router.get("/series", responses=documents.one(documents.SeriesAnswer, files=True))
async def series(
    request: Request,
    parts: Past,
    select: Selected,
    span: Asked,
    zone: InZone,
    every: EveryOrNone = None,
    agg: Aggregates = None,
    fill: FillWord = "none",
    width: Width = None,
) -> Response:
    """Aggregates of valid values per window in [from, to), or the columns of a chart; without `from` the last day."""
    form = negotiate(request, TABULAR)
    start, end = recent(span, parts)
    if width is not None:
        if every is not None or agg is not None or fill != "none":
            raise invalid("width", "no `every`, `agg` or `fill` beside it")
        return await answered(request, parts, lambda held: chart_answer(held, select, (start, end), width, zone, form))
    asked = every or "1h"
    words = aggregates_of(agg)
    question = Question(start, end, parse_every(asked), words, zone, fill, parts.clock.now())

    def work(held: History) -> Response:
        if form is not JSON:
            columns = (*HEAD, "time", *words, "zone")
            table = Table("series", columns, _chunks(parts, select, question), zone, frozenset(words))
            return table_response(table, form)
        found = ask(held.series, select, question, parts.register)
        listed = [{**head_of(one.series, parts.register), "rows": _rows(one, zone)} for one in found]
        return answer({"zone": zone, "every": asked, "columns": ["time", *words], "series": listed})

    return await answered(request, parts, work)


def _rows(one: Answer, zone: str) -> list[tuple[str | float | None, ...]]:
    return rows_of(one, write_times(one.start, zone))


def _chunks(parts: History, select: Select, question: Question) -> Iterator[Chunk]:
    for station in each_station(parts.series, select):
        for one in ask(parts.series, station, question, parts.register):
            head = tuple(head_of(one.series, parts.register).values())
            yield [(*head, *row, question.zone) for row in _rows(one, question.zone)]
