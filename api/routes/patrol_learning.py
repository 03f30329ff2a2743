"""What a site learned from its officers: labelled crops, verifiers taught with them, and which of them is at work."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api import documents
from api.answers import answer
from api.asking import InZone, Parts, Who
from api.bodies import Body
from api.context import Context
from api.identity import Identity, admin
from api.patrol.cameras import camera_of_path
from api.problem import Problem
from api.routes.stations import DepartmentPath, DevicePath
from hub.clock import rfc3339
from processors.patrol.jobs import LEAST_LABELS, JobFailed, TeachAsked, teach
from storage.records.patrol import learning
from storage.zones import zone_of

router = APIRouter(tags=["river patrol"])

Admin = Annotated[Identity, Depends(admin)]


class Adopt(Body):
    """Which verifier the site is to work with; null for the one that the project ships."""

    model: int | None


@router.get("/patrol/cameras/{department}/{device}/learning", responses=documents.one(documents.PatrolLearning))
def listing(department: DepartmentPath, device: DevicePath, parts: Parts, who: Who, zone: InZone) -> Response:
    """What there is to learn from, and what was learned."""
    with parts.records.read() as tx:
        station = camera_of_path(tx, who, department, device).station
    return answer(_item(parts, station, zone))


@router.post("/patrol/cameras/{department}/{device}/learning/train", responses=documents.one(documents.PatrolLearning))
def train(department: DepartmentPath, device: DevicePath, parts: Parts, who: Admin, zone: InZone) -> Response:
    """Teach a verifier with the site's labels and judge it on crops held back; it is a candidate until somebody adopts it."""
    with parts.records.read() as tx:
        station = camera_of_path(tx, who, department, device).station
        labels = learning.labels(tx, station)
        before = learning.adopted(tx, station)
    if len(labels) < LEAST_LABELS:
        english = f"{station} has {len(labels)} labels; at least {LEAST_LABELS} are needed"
        raise Problem("conflict", english, zh=f"{station} 只有 {len(labels)} 条标注，至少需要 {LEAST_LABELS} 条")
    asked = TeachAsked(
        tuple((one.event, one.verdict == "confirmed", one.label, one.features) for one in labels),
        None if before is None else before[1],
    )
    try:
        taught = teach(asked)
    except JobFailed as error:
        raise Problem("unavailable", str(error), zh="训练未能完成") from error
    with parts.records.begin() as tx:
        at = parts.clock.now()
        learning.put_model(tx, station, taught.model, taught.judged, of=len(labels), actor=who.name, at=at)
    return answer(_item(parts, station, zone))


@router.post("/patrol/cameras/{department}/{device}/learning/adopt", responses=documents.one(documents.PatrolLearning))
def adopt(
    department: DepartmentPath, device: DevicePath, given: Adopt, parts: Parts, who: Admin, zone: InZone
) -> Response:
    """Let the site work with a verifier, or go back to an earlier one or to the one that the project ships."""
    with parts.records.begin() as tx:
        station = camera_of_path(tx, who, department, device).station
        if not learning.adopt(tx, station, given.model, actor=who.name, at=parts.clock.now()):
            raise Problem("not-found", f"{station} has no verifier {given.model}", zh=f"{station} 没有该模型")
    return answer(_item(parts, station, zone))


def _item(parts: Context, station: str, zone: str) -> dict[str, Any]:
    info = zone_of(zone)
    with parts.records.read() as tx:
        counts, models, adopted = (
            learning.counts(tx, station),
            learning.models(tx, station),
            learning.adopted(tx, station),
        )
    items = [
        {
            "id": one.id,
            "state": one.state,
            "made": rfc3339(one.made, info),
            "by": one.by,
            "labels": one.labels,
            "judged": one.judged,
        }
        for one in models
    ]
    return {
        "station": station,
        "labels": {"confirmed": counts.get("confirmed", 0), "rejected": counts.get("rejected", 0)},
        "needed": LEAST_LABELS,
        "adopted": None if adopted is None else adopted[0],
        "models": items,
    }
