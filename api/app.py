"""The application: every path, what stands before them, and what runs while it does."""

import asyncio
import contextlib
import importlib.util
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import anyio.to_thread
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response

from api import pages
from api.asking import once
from api.context import Context, Live
from api.description import describe
from api.frontdoor import Frontdoor
from api.gate import Doorman, Gate
from api.idempotency import Answers, Idempotency
from api.invalid import from_validation
from api.live.feed import FeedReader
from api.live.hub import Fanout
from api.live.pulse import Pulse
from api.metrics import Counts
from api.problem import Problem, from_hub, from_status, respond
from api.routes import (
    alerts,
    compare,
    dead_letters,
    devices,
    events,
    evidence,
    exceedances,
    health,
    incidents,
    observations,
    people,
    rules,
    series,
    session,
    stations,
)
from api.sta.routes import mount_sta
from hub.errors import HubError

_log = logging.getLogger("hub.api")

_ROUTES: Final = (
    health,
    session,
    stations,
    observations,
    series,
    exceedances,
    compare,
    alerts,
    incidents,
    rules,
    dead_letters,
    events,
    evidence,
    devices,
    people,
)
_THREADS: Final = 24
"""Fewer than the records database gives connections to."""


def create_app(context: Context) -> FastAPI:
    """The application around these parts; `app.state.live.fanout.close()` ends its listeners."""
    doorman = Doorman(context.records, context.clock)
    answers = Answers(context.records, context.clock)
    counts = Counts()
    app = FastAPI(
        title="Streamwarden",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_running,
        middleware=[
            Middleware(Frontdoor, counts=counts),
            Middleware(GZipMiddleware, minimum_size=1024, compresslevel=5),
            Middleware(Gate, doorman=doorman),
            Middleware(Idempotency, answers=answers),
        ],
    )
    fanout = Fanout()
    pulse = Pulse(context, fanout)
    live = Live(fanout, FeedReader(context.records, fanout, lambda: pulse.greeting), pulse)
    app.state.context, app.state.live, app.state.counts = context, live, counts
    app.state.doorman, app.state.answers = doorman, answers
    _add_handlers(app)
    _add_routes(app)
    mount_sta(app, context)
    if importlib.util.find_spec("api.console") is not None:
        from api.console import mount_console

        mount_console(app, context)
    app.openapi = _described(app)  # type: ignore[method-assign]
    return app


def _add_routes(app: FastAPI) -> None:
    version = APIRouter(prefix="/v1", dependencies=[Depends(once)])
    for route in (*_ROUTES, pages):
        version.include_router(route.router)
    app.include_router(version)


def _described(app: FastAPI) -> Callable[[], dict[str, Any]]:
    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = describe(app)
        return app.openapi_schema

    return openapi


def _add_handlers(app: FastAPI) -> None:
    async def refused(request: Request, error: Exception) -> Response:
        match error:
            case Problem():
                return respond(request, error)
            case RequestValidationError():
                return respond(request, from_validation(error))
            case HTTPException():
                return respond(request, from_status(error))
            case _:
                return respond(request, from_hub(error))

    async def failed(request: Request, error: Exception) -> Response:
        _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return respond(request, from_hub(error))

    for kind in (HTTPException, RequestValidationError, HubError):
        app.add_exception_handler(kind, refused)
    app.add_exception_handler(Exception, failed)


@contextlib.asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    live: Live = app.state.live
    anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
    await live.feed.start()
    await live.pulse.begin()
    tasks = [asyncio.ensure_future(one) for one in (live.feed.run(), *live.pulse.tasks())]
    try:
        yield
    finally:
        live.fanout.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        live.feed.close()
        live.pulse.close()
