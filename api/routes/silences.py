"""`/v1/silences`: quiet that somebody asked for, about something, with a reason and an end."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from alerts.errors import NotAllowed
from alerts.silences import Wanted, create, end
from alerts.views import silence_view, wire
from api import documents
from api.answers import answer
from api.asking import Cursor, InZone, Limit, Parts, Who
from api.bodies import EndSilence, NewSilence
from api.context import Context
from api.identity import Identity, officer
from api.problem import Problem, invalid
from api.times import EXPECTED, parse_time
from storage.records import silences
from storage.records.silences import SilenceRow
from storage.zones import zone_of

router = APIRouter(tags=["incidents"])

Officer = Annotated[Identity, Depends(officer)]
SilencePath = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]
Active = Annotated[bool, Query(description="Only those that are not over")]


@router.get("/silences", responses=documents.page(documents.SilenceEntry))
def listing(
    parts: Parts, who: Who, zone: InZone, active: Active = False, limit: Limit = 100, cursor: Cursor = None
) -> Response:
    """Silences, the newest first."""
    at = parts.clock.now()
    with parts.records.read() as tx:
        page = silences.listing(tx, at=at, only_active=active, limit=limit, cursor=cursor)
    seen = [wire(silence_view(row, at), zone_of(zone)) for row in page.items if _sees(who, row)]
    return answer({"items": seen, "next": page.next})


@router.post("/silences", status_code=201, responses=documents.one(documents.SilenceEntry, status=201))
def make(given: NewSilence, parts: Parts, who: Officer, zone: InZone) -> Response:
    """Keep something quiet: its incidents, clocks and logs go on; what is still wrong at the end is told at once."""
    matcher: dict[str, str] = dict(given.matcher.items())
    if who.department is not None:
        matcher["department"] = who.department  # nobody silences what they do not see
    at = parts.clock.now()
    starts = at if given.starts is None else _time("starts", given.starts, parts)
    wanted = Wanted(matcher, given.level, starts, _time("ends", given.ends, parts))
    try:
        with parts.records.begin() as tx:
            row = create(tx, wanted, owner=who.name, reason=given.reason, at=at)
    except NotAllowed as error:
        raise _refused(error) from error
    return answer(wire(silence_view(row, at), zone_of(zone)), status=201)


@router.post("/silences/{silence_id}/end", responses=documents.one(documents.SilenceEntry))
def finish(silence_id: SilencePath, given: EndSilence, parts: Parts, who: Officer, zone: InZone) -> Response:
    """End a silence before its time."""
    del given
    at = parts.clock.now()
    with parts.records.read() as tx:
        known = silences.get(tx, silence_id)
    if known is None or not _sees(who, known):
        raise Problem("not-found", f"There is no silence {silence_id}", zh=f"没有静默 {silence_id}")
    try:
        with parts.records.begin() as tx:
            row = end(tx, silence_id, actor=who.name, at=at)
    except NotAllowed as error:
        raise _refused(error) from error
    return answer(wire(silence_view(row, at), zone_of(zone)))


def _sees(who: Identity, row: SilenceRow) -> bool:
    return who.department is None or row.words.get("department") == who.department


def _time(name: str, text: str, parts: Context) -> int:
    try:
        return parse_time(text, zone_of(parts.zone), parts.clock.now())
    except (ValueError, OverflowError):
        raise invalid(name, EXPECTED, "body") from None


def _refused(error: NotAllowed) -> Problem:
    extra: dict[str, Any] = {"missing": list(error.missing)} if error.missing else {}
    return Problem("conflict", str(error), zh="静默无法执行：缺少说明、范围或结束时间", **extra)
