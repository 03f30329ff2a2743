"""`/v1/devices`: registering devices, and the HTTP way in for what they send."""

from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api import documents
from api.answers import answer, check_match, etag_of, tagged
from api.asking import Parts
from api.bodies import DeviceBody, NewDevice
from api.device_entry import device_of, entry_of
from api.identity import Identity, admin, identity_of
from api.problem import Problem
from api.routes.stations import DepartmentPath, DevicePath, KindPath
from api.secret import secret_answer
from hub.catalogue import Device
from hub.model import MESSAGES
from hub.secret import new_secret
from storage.records.register import get_device, put_device, remove_device

router = APIRouter(tags=["devices"])

Admin = Annotated[Identity, Depends(admin)]
_TIMED: Final = "frame/"


@router.post("/devices", status_code=201, responses=documents.one(documents.NewDeviceAnswer, status=201))
def register(given: NewDevice, parts: Parts, who: Admin) -> Response:
    """Register a device; its secret is in this answer and nowhere else. One already registered is changed with PUT."""
    who.need_department(given.station.split("/", 1)[0])
    secret = new_secret()
    entry = device_of(given, given.station, secret)
    with parts.records.begin() as tx:
        if get_device(tx, given.station) is not None:
            raise Problem(
                "conflict", f"{given.station} is registered already; PUT changes it", zh=f"{given.station} 已登记"
            )
        put_device(tx, entry, actor=who.name, at=parts.clock.now())
    parts.register.wait_for(entry)
    body = {**entry_of(entry), "username": given.station, "secret": secret}
    where = {"Location": f"/v1/devices/{given.station}"}
    return secret_answer(body, 201, where)


@router.get("/devices/{department}/{kind}/{device}", responses=documents.one(documents.DeviceEntry))
def registered(
    request: Request, department: DepartmentPath, kind: KindPath, device: DevicePath, parts: Parts, who: Admin
) -> Response:
    """The register's entry of a device, to be edited."""
    who.need_department(department)
    with parts.records.read() as tx:
        found = get_device(tx, f"{department}/{kind}/{device}")
    if found is None:
        raise _not_registered(f"{department}/{kind}/{device}")
    return tagged(request, entry_of(found), _etag(found))


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
        put_device(tx, device_of(given, station, secret, known), actor=who.name, at=parts.clock.now())
        entry = get_device(tx, station)
    assert entry is not None
    parts.register.wait_for(entry)
    body = {**entry_of(entry), "username": station, "secret": secret}
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
