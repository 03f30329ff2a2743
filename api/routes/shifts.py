"""`/v1/shifts`: handing the desk over from one shift to the next, signed by both."""

from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from alerts import shifts as handovers
from alerts.errors import NotAllowed
from alerts.shifts import Feed
from api import documents
from api.answers import answer, page_answer
from api.asking import Cursor, Department, InZone, Limit, Parts, Who, scoped
from api.bodies import GiveShift, TakeShift
from api.context import Context
from api.documents.shifts import Shift, ShiftDraft
from api.identity import Identity, officer
from api.presence import state_of
from api.problem import Problem
from hub.clock import rfc3339
from storage.records import shifts
from storage.records.register import list_states
from storage.records.shifts import ShiftRow
from storage.zones import zone_of

router = APIRouter(tags=["incidents"])

Officer = Annotated[Identity, Depends(officer)]
ShiftPath = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]

_TIMES: Final = frozenset({"since", "opened", "solve_by", "ends", "last", "given_at", "taken_at"})
_MOST_FEEDS: Final = 200


@router.get("/shifts", responses=documents.page(Shift))
def listing(
    request: Request,
    parts: Parts,
    who: Who,
    zone: InZone,
    department: Department = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """Handovers, the newest first."""
    wanted = scoped(who, department)
    with parts.records.read() as tx:
        page = shifts.listing(tx, department=wanted, limit=limit, cursor=cursor)
    info = zone_of(zone)
    return page_answer(request, [_written(row, info) for row in page.items], page.next)


@router.get("/shifts/draft", responses=documents.one(ShiftDraft))
def draft(parts: Parts, who: Who, zone: InZone, department: Department = None) -> Response:
    """What would be handed over now, and the handover that waits to be taken."""
    desk = scoped(who, department) or ""
    info = zone_of(zone)
    with parts.records.read() as tx:
        found = handovers.facts(tx, desk, _feeds(parts, desk), at=parts.clock.now())
        waiting = shifts.waiting(tx, desk)
    body = {"department": desk, "facts": _timed(found, info)}
    return answer({**body, "waiting": None if waiting is None else _written(waiting, info)})


@router.get("/shifts/{shift_id}", responses=documents.one(Shift))
def one(shift_id: ShiftPath, parts: Parts, who: Who, zone: InZone) -> Response:
    """One handover."""
    return answer(_written(_seen(parts, who, shift_id), zone_of(zone)))


@router.post("/shifts", status_code=201, responses=documents.one(Shift, status=201))
def give(given: GiveShift, parts: Parts, who: Officer, zone: InZone) -> Response:
    """Hand over: what stands open now is written down with the note and signed by the caller."""
    desk = scoped(who, given.department) or ""
    at = parts.clock.now()
    feeds = _feeds(parts, desk)
    with parts.records.begin() as tx:
        found = handovers.facts(tx, desk, feeds, at=at)
        row = handovers.give(tx, desk, given.note, found, actor=who.name, at=at)
    return answer(_written(row, zone_of(zone)), status=201)


@router.post("/shifts/{shift_id}/take", responses=documents.one(Shift))
def take(shift_id: ShiftPath, given: TakeShift, parts: Parts, who: Officer, zone: InZone) -> Response:
    """Take the desk over: the caller, who is not the one who gave it, signs too."""
    _seen(parts, who, shift_id)
    try:
        with parts.records.begin() as tx:
            row = shifts.get(tx, shift_id)
            assert row is not None  # nothing deletes handovers
            now = handovers.take(tx, row, given.note, actor=who.name, at=parts.clock.now())
    except NotAllowed as error:
        extra: dict[str, Any] = {"missing": list(error.missing)} if error.missing else {}
        zh = "无法接班：已有人接班、已有更新的交班记录，或交接为同一人"
        raise Problem("conflict", str(error), zh=zh, **extra) from error
    return answer(_written(now, zone_of(zone)))


def _seen(parts: Context, who: Identity, shift_id: str) -> ShiftRow:
    with parts.records.read() as tx:
        row = shifts.get(tx, shift_id)
    if row is None or (who.department is not None and row.department != who.department):
        raise Problem("not-found", f"There is no handover {shift_id}", zh=f"没有交接班记录 {shift_id}")
    return row


def _feeds(parts: Context, desk: str) -> list[Feed]:
    """Stations that are not heard, and parts of the hub that are not well."""
    now, seen = parts.clock.now(), parts.presence.seen()
    with parts.records.read() as tx:
        said = list_states(tx)
    found = []
    for device in parts.register.now().devices.values():
        if not device.enabled or device.gateway or desk not in ("", device.station.split("/")[0]):
            continue
        last = seen.stations.get(device.station)
        state = state_of(device, last, said.get(device.station), now)
        if state != "online":
            found.append(Feed(device.station, state, last))
    bad = [Feed(line.name, "part", line.at, line.detail) for line in parts.board.look() if not line.ok]
    return [*bad, *sorted(found, key=lambda feed: feed.name)][:_MOST_FEEDS]


def _written(row: ShiftRow, info: ZoneInfo) -> dict[str, Any]:
    body = {name: getattr(row, name) for name in ("id", "department", "note", "given_by", "given_at", "taken_by")}
    more = {"taken_at": row.taken_at, "taken_note": row.taken_note, "hash": row.hash, "sound": handovers.sound(row)}
    written: dict[str, Any] = _timed({**body, "facts": msgspec.json.decode(row.facts), **more}, info)
    return written


def _timed(value: Any, info: ZoneInfo) -> Any:
    if isinstance(value, list):
        return [_timed(item, info) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: rfc3339(item, info) if name in _TIMES and isinstance(item, int) else _timed(item, info)
        for name, item in value.items()
    }
