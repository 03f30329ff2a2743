"""`/v1/incidents`: people's work on alerts, and the log of everything that was done."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from alerts.errors import Conflict, NoSuchAction, NoSuchIncident, NotAllowed, NotTaken
from alerts.incidents import OFFERED
from alerts.queries import IncidentFilter, get_detail, get_incident, list_incidents
from alerts.queries import Order as Sorting
from alerts.states import STATES
from alerts.views import IncidentView, wire
from api import documents
from api.answers import answer, if_match_version
from api.asking import Asked, Cursor, Department, Device, InZone, Kind, Limit, Parts, Who, scoped
from api.bodies import Act
from api.context import Context
from api.identity import Identity, officer
from api.lists import listed
from api.problem import Problem, invalid
from api.routes.alerts import IdentifierPath, Level, Order
from api.times import EXPECTED, parse_time
from hub.errors import BadQuery
from storage.records.page import Page
from storage.zones import zone_of

router = APIRouter(tags=["incidents"])

Officer = Annotated[Identity, Depends(officer)]
State = Annotated[
    list[str] | None, Query(description=f"Any of {', '.join(STATES)}; repeated or with commas, all when absent")
]
Type = Annotated[str | None, Query(pattern=r"^[a-z0-9_.-]{1,64}$", description="Type of the incident")]
Area = Annotated[str | None, Query(max_length=64, description="Section where it is")]
Owner = Annotated[str | None, Query(max_length=64, description="Person or unit that was sent")]
Search = Annotated[
    str | None, Query(min_length=1, max_length=100, description="Found in the number, text, device, section or owner")
]
OpenFirst = Annotated[bool, Query(description="What has not ended first, each newest first")]
Action = Annotated[str, Path(pattern=r"^[a-z-]{1,32}$", description=", ".join(OFFERED))]

_COLUMNS: Final = (
    *("id", "number", "department", "kind", "device", "property", "state", "level", "max_level", "round", "opened"),
    *("acknowledged", "acknowledged_by", "closed", "closed_by", "verdict", "reason", "source", "type", "text", "area"),
    *("owner", "cause_code", "resolution", "count", "verify_by", "ack_by", "arrive_by", "solve_by", "verified"),
    *("dispatched", "arrived", "delivered", "solved", "overridden"),
)
_ETAG: Final = '"{}"'


@router.get("/incidents", responses=documents.page(documents.Incident, files=True))
def incidents(
    request: Request,
    parts: Parts,
    who: Who,
    span: Asked,
    zone: InZone,
    state: State = None,
    level: Level = None,
    department: Department = None,
    kind: Kind = None,
    device: Device = None,
    type_: Annotated[Type, Query(alias="type")] = None,
    area: Area = None,
    owner: Owner = None,
    q: Search = None,
    open_: Annotated[bool, Query(alias="open", description="Only what has not ended")] = False,
    worst: Order = False,
    open_first: OpenFirst = False,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """Incidents opened in [from, to), newest first."""
    order: Sorting = "worst" if worst else "open" if open_first else "newest"
    wanted = IncidentFilter(
        states=_states(state),
        level=level,
        department=scoped(who, department),
        kind=kind,
        device=device,
        from_=span.start,
        to=span.end,
        type=type_,
        area=area,
        owner=owner,
        q=q,
        open=open_,
    )

    def fetch(most: int, after: str | None) -> Page[IncidentView]:
        with parts.records.read() as tx:
            return list_incidents(tx, wanted, limit=most, cursor=after, order=order)

    info = zone_of(zone)
    return listed(request, "incidents", fetch, lambda one: wire(one, info), _COLUMNS, (limit, cursor, zone))


@router.get("/incidents/{incident_id}", responses=documents.one(documents.IncidentWhole))
def incident(incident_id: IdentifierPath, parts: Parts, who: Who, zone: InZone) -> Response:
    """One incident by id or number, with its alerts, its log and who was told; the ETag is its version."""
    _seen(parts, who, incident_id)
    with parts.records.read() as tx:
        found = get_detail(tx, incident_id, practice=parts.desk.practice, at=parts.clock.now())
    if found is None:
        raise _unknown(incident_id)
    body = wire(found, zone_of(zone))
    return answer({**body.pop("incident"), **body}, headers={"ETag": _ETAG.format(found.incident.version)})


@router.get("/incidents/{incident_id}/deliveries", responses=documents.page(documents.Delivery))
def deliveries(incident_id: IdentifierPath, parts: Parts, who: Who, zone: InZone) -> Response:
    """Who was told of the incident: every notice and every attempt, with the receiver's own words."""
    _seen(parts, who, incident_id)
    with parts.records.read() as tx:
        found = get_detail(tx, incident_id, practice=parts.desk.practice, at=parts.clock.now())
    if found is None:
        raise _unknown(incident_id)
    return answer({"items": wire(found.deliveries, zone_of(zone)), "next": None})


@router.post("/incidents/{incident_id}/{action}", responses=documents.one(documents.Incident))
def act(
    request: Request, incident_id: IdentifierPath, action: Action, given: Act, parts: Parts, who: Officer, zone: InZone
) -> Response:
    """Do something about an incident, with a reason; `If-Match` names the version that was read."""
    view = _seen(parts, who, incident_id)
    if given.into is not None:
        _seen(parts, who, given.into)
    version = if_match_version(request, view.version)
    more = {**given.given(), "leads": who.principal.may("admin"), "happened": _happened(given, parts)}
    try:
        with parts.records.begin() as tx:
            now = parts.desk.act(tx, action, view.id, actor=who.name, at=parts.clock.now(), version=version, **more)
    except NotTaken as error:
        raise _refused(error, incident_id) from error
    return answer(wire(now, zone_of(zone)), headers={"ETag": _ETAG.format(now.version)})


def _states(given: list[str] | None) -> tuple[str, ...]:
    words = tuple(word for each in given or () for word in each.split(",") if word)
    if unknown := [word for word in words if word not in STATES]:
        raise BadQuery("state", ", ".join(STATES) + f"; not {unknown[0]!r}")
    return words


def _happened(given: Act, parts: Context) -> int | None:
    if given.happened is None:
        return None
    try:
        return parse_time(given.happened, zone_of(parts.zone), parts.clock.now())
    except (ValueError, OverflowError):
        raise invalid("happened", EXPECTED, "body") from None


def _seen(parts: Context, who: Identity, incident_id: str) -> IncidentView:
    with parts.records.read() as tx:
        found = get_incident(tx, incident_id)
    if found is None or not who.sees(found.target.department):
        raise _unknown(incident_id)
    return found


def _unknown(incident_id: str) -> Problem:
    return Problem("not-found", f"There is no incident {incident_id}", zh=f"没有事件 {incident_id}")


def _refused(error: NotTaken, incident_id: str) -> Problem:
    match error:
        case NoSuchIncident():
            return _unknown(incident_id)
        case NoSuchAction():
            return Problem("not-found", f"{error}; expected one of {', '.join(OFFERED)}", zh="没有这种处置动作")
        case Conflict(version=version):
            headers = {"ETag": _ETAG.format(version)}
            return Problem("precondition-failed", str(error), zh="事件已被他人更新，请刷新后再操作", headers=headers)
        case NotAllowed(missing=missing):
            extra: dict[str, Any] = {"missing": list(missing)} if missing else {}
            return Problem("conflict", str(error), zh="事件当前状态不允许该操作，或缺少说明", **extra)
        case _:
            return Problem("conflict", str(error))
