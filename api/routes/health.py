"""`/v1/health` and `/v1/metrics`: whether the hub lives, whether it is ready, and what it counts."""

import contextlib

from fastapi import APIRouter, Request
from sqlalchemy import func, select
from starlette.responses import PlainTextResponse, Response

from alerts.queries import open_counts
from api import documents
from api.answers import answer
from api.asking import Parts, Viewers
from api.context import live_of
from api.metrics import MEDIA_TYPE, exposition
from api.problem import Problem
from hub.errors import StoreUnavailable
from storage.records import dead_letters, notices
from storage.records.tables import feed

router = APIRouter(tags=["health"])


@router.get("/health/live", responses=documents.one(documents.Alive), openapi_extra={"security": []})
async def live() -> Response:
    """Whether the process answers; the only path that needs no token."""
    return answer({"live": True})


@router.get("/health/ready", responses=documents.one(documents.Ready), dependencies=[Viewers])
def ready(parts: Parts) -> Response:
    """200 when every part works, else 503 and which do not."""
    lines = parts.board.look()
    failing = [{"name": one.name, "detail": one.detail} for one in lines if not one.ok]
    if failing:
        names = ", ".join(one["name"] for one in failing)
        raise Problem("unavailable", f"Not ready: {names}", zh=f"尚未就绪：{names}", ready=False, failing=failing)
    return answer({"ready": True, "failing": []})


@router.get("/health", responses=documents.one(documents.Health), dependencies=[Viewers])
def health(parts: Parts) -> Response:
    """Every part: whether it works, what is wrong, when it last spoke, what it counted; and the mistakes of rule files."""
    return answer(parts.board.body(parts.board.look()))


@router.get("/metrics", responses=documents.TEXT, dependencies=[Viewers])
def metrics(request: Request, parts: Parts) -> Response:
    """The counters of every part as Prometheus text."""
    app = request.app.state
    extra: dict[str, float] = {}
    # When the records are away their own line says so.
    with contextlib.suppress(StoreUnavailable), parts.records.read() as tx:
        for (state, reason), count in dead_letters.counts(tx).items():
            extra[f"hub_dead_letters.{state}/{reason}"] = float(count)
        extra |= {f"hub_open_incidents.{level}": float(count) for level, count in open_counts(tx).items()}
        extra |= {f"hub_notices.{state}": float(count) for state, count in notices.counts(tx).items()}
        extra["hub_feed_newest"] = float(tx.execute(select(func.max(feed.c.seq))).scalar() or 0)
    text = exposition(parts.board.look(), app.counts.answers, live_of(request).fanout.listeners, extra)
    return PlainTextResponse(text, media_type=MEDIA_TYPE)
