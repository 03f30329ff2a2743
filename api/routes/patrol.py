"""`/v1/patrol/cameras`: how each camera is, its latest picture, its last day at a glance."""

from typing import Annotated, Any, Final, Literal

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import documents
from api.answers import answer, etag_of
from api.asking import Asked, Department, InZone, Parts, Who, scoped
from api.context import Context
from api.patrol.cameras import Camera, camera_of_path, pictures_of
from api.patrol.ledger import buckets, fill
from api.patrol.shown import camera_item, event_item
from api.patrol.site import calibration
from api.problem import Problem
from api.routes.stations import DepartmentPath, DevicePath
from hub.clock import rfc3339
from storage.pictures import View
from storage.records.access import RANK
from storage.records.patrol import cameras, coverage, events
from storage.records.patrol.events import EventsAsked
from storage.records.register import list_devices
from storage.zones import zone_of
from vision.camera import config_hash, read_camera

router = APIRouter(tags=["river patrol"])

DAY: Final = 86_400_000
MOST_EVENTS: Final = 500
ViewAsked = Annotated[Literal["plain", "boxes"], Query(description="With or without what was seen drawn in")]


@router.get("/patrol/cameras", responses=documents.page(documents.PatrolCamera))
def listing(parts: Parts, who: Who, zone: InZone, department: Department = None) -> Response:
    """Every camera of the register: its state and why, the age of its latest picture, what goes on."""
    wanted, pictures, info, now = scoped(who, department), pictures_of(parts), zone_of(zone), parts.clock.now()
    with parts.records.read() as tx:
        known = {one.station: one for one in cameras.listing(tx)}
        opened = events.listing(tx, EventsAsked(department=wanted, open_only=True), limit=1000).items
        devices = list_devices(tx, department_id=wanted, kind="camera", limit=10_000).items
    items = [
        camera_item(
            one,
            pictures.shown(one.station),
            known.get(one.station),
            [event for event in opened if event.station == one.station],
            now,
            info,
        )
        for one in devices
    ]
    return answer({"items": items, "next": None})


@router.get("/patrol/cameras/{department}/{device}", responses=documents.one(documents.PatrolSetup))
def one(department: DepartmentPath, device: DevicePath, parts: Parts, who: Who, zone: InZone) -> Response:
    """One camera with its set-up; the ETag is the set-up's version."""
    with parts.records.read() as tx:
        camera = camera_of_path(tx, who, department, device)
        opened = events.open_of(tx, camera.station)
    body = setup_item(parts, camera, zone)
    body["open"] = [event_item(event, zone_of(zone)) for event in opened]
    return answer(body, headers={"ETag": setup_etag(camera), "Cache-Control": "private, no-cache"})


@router.get("/patrol/cameras/{department}/{device}/picture", responses=documents.BYTES)
def picture(
    request: Request, department: DepartmentPath, device: DevicePath, parts: Parts, who: Who, view: ViewAsked = "plain"
) -> Response:
    """The latest picture as JPEG, people in it blurred for those who do not work on incidents."""
    with parts.records.read() as tx:
        station = camera_of_path(tx, who, department, device).station
    folder, sees_people = pictures_of(parts), RANK[who.role] >= RANK["officer"]
    wanted: View = view if sees_people else "blurred"
    data, shown = folder.latest(station, wanted), folder.shown(station)
    if data is None or shown is None:
        raise Problem("not-found", f"{station} has shown nothing yet", zh=f"{station} 还没有图像")
    etag = etag_of(station, wanted, shown.time, len(data))
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
    headers["Last-Picture"] = rfc3339(shown.time, zone_of(parts.zone))
    if request.headers.get("if-none-match") == etag:
        return Response(None, 304, headers)
    return Response(data, 200, headers, "image/jpeg")


@router.get("/patrol/cameras/{department}/{device}/strip", responses=documents.one(documents.CameraStrip))
def strip(
    department: DepartmentPath, device: DevicePath, parts: Parts, who: Who, zone: InZone, asked: Asked
) -> Response:
    """The last 24 hours at a glance, or another period: events and hourly coverage."""
    now, info = parts.clock.now(), zone_of(zone)
    start, end = asked.within(now - DAY, now)
    end = min(end, start + 31 * DAY)
    with parts.records.read() as tx:
        station = camera_of_path(tx, who, department, device).station
        wanted = EventsAsked(station=station, start=start, end=end)
        found = events.listing(tx, wanted, limit=MOST_EVENTS).items
        hours = coverage.of(tx, station, start - start % coverage.HOUR, end)
    rows = buckets(start, min(end, now), "1h", info)
    debris = [(e.opened, now if e.closed is None else e.closed) for e in found if e.type.startswith("debris.")]
    if rows:
        fill(rows, hours, debris)
    body = {
        "from": rfc3339(start, info),
        "to": rfc3339(end, info),
        "events": [event_item(event, info) for event in found],
        "coverage": [row.item(info) for row in rows],
    }
    return answer(body)


def setup_item(parts: Context, camera: Camera, zone: str) -> dict[str, Any]:
    """A camera with its set-up, without what goes on."""
    info, stored = zone_of(zone), camera.stored
    shown = pictures_of(parts).shown(camera.station)
    body = camera_item(camera.device, shown, stored, [], parts.clock.now(), info)
    config = read_camera(stored.body) if stored is not None and stored.body else None
    plain: dict[str, Any] = msgspec.json.decode(stored.body) if stored is not None and stored.body else {}
    body["config"] = plain or None
    body["config_hash"] = None if config is None else config_hash(config)
    body["calibration"] = calibration(plain)
    body["changed"] = None if stored is None else rfc3339(stored.changed, info)
    body["changed_by"] = "" if stored is None else stored.changed_by
    return body


def setup_etag(camera: Camera) -> str:
    """The entity tag of a camera's set-up."""
    return f'"{0 if camera.stored is None else camera.stored.version}"'
