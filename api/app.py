"""The application: every path, what stands before them, and what runs while it does."""

import asyncio
import contextlib
import importlib.util
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import anyio.to_thread
from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from api import pages
from api.asking import once
from api.context import Context, Live
from api.description import describe
from api.frontdoor import Frontdoor
from api.gate import Doorman, Gate
from api.handlers import add_handlers
from api.idempotency import Answers, Idempotency
from api.live.feed import FeedReader
from api.live.hub import Fanout
from api.live.pulse import Pulse
from api.metrics import Counts
from api.routes import (
    alerts,
    attachments,
    cap,
    cases,
    compare,
    dead_letters,
    devices,
    events,
    evidence,
    exceedances,
    field,
    figures,
    health,
    incident_people,
    incidents,
    limits,
    notify,
    observations,
    patrol,
    patrol_coverage,
    patrol_events,
    patrol_learning,
    patrol_setup,
    people,
    people_register,
    plans,
    reports,
    rosters,
    rules,
    series,
    session,
    shifts,
    silences,
    stations,
    summary,
    tasks,
    vehicles,
    verdicts,
)
from api.sta.routes import mount_sta
from api.working import Workers

_ROUTES: Final = (
    health,
    session,
    stations,
    vehicles,
    observations,
    series,
    exceedances,
    summary,
    limits,
    compare,
    verdicts,
    alerts,
    tasks,
    attachments,
    reports,
    incident_people,
    incidents,
    cases,
    cap,
    figures,
    silences,
    shifts,
    rules,
    dead_letters,
    notify,
    events,
    evidence,
    field,
    devices,
    patrol,
    patrol_setup,
    patrol_events,
    patrol_coverage,
    patrol_learning,
    people,
    people_register,
    rosters,
    plans,
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
            Middleware(GZipMiddleware, minimum_size=1024, compresslevel=2),
            Middleware(Gate, doorman=doorman),
            Middleware(Idempotency, answers=answers),
        ],
    )
    fanout = Fanout()
    pulse = Pulse(context, fanout)
    live = Live(fanout, FeedReader(context.records, fanout, lambda: pulse.greeting), pulse)
    app.state.context, app.state.live, app.state.counts = context, live, counts
    app.state.doorman, app.state.answers = doorman, answers
    app.state.workers = Workers()
    add_handlers(app)
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


@contextlib.asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    live: Live = app.state.live
    anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
    await live.feed.start()
    await live.pulse.begin()
    tasks = [asyncio.ensure_future(one) for one in live.pulse.tasks()]
    try:
        yield
    finally:
        live.fanout.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await live.feed.close()
        live.pulse.close()
