"""`/v1/tasks/{token}`: one person's work on one incident, by a signed link; the link is the credential."""

from typing import Annotated, Any, Final, Literal

import msgspec
from fastapi import APIRouter, Header, Path, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from alerts.errors import NotAllowed, NotTaken
from alerts.field_work import acting, attaching, issuing
from alerts.field_work.acting import Given, OtherRequest
from alerts.field_work.issuing import LinkRefused
from alerts.field_work.links import TOKEN_LENGTH
from alerts.field_work.photos import PhotoRefused, preview
from alerts.field_work.task import Reader, TaskView, best_picture, see
from api import documents, photos
from api.answers import answer
from api.asking import Parts
from api.context import Context
from api.documents.field_work import Task, TaskDone, TaskPhotoTaken
from api.field_bodies import TaskBody, task_fields
from api.problem import Problem, invalid, language_of
from api.times import EXPECTED, parse_time
from ingest.gcj02 import to_gcj02
from storage.evidence import EvidenceFolder
from storage.records import attached, field_work, incidents
from storage.records.field_work import LinkRow
from storage.zones import zone_of

router = APIRouter(tags=["tasks"])

Token = Annotated[str, Path(pattern=rf"^[A-Za-z0-9_-]{{{TOKEN_LENGTH}}}$", description="What the link ends with")]
Action = Annotated[Literal["accept", "decline", "check-in", "done", "help"], Path()]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=255)]
Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]

_PREVIEW: Final = {"picture": 640, "photo": 480}
_PRIVATE: Final = {"Cache-Control": "private, max-age=86400", "Referrer-Policy": "no-referrer"}


@router.get("/tasks/{token}", responses=documents.one(Task))
def task(request: Request, token: Token, parts: Parts) -> Response:
    """The task as it stands; asking for it marks the notice as read."""
    language = language_of(request.headers.get("accept-language", ""))
    with parts.records.read() as tx:
        link = held(tx, token, parts)
        view = task_view(tx, link, parts, language)
    if link.opened is None:
        with parts.records.begin() as tx:
            field_work.opened(tx, link.id, at=parts.clock.now())
            parts.settle(tx, link.incident, parts.clock.now())  # whoever reads is reached: no other way is tried
    return answer(view, headers={"Referrer-Policy": "no-referrer"})


@router.get("/tasks/{token}/picture", responses=documents.BYTES)
def picture(token: Token, parts: Parts) -> Response:
    """The picture that shows what is wrong, small enough for a poor line."""
    with parts.records.read() as tx:
        best = best_picture(attached.of(tx, _incident(tx, held(tx, token, parts))))
    return _small(parts, None if best is None else best.sha256, "picture")


@router.get("/tasks/{token}/evidence/{sha256}", responses=documents.BYTES)
def evidence(token: Token, sha256: Sha256, parts: Parts) -> Response:
    """A photo of the task, small."""
    with parts.records.read() as tx:
        known = {one.sha256 for one in attached.of(tx, _incident(tx, held(tx, token, parts)))}
    return _small(parts, sha256 if sha256 in known else None, "photo")


@router.post("/tasks/{token}/photos", responses=documents.one(TaskPhotoTaken), openapi_extra=photos.PHOTO_BODY)
async def photo(
    request: Request,
    token: Token,
    parts: Parts,
    key: Key,
    role: photos.Role = "",
    sha256: photos.Sha256 = None,
    captured: photos.Captured = None,
    lon: photos.Lon = None,
    lat: photos.Lat = None,
    accuracy_m: photos.Accuracy = None,
    done: photos.Captured = None,
) -> Response:
    """Attach a photo (the body: JPEG, PNG or WebP). What is strange about it is noted and told, not refused."""
    said = photos.said_of(parts, role, sha256, captured, lon, lat, accuracy_m)
    given = (key, _time(parts, done))
    language = language_of(request.headers.get("accept-language", ""))
    await run_in_threadpool(_known, parts, token)  # before megabytes are taken from whoever has no link
    data = await request.body()
    return await run_in_threadpool(_attach, parts, token, given, data, said, language)


@router.post("/tasks/{token}/{action}", responses=documents.one(TaskDone))
def act(request: Request, token: Token, action: Action, given: TaskBody, parts: Parts, key: Key) -> Response:
    """Do something for the task, once a key: accept, decline, check-in, done or help; `done` in the body is when, by the phone."""
    fields = task_fields(action, given)
    asked = Given(key, action, _time(parts, given.done), fields)
    language = language_of(request.headers.get("accept-language", ""))
    try:
        with parts.records.begin() as tx:
            link = held(tx, token, parts)
            fresh = acting.take(tx, parts.desk, link, asked, at=parts.clock.now())
            parts.settle(tx, link.incident, parts.clock.now())
            view = task_view(tx, link, parts, language)
    except OtherRequest as error:
        raise _other_request() from error
    except NotTaken as error:
        raise _refused(error) from error
    return answer({"task": view, "replayed": not fresh}, headers={"Referrer-Policy": "no-referrer"})


def held(tx: Connection, token: str, parts: Context) -> LinkRow:
    """The link of a token that holds.

    Raises:
        Problem: `not-found` for one that was made up, `gone` for one that has ended.
    """
    try:
        return issuing.check(tx, token, at=parts.clock.now())
    except LinkRefused as error:
        call: dict[str, Any] = {"call": parts.settings.hub.duty_phone} if parts.settings.hub.duty_phone else {}
        if error.why == "forged":
            zh = "链接无效，请打开最近一条通知里的链接，或联系值班台"
            raise Problem("not-found", "This link is not valid; ask the duty desk", zh=zh, **call) from error
        zh = "链接已过期或已停用，请打开最近一条通知里的链接，或联系值班台"
        raise Problem("gone", f"This link was {error.why}; ask the duty desk", zh=zh, **call) from error


def task_view(tx: Connection, link: LinkRow, parts: Context, language: str) -> dict[str, Any]:
    """The task as the interface shows it."""
    view: TaskView = see(tx, link, reader_of(parts, language), at=parts.clock.now())
    body: dict[str, Any] = msgspec.to_builtins(view)
    if view.place is not None:
        body["place"] = {**view.place, "gcj02": list(to_gcj02(view.place["lon"], view.place["lat"]))}
    return body


def reader_of(parts: Context, language: str) -> Reader:
    """For whom a task is written."""
    fence_m = parts.settings.incidents.geofence_m
    return Reader("zh" if language == "zh" else "en", zone_of(parts.zone), parts.register.now(), fence_m)


def _attach(
    parts: Context, token: str, given: tuple[str, int], data: bytes, said: attaching.Said, language: str
) -> Response:
    intake = photos.looked_at(data, said, parts)
    asked = Given(given[0], acting.PHOTO, given[1], {"sha256": intake.photo.sha256, "role": intake.role})
    at = parts.clock.now()
    warnings: tuple[str, ...] = ()
    with parts.records.begin() as tx:
        link = held(tx, token, parts)
        try:
            row = acting.begin(tx, link, asked, at=at)
        except OtherRequest as error:
            raise _other_request() from error
        if row is not None:
            incident = incidents.get(tx, _incident(tx, link))
            assert incident is not None  # the link's row refers to it
            warnings = photos.attached(tx, parts, incident, intake, link.person)
            acting.end(tx, row, {"sha256": intake.photo.sha256, "warnings": warnings}, at=at)
            parts.settle(tx, link.incident, at)
        view = task_view(tx, link, parts, language)
    return answer({**photos.shown(intake, warnings, parts), "task": view, "replayed": row is None})


def _incident(tx: Connection, link: LinkRow) -> str:
    """The incident of a link, or what it was merged into."""
    row = incidents.get(tx, link.incident)
    return link.incident if row is None or row.root is None else row.root


def _known(parts: Context, token: str) -> None:
    with parts.records.read() as tx:
        held(tx, token, parts)


def _small(parts: Context, sha256: str | None, size: str) -> Response:
    data = None if sha256 is None else EvidenceFolder(parts.evidence).read(sha256)
    if data is None:
        raise Problem("not-found", "There is no such picture", zh="没有该图片")
    try:
        small = preview(data, _PREVIEW[size])
    except PhotoRefused as error:
        raise Problem("not-found", str(error), zh=error.zh) from error
    return Response(small, headers=_PRIVATE, media_type="image/jpeg")


def _time(parts: Context, text: str | None) -> int:
    if text is None:
        return parts.clock.now()
    try:
        return parse_time(text, zone_of(parts.zone), parts.clock.now())
    except (ValueError, OverflowError) as error:
        raise invalid("done", EXPECTED, "body") from error


def _refused(error: NotTaken) -> Problem:
    missing = error.missing if isinstance(error, NotAllowed) else ()
    extra: dict[str, Any] = {"missing": list(missing)} if missing else {}
    zh = "、".join(_in_chinese(each) for each in missing)
    return Problem("conflict", str(error), zh=f"现在还不能这样做：{zh or '任务状态已变化，请刷新查看'}", **extra)


_CHINESE: Final = (
    ("it is not dispatched", "尚未接单"),
    ("nobody has checked in", "尚未到场"),
    ("a photo after the work", "需要在现场附近拍摄、带定位的处置后照片"),
    ("a text", "需要填写处置说明"),
    ("a cause code", "需要选择原因类别"),
    ("a position within", "定位不在围栏内，请说明原因"),
    ("a reason", "需要说明原因"),
)


def _in_chinese(missing: str) -> str:
    """What is missing, for who reads Chinese; the desk's own words where we have none."""
    if missing.endswith(" has taken it on"):
        return f"{missing.removesuffix(' has taken it on')} 已接单"
    return next((zh for beginning, zh in _CHINESE if missing.startswith(beginning)), missing)


def _other_request() -> Problem:
    return Problem("idempotency-conflict", "This key came with another request", zh="该幂等键已用于内容不同的请求")
