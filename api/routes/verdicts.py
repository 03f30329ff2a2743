"""`/v1/verdicts` and `/v1/loads`: what the standards say of stations, and what passed them."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api import documents
from api.answers import answer
from api.asking import Asked, Department, Device, InZone, Kind, Past, Properties, Who, scoped, words_of
from api.context import History
from api.formats import JSON, TABULAR, negotiate
from api.problem import invalid
from api.routes.series import recent
from api.tables import Table, table_response
from api.verdicts import loads as load
from api.verdicts.groups import grouped
from api.verdicts.judging import judged
from api.verdicts.question import (
    KIND_OF,
    Basis,
    Group,
    Question,
    Standard,
    check_basis,
    check_count,
    names_for,
    stations_asked,
    windows_asked,
)
from api.verdicts.shown import GROUP_COLUMNS, LOAD_COLUMNS, LOAD_NUMBERS, STATION_COLUMNS, Shown, table_of
from api.working import answered
from hub.derived import property_named
from hub.model import Station
from hub.standards.gb3838 import Class
from storage.series import Select
from storage.windows import parse_every

router = APIRouter(tags=["standards"])

EveryText = Annotated[str, Query(max_length=16, description="Window: 1h, 1d, 1w, 1mo or 1y in the zone, taken whole")]
StandardWord = Annotated[
    Standard | None,
    Query(
        description="gb3838: class of surface water; aqi: HJ 633; gb3095: limits of the air. By kind when absent: gb3838 or aqi"
    ),
]
BasisWord = Annotated[Basis, Query(description="Surface water: the mean is of valid values, of hours or of days")]
BaseClass = Annotated[
    Class | None,
    Query(description="Class that multiples are held against; the section's target, else III, when absent"),
]
Level = Annotated[int, Query(ge=1, le=2, description="Level of GB 3095: 2, or 1 for parks and reserves")]
GroupWord = Annotated[
    Group | None, Query(description="All sections as one water: river, basin, or the points of a lake")
]
Stations = Annotated[
    str | None, Query(max_length=8000, description="Only these, DEPARTMENT/KIND/DEVICE with commas between")
]
Least = Annotated[float, Query(ge=0, le=1, description="Share of the declared values, 0 to 1, that a mean needs")]
LeastHours = Annotated[float, Query(ge=0, le=1, description="Share of the hours, 0 to 1, that a load needs")]
Unmonitored = Annotated[
    str | None,
    Query(max_length=200, description="Pollutants that need not be monitored (HJ 633-2026, 5.3.2), with commas"),
]
WithParts = Annotated[bool, Query(alias="parts", description="false leaves out what each property gave")]
Flow = Annotated[
    str | None, Query(pattern=r"^[a-z][a-z0-9_]{0,47}$", description="The flow; the station's own when absent")
]


async def _standard(standard: StandardWord = None, kind: Kind = None) -> Standard:
    found: Standard | None = standard
    if standard is None and kind in ("water", "air"):
        found = "gb3838" if kind == "water" else "aqi"
    if found is None:
        raise invalid("standard", "gb3838, aqi or gb3095; or kind=water or kind=air")
    if kind not in (None, KIND_OF[found]):
        raise invalid("kind", f"{KIND_OF[found]} for standard={found}")
    return found


async def _words(every: EveryText = "1d", basis: BasisWord = "point", base: BaseClass = None) -> dict[str, Any]:
    return {"every": every, "basis": basis, "base": base}


async def _needs(level: Level = 2, least_coverage: Least = 0.0, unmonitored: Unmonitored = None) -> dict[str, Any]:
    words = words_of([unmonitored] if unmonitored else None)
    known = names_for("aqi")
    if set(words) - set(known):
        raise invalid("unmonitored", f"any of {', '.join(known)}")
    return {"level": level, "least_coverage": least_coverage, "unmonitored": words}


async def question_asked(
    parts: Past,
    span: Asked,
    zone: InZone,
    standard: Annotated[Standard, Depends(_standard)],
    words: Annotated[dict[str, Any], Depends(_words)],
    needs: Annotated[dict[str, Any], Depends(_needs)],
) -> Question:
    """The question, without its stations.

    Raises:
        Problem: a window or a basis that the standard does not know.
    """
    every, found = windows_asked(standard, words["every"], *recent(span, parts), zone)
    if standard == "gb3838":
        check_basis(words["basis"], every)
    return Question(standard, every, found, zone, words["basis"], words["base"], **needs)


async def place_asked(
    who: Who, department: Department = None, device: Device = None, stations: Stations = None
) -> tuple[Select, tuple[str, ...]]:
    """Which stations are meant, within what the caller may see.

    Raises:
        Problem: `forbidden`, or a station that is not of the form.
    """
    named = words_of([stations] if stations else None)
    for one in named:
        try:
            scoped(who, Station.parse(one).department)
        except ValueError as error:
            raise invalid("stations", "DEPARTMENT/KIND/DEVICE, with commas between several") from error
    return Select(scoped(who, department), None, device), named


Questioned = Annotated[Question, Depends(question_asked)]
Placed = Annotated[tuple[Select, tuple[str, ...]], Depends(place_asked)]


@router.get("/verdicts", responses=documents.one(documents.VerdictAnswer, files=True))
async def verdicts(
    request: Request, parts: Past, question: Questioned, placed: Placed, group: GroupWord = None, full: WithParts = True
) -> Response:
    """What the standard says of each station and window, what decided it, and what is missing; without `from` the last day."""
    form = negotiate(request, TABULAR)
    if group is not None and question.standard != "gb3838":
        raise invalid("group", "standard=gb3838: only surface water is judged over several sections")

    def work(held: History) -> Response:
        stations = _stations(held, placed, question)
        shown = Shown(held, question.zone, parts=full and form is JSON)
        if group is None:
            found = list(judged(held, stations, question))
            items = [shown.station(one) for one in found]
            measured = [one.verdict.parts for one in found]
        else:
            waters = list(grouped(held, stations, question, group))
            items = [shown.group(one, group) for one in waters]
            measured = [one.verdict.parts for one in waters]
        if form is not JSON:
            return table_response(
                table_of(STATION_COLUMNS if group is None else GROUP_COLUMNS, items, measured, question.zone), form
            )
        every = f"{question.every.count}{question.every.unit}"
        told = {"zone": question.zone, "standard": question.standard, "every": every}
        return answer({**told, "stations": stations, "items": items})

    return await answered(request, parts, work)


def _stations(parts: History, placed: tuple[Select, tuple[str, ...]], question: Question) -> list[str]:
    place, named = placed
    select = Select(place.department, KIND_OF[question.standard], place.device)
    found = stations_asked(parts, select, names_for(question.standard))
    if named:
        found = [one for one in found if one in named]
    check_count(len(found), len(question.edges) - 1)
    return found


@router.get("/loads", responses=documents.one(documents.LoadAnswer, files=True))
async def loads(
    request: Request,
    parts: Past,
    placed: Placed,
    span: Asked,
    zone: InZone,
    kind: Kind = None,
    properties: Properties = None,
    flow: Flow = None,
    every: EveryText = "1d",
    least_coverage: LeastHours = load.NEEDED,
) -> Response:
    """What passed each outlet or section: flow times concentration of the hours in which both are valid; without `from` the last day."""
    form = negotiate(request, TABULAR)
    asked = _loads_asked(*recent(span, parts), zone, every, flow, words_of(properties), least_coverage)

    def work(held: History) -> Response:
        place, named = placed
        select = Select(place.department, kind, place.device)
        stations = sorted({one.series.station for one in held.series.latest(select)})
        stations = [one for one in stations if not named or one in named]
        check_count(len(stations), len(asked.edges) - 1)
        shown = Shown(held, zone, parts=False)
        found = (one for station in stations for one in load.loads_of(held, station, asked))
        items = [shown.load(one, at) for one in found for at in range(len(one.loads.start))]
        if form is not JSON:
            rows = [(*(item[name] for name in LOAD_COLUMNS), zone) for item in items]
            unit = "kg, m3, mg/L"
            return table_response(Table("loads", (*LOAD_COLUMNS, "zone"), [rows], zone, LOAD_NUMBERS, unit), form)
        return answer({"zone": zone, "every": every, "items": items})

    return await answered(request, parts, work)


def _loads_asked(
    start: int, end: int, zone: str, every: str, flow: str | None, properties: tuple[str, ...], least: float
) -> load.Asked:
    _, found = windows_asked("gb3838", every, start, end, zone)
    for field, words, unit in (("flow", (flow,) if flow else (), "m3/s"), ("property", properties, "mg/L")):
        for word in words:
            if property_named(word) is None or not load.measures(word, unit):
                raise invalid(field, f"a property of the catalogue that is measured in {unit} or the like")
    return load.Asked(parse_every(every), found, zone, flow, properties, least)
