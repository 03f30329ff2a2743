"""`/v1/stations` and `/v1/datastreams`: the register, with when each was last heard."""

from collections.abc import Iterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from api import documents
from api.answers import answer, etag_of, next_link, page_answer, tagged
from api.asking import Cursor, Department, Device, InZone, Kind, Past, Properties, Who, scoped, words_of
from api.context import History
from api.formats import CSV, GEOJSON, JSON, PARQUET, XLSX, Format, negotiate
from api.presence import Seen, overdue, position_of, state_of
from api.problem import Problem
from api.rows import place_of
from api.tables import Table, table_response
from hub import catalogue
from hub.clock import rfc3339
from storage.records.page import Page, decode_cursor, encode_cursor
from storage.records.register import DeviceState, get_device, get_state, list_devices, list_states
from storage.zones import zone_of

router = APIRouter(tags=["register"])

PageLimit = Annotated[int, Query(ge=1, le=10_000, description="Most items of a page")]
DepartmentPath = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,32}$")]
KindPath = Annotated[str, Path(pattern=r"^(water|air|source|vehicle|camera)$")]
DevicePath = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]

_FORMS: Final = (JSON, GEOJSON, CSV, XLSX, PARQUET)
_NUMBERS: Final = frozenset({"lon", "lat", "period_s", "lateness_s", "age_s", "low", "high"})


@router.get("/stations", responses=documents.page(documents.Station, files=True, geometry=True))
def stations(
    request: Request,
    parts: Past,
    who: Who,
    zone: InZone,
    department: Department = None,
    kind: Kind = None,
    device: Device = None,
    limit: PageLimit = 1000,
    cursor: Cursor = None,
) -> Response:
    """The devices of the register by name; GeoJSON with `Accept: application/geo+json`."""
    form = negotiate(request, _FORMS)
    wanted = scoped(who, department)
    with parts.records.read() as tx:
        page = list_devices(tx, department_id=wanted, kind=kind, limit=limit, cursor=cursor)
        states = list_states(tx)
    if device is not None:
        page = Page([one for one in _devices(parts, wanted, kind) if one.station.endswith(f"/{device}")])
    seen = parts.presence.seen()
    items = [station_item(one, seen, states.get(one.station), parts, zone) for one in page.items]
    if form is GEOJSON:
        features = [_feature(one, item, seen) for one, item in zip(page.items, items, strict=True)]
        body = {"type": "FeatureCollection", "features": features, "next": page.next}
        return answer(body, headers=next_link(request, page.next), media_type=GEOJSON.media_type)
    if form is not JSON:
        return _file("stations", items, documents.Station, zone, form)
    return page_answer(request, items, page.next)


@router.get("/stations/{department}/{kind}/{device}", responses=documents.one(documents.Station))
def station(
    request: Request,
    parts: Past,
    who: Who,
    zone: InZone,
    department: DepartmentPath,
    kind: KindPath,
    device: DevicePath,
) -> Response:
    """One device of the register."""
    form = negotiate(request, (JSON, GEOJSON))
    name = f"{department}/{kind}/{device}"
    with parts.records.read() as tx:
        found = get_device(tx, name) if who.sees(department) else None
        said = get_state(tx, name)
    if found is None:
        raise Problem("not-found", f"No station {name} is registered", zh=f"未登记站点 {name}")
    seen = parts.presence.seen()
    item = station_item(found, seen, said, parts, zone)
    if form is GEOJSON:
        return answer(_feature(found, item, seen), media_type=GEOJSON.media_type)
    return tagged(request, item, etag_of(found, item["last_seen"], item["state"], item["age_s"]))


@router.get("/datastreams", responses=documents.page(documents.Datastream, files=True))
def datastreams(
    request: Request,
    parts: Past,
    who: Who,
    zone: InZone,
    department: Department = None,
    kind: Kind = None,
    device: Device = None,
    properties: Properties = None,
    limit: PageLimit = 1000,
    cursor: Cursor = None,
) -> Response:
    """Each property of each device: declared in the register, or seen."""
    form = negotiate(request, (JSON, CSV, XLSX, PARQUET))
    wanted, words = scoped(who, department), words_of(properties)
    after = tuple(map(str, decode_cursor(cursor, str, str))) if cursor is not None else None
    seen = parts.presence.seen()
    found: list[dict[str, Any]] = []
    last = ("", "")
    streams = ((one, name) for one in _devices(parts, wanted, kind) for name in _names(one, seen))
    for one, name in streams:
        if (device is not None and not one.station.endswith(f"/{device}")) or (words and name not in words):
            continue
        if after is not None and (one.station, name) <= after:
            continue
        if len(found) == limit:
            return _stream_page(request, found, encode_cursor(*last), zone, form)
        found.append(_stream_item(one, name, seen, parts, zone))
        last = (one.station, name)
    return _stream_page(request, found, None, zone, form)


def _stream_page(
    request: Request, items: list[dict[str, Any]], cursor: str | None, zone: str, form: Format
) -> Response:
    if form is not JSON:
        return _file("datastreams", items, documents.Datastream, zone, form)
    return page_answer(request, items, cursor)


def _devices(parts: History, department: str | None, kind: str | None) -> Iterator[catalogue.Device]:
    cursor = None
    while True:
        with parts.records.read() as tx:
            page = list_devices(tx, department_id=department, kind=kind, limit=1000, cursor=cursor)
        yield from page.items
        cursor = page.next
        if cursor is None:
            return


def _names(device: catalogue.Device, seen: Seen) -> list[str]:
    return sorted({*device.datastreams, *seen.properties.get(device.station, ())})


def station_item(
    device: catalogue.Device, seen: Seen, said: DeviceState | None, parts: History, zone: str
) -> dict[str, Any]:
    """One device of the register as an item of an answer."""
    now, last = parts.clock.now(), seen.stations.get(device.station)
    return {
        **place_of(device.station),
        "name_zh": device.name_zh,
        "name_en": device.name_en,
        "lon": device.lon,
        "lat": device.lat,
        "period_s": None if device.period_ms is None else device.period_ms / 1000,
        "lateness_s": device.lateness_ms / 1000,
        "zone": device.zone,
        "auto_properties": device.auto_properties,
        "gateway": device.gateway,
        "enabled": device.enabled,
        **_heard(last, now, zone),
        "state": state_of(device, last, said, now),
        "said": None if said is None else said.state,
        "datastreams": _names(device, seen),
    }


def _stream_item(device: catalogue.Device, name: str, seen: Seen, parts: History, zone: str) -> dict[str, Any]:
    one, now = seen.points.get((device.station, name)), parts.clock.now()
    last = None if one is None else int(one.time[-1])
    entry, declared = parts.register.property_of(device.station, name), device.datastreams.get(name)
    period = device.period_ms if declared is None or declared.period_ms is None else declared.period_ms
    state = "never" if last is None else "silent" if overdue(last, period, now) else "online"
    return {
        **place_of(device.station),
        "property": name,
        "name_zh": entry.zh,
        "name_en": entry.en,
        "unit": entry.unit,
        "low": entry.low,
        "high": entry.high,
        "period_s": None if period is None else period / 1000,
        **_heard(last, now, zone),
        "state": state,
        "declared": declared is not None,
    }


def _heard(last: int | None, now: int, zone: str) -> dict[str, object]:
    if last is None:
        return {"last_seen": None, "age_s": None}
    return {"last_seen": rfc3339(last, zone_of(zone)), "age_s": (now - last) / 1000}


def _feature(device: catalogue.Device, item: dict[str, Any], seen: Seen) -> dict[str, object]:
    place = position_of(device, seen.points)
    geometry = None if place is None else {"type": "Point", "coordinates": list(place)}
    return {"type": "Feature", "id": device.station, "geometry": geometry, "properties": item}


def _file(name: str, items: list[dict[str, Any]], shape: type[documents.Shape], zone: str, form: Format) -> Response:
    columns = (*shape.model_fields, "zone") if "zone" not in shape.model_fields else tuple(shape.model_fields)
    rows = [tuple(_cell(item.get(column, zone)) for column in columns) for item in items]
    return table_response(Table(name, columns, [rows], zone, _NUMBERS & frozenset(columns)), form)


def _cell(value: Any) -> Any:
    return " ".join(value) if isinstance(value, list) else value
