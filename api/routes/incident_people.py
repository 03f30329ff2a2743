"""`/v1/incidents/{id}/explain`, `/suggestions` and `/ladders`: who was told and why, whom to send, how far each notice came."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from alerts.people.escalation import areas_of
from alerts.people.explain import explain, rungs
from alerts.people.suggest import Scene, Suggestion, busy_of, suggest
from api import documents
from api.answers import answer
from api.asking import InZone, Parts, Who
from api.documents import duty
from api.duty import shelf_in
from api.identity import Identity
from api.problem import Problem
from api.routes.alerts import IdentifierPath
from hub.clock import rfc3339
from storage.records import incidents, people, register
from storage.records.access import RANK
from storage.records.rows import IncidentRow, target_of
from storage.zones import zone_of

router = APIRouter(tags=["incidents"])

PersonAsked = Annotated[str, Query(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$", description="The person's id")]


@router.get("/incidents/{incident_id}/explain", responses=documents.page(duty.Explained))
def explained(
    request: Request, incident_id: IdentifierPath, person: PersonAsked, parts: Parts, who: Who, zone: InZone
) -> Response:
    """Why a person was, or was not, told: one sentence for each occasion, in Chinese and English."""
    with parts.records.read() as tx:
        row = _seen(tx, who, incident_id)
        said = explain(tx, shelf_in(request).book(tx), row, person)
    info = zone_of(zone)
    items = [
        {"at": rfc3339(one.at, info), "type": one.type, "told": one.told, "status": one.status}
        | {"receiver": one.receiver, "answer": one.answer, "en": one.en, "zh": one.zh}
        for one in said
    ]
    return answer({"items": items, "next": None})


@router.get("/incidents/{incident_id}/ladders", responses=documents.page(duty.LadderRung))
def ladders(incident_id: IdentifierPath, parts: Parts, who: Who, zone: InZone) -> Response:
    """How far each notice to each person came: queued, sent, accepted, delivered, read, acted, or failed."""
    with parts.records.read() as tx:
        row = _seen(tx, who, incident_id)
        found = rungs(tx, row.id)
    info = zone_of(zone)
    items = [
        {"person": one.person, "receiver": one.receiver, "channel": one.channel, "type": one.type}
        | {"status": one.status, "at": rfc3339(one.at, info), "read": _time(one.read, info)}
        | {"acted": _time(one.acted, info), "answer": one.answer}
        for one in found
    ]
    return answer({"items": items, "next": None})


@router.get("/incidents/{incident_id}/suggestions", responses=documents.page(duty.Suggested))
def suggestions(request: Request, incident_id: IdentifierPath, parts: Parts, who: Who, zone: InZone) -> Response:
    """Whom to send: the area's people, the best first, each with the reason."""
    now = parts.clock.now()
    with parts.records.read() as tx:
        row = _seen(tx, who, incident_id)
        book = shelf_in(request).book(tx)
        lon, lat = _place(tx, row)
        busy = busy_of(each.owner for each in incidents.opened(tx) if each.owner_kind == "person")
        scene = Scene(areas_of(book, row), lon, lat, now, people.places(tx), busy)
        found = suggest(book, scene)
    shows = RANK[who.role] >= RANK["officer"] if who.role != "device" else False
    info = zone_of(zone)
    return answer({"items": [_suggested(one, info, shows) for one in found], "next": None})


def _suggested(one: Suggestion, info: Any, shows: bool) -> dict[str, Any]:
    return {
        "person": one.person,
        "name_zh": one.name_zh,
        "name_en": one.name_en,
        "unit": one.unit,
        "phone": one.phone if shows else "",
        "reachable": one.reachable,
        "on_duty": one.on_duty,
        "until": _time(one.until, info),
        "roster": one.roster,
        "distance_m": one.distance_m,
        "seen": _time(one.seen, info),
        "open": one.open,
        "en": one.en,
        "zh": one.zh,
    }


def _time(moment: int | None, info: Any) -> str | None:
    return None if moment is None else rfc3339(moment, info)


def _place(tx: Connection, row: IncidentRow) -> tuple[float | None, float | None]:
    """Where the incident is, or else its device."""
    if row.lon is not None and row.lat is not None:
        return row.lon, row.lat
    device = register.get_device(tx, target_of(row).station())
    return (None, None) if device is None else (device.lon, device.lat)


def _seen(tx: Connection, who: Identity, incident_id: str) -> IncidentRow:
    row = incidents.get(tx, incident_id)
    if row is None or not who.sees(row.department):
        raise Problem("not-found", f"There is no incident {incident_id}", zh=f"没有事件 {incident_id}")
    return row
