"""`/v1/plans` and `/v1/preflight`: plans of escalation, and whether they will reach two people in every hour to come."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from alerts.people import lookout
from alerts.people.plan import Plan
from alerts.people.preflight import Gap, look_ahead
from api import documents
from api.answers import answer
from api.asking import InZone, Parts, Who
from api.documents import duty
from api.duty import is_shown, list_answer, one_answer, put_answer, remove_answer, shelf_in
from api.identity import Identity, admin
from hub.clock import rfc3339
from storage.zones import zone_of

router = APIRouter(tags=["people"])

Admin = Annotated[Identity, Depends(admin)]
PlanId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
Fresh = Annotated[bool, Query(description="Look ahead now instead of giving what was found last")]


@router.get("/plans", responses=documents.page(duty.PlanEntry))
def plans(parts: Parts, who: Who) -> Response:
    """The plans of escalation."""
    return list_answer(parts, who, "plan")


@router.get("/plans/{plan_id}", responses=documents.one(duty.PlanEntry))
def plan(request: Request, plan_id: PlanId, parts: Parts, who: Who) -> Response:
    """One plan; the ETag is the version."""
    return one_answer(request, parts, who, "plan", plan_id)


@router.put("/plans/{plan_id}", responses=documents.one(duty.PlanEntry))
def put_plan(request: Request, plan_id: PlanId, given: Plan, parts: Parts, who: Admin) -> Response:
    """Write a plan down; refused with steps that reach nobody or come too soon. Open incidents keep their own copy."""
    return put_answer(request, parts, who, given, plan_id)


@router.delete("/plans/{plan_id}", status_code=204, response_class=Response)
def remove_plan(request: Request, plan_id: PlanId, parts: Parts, who: Admin) -> Response:
    """Take a plan away, under If-Match; open incidents keep their own copy."""
    return remove_answer(request, parts, who, "plan", plan_id)


@router.get("/preflight", responses=documents.one(duty.Preflight))
def preflight(request: Request, parts: Parts, who: Who, zone: InZone, fresh: Fresh = False) -> Response:
    """Where and when nobody, or only one person, can be reached in the next 14 days, and why; worst first."""
    now = parts.clock.now()
    with parts.records.read() as tx:
        book = shelf_in(request).book(tx)
        known = None if fresh else lookout.last(tx)
    at, found = known or (now, look_ahead(book, now, lookout.types_of(book)))
    info = zone_of(zone)
    gaps = [gap for gap in found.gaps if is_shown(who, gap.department)]
    body = {
        "at": rfc3339(at, info),
        "from": rfc3339(found.start, info),
        "to": rfc3339(found.end, info),
        "checked": found.checked,
        "items": [_gap(gap, info) for gap in gaps],
    }
    return answer(body)


def _gap(gap: Gap, info: Any) -> dict[str, Any]:
    return {
        "area": gap.area,
        "department": gap.department,
        "types": list(gap.types),
        "levels": list(gap.levels),
        "lacks": gap.lacks,
        "plan": gap.plan,
        "person": gap.person,
        "hours": round(gap.hours, 2),
        "spans": [{"from": rfc3339(start, info), "to": rfc3339(end, info)} for start, end in gap.spans],
        "reasons": [{"who": each.who, "en": each.en, "zh": each.zh} for each in gap.reasons],
    }
