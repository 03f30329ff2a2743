"""`/v1/reports`: what people say - the 12345 hotline, grid staff, passers-by - on its way into an incident."""

import secrets
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from alerts.errors import NotAllowed, NotTaken
from alerts.field_work import reporting
from alerts.field_work.ground import Place
from alerts.field_work.reporting import Report, Similar
from api import documents, photos
from api.answers import answer
from api.asking import Parts, Who
from api.context import Context
from api.documents.field_work import Attached as AttachedShape
from api.documents.field_work import Report as ReportShape
from api.documents.field_work import SimilarIncident
from api.field_bodies import NewReport, report_type
from api.identity import Identity, officer
from api.problem import Problem, invalid
from api.times import EXPECTED, parse_time
from hub.alert import Target
from hub.model import Station
from ingest import bd09, gcj02
from storage.records import field_work, incidents
from storage.records.access import RANK
from storage.records.field_work import ReportRow
from storage.zones import zone_of

router = APIRouter(tags=["reports"])

Officer = Annotated[Identity, Depends(officer)]
ReportId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]

NEW: Final = "new"
"""`same_as` of whoever has looked and says that it is none of those offered."""

_STARS: Final = "****"


@router.post("/reports", status_code=201, responses=documents.one(ReportShape, status=201))
def report(given: NewReport, parts: Parts, who: Officer) -> Response:
    """Take a report in: it opens an incident, or joins the one that `same_as` names.

    409 with `similar` where an open incident near in place and time may be the same: send again with `same_as` its number, or `new`. The same `source` and
    `outside` number once more is answered with what it became (200).
    """
    said = _said(given, parts, who)
    with parts.records.begin() as tx:
        kept = reporting.known(tx, said)
        if kept is not None:
            return answer(_view(tx, kept, parts, who, same=True))
        if given.same_as is None and (alike := reporting.similar(tx, said)):
            raise _alike(alike, parts)
        joins = given.same_as not in (None, NEW)
        _into(tx, parts, said, given.same_as if joins else None)
        kept = field_work.get_report(tx, said.id)
        assert kept is not None  # it was written a moment ago
        body = _view(tx, kept, parts, who, same=joins)
    return answer(body, 201, {"Location": f"/v1/reports/{said.id}"})


@router.get("/reports/{report_id}", responses=documents.one(ReportShape))
def one_report(report_id: ReportId, parts: Parts, who: Who) -> Response:
    """One report; name and telephone number of the reporter are masked for those who do not work on incidents."""
    with parts.records.read() as tx:
        kept = _kept(tx, report_id, who)
        return answer(_view(tx, kept, parts, who, same=False))


@router.post("/reports/{report_id}/photos", responses=documents.one(AttachedShape), openapi_extra=photos.PHOTO_BODY)
async def report_photo(
    request: Request,
    report_id: ReportId,
    parts: Parts,
    who: Officer,
    sha256: photos.Sha256 = None,
    captured: photos.Captured = None,
    lon: photos.Lon = None,
    lat: photos.Lat = None,
    accuracy_m: photos.Accuracy = None,
) -> Response:
    """Attach a photo (the body: JPEG, PNG or WebP) to the incident of a report, as `before`: what the reporter saw."""
    said = photos.said_of(parts, "before", sha256, captured, lon, lat, accuracy_m)
    data = await request.body()

    def take() -> Response:
        intake = photos.looked_at(data, said, parts)
        with parts.records.begin() as tx:
            row = incidents.get(tx, _kept(tx, report_id, who).incident)
            assert row is not None  # the report's row refers to it
            warnings = photos.attached(tx, parts, row, intake, who.name)
        return answer(photos.shown(intake, warnings, parts))

    return await run_in_threadpool(take)


def _said(given: NewReport, parts: Context, who: Identity) -> Report:
    """The report that a body means; its place is the point, else the station's."""
    target, department = _target(given, parts)
    department = department or who.department or parts.settings.hub.district
    who.need_department(department)
    place, named = _place(given, target, parts)
    if place is None and not named:
        raise invalid("place", "a station, a point (lon, lat) or words that say where", "body")
    now = parts.clock.now()
    try:
        seen = now if given.seen is None else min(now, parse_time(given.seen, zone_of(parts.zone), now))
    except (ValueError, OverflowError) as error:
        raise invalid("seen", EXPECTED, "body") from error
    return Report(
        id=secrets.token_hex(8),
        source=given.source,
        outside=given.outside,
        department=department,
        type=report_type(given),
        level=given.level,
        text=given.text,
        place_name=named,
        place=place,
        target=target,
        reporter=given.reporter,
        phone=given.phone,
        seen=seen,
        received=now,
        taken_by=who.name,
    )


def _target(given: NewReport, parts: Context) -> tuple[Target | None, str | None]:
    if given.station is None:
        return None, given.department
    try:
        station = Station.parse(given.station)
    except ValueError as error:
        raise invalid("station", "DEPARTMENT/KIND/DEVICE", "body") from error
    if given.station not in parts.register.now().devices:
        raise invalid("station", "a station of the register", "body")
    return Target(station.department, station.kind, station.device), station.department


def _place(given: NewReport, target: Target | None, parts: Context) -> tuple[Place | None, str]:
    device = None if target is None else parts.register.now().devices.get(target.station())
    name = given.place or ("" if device is None else device.name_zh or device.name_en or device.station)
    if given.lon is not None and given.lat is not None:
        ways = {"gcj02": gcj02.to_wgs84, "bd09": bd09.to_wgs84}
        lon, lat = ways[given.crs](given.lon, given.lat) if given.crs in ways else (given.lon, given.lat)
        return Place(lon, lat), name or f"{lat:.5f}, {lon:.5f}"
    if device is None or device.lon is None or device.lat is None:
        return None, name
    return Place(device.lon, device.lat), name


def _into(tx: Connection, parts: Context, said: Report, number: str | None) -> None:
    if number is None:
        reporting.open_incident(tx, parts.desk, said)
        return
    try:
        reporting.join(tx, parts.desk, said, number)
    except NotAllowed as error:
        raise Problem("conflict", str(error), zh="该事件已结束，不能并入") from error
    except NotTaken as error:
        raise invalid("same_as", "the number of an open incident of the department, or new", "body") from error


def _alike(found: list[Similar], parts: Context) -> Problem:
    zh = "附近已有未结束的事件，请确认是否为同一事件（same_as 填其编号，或填 new 新建）"
    detail = "An open incident near it may be the same: send `same_as` with its number, or `new`"
    return Problem("conflict", detail, zh=zh, similar=[_similar(one, parts) for one in found])


def _similar(one: Similar, parts: Context) -> dict[str, Any]:
    row = one.row
    said = {name: getattr(row, name) for name in ("number", "type", "text", "level")}
    away = None if one.distance_m is None else round(one.distance_m)
    body = {"incident": row.id, **said, "opened": parts.zone_text(row.opened), "distance_m": away}
    return SimilarIncident.model_validate({**body, "before_s": one.before_ms / 1000}).model_dump()


def _kept(tx: Connection, report_id: str, who: Identity) -> ReportRow:
    kept = field_work.get_report(tx, report_id)
    if kept is None or not who.sees(kept.department):
        raise Problem("not-found", f"There is no report {report_id}", zh="没有该上报")
    return kept


def _view(tx: Connection, kept: ReportRow, parts: Context, who: Identity, *, same: bool) -> dict[str, Any]:
    row = incidents.get(tx, kept.incident)
    assert row is not None  # the report's row refers to it
    names = ("id", "incident", "source", "outside", "department", "type", "text", "place", "lon", "lat", "taken_by")
    body = {name: getattr(kept, name) for name in names}
    times = {"seen": parts.zone_text(kept.seen), "received": parts.zone_text(kept.received)}
    whose = {"name": kept.reporter, "phone": kept.phone}
    if RANK[who.role] < RANK["officer"]:
        whose = {"name": _masked_name(kept.reporter), "phone": _masked_phone(kept.phone)}
    return {**body, **times, "number": row.number, "level": row.level, "same": same, "reporter": whose}


def _masked_name(name: str) -> str:
    return name[:1] + "*" * min(2, len(name) - 1) if name else ""


def _masked_phone(phone: str) -> str:
    return f"{phone[:3]}{_STARS}{phone[-2:]}" if len(phone) > 6 else _STARS if phone else ""
