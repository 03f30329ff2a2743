"""`/v1/vehicles`: where each vehicle is, the way it went, who passed through an area, and how it was driven."""

from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any, Final

import numpy as np
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from api import documents
from api.answers import answer, next_link, page_answer
from api.asking import Asked, Cursor, Department, Device, InZone, Parts, Past, Who, scoped
from api.context import Context, History
from api.documents.vehicles import BehaviourAnswer, FlowAnswer, Track, Vehicle
from api.files.table import Cell, Row
from api.formats import CSV, GEOJSON, JSON, PARQUET, TABULAR, XLSX, Format, negotiate
from api.identity import Identity
from api.pixels import LEAST_WIDTH, MOST_WIDTH
from api.problem import Problem, invalid
from api.routes.series import EveryText, recent
from api.routes.stations import DepartmentPath, DevicePath, PageLimit
from api.rows import place_of
from api.tables import Table, table_response
from api.times import write_times
from api.vehicles.area import BOX, RING, Area, box_of, ring_of
from api.vehicles.behaviour import behaviour
from api.vehicles.flows import flows
from api.vehicles.shown import geojson, gpx, table, whole
from api.vehicles.standing import KIND, Fleet, gather, position_of, vehicle_item, vehicles
from api.vehicles.track import Wanted, track_of
from api.working import answered
from hub import catalogue
from hub.clock import rfc3339
from storage.records.page import decode_cursor, encode_cursor
from storage.records.register import get_device
from storage.series import Select
from storage.windows import parse_every, shortest
from storage.zones import zone_of

router = APIRouter(tags=["vehicles"])

_GPX: Final = Format("gpx", "application/gpx+xml", "gpx")
_LIST_FORMS: Final = (JSON, GEOJSON, CSV, XLSX, PARQUET)
_TRACK_FORMS: Final = (*_LIST_FORMS, _GPX)
_NUMBERS: Final = frozenset({"age_s", "period_s", "position_age_s", "lon", "lat", "speed", "heading", "mileage"})

KindPath = Annotated[str, Path(pattern="^vehicle$", description="Always `vehicle`")]
Box = Annotated[str | None, Query(max_length=200, description=BOX)]
Ring = Annotated[str | None, Query(max_length=16_000, description=RING)]
Step = Annotated[
    str | None, Query(max_length=16, description="Ns, Nm or Nh: the first and the fastest position of each such step")
]
Width = Annotated[
    int | None,
    Query(ge=LEAST_WIDTH, le=MOST_WIDTH, description="Pixels of a drawing: what it needs to be true to one of them"),
]


@router.get("/vehicles", responses=documents.page(Vehicle, files=True, geometry=True))
def list_(
    request: Request,
    parts: Parts,
    who: Who,
    zone: InZone,
    department: Department = None,
    device: Device = None,
    bbox: Box = None,
    limit: PageLimit = 1000,
    cursor: Cursor = None,
) -> Response:
    """Every vehicle with its newest position, by name; with `bbox` only those whose position lies in it."""
    form = negotiate(request, _LIST_FORMS)
    wanted, box = scoped(who, department), None if bbox is None else box_of(bbox)
    after = None if cursor is None else str(decode_cursor(cursor, str)[0])
    fleet = gather(parts, wanted, zone)
    files = form not in (JSON, GEOJSON)
    found = _wanted(parts, fleet, wanted, device, box, after)
    items = [(one, vehicle_item(one, fleet, parts, zone)) for one in (found if files else islice(found, limit + 1))]
    if files:
        return _file("vehicles", [item for _, item in items], tuple(Vehicle.model_fields), zone, form)
    more = encode_cursor(items[limit - 1][0].station) if len(items) > limit else None
    shown = [item for _, item in items[:limit]]
    if form is GEOJSON:
        body = {"type": "FeatureCollection", "features": [_feature(item) for item in shown], "next": more}
        return answer(body, headers=next_link(request, more), media_type=GEOJSON.media_type)
    return page_answer(request, shown, more)


@router.get("/vehicles/flows", responses=documents.one(FlowAnswer, files=True))
async def flows_(
    request: Request,
    parts: Past,
    who: Who,
    span: Asked,
    zone: InZone,
    department: Department = None,
    bbox: Box = None,
    polygon: Ring = None,
    every: EveryText = "1h",
) -> Response:
    """How many vehicles were in an area, came and went, per window; without `from` the last day."""
    form = negotiate(request, TABULAR)
    if (bbox is None) == (polygon is None):
        raise invalid("bbox", f"{BOX}; or polygon={RING}")
    area = box_of(bbox) if bbox is not None else ring_of(polygon or "")
    wanted, window = scoped(who, department), parse_every(every)
    start, end = recent(span, parts)
    if (end - start) / shortest(window) > _MOST_WINDOWS:
        raise invalid("every", f"windows of which the period holds at most {_MOST_WINDOWS}")

    def work(held: History) -> Response:
        select = Select(wanted, KIND, None, ("lon",))
        found = flows(held, list(vehicles(held, wanted)), select, (start, end), area, window, zone)
        times = write_times(np.array(list(found), np.int64), zone)
        items = [
            {"time": time, "seen": one.seen, "inside": one.inside, "entered": one.entered, "left": one.left}
            | {"hours": round(one.seconds / 3600, 4)}
            for time, one in zip(times, found.values(), strict=True)
        ]
        if form is not JSON:
            return _file("flows", items, ("time", "seen", "inside", "entered", "left", "hours"), zone, form)
        return answer({"zone": zone, "every": every, "items": items})

    return await answered(request, parts, work)


_MOST_WINDOWS: Final = 10_000


@router.get("/vehicles/behaviour", responses=documents.one(BehaviourAnswer, files=True))
async def behaviour_(
    request: Request,
    parts: Past,
    who: Who,
    span: Asked,
    zone: InZone,
    department: Department = None,
    device: Device = None,
) -> Response:
    """What each vehicle found of its driver and itself, counted by type; without `from` the last day."""
    form = negotiate(request, TABULAR)
    wanted, info = scoped(who, department), zone_of(zone)
    start, end = recent(span, parts)

    def work(held: History) -> Response:
        items: list[dict[str, Any]] = [
            {
                **place_of(station),
                "type": type_,
                "count": one.count,
                "level": one.level,
                "first": rfc3339(one.first, info),
                "last": rfc3339(one.last, info),
            }
            for (station, type_), one in behaviour(held, wanted, device, (start, end)).items()
        ]
        if form is not JSON:
            columns = ("department", "kind", "device", "type", "count", "level", "first", "last")
            return _file("behaviour", items, columns, zone, form)
        range_ = {"from": rfc3339(start, info), "to": rfc3339(end, info)}
        return answer({"zone": zone, **range_, "items": items})

    return await answered(request, parts, work)


@router.get("/vehicles/{department}/{kind}/{device}", responses=documents.one(Vehicle))
def vehicle(
    parts: Parts, who: Who, zone: InZone, department: DepartmentPath, kind: KindPath, device: DevicePath
) -> Response:
    """One vehicle as it stands now."""
    found = _registered(parts, who, f"{department}/{kind}/{device}")
    return answer(vehicle_item(found, gather(parts, department, zone), parts, zone))


@router.get("/vehicles/{department}/{kind}/{device}/track", responses=documents.one(Track, files=True))
async def track(
    request: Request,
    parts: Past,
    who: Who,
    span: Asked,
    zone: InZone,
    department: DepartmentPath,
    kind: KindPath,
    device: DevicePath,
    width: Width = None,
    step: Step = None,
) -> Response:
    """The way a vehicle went, with stops, gaps and alarms; without `from` the last day."""
    found = _registered(parts, who, f"{department}/{kind}/{device}")
    return await _track(request, parts, found, Wanted(*recent(span, parts), width, _step_ms(step, width)), zone)


@router.get("/vehicles/{device}/track", responses=documents.one(Track, files=True))
async def track_by_device(
    request: Request,
    parts: Past,
    who: Who,
    span: Asked,
    zone: InZone,
    device: DevicePath,
    width: Width = None,
    step: Step = None,
) -> Response:
    """The same by the device's word alone, where only one department has a vehicle of that word."""
    found = [one for one in vehicles(parts, who.department) if one.station.endswith(f"/{device}")]
    if len(found) > 1:
        names = [one.station for one in found]
        listed = ", ".join(names)
        raise Problem("conflict", f"{device} may be {listed}", zh=f"{device} 可能是：{listed}", candidates=names)
    if not found:
        raise Problem("not-found", f"No vehicle {device} is registered", zh=f"未登记车辆 {device}")
    return await _track(request, parts, found[0], Wanted(*recent(span, parts), width, _step_ms(step, width)), zone)


async def _track(request: Request, parts: History, device: catalogue.Device, wanted: Wanted, zone: str) -> Response:
    form = negotiate(request, _TRACK_FORMS)

    def work(held: History) -> Response:
        found = track_of(held, device, wanted, whole=form in (CSV, XLSX, PARQUET))
        if form is JSON:
            return answer(whole(found, zone))
        if form is GEOJSON:
            return answer(geojson(found, zone), media_type=GEOJSON.media_type)
        if form is _GPX:
            name = f'attachment; filename="{device.station.replace("/", "-")}.gpx"'
            return Response(gpx(found), headers={"Content-Disposition": name}, media_type=_GPX.media_type)
        return table_response(table(found, zone), form)

    return await answered(request, parts, work)


def _registered(parts: History, who: Identity, name: str) -> catalogue.Device:
    with parts.records.read() as tx:
        found = get_device(tx, name) if who.sees(name.split("/", 1)[0]) else None
    if found is None:
        raise Problem("not-found", f"No vehicle {name} is registered", zh=f"未登记车辆 {name}")
    return found


def _step_ms(step: str | None, width: int | None) -> int | None:
    if step is None:
        return None
    if width is not None:
        raise invalid("step", "either `width` or `step`")
    every = parse_every(step)
    if every.unit not in ("s", "m", "h"):
        raise invalid("step", "Ns, Nm or Nh")
    return shortest(every)


def _wanted(
    parts: Context, fleet: Fleet, department: str | None, device: str | None, box: Area | None, after: str | None
) -> Iterator[catalogue.Device]:
    for one in vehicles(parts, department):
        if (after is not None and one.station <= after) or (device and not one.station.endswith(f"/{device}")):
            continue
        place = position_of(one, fleet)
        if box is None or (place is not None and box.holds(place[0].value[-1:], place[1].value[-1:])[0]):
            yield one


def _feature(item: dict[str, Any]) -> dict[str, Any]:
    place = None if item["lon"] is None else {"type": "Point", "coordinates": [item["lon"], item["lat"]]}
    name = f"{item['department']}/{item['kind']}/{item['device']}"
    return {"type": "Feature", "id": name, "geometry": place, "properties": item}


def _file(name: str, items: list[dict[str, Any]], columns: tuple[str, ...], zone: str, form: Format) -> Response:
    rows: list[Row] = [(*(_cell(item[column]) for column in columns), zone) for item in items]
    numbers = _NUMBERS | {"count", "level", "seen", "inside", "entered", "left", "hours"}
    return table_response(Table(name, (*columns, "zone"), [rows], zone, numbers & frozenset(columns)), form)


def _cell(value: Any) -> Cell:
    if isinstance(value, list):
        return " ".join(f"{one['type']}({one['level']})" for one in value)
    return str(value).lower() if isinstance(value, bool) else value
