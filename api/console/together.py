"""`/together`: several questions of a page in one request, each answered as if it had been asked alone.

A page begins with a dozen lists. Over a line with a long way to go, a request for each costs more than what is in them.
"""

import asyncio
from typing import Annotated, Final
from urllib.parse import unquote

import msgspec
from fastapi import FastAPI, Query, Request
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Message, Scope

from api.answers import JSON_TYPE, answer
from api.frontdoor import EVENTS
from api.problem import MEDIA_TYPE, invalid

PATH: Final = "/together"
MOST: Final = 24
_WITHIN: Final = "/v1/"
_CARRIED: Final = (b"cookie", b"authorization", b"accept-language", b"host")
"""What of the request says who asks and in which language; what is said of the answer's form is not for each of them."""


class Answered(msgspec.Struct, frozen=True):
    """One answer: its status, and its body as it came, null where it is not JSON."""

    status: int
    body: msgspec.Raw


def mount_together(app: FastAPI) -> None:
    """Answer PATH; each of its questions passes the front door and the gate like any other request."""

    async def together(request: Request, path: Annotated[list[str], Query(max_length=MOST)]) -> Response:
        for one in path:
            if not one.startswith(_WITHIN) or unquote(one).startswith(EVENTS):
                raise invalid("path", f"a path below {_WITHIN} whose answer has an end")
        items = await asyncio.gather(*(_ask(request, one) for one in path))
        return answer({"items": items}, headers={"Cache-Control": "private, no-store"})

    app.add_api_route(PATH, together, include_in_schema=False, response_model=None)


async def _ask(request: Request, target: str) -> Answered:
    heard = _Heard()
    await request.app(_scope(request, target), _nothing_more, heard.send)
    return heard.answered()


def _scope(request: Request, target: str) -> Scope:
    path, _, query = target.partition("?")
    headers = [(name, value) for name, value in request.scope["headers"] if name in _CARRIED]
    carried = {name: request.scope[name] for name in ("type", "asgi", "http_version", "scheme", "server", "client")}
    return {
        **carried,
        "method": "GET",
        "root_path": "",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [*headers, (b"accept", JSON_TYPE.encode())],
        "state": {},
    }


async def _nothing_more() -> Message:
    """Who asks stays until the answer is there."""
    return await asyncio.Future()


class _Heard:
    """An answer as it comes."""

    def __init__(self) -> None:
        self._status = 500
        self._is_json = False
        self._parts: list[bytes] = []

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            kind = Headers(raw=message["headers"]).get("content-type", "").partition(";")[0]
            self._is_json = kind in (JSON_TYPE, MEDIA_TYPE)
        elif self._is_json:
            self._parts.append(message.get("body", b""))

    def answered(self) -> Answered:
        body = b"".join(self._parts)
        return Answered(self._status, msgspec.Raw(body or b"null"))
