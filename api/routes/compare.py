"""`/v1/compare`: a period against the same one last year or last month, or against any other, aligned by calendar position."""

from typing import Annotated, Any, Final, cast

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import documents
from api.analysis.calendar import BACKS, Back, range_before
from api.analysis.compare import ROW, counterparts, difference, values_at
from api.analysis.series import Answer, Question, ask
from api.answers import answer
from api.asking import Asked, InZone, Past, Selected
from api.context import History
from api.formats import JSON, TABULAR, negotiate
from api.problem import invalid
from api.routes.series import EveryText, aggregates_of, recent
from api.series_head import head_of
from api.tables import Table, table_response
from api.times import EXPECTED, parse_time
from api.working import answered
from hub.clock import rfc3339
from storage.series import Select, Series
from storage.windows import edges, parse_every
from storage.zones import zone_of

router = APIRouter(tags=["series"])

With = Annotated[
    str, Query(alias="with", max_length=160, description="last_year, last_month, or another period as START/END")
]
Aggregate = Annotated[str, Query(max_length=16, description="One aggregate, as in /v1/series")]

_NUMBERS: Final = frozenset({"value", "other", "difference", "percent"})
_FORM: Final = f"last_year, last_month, or START/END, each {EXPECTED}"


@router.get("/compare", responses=documents.one(documents.CompareAnswer, files=True))
async def compare(
    request: Request,
    parts: Past,
    select: Selected,
    span: Asked,
    zone: InZone,
    other: With,
    every: EveryText = "1d",
    agg: Aggregate = "mean",
) -> Response:
    """Both periods, window by window, with difference and per cent; a day that the other period lacks stands alone."""
    form = negotiate(request, TABULAR)
    words = aggregates_of([agg])
    if len(words) != 1:
        raise invalid("agg", "one aggregate")
    start, end = recent(span, parts)
    second = _other(other, start, end, parts, zone)
    now = parts.clock.now()
    question = Question(start, end, parse_every(every), words, zone, "none", now)
    against = Question(*second, question.every, words, zone, "none", now)

    def work(held: History) -> Response:
        pairs = _pairs(held, select, question, against)
        series = [_series(pair, question, against, other, held) for pair in pairs]
        if form is not JSON:
            columns = ("department", "kind", "device", "property", "unit", *ROW, "zone")
            rows = [(*_head(one), *row, zone) for one in series for row in one["rows"]]
            return table_response(Table("compare", columns, [rows], zone, _NUMBERS), form)
        periods = {"period": _written(start, end, zone), "other": _written(*second, zone)}
        return answer({"zone": zone, "every": every, "agg": agg, **periods, "columns": ROW, "series": series})

    return await answered(request, parts, work)


def _head(one: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(value for name, value in one.items() if name != "rows")


def _written(start: int, end: int, zone: str) -> dict[str, str]:
    return {"from": rfc3339(start, zone_of(zone)), "to": rfc3339(end, zone_of(zone))}


def _other(word: str, start: int, end: int, parts: History, zone: str) -> tuple[int, int]:
    info, now = zone_of(zone), parts.clock.now()
    if word in BACKS:
        return range_before(start, end, cast("Back", word), info)
    first, slash, last = word.partition("/")
    try:
        found = parse_time(first, info, now), parse_time(last, info, now)
    except (ValueError, OverflowError):
        raise invalid("with", _FORM) from None
    if not slash or found[1] < found[0]:
        raise invalid("with", _FORM)
    return found


def _pairs(
    parts: History, select: Select, question: Question, against: Question
) -> list[tuple[Series, Answer | None, Answer | None]]:
    ours = {one.series: one for one in ask(parts.series, select, question, parts.register)}
    theirs = {one.series: one for one in ask(parts.series, select, against, parts.register)}
    both = sorted({*ours, *theirs}, key=lambda series: (series.station, series.property))
    return [(series, ours.get(series), theirs.get(series)) for series in both]


def _series(
    pair: tuple[Series, Answer | None, Answer | None], question: Question, against: Question, word: str, parts: History
) -> dict[str, Any]:
    series, ours, theirs = pair
    name, zone = question.aggregates[0], zone_of(question.zone)
    mine, other = values_at(ours, name), values_at(theirs, name)
    rows = []
    for time, counterpart in _aligned(question, against, word):
        value, against_value = mine.get(time), None if counterpart is None else other.get(counterpart)
        if value is None and against_value is None:
            continue
        other_time = None if counterpart is None else rfc3339(counterpart, zone)
        rows.append([rfc3339(time, zone), value, other_time, against_value, *difference(value, against_value)])
    return {**head_of(series, parts.register), "rows": rows}


def _aligned(question: Question, against: Question, word: str) -> list[tuple[int, int | None]]:
    """Window starts of the period, each with its counterpart's start."""
    grid = edges(question.start, question.end, question.every, question.zone)[:-1]
    if word in BACKS:
        found = counterparts(grid, cast("Back", word), question.zone)
        return list(zip(grid.tolist(), found, strict=True))
    others = edges(against.start, against.end, question.every, question.zone)[:-1].tolist()
    return [(time, others[place] if place < len(others) else None) for place, time in enumerate(grid.tolist())]
