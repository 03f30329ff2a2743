"""Questions about the past, asked in this process: the same words and the same answers as over HTTP, without a running hub."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, FastAPI
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.asking import once
from api.context import History, Register
from api.handlers import add_handlers
from api.identity import Identity
from api.presence import Presence
from api.routes import compare, exceedances, observations, series, stations, verdicts
from api.working import Workers
from hub.catalogue import Catalogue, Change, DevicePut, RulePut
from hub.clock import Clock
from hub.settings import Settings
from storage.records import Records
from storage.records.access import Principal
from storage.records.register import list_devices
from storage.records.rules import list_rules
from storage.series import SeriesStore

PATHS: Final = (
    "observations",
    "observations/latest",
    "series",
    "exceedances",
    "compare",
    "verdicts",
    "loads",
    "stations",
    "datastreams",
)
_ROUTES: Final = (observations, series, exceedances, compare, verdicts, stations)
_PAGE: Final = 1000


class StillCatalogue:
    """The register and the rules as the records have them now."""

    def __init__(self, records: Records) -> None:
        self._changes: list[Change] = []
        with records.read() as tx:
            cursor = None
            while True:
                page = list_devices(tx, limit=_PAGE, cursor=cursor)
                self._changes += map(DevicePut, page.items)
                cursor = page.next
                if cursor is None:
                    break
            self._changes += map(RulePut, list_rules(tx))

    @property
    def version(self) -> int:
        """How many entries there are."""
        return len(self._changes)

    def bring(self, catalogue: Catalogue) -> None:
        """Apply what `catalogue` lacks."""
        catalogue.apply_all(self._changes[catalogue.version :])

    def wait(self, version: int, timeout: float) -> bool:
        """It does not change any more."""
        return version <= self.version


def history(settings: Settings, records: Records, store: SeriesStore, clock: Clock) -> History:
    """What questions about the past need, from the records and the store alone."""
    return History(settings, records, store, Register(StillCatalogue(records)), Presence(store, clock), clock)


@dataclass(slots=True)
class Reply:
    """How a question was answered; `problem` is the body of an error, else empty: the rest went to `take`."""

    status: int = 0
    headers: Headers = field(default_factory=Headers)
    problem: bytes = b""


def ask(parts: History, question: str, headers: Mapping[str, str], take: Callable[[bytes], object]) -> Reply:
    """Ask `PATH?QUERY`; `take` is given the body of a good answer as it comes. One question at a time."""
    app = _application()
    app.state.context, app.state.workers = parts, Workers()
    return asyncio.run(_ask(app, question, headers, take))


@cache
def _application() -> FastAPI:
    """Made once: reading all its parameters takes longer than most answers."""
    app = FastAPI(openapi_url=None, redirect_slashes=False, middleware=[Middleware(_AsAdministrator)])
    add_handlers(app)
    version = APIRouter(prefix="/v1", dependencies=[Depends(once)])
    for route in _ROUTES:
        version.include_router(route.router)
    app.include_router(version)
    return app


class _AsAdministrator:
    """Whoever may read the hub's files may read everything in them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["identity"] = Identity(Principal("command line", "admin", None, None))
        await self._app(scope, receive, send)


async def _ask(app: ASGIApp, question: str, headers: Mapping[str, str], take: Callable[[bytes], object]) -> Reply:
    reply = Reply()

    async def receive() -> Message:
        # There is no body, and this caller does not hang up.
        return await asyncio.Future()

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            reply.status, reply.headers = message["status"], Headers(raw=message["headers"])
        elif reply.status < 400:
            take(message.get("body", b""))
        else:
            reply.problem += message.get("body", b"")

    await app(_scope(question, headers), receive, send)
    return reply


def _scope(question: str, headers: Mapping[str, str]) -> Scope:
    path, _, query = question.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": quote(path).encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
        "client": None,
        "server": None,
    }
