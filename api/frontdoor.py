"""What every request passes first and every answer last: size limits, unreadable text refused, security headers set."""

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import Counts
from api.problem import Problem, problem_response

BODY_LIMIT: Final = 1 << 20
DEVICE_BODY_LIMIT: Final = 8 << 20
"""A device's message may be larger than what intake takes: intake refuses it with a dead letter, here only the absurd is cut off."""

PHOTO_LIMIT: Final = 13 << 20
"""Of requests that bring photos: a photo of the most that is taken, and what a form has around it."""

URL_LIMIT: Final = 16_384
DEVICES: Final = "/v1/devices/"
EVENTS: Final = "/v1/events"
_PHOTOS: Final = re.compile(r"/v1/(tasks/[^/]+/photos|incidents/[^/]+/evidence|reports/[^/]+/photos)")
_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"))

SECURITY: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'self'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
}


class Frontdoor:
    """The outermost room of the application."""

    def __init__(self, app: ASGIApp, counts: Counts) -> None:
        self._app = app
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        limit = _limit_of(scope["path"])
        problem = _unreadable(scope) or _too_large(headers, limit)
        sender = _secured(scope, send, self._counts)
        if problem is not None:
            answer = problem_response(problem, headers.get("accept-language", ""), _printable(scope["path"]))
            await answer(scope, receive, sender)
            return
        if scope["method"] == "HEAD" and scope["path"] != EVENTS:
            scope, sender = {**scope, "method": "GET"}, _headless(sender)
        await self._app(scope, _limited(receive, limit), sender)


def _limit_of(path: str) -> int:
    if path.startswith(DEVICES):
        return DEVICE_BODY_LIMIT
    return PHOTO_LIMIT if _PHOTOS.fullmatch(path) else BODY_LIMIT


def _unreadable(scope: Scope) -> Problem | None:
    query = scope["query_string"]
    if len(query) + len(scope.get("raw_path") or b"") > URL_LIMIT:
        return Problem("too-large", f"The URL is longer than {URL_LIMIT} bytes")
    for part in (query, scope.get("raw_path") or scope["path"].encode("utf-8", "surrogateescape")):
        plain = unquote_to_bytes(part)
        try:
            text = plain.decode()
        except UnicodeDecodeError:
            return Problem("bad-request", "The URL is not UTF-8")
        if "\0" in text:
            return Problem("bad-request", "The URL holds a NUL character")
    return None


def _too_large(headers: Headers, limit: int) -> Problem | None:
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit():
        return Problem("bad-request", "Content-Length is not a number")
    return _over(limit) if int(length[:20]) > limit else None


def _over(limit: int) -> Problem:
    return Problem("too-large", f"The body is larger than {limit} bytes", limit=limit)


def _limited(receive: Receive, limit: int) -> Receive:
    """`receive` that stops a body which says no length, or a false one."""
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise _over(limit)
        return message

    return limited


def _headless(send: Send) -> Send:
    """`send` without the body: HEAD is GET in everything else (RFC 9110 section 9.3.2)."""

    async def headless(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return headless


def _secured(scope: Scope, send: Send, counts: Counts) -> Send:
    async def secured(message: Message) -> None:
        if message["type"] == "http.response.start":
            counts.answers[scope["method"] if scope["method"] in _METHODS else "other", message["status"]] += 1
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY.items():
                headers.setdefault(name, value)
            if scope["path"].startswith("/v1/"):
                headers.setdefault("Cache-Control", "private, no-store")
        await send(message)

    return secured


def _printable(path: str) -> str:
    return path.encode("utf-8", "replace").decode("utf-8", "replace").replace("\0", "")
