"""Photos that officers attach to incidents, and the links of field staff that officers give out or end."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from alerts.field_work import issuing
from alerts.field_work.links import address
from api import documents, photos
from api.answers import answer
from api.asking import Parts
from api.context import Context
from api.documents.field_work import Attached, Links, NewTaskLink, TaskLink
from api.field_bodies import LinkFor
from api.identity import Identity, officer
from api.problem import Problem
from api.routes.alerts import IdentifierPath
from api.secret import secret_answer
from storage.records import field_work, incidents
from storage.records.field_work import LinkRow
from storage.records.rows import IncidentRow

router = APIRouter(tags=["incidents"])

Officer = Annotated[Identity, Depends(officer)]
Person = Annotated[str | None, Query(max_length=64, description="Only links of this person")]


@router.post("/incidents/{incident_id}/evidence", responses=documents.one(Attached), openapi_extra=photos.PHOTO_BODY)
async def attach(
    request: Request,
    incident_id: IdentifierPath,
    parts: Parts,
    who: Officer,
    role: photos.Role = "",
    sha256: photos.Sha256 = None,
    captured: photos.Captured = None,
    lon: photos.Lon = None,
    lat: photos.Lat = None,
    accuracy_m: photos.Accuracy = None,
) -> Response:
    """Attach a photo (the body: JPEG, PNG or WebP) to an incident, with a line in its log."""
    said = photos.said_of(parts, role, sha256, captured, lon, lat, accuracy_m)
    await run_in_threadpool(_readable, parts, who, incident_id)  # before megabytes are taken
    data = await request.body()

    def take() -> Response:
        intake = photos.looked_at(data, said, parts)
        with parts.records.begin() as tx:
            warnings = photos.attached(tx, parts, _seen(tx, who, incident_id), intake, who.name)
        return answer(photos.shown(intake, warnings, parts))

    return await run_in_threadpool(take)


@router.get("/incidents/{incident_id}/links", responses=documents.page(TaskLink))
def links(incident_id: IdentifierPath, parts: Parts, who: Officer) -> Response:
    """Who was given a link to the incident, and whether they opened it and did something; never the link itself."""
    with parts.records.read() as tx:
        row = _seen(tx, who, incident_id)
        found = field_work.of_incident(tx, row.id)
    return answer({"items": [_shown(one, parts) for one in found], "next": None})


@router.post("/incidents/{incident_id}/links", status_code=201, responses=documents.one(NewTaskLink, status=201))
def give(incident_id: IdentifierPath, given: LinkFor, parts: Parts, who: Officer) -> Response:
    """A link for somebody, to be handed on; `url` is in this answer only."""
    with parts.records.begin() as tx:
        row = _seen(tx, who, incident_id)
        if not row.open:
            raise Problem("conflict", f"incident {row.number} is {row.state}", zh=f"事件 {row.number} 已结束")
        issued = issuing.issue(tx, row.id, given.person, at=parts.clock.now())
        issuing.note_given(tx, issued, actor=who.name, at=parts.clock.now())
    url = address(parts.settings.serve.public_url or "", issued.token)
    return secret_answer({**_shown(issued.row, parts), "url": url}, 201)


@router.delete("/incidents/{incident_id}/links", responses=documents.one(Links))
def end(incident_id: IdentifierPath, parts: Parts, who: Officer, person: Person = None) -> Response:
    """End the links to an incident, of one person or of all, at once."""
    with parts.records.begin() as tx:
        row = _seen(tx, who, incident_id)
        ended = issuing.revoke(tx, row.id, person, actor=who.name, at=parts.clock.now())
    return answer({"ended": ended})


def _readable(parts: Context, who: Identity, incident_id: str) -> None:
    with parts.records.read() as tx:
        _seen(tx, who, incident_id)


def _seen(tx: Connection, who: Identity, incident_id: str) -> IncidentRow:
    row = incidents.get(tx, incident_id)
    if row is None or not who.sees(row.department):
        raise Problem("not-found", f"There is no incident {incident_id}", zh=f"没有事件 {incident_id}")
    return row


def _shown(row: LinkRow, parts: Context) -> dict[str, Any]:
    times = {name: getattr(row, name) for name in ("issued", "expires", "opened", "acted", "revoked")}
    said = {name: None if time is None else parts.zone_text(time) for name, time in times.items()}
    return {"person": row.person, **said, "revoked_by": row.revoked_by}
