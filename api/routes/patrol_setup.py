"""Setting a camera up: drawing its site, checking what was drawn, looking at what it would have seen, saving it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api import documents
from api.answers import answer, check_match
from api.asking import Asked, InZone, Parts, Who
from api.identity import Identity, admin, officer
from api.patrol.cameras import Camera, camera_of_path
from api.patrol.site import CameraBody, DraftBody, calibration, config_of, mistakes_of, source_of
from api.problem import Problem
from api.routes.patrol import setup_etag, setup_item
from api.routes.stations import DepartmentPath, DevicePath
from hub.clock import rfc3339
from processors.patrol.jobs import JobFailed, PreviewAsked, preview
from storage.records.patrol import cameras
from storage.zones import zone_of
from vision.camera import write_camera

router = APIRouter(tags=["river patrol"])

Admin = Annotated[Identity, Depends(admin)]
Officer = Annotated[Identity, Depends(officer)]
DAY = 86_400_000


@router.put("/patrol/cameras/{department}/{device}", responses=documents.one(documents.PatrolSetup))
def put(
    request: Request,
    department: DepartmentPath,
    device: DevicePath,
    given: CameraBody,
    parts: Parts,
    who: Admin,
    zone: InZone,
) -> Response:
    """Save a camera's set-up; a change needs If-Match with the version that was read. The patrol works by it within seconds."""
    station = f"{department}/camera/{device}"
    source = source_of(given.source)
    if source.password and source.password not in parts.settings.patrol.passwords:
        known = ", ".join(sorted(parts.settings.patrol.passwords)) or "none is there"
        raise Problem("invalid-parameter", f"source.password: expected a name in [patrol.passwords] ({known})")
    body = "" if given.config is None else write_camera(config_of(given.config, station)).decode()
    with parts.records.begin() as tx:
        camera = camera_of_path(tx, who, department, device)
        check_match(request, None if camera.stored is None else setup_etag(camera), needed=True)
        stored = cameras.put(tx, station, body, source, actor=who.name, at=parts.clock.now())
    now = Camera(camera.device, stored)
    return answer(setup_item(parts, now, zone), 201 if camera.stored is None else 200, {"ETag": setup_etag(now)})


@router.delete("/patrol/cameras/{department}/{device}", status_code=204, response_class=Response)
def remove(request: Request, department: DepartmentPath, device: DevicePath, parts: Parts, who: Admin) -> Response:
    """Forget a camera's set-up, under If-Match; what it saw stays, and so does the device."""
    with parts.records.begin() as tx:
        camera = camera_of_path(tx, who, department, device)
        if camera.stored is None:
            raise Problem("not-found", f"{camera.station} is not set up", zh=f"{camera.station} 尚未设置")
        check_match(request, setup_etag(camera), needed=True)
        cameras.remove(tx, camera.station, actor=who.name, at=parts.clock.now())
    return Response(status_code=204)


@router.post("/patrol/cameras/{department}/{device}/check", responses=documents.one(documents.SetupCheck))
def check(department: DepartmentPath, device: DevicePath, given: DraftBody, parts: Parts, who: Who) -> Response:
    """What a draft is worth: every mistake with its field, how far each ground point misses, where the horizon lies. Saves nothing."""
    with parts.records.read() as tx:
        station = camera_of_path(tx, who, department, device).station
    found = mistakes_of(given.config, station)
    mistakes = [{"field": one.field, "value": one.value, "expected": one.expected} for one in found]
    return answer({"ok": not found, "mistakes": mistakes, "calibration": calibration(given.config)})


@router.post("/patrol/cameras/{department}/{device}/preview", responses=documents.one(documents.SetupPreview))
def look_back(
    department: DepartmentPath,
    device: DevicePath,
    given: DraftBody,
    parts: Parts,
    who: Officer,
    zone: InZone,
    asked: Asked,
) -> Response:
    """What a draft would have seen in the small pictures of the last 24 hours, or of another period within them. Saves nothing."""
    with parts.records.read() as tx:
        station = camera_of_path(tx, who, department, device).station
    config = config_of(given.config, station)
    now = parts.clock.now()
    start, end = asked.within(now - DAY, now)
    try:
        found = preview(PreviewAsked(str(parts.settings.hub.data), station, write_camera(config), start, end))
    except JobFailed as error:
        raise Problem("unavailable", str(error), headers={"Retry-After": "5"}) from error
    info = zone_of(zone)
    items: list[dict[str, Any]] = [
        {"time": rfc3339(one.time, info), "quality": one.quality, "boxes": [_box(box) for box in one.boxes]}
        for one in found.items
    ]
    hours = [
        {"from": rfc3339(start, info), "pictures": count, "detections": seen} for start, count, seen in found.hours
    ]
    body = {
        "pictures": found.pictures,
        "with_detections": found.with_detections,
        "detections": found.detections,
        "unusable": found.unusable,
        "hours": hours,
        "items": items,
    }
    return answer(body)


def _box(box: Any) -> dict[str, Any]:
    return {
        "x": box.x,
        "y": box.y,
        "w": box.w,
        "h": box.h,
        "score": box.score,
        "label": box.label,
        "size_m": box.size_m,
    }
