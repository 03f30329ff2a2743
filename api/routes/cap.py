"""`/v1/cap`: incidents for other systems, as an Atom feed of CAP 1.2 messages."""

from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Request
from sqlalchemy import Connection
from starlette.responses import Response

from alerts.proof import atom, cap
from alerts.proof.capfeed import PlaceOf, feed_page, one_message, place_in
from api.answers import etag_of
from api.asking import Cursor, Department, Limit, Parts, Who, scoped
from api.context import Context
from api.documents import proof
from api.duty import shelf_in
from api.problem import Problem

router = APIRouter(tags=["proof"])

Message = Annotated[str, Path(pattern=r"^[^/]{1,120}$", description="The message's identifier: NUMBER.ENTRY")]


@router.get("/cap", responses=proof.ATOM)
def feed(
    request: Request,
    parts: Parts,
    who: Who,
    department: Department = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """The messages of the incidents that changed last; `limit` counts incidents, each version of one is an entry."""
    wanted = scoped(who, department)
    with parts.records.read() as tx:
        page = feed_page(tx, _place_of(request, parts, tx), department=wanted, limit=limit, cursor=cursor)
    root = f"{(parts.settings.serve.public_url or '').rstrip('/')}/v1/cap"
    own = [("department", department), ("limit", str(limit))] if department else [("limit", str(limit))]
    here = f"{root}?{urlencode([*own, *([('cursor', cursor)] if cursor else [])])}"
    after = None if page.next is None else f"{root}?{urlencode([*own, ('cursor', page.next)])}"
    body = atom.atom_feed(page.items, _sender(parts), root, here, after)
    return _given(request, body, f"{atom.MEDIA_TYPE}; charset=utf-8")


@router.get("/cap/{identifier}.xml", responses=proof.CAP)
def message(request: Request, identifier: Message, parts: Parts, who: Who) -> Response:
    """One message; what was said once is never said otherwise."""
    with parts.records.read() as tx:
        body = one_message(tx, identifier, _sender(parts), _place_of(request, parts, tx), who.sees)
    if body is None:
        raise Problem("not-found", f"There is no message {identifier}", zh=f"没有消息 {identifier}")
    return _given(request, body, cap.MEDIA_TYPE)


def _given(request: Request, body: bytes, media_type: str) -> Response:
    """The body with its tag; 304 when the caller has it already."""
    etag = etag_of(body.decode())
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    return Response(None, 304, headers) if etag in known or "*" in known else Response(body, 200, headers, media_type)


def _sender(parts: Context) -> cap.Sender:
    hub = parts.settings.hub
    return cap.Sender.of(hub.district, ZoneInfo(hub.zone), (parts.settings.serve.public_url or "").rstrip("/"))


def _place_of(request: Request, parts: Context, tx: Connection) -> PlaceOf:
    devices, book = parts.register.now().devices, shelf_in(request).book(tx)
    return lambda row: place_in(row, devices.get(f"{row.department}/{row.kind}/{row.device}"), book)
