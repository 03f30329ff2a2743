"""`/v1/events`: server-sent events."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api import documents
from api.asking import Who, words_of
from api.context import live_of
from api.gate import Doorman, credential_of
from api.live.event import TYPES
from api.live.hub import Scope
from api.live.stream import EventStream
from api.problem import invalid

router = APIRouter(tags=["events"])

LastId = Annotated[
    str | None, Query(max_length=32, description="As the header Last-Event-ID, for clients that cannot set it")
]
LastHeader = Annotated[
    str | None, Header(alias="Last-Event-ID", description="The last id seen; what came after it is sent again")
]
Types = Annotated[list[str] | None, Query(description="Only these events: " + ", ".join(TYPES))]


@router.get("/events", responses=documents.EVENTS)
async def events(
    request: Request, who: Who, last_event_id: LastId = None, header: LastHeader = None, types: Types = None
) -> Response:
    """Alerts, incidents, newest values, health and dead letters as they happen; resumable, none missed, none twice."""
    wanted = words_of(types) or TYPES
    if unknown := [word for word in wanted if word not in TYPES]:
        raise invalid("types", f"some of {', '.join(TYPES)}, not {unknown[0]}")
    live, doorman = live_of(request), request.app.state.doorman
    scope = Scope(who.department, frozenset(wanted))
    credential = credential_of(request.scope, request.headers)
    after = _number(header or last_event_id)
    return EventStream(live.fanout, live.feed, scope, after, live.pulse.greeting, lambda: _still(doorman, credential))


async def _still(doorman: Doorman, credential: str | None) -> bool:
    return credential is not None and await run_in_threadpool(doorman.find, credential) is not None


def _number(text: str | None) -> int | None:
    if text is None or not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise invalid("last_event_id", "the id of an event")
    return int(text)
