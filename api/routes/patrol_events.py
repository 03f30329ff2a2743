"""`/v1/patrol/events`: what the patrol found, with evidence, and what officers say of it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api import documents
from api.answers import answer
from api.asking import Asked, Cursor, Department, InZone, Limit, Parts, Past, Who, scoped
from api.bodies import Body, Title, Words
from api.identity import Identity, officer
from api.lists import listed
from api.patrol.shown import event_item
from api.problem import Problem
from hub.clock import rfc3339
from hub.model import Station
from storage.records.page import Page
from storage.records.patrol import events, learning
from storage.records.patrol.events import EventsAsked, StoredEvent
from storage.records.patrol.learning import StoredLabel
from storage.zones import zone_of

router = APIRouter(tags=["river patrol"])

Officer = Annotated[Identity, Depends(officer)]
EventId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,128}$")]
CameraAsked = Annotated[str | None, Query(max_length=128, description="DEPARTMENT/camera/DEVICE")]
TypeAsked = Annotated[
    str | None, Query(pattern=r"^[a-z_.]{1,48}$", description="`debris.item`, or `debris` for all of it")
]
Open = Annotated[bool, Query(description="Only what goes on still")]
VerdictAsked = Annotated[Literal["confirmed", "rejected"] | None, Query(description="What officers said of it")]
_COLUMNS = ("id", "station", "type", "level", "opened", "changed", "closed", "text", "verdict")


class Said(Body):
    """Why an officer says so; `label` what it truly is."""

    reason: Words = ""
    label: Title = ""


@router.get("/patrol/events", responses=documents.page(documents.PatrolEvent, files=True))
def listing(
    request: Request,
    parts: Past,
    who: Who,
    zone: InZone,
    asked: Asked,
    department: Department = None,
    camera: CameraAsked = None,
    type: TypeAsked = None,  # noqa: A002 - the public word of the parameter
    open: Open = False,  # noqa: A002 - as above
    verdict: VerdictAsked = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """What the patrol found, newest first."""
    if camera is not None:
        who.need_department(camera.split("/", 1)[0])
    wanted = EventsAsked(scoped(who, department), camera, type, asked.start, asked.end, open, verdict)
    info = zone_of(zone)

    def fetch(most: int, after: str | None) -> Page[StoredEvent]:
        with parts.records.read() as tx:
            return events.listing(tx, wanted, limit=most, cursor=after)

    def item(event: StoredEvent) -> dict[str, Any]:
        return event_item(event, info)

    return listed(request, "patrol-events", fetch, item, _COLUMNS, (limit, cursor, zone))


@router.get("/patrol/events/{event_id}", responses=documents.one(documents.PatrolEvent))
def one(event_id: EventId, parts: Past, who: Who, zone: InZone) -> Response:
    """One event with its evidence, in the order in which it was taken."""
    with parts.records.read() as tx:
        event = _event(tx, who, event_id)
    return answer(event_item(event, zone_of(zone)))


@router.post("/patrol/events/{event_id}/{verdict}", responses=documents.one(documents.PatrolLabel))
def judge(
    event_id: EventId,
    verdict: Annotated[Literal["confirm", "reject"], Path()],
    given: Said,
    parts: Parts,
    who: Officer,
    zone: InZone,
) -> Response:
    """Confirm or reject an event with a reason; its crop becomes an example to learn from. What was said before is replaced."""
    with parts.records.begin() as tx:
        event = _event(tx, who, event_id)
        said: Literal["confirmed", "rejected"] = "confirmed" if verdict == "confirm" else "rejected"
        label = learning.example(event, said, by=who.name, at=parts.clock.now(), reason=given.reason, label=given.label)
        number = learning.put_label(tx, label)
    return answer(label_item(label, number, zone))


def label_item(label: StoredLabel, number: int, zone: str) -> dict[str, Any]:
    """One label as the API shows it."""
    return {
        "id": number,
        "event": label.event,
        "verdict": label.verdict,
        "label": label.label,
        "reason": label.reason,
        "crop": label.crop,
        "at": rfc3339(label.at, zone_of(zone)),
        "by": label.by,
    }


def _event(tx: Connection, who: Identity, event_id: str) -> StoredEvent:
    event = events.get(tx, event_id)
    if event is None or not who.sees(Station.parse(event.station).department):
        raise Problem("not-found", f"There is no event {event_id}", zh=f"没有巡查事件 {event_id}")
    return event
