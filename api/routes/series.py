"""`/v1/series`: aggregates per window, labelled by the window's start."""

from collections.abc import Iterator
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import documents
from api.analysis.series import COMPLETENESS, Answer, Question, ask, rows_of
from api.answers import answer
from api.asking import DAY, Asked, InZone, Parts, Selected, Span, words_of
from api.context import Context, Register
from api.formats import JSON, TABULAR, negotiate
from api.problem import invalid
from api.rows import place_of
from api.tables import Chunk, Table, table_response
from api.times import write_times
from storage.aggregate import parse
from storage.fill import FILLS, Fill
from storage.windows import parse_every

router = APIRouter(tags=["series"])

EveryText = Annotated[str, Query(max_length=16, description="Window: Ns, Nm, Nh, 1d, 1w, 1mo or 1y in the zone")]
Aggregates = Annotated[
    list[str] | None,
    Query(
        description="mean, min, max, sum, count, count_all, first, last, p1..p99, median, completeness; mean when absent"
    ),
]
FillWord = Annotated[Fill, Query(description="Empty windows: " + ", ".join(FILLS))]
_HEAD: Final = ("department", "kind", "device", "property", "unit")


def aggregates_of(given: list[str] | None) -> tuple[str, ...]:
    """The aggregates asked for, each once, in order.

    Raises:
        BadQuery: one is unknown.
    """
    words = words_of(given) or ("mean",)
    if plain := [word for word in words if word != COMPLETENESS]:
        parse(plain)
    return words


def recent(span: Span, parts: Context) -> tuple[int, int]:
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
def series(
    request: Request,
    parts: Parts,
    select: Selected,
    span: Asked,
    zone: InZone,
    every: EveryText = "1h",
    agg: Aggregates = None,
    fill: FillWord = "none",
) -> Response:
    """Aggregates of valid values per window in [from, to); without `from` the last day."""
    form = negotiate(request, TABULAR)
    words = aggregates_of(agg)
    start, end = recent(span, parts)
    question = Question(start, end, parse_every(every), words, zone, fill, parts.clock.now())
    found = ask(parts.series, select, question, parts.register)
    if form is not JSON:
        columns = (*_HEAD, "time", *words, "zone")
        chunks = _chunks(found, parts.register, zone)
        return table_response(Table("series", columns, chunks, zone, frozenset(words)), form)
    listed = [_series(one, parts.register, zone) for one in found]
    return answer({"zone": zone, "every": every, "columns": ["time", *words], "series": listed})


def head_of(one: Answer, register: Register) -> dict[str, str]:
    """Which datastream the rows belong to, and its unit."""
    station, name = one.series.station, one.series.property
    return {**place_of(station), "property": name, "unit": register.unit(station, name)}


def _series(one: Answer, register: Register, zone: str) -> dict[str, object]:
    return {**head_of(one, register), "rows": rows_of(one, write_times(one.start, zone))}


def _chunks(found: list[Answer], register: Register, zone: str) -> Iterator[Chunk]:
    for one in found:
        head = tuple(head_of(one, register).values())
        yield [(*head, *row, zone) for row in rows_of(one, write_times(one.start, zone))]
