"""`/v1/field` and commands: which field devices are connected, what they last sent, and what is asked of them."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api import documents
from api.answers import answer
from api.asking import Cursor, Department, InZone, Limit, Parts, Past, Who
from api.bodies import Ask
from api.field_words import protocol_item
from api.identity import Identity, officer
from api.lists import listed
from api.problem import Problem
from api.routes.stations import DepartmentPath, DevicePath, KindPath
from hub.clock import rfc3339
from hub.command import FRAMES_OF, REFUSALS, SESSIONS, Command
from ingest.field.wording import wording
from ingest.protocols import protocol_names
from storage.records import commands
from storage.records.commands import StoredCommand
from storage.records.page import Page
from storage.records.register import get_device
from storage.zones import zone_of

router = APIRouter(tags=["field devices"])

Officer = Annotated[Identity, Depends(officer)]
Station = Annotated[str | None, Query(max_length=128, description="DEPARTMENT/KIND/DEVICE")]
_TIMES = ("opened", "last_frame")


@router.get("/field/protocols", responses=documents.one(documents.FieldProtocols))
def protocols(parts: Parts) -> Response:
    """Which field protocols this hub speaks, where it listens for each, and what may be asked of their devices."""
    listening = parts.settings.field.listen
    return answer({"items": [protocol_item(name, wording(name), listening.get(name)) for name in protocol_names()]})


@router.get("/field/devices", responses=documents.one(documents.FieldDevices))
def linked(parts: Past, who: Who, zone: InZone, department: Department = None) -> Response:
    """The registered devices that speak a field protocol, with when each was last heard."""
    wanted, info, seen = who.department or department, zone_of(zone), parts.presence.seen().stations
    items = [
        {
            "station": one.station,
            "name_zh": one.name_zh,
            "name_en": one.name_en,
            "protocol": one.link.protocol,
            "identity": one.link.identity,
            "enabled": one.enabled,
            "last_seen": rfc3339(seen[one.station], info) if one.station in seen else None,
        }
        for _, one in sorted(parts.register.now().devices.items())
        if one.link is not None and (wanted is None or one.station.startswith(f"{wanted}/"))
    ]
    return answer({"items": items})


@router.get("/field/refusals", responses=documents.one(documents.FieldRefusals))
def refusals(parts: Parts, who: Who, zone: InZone, department: Department = None) -> Response:
    """Whose frames were refused lately and why, newest first; strangers are shown to those who see every department."""
    if not parts.settings.field.listen:
        return answer({"items": []})
    said = parts.field.ask(REFUSALS, arguments={"department": who.department or department})
    info = zone_of(zone)
    items = [
        {
            **one,
            "station": one["station"] or None,
            "text": _text(one["hex"]),
            "first": rfc3339(one["first"], info),
            "last": rfc3339(one["last"], info),
        }
        for one in said["refusals"]
    ]
    return answer({"items": items})


@router.get("/field/sessions", responses=documents.one(documents.FieldSessions))
def sessions(
    parts: Parts,
    who: Who,
    zone: InZone,
    department: Department = None,
    after: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """The connections that are open now, by station: last frame, bytes, errors; up to 500, `next` leads on by `after`."""
    if not parts.settings.field.listen:
        return answer({"items": [], "next": None, "total": 0})
    arguments = {"department": who.department or department, "after": after}
    said = parts.field.ask(SESSIONS, arguments=arguments)
    shown = [_session_item(one, zone) for one in said["sessions"]]
    last = said["sessions"][-1] if said["more"] else None
    following = None if last is None else f"{last['station']}|{last['peer']}"
    return answer({"items": shown, "next": following, "total": said["total"]})


@router.get("/field/frames/{department}/{kind}/{device}", responses=documents.one(documents.FieldFrames))
def frames(
    department: DepartmentPath, kind: KindPath, device: DevicePath, parts: Parts, who: Officer, zone: InZone
) -> Response:
    """The last frames of one device in both directions, as hexadecimal and as text, passwords blotted out."""
    who.need_department(department)
    station = _linked(parts, f"{department}/{kind}/{device}")
    said = parts.field.ask(FRAMES_OF, station) if parts.settings.field.listen else {"frames": []}
    info = zone_of(zone)
    items = [{**one, "time": rfc3339(one["time"], info), "text": _text(one["hex"])} for one in said["frames"]]
    return answer({"items": items})


@router.post(
    "/devices/{department}/{kind}/{device}/commands",
    status_code=202,
    responses=documents.one(documents.DeviceCommand, status=202),
)
def ask(
    department: DepartmentPath, kind: KindPath, device: DevicePath, given: Ask, parts: Parts, who: Officer, zone: InZone
) -> Response:
    """Ask something of a field device; it goes out now, or when the device next calls, unless it expires before."""
    who.need_department(department)
    station = _linked(parts, f"{department}/{kind}/{device}")
    now = parts.clock.now()
    expires = now + round(given.expires_s * 1000)
    command = Command(uuid.uuid4().hex, given.name, now, expires, station, given.arguments, who.name)
    with parts.records.begin() as tx:
        commands.put(tx, command)
    parts.field.send(command)
    return answer(_command_item(StoredCommand(command, "queued", now, ()), zone), 202)


@router.get("/commands", responses=documents.page(documents.DeviceCommand, files=True))
def asked(
    request: Request,
    parts: Parts,
    who: Who,
    zone: InZone,
    department: Department = None,
    station: Station = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """What was asked of devices, newest first, with every step."""

    def fetch(most: int, after: str | None) -> Page[StoredCommand]:
        with parts.records.read() as tx:
            return commands.listing(
                tx, department=who.department or department, station=station, limit=most, cursor=after
            )

    columns = ("id", "station", "name", "state", "asked", "expires", "changed", "by", "detail")
    return listed(request, "commands", fetch, lambda one: _command_item(one, zone), columns, (limit, cursor, zone))


@router.get("/commands/{command_id}", responses=documents.one(documents.DeviceCommand))
def one_command(command_id: str, parts: Parts, who: Who, zone: InZone) -> Response:
    """One command and what became of it."""
    with parts.records.read() as tx:
        found = commands.get(tx, command_id)
    if found is None or not who.sees(found.command.station.split("/", 1)[0]):
        raise Problem("not-found", f"There is no command {command_id}", zh=f"没有指令 {command_id}")
    return answer(_command_item(found, zone))


def _text(digits: str) -> str:
    return bytes.fromhex(digits).decode("utf-8", "replace")


def _linked(parts: Parts, station: str) -> str:
    with parts.records.read() as tx:
        device = get_device(tx, station)
    if device is None:
        raise Problem("not-found", f"No station {station} is registered", zh=f"未登记站点 {station}")
    if device.link is None:
        detail = f"{station} speaks no field protocol; give it a link with PUT /v1/devices/{station}"
        raise Problem("conflict", detail, zh=f"{station} 未配置现场协议")
    return station


def _session_item(one: dict[str, Any], zone: str) -> dict[str, Any]:
    info = zone_of(zone)
    times = {name: rfc3339(one[name], info) if one[name] else None for name in _TIMES}
    return {**one, **times, "station": one["station"] or None}


def _command_item(one: StoredCommand, zone: str) -> dict[str, Any]:
    info = zone_of(zone)
    command = one.command
    steps = [
        {"time": rfc3339(step.time, info), "state": step.state, "detail": step.detail, "values": step.values}
        for step in one.steps
    ]
    return {
        "id": command.id,
        "station": command.station,
        "name": command.name,
        "arguments": {name: "***" if name == "password" else value for name, value in command.arguments.items()},
        "state": one.state,
        "asked": rfc3339(command.asked, info),
        "expires": rfc3339(command.expires, info),
        "changed": rfc3339(one.changed, info),
        "by": command.by,
        "detail": one.steps[-1].detail if one.steps else "",
        "steps": steps,
    }
