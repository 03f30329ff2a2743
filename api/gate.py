"""The gate: nothing but the liveness page, the login and the console's static files answers to somebody unknown."""

import base64
import binascii
import hashlib
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.identity import Identity
from api.problem import Problem, from_hub, problem_response
from hub.clock import Clock
from hub.errors import HubError
from hub.secret import verify_secret
from storage.records import Records
from storage.records.access import Principal, check_session, check_token
from storage.records.register import get_device

COOKIE: Final = "hub_session"
CSRF_HEADER: Final = "x-csrf-token"
LOGIN_PAGE: Final = "/login"
SAFE: Final = ("GET", "HEAD", "OPTIONS")
DEVICES: Final = "/v1/devices/"
STA: Final = "/sta/"
"""Where GIS programs ask, which know user and password but no bearer token: the token is the password there."""

OPEN_PATHS: Final = ("/v1/health/live", LOGIN_PAGE, "/favicon.ico")
OPEN_PREFIX: Final = "/static/"
TASKS: Final = ("/t/", "/v1/tasks/")
"""A task's link is itself the credential, which its routes check."""

REMEMBER_S: Final = 1.0
"""How long an answer of the records database holds for the same credential; a revoked token lives no longer."""

_MOST_REMEMBERED: Final = 10_000
_BASIC: Final = {
    DEVICES: ', Basic realm="hub device", charset="UTF-8"',
    STA: ', Basic realm="hub, the token as password", charset="UTF-8"',
}


class Doorman:
    """Finds out who shows a credential; remembers for a second. Its methods read the database: call them on a worker thread."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records = records
        self._clock = clock
        self._known: dict[bytes, tuple[float, Identity | None]] = {}

    def forget(self) -> None:
        """Ask the database again: a token or session has just ended."""
        self._known.clear()

    def remembered(self, credential: str) -> tuple[float, Identity | None] | None:
        """What was found within the last second, None when that was not asked."""
        found = self._known.get(_digest(credential))
        return found if found is not None and found[0] > self._clock.monotonic() else None

    def find(self, credential: str) -> Identity | None:
        """Who shows `Bearer TOKEN`, `Basic ...` or `Session COOKIE`, None when nobody known does."""
        kind, _, secret = credential.partition(" ")
        ways = {"bearer": self._token, "session": self._session, "basic": self._device}
        way = ways.get(kind.lower())
        found = None if way is None else way(secret.strip())
        if len(self._known) > _MOST_REMEMBERED:
            self._known.clear()
        self._known[_digest(credential)] = (self._clock.monotonic() + REMEMBER_S, found)
        return found

    def _token(self, secret: str) -> Identity | None:
        with self._records.read() as tx:
            principal = check_token(tx, secret, at=self._clock.now())
        return None if principal is None else Identity(principal)

    def _session(self, secret: str) -> Identity | None:
        with self._records.read() as tx:
            session = check_session(tx, secret, at=self._clock.now())
        if session is None:
            return None
        return Identity(session.principal, session.csrf, secret, session.expires)

    def _device(self, encoded: str) -> Identity | None:
        try:
            pair = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None
        # A device's name may hold a colon, its secret never does.
        station, _, secret = pair.rpartition(":")
        if not station or "\0" in station:
            return None
        with self._records.read() as tx:
            device = get_device(tx, station)
        if device is None or not device.enabled or not verify_secret(secret, device.secret_hash):
            return None
        principal = Principal(station, "device", station.split("/", 1)[0], station)
        return Identity(principal, gateway=device.gateway)


def _digest(credential: str) -> bytes:
    return hashlib.blake2b(credential.encode("utf-8", "surrogateescape"), digest_size=16).digest()


class Gate:
    """Lets nobody unknown pass, and no session's change without its CSRF token (the token of the session, in a header)."""

    def __init__(self, app: ASGIApp, doorman: Doorman) -> None:
        self._app = app
        self._doorman = doorman

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_open(scope["method"], scope["path"]):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        answer = await self._pass(scope, headers)
        await (self._app if answer is None else answer)(scope, receive, send)

    async def _pass(self, scope: Scope, headers: Headers) -> Response | None:
        """None to let the request in, with the identity in its state; else the answer."""
        language = headers.get("accept-language", "")
        try:
            identity = await self._identify(scope, headers)
        except HubError as error:
            return problem_response(from_hub(error), language, scope["path"])
        if identity is None:
            return _unknown(scope, headers)
        if identity.secret and scope["method"] not in SAFE and not _same(headers.get(CSRF_HEADER, ""), identity.csrf):
            problem = Problem("csrf", f"Send the session's token in the header {CSRF_HEADER}")
            return problem_response(problem, language, scope["path"])
        scope.setdefault("state", {})["identity"] = identity
        return None

    async def _identify(self, scope: Scope, headers: Headers) -> Identity | None:
        credential = credential_of(scope, headers)
        if credential is None:
            return None
        if remembered := self._doorman.remembered(credential):
            return remembered[1]
        find: Callable[[str], Identity | None] = self._doorman.find
        return await anyio.to_thread.run_sync(find, credential)


def _is_open(method: str, path: str) -> bool:
    if method == "POST" and path == "/v1/session":
        return True
    if path.startswith(TASKS):
        return True
    return method in SAFE and (path in OPEN_PATHS or path.startswith(OPEN_PREFIX))


def credential_of(scope: Scope, headers: Headers) -> str | None:
    """What the request shows: `Bearer ...`, `Basic ...` for devices, or `Session ...`; None where it shows nothing."""
    given = headers.get("authorization")
    if given is not None:
        kind, _, secret = given.partition(" ")
        if kind.lower() == "basic" and scope["path"].startswith(STA):
            return _token_of(secret)
        return given if kind.lower() == "bearer" or _is_device(kind, scope["path"]) else None
    cookie = cookie_parser(headers.get("cookie", "")).get(COOKIE)
    return f"Session {cookie}" if cookie else None


def _is_device(kind: str, path: str) -> bool:
    return kind.lower() == "basic" and path.startswith(DEVICES)


def _token_of(encoded: str) -> str | None:
    """The token that is the password of a Basic credential; the user's name does not matter."""
    try:
        pair = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return f"Bearer {pair.partition(':')[2]}"


def _same(shown: str, csrf: str) -> bool:
    return _digest(shown) == _digest(csrf)


def _unknown(scope: Scope, headers: Headers) -> Response:
    path: str = scope["path"]
    if scope["method"] in SAFE and not path.startswith("/v1/") and "text/html" in headers.get("accept", ""):
        return RedirectResponse(f"{LOGIN_PAGE}?next={quote(path)}", 303)
    ways = 'Bearer realm="hub"' + "".join(way for prefix, way in _BASIC.items() if path.startswith(prefix))
    detail = "Send Authorization: Bearer TOKEN, or log in"
    problem = Problem(
        "unauthorized", detail, zh="请使用 Authorization: Bearer 令牌，或先登录", headers={"WWW-Authenticate": ways}
    )
    return problem_response(problem, headers.get("accept-language", ""), path)
