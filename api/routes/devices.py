"""`/v1/devices`: registering devices, and the HTTP way in for what they send."""

from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api import documents
from api.answers import answer, check_match, etag_of, tagged
from api.asking import Parts
from api.bodies import DeviceBody, NewDatastream, NewDevice
from api.identity import Identity, admin, identity_of
from api.problem import Problem, invalid
from api.routes.stations import DepartmentPath, DevicePath, KindPath
from api.secret import secret_answer
from hub.catalogue import Datastream, Device
from hub.errors import BadQuery
from hub.model import MESSAGES
from hub.secret import hash_secret, new_secret
from hub.standards.permit import PermitLimit
from storage.records.register import get_device, put_device, remove_device
from storage.zones import zone_of

router = APIRouter(tags=["devices"])

Admin = Annotated[Identity, Depends(admin)]
_TIMED: Final = "frame/"


@router.post("/devices", status_code=201, responses=documents.one(documents.NewDeviceAnswer, status=201))
def register(given: NewDevice, parts: Parts, who: Admin) -> Response:
    """Register a device; its secret is in this answer and nowhere else. One already registered is changed with PUT."""
    who.need_department(given.station.split("/", 1)[0])
    secret = new_secret()
    entry = _device(given, given.station, secret)
    with parts.records.begin() as tx:
        if get_device(tx, given.station) is not None:
            raise Problem(
                "conflict", f"{given.station} is registered already; PUT changes it", zh=f"{given.station} 已登记"
            )
        put_device(tx, entry, actor=who.name, at=parts.clock.now())
    parts.register.wait_for(entry)
    body = {**_entry(entry), "username": given.station, "secret": secret}
    where = {"Location": f"/v1/devices/{given.station}"}
    return secret_answer(body, 201, where)


@router.get("/devices/{department}/{kind}/{device}", responses=documents.one(documents.DeviceEntry))
def entry_of(
    request: Request, department: DepartmentPath, kind: KindPath, device: DevicePath, parts: Parts, who: Admin
) -> Response:
    """The register's entry of a device, to be edited."""
    who.need_department(department)
    with parts.records.read() as tx:
        found = get_device(tx, f"{department}/{kind}/{device}")
    if found is None:
        raise _not_registered(f"{department}/{kind}/{device}")
    return tagged(request, _entry(found), _etag(found))


@router.put("/devices/{department}/{kind}/{device}", responses=documents.one(documents.NewDeviceAnswer))
def change(
    request: Request,
    department: DepartmentPath,
    kind: KindPath,
    device: DevicePath,
    given: DeviceBody,
    parts: Parts,
    who: Admin,
) -> Response:
    """Register a device or change it whole, under If-Match; `new_secret` gives it a new secret, shown in this answer only."""
    who.need_department(department)
    station = f"{department}/{kind}/{device}"
    with parts.records.begin() as tx:
        known = get_device(tx, station)
        check_match(request, None if known is None else _etag(known), needed=True)
        secret = new_secret() if known is None or given.new_secret else None
        put_device(tx, _device(given, station, secret), actor=who.name, at=parts.clock.now())
        entry = get_device(tx, station)
    assert entry is not None
    parts.register.wait_for(entry)
    body = {**_entry(entry), "username": station, "secret": secret}
    return secret_answer(body, 201 if known is None else 200, {"ETag": _etag(entry)})


@router.delete("/devices/{department}/{kind}/{device}", status_code=204, response_class=Response)
def unregister(department: DepartmentPath, kind: KindPath, device: DevicePath, parts: Parts, who: Admin) -> Response:
    """Take a device out of the register; its observations and alerts stay."""
    who.need_department(department)
    station = f"{department}/{kind}/{device}"
    with parts.records.begin() as tx:
        removed = remove_device(tx, station, actor=who.name, at=parts.clock.now())
    if not removed:
        raise _not_registered(station)
    return Response(status_code=204)


@router.post(
    "/devices/{department}/{kind}/{device}/{message:path}",
    status_code=202,
    responses=documents.one(documents.Taken, status=202),
    openapi_extra=documents.DEVICE_BODY,
)
async def take(
    request: Request, department: DepartmentPath, kind: KindPath, device: DevicePath, message: str, parts: Parts
) -> Response:
    """A device's message as on MQTT: telemetry, position, frame, frame/EPOCH_MS, event or status; 202 once it is durable.

    What could not be taken is in `refused` and among the dead letters; 422 when nothing could.
    """
    station = f"{department}/{kind}/{device}"
    who = identity_of(request)
    if not who.may_send(station):
        raise Problem("forbidden", f"{who.name} may not send for {station}", zh=f"{who.name} 无权代 {station} 上报")
    if message not in MESSAGES and not _timed_frame(message):
        raise Problem(
            "not-found", "The message is one of " + ", ".join(MESSAGES), zh="消息类型为 " + "、".join(MESSAGES)
        )
    payload = await request.body()
    receipt = await run_in_threadpool(parts.intake.take_now, f"hub/{station}/{message}", payload, source="http")
    refused = [{"reason": reason, "detail": detail} for reason, detail in receipt.refusals]
    if not receipt.accepted:
        detail = "; ".join(f"{one['reason']}: {one['detail']}" for one in refused)
        raise Problem("refused", detail, reason=refused[0]["reason"], refused=refused)
    stored = {
        "readings": receipt.readings,
        "values": receipt.values,
        "events": receipt.events,
        "frames": receipt.pictures,
    }
    return answer({"stored": stored, "refused": refused}, 202)


def _timed_frame(message: str) -> bool:
    time = message.removeprefix(_TIMED)
    return message.startswith(_TIMED) and time.isascii() and time.isdigit() and len(time) < 16


def _not_registered(station: str) -> Problem:
    return Problem("not-found", f"No station {station} is registered", zh=f"未登记站点 {station}")


def _etag(device: Device) -> str:
    return etag_of(msgspec.json.encode(device, order="sorted").decode())


def _entry(device: Device) -> dict[str, Any]:
    """The entry as its own PUT would take it, secret aside."""
    streams = {
        name: {**msgspec.structs.asdict(one), "period_s": _seconds(one.period_ms)}
        for name, one in device.datastreams.items()
    }
    for stream in streams.values():
        del stream["period_ms"]
        stream["limits"] = [msgspec.structs.asdict(limit) for limit in stream["limits"]]
    plain = msgspec.structs.asdict(device)
    for name in ("period_ms", "lateness_ms", "secret_hash"):
        del plain[name]
    seconds = {"period_s": _seconds(device.period_ms), "lateness_s": device.lateness_ms / 1000}
    return {**plain, **seconds, "datastreams": streams}


def _device(given: DeviceBody, station: str, secret: str | None) -> Device:
    if given.zone is not None:
        try:
            zone_of(given.zone)
        except BadQuery as error:
            raise invalid("zone", error.expected, "body") from error
    plain = given.model_dump(exclude={"station", "period_s", "lateness_s", "datastreams", "new_secret"})
    streams = {
        name: Datastream(_ms(one.period_s), one.low, one.high, one.unit, one.name_zh, one.name_en, _limits(one))
        for name, one in given.datastreams.items()
    }
    return Device(
        **plain,
        station=station,
        period_ms=_ms(given.period_s),
        lateness_ms=round(given.lateness_s * 1000),
        datastreams=streams,
        secret_hash="" if secret is None else hash_secret(secret),
    )


def _limits(given: NewDatastream) -> tuple[PermitLimit, ...]:
    return tuple(PermitLimit(**limit.model_dump()) for limit in given.limits)


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else max(1, round(seconds * 1000))
