"""`/v1/alerts`: what the rules found; facts that only machines change."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from alerts.queries import AlertFilter, get_alert, list_alerts
from alerts.views import AlertView, wire
from api import documents
from api.answers import answer
from api.asking import Asked, Cursor, Department, Device, InZone, Kind, Limit, Parts, Property, Who, scoped
from api.lists import listed
from api.problem import Problem
from hub.model import Condition
from storage.records.page import Page
from storage.zones import zone_of

router = APIRouter(tags=["alerts"])

_COLUMNS: Final = (
    *("id", "rule", "rule_version", "department", "kind", "device", "property", "level", "condition", "breach_start"),
    *("fired", "cleared", "value", "limit", "unit", "coverage", "backfilled", "incident"),
)

ConditionWord = Annotated[Condition | None, Query(description="pending, active, clearing, cleared or unknown")]
Level = Annotated[int | None, Query(ge=1, le=4, description="1 is the worst")]
Order = Annotated[bool, Query(description="The worst first, among them the newest; else the newest first")]
Open = Annotated[bool, Query(description="Only what has not ended")]
Unfired = Annotated[bool, Query(description="Also episodes that ended without ever firing")]
Identifier = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
IdentifierPath = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


@router.get("/alerts", responses=documents.page(documents.Alert, files=True))
def alerts(
    request: Request,
    parts: Parts,
    who: Who,
    span: Asked,
    zone: InZone,
    condition: ConditionWord = None,
    level: Level = None,
    department: Department = None,
    kind: Kind = None,
    device: Device = None,
    property_: Property = None,
    incident: Identifier = None,
    open_: Annotated[bool, Query(alias="open", description="Only what has not cleared")] = False,
    unfired: Unfired = False,
    worst: Order = False,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """Alerts whose breach started in [from, to), newest first."""
    wanted = AlertFilter(
        condition=None if condition is None else str(condition),
        level=level,
        department=scoped(who, department),
        kind=kind,
        device=device,
        property=property_,
        incident=incident,
        from_=span.start,
        to=span.end,
        open=open_,
        unfired=unfired,
    )

    def fetch(most: int, after: str | None) -> Page[AlertView]:
        with parts.records.read() as tx:
            return list_alerts(tx, wanted, limit=most, cursor=after, order="worst" if worst else "newest")

    info = zone_of(zone)
    return listed(request, "alerts", fetch, lambda one: wire(one, info), _COLUMNS, (limit, cursor, zone))


@router.get("/alerts/{alert_id}", responses=documents.one(documents.Alert))
def alert(alert_id: IdentifierPath, parts: Parts, who: Who, zone: InZone) -> Response:
    """One alert."""
    with parts.records.read() as tx:
        found = get_alert(tx, alert_id)
    if found is None or not who.sees(found.target.department):
        raise Problem("not-found", f"There is no alert {alert_id}", zh=f"没有报警 {alert_id}")
    return answer(wire(found, zone_of(zone)))
