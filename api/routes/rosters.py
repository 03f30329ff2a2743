"""`/v1/rosters`: duty rosters, who is on duty when, overrides and swaps, and the roster as a calendar."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from alerts.people.duties import calendar_layer, duties_of, next_override, swapped
from alerts.people.roster import Override, Roster
from alerts.people.rota import layers_of
from api import documents
from api.answers import answer
from api.asking import Asked, InZone, Parts, Who
from api.documents import duty
from api.duty import (
    body_for,
    book_of,
    changed,
    etag_of,
    is_shown,
    list_answer,
    one_answer,
    put_answer,
    remove_answer,
    seen,
    shelf_in,
)
from api.duty_bodies import NewOverride, NewSwap
from api.duty_times import moment_asked, sent
from api.identity import Identity, admin, officer
from api.problem import FieldError, Problem, language_of
from hub.clock import rfc3339
from storage.records.people import Written
from storage.zones import zone_of

router = APIRouter(tags=["people"])

Admin = Annotated[Identity, Depends(admin)]
Officer = Annotated[Identity, Depends(officer)]
NAME = r"^[a-z0-9][a-z0-9._-]{0,63}$"
RosterId = Annotated[str, Path(pattern=NAME)]
OverrideId = Annotated[str, Path(pattern=NAME)]
Sent = Annotated[bytes, Depends(sent)]
Instant = Annotated[int, Depends(moment_asked)]
LayerAsked = Annotated[
    str, Query(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$", description="The layer that the calendar fills")
]

CALENDAR = "text/calendar"
_FORTNIGHT = 14 * 86_400_000
_LONGEST = 370 * 86_400_000


@router.get("/rosters", responses=documents.page(duty.RosterEntry))
def rosters(parts: Parts, who: Who) -> Response:
    """The duty rosters."""
    return list_answer(parts, who, "roster")


@router.get("/on-duty", responses=documents.page(duty.OnDuty))
def all_on_duty(request: Request, parts: Parts, who: Who, at: Instant, zone: InZone) -> Response:
    """Who is on duty in every roster, now or at `at`, and until when."""
    book = book_of(request, parts)
    shown = [roster for roster in book.rosters.values() if is_shown(who, roster.department)]
    items = [each for roster in shown for each in duties_of(book, roster, at, zone_of(zone))]
    return answer({"items": items, "next": None})


@router.get("/rosters/{roster_id}.ics", responses=duty.CALENDAR)
def calendar(request: Request, roster_id: RosterId, parts: Parts, who: Who, span: Asked) -> Response:
    """The duties of [from, to), 90 days from now where nothing is said, as a calendar file (RFC 5545)."""
    from alerts.people.calendar_out import write_calendar  # with a large library, which few processes need

    start, end = _span(parts.clock.now(), span.start, span.end, 90 * 86_400_000)
    with parts.records.read() as tx:
        seen(tx, who, "roster", roster_id)
        book = shelf_in(request).book(tx)
    roster, found = book.rosters[roster_id], book.rota(roster_id, start, end)
    language = language_of(request.headers.get("accept-language", "zh"))
    text = write_calendar(roster, found, book.people, roster.zone or parts.zone, parts.clock.now(), language)
    headers = {"Content-Disposition": f'attachment; filename="{roster_id}.ics"'}
    return Response(text, 200, headers, f"{CALENDAR}; charset=utf-8")


@router.put("/rosters/{roster_id}.ics", responses=documents.one(duty.RosterEntry), openapi_extra=duty.CALENDAR_BODY)
def put_calendar(
    request: Request, roster_id: RosterId, parts: Parts, who: Admin, body: Sent, layer: LayerAsked = "calendar"
) -> Response:
    """Let a calendar file say who has the duties of one layer; a roster that is there needs If-Match."""
    found, faults = calendar_layer(book_of(request, parts), roster_id, layer, body, f"{roster_id}.ics")
    if faults or found is None:
        errors = [FieldError(f"line {each.line} {each.key}".strip(), each.message, "body") for each in faults]
        raise Problem("invalid-parameter", "; ".join(map(str, faults)), errors=errors)
    return put_answer(request, parts, who, found, roster_id)


@router.get("/rosters/{roster_id}", responses=documents.one(duty.RosterEntry))
def roster(request: Request, roster_id: RosterId, parts: Parts, who: Who) -> Response:
    """One roster; the ETag is the version."""
    return one_answer(request, parts, who, "roster", roster_id)


@router.put("/rosters/{roster_id}", responses=documents.one(duty.RosterEntry))
def put_roster(request: Request, roster_id: RosterId, given: Roster, parts: Parts, who: Admin) -> Response:
    """Write a roster down: layers, shifts, holidays, overrides; a change needs If-Match."""
    return put_answer(request, parts, who, given, roster_id)


@router.delete("/rosters/{roster_id}", status_code=204, response_class=Response)
def remove_roster(request: Request, roster_id: RosterId, parts: Parts, who: Admin) -> Response:
    """Take a roster away, under If-Match; refused while a plan names it."""
    return remove_answer(request, parts, who, "roster", roster_id)


@router.get("/rosters/{roster_id}/on-duty", responses=documents.page(duty.OnDuty))
def on_duty(request: Request, roster_id: RosterId, parts: Parts, who: Who, at: Instant, zone: InZone) -> Response:
    """Who of a roster is on duty, now or at `at`, by layer, and until when."""
    with parts.records.read() as tx:
        seen(tx, who, "roster", roster_id)
        book = shelf_in(request).book(tx)
    return answer({"items": duties_of(book, book.rosters[roster_id], at, zone_of(zone)), "next": None})


@router.get("/rosters/{roster_id}/duties", responses=documents.page(duty.DutyShape))
def duties(request: Request, roster_id: RosterId, parts: Parts, who: Who, span: Asked, zone: InZone) -> Response:
    """Every duty of [from, to) by layer, 14 days from now where nothing is said."""
    start, end = _span(parts.clock.now(), span.start, span.end, _FORTNIGHT)
    with parts.records.read() as tx:
        seen(tx, who, "roster", roster_id)
        book = shelf_in(request).book(tx)
    info = zone_of(zone)
    items = [
        {"layer": layer, "from": rfc3339(first, info), "to": rfc3339(last, info), "people": list(names)}
        for layer, pieces in layers_of(book.rota(roster_id, start, end)).items()
        for first, last, names in pieces
    ]
    return answer({"items": items, "next": None})


@router.post("/rosters/{roster_id}/overrides", status_code=201, responses=documents.one(duty.RosterEntry, status=201))
def add_override(request: Request, roster_id: RosterId, given: NewOverride, parts: Parts, who: Officer) -> Response:
    """Put somebody in another's place for a time, or nobody; the roster as it stands then."""

    def change(known: Roster) -> Roster:
        words = {**given.model_dump(by_alias=True), "id": next_override(known, "o"), "by": who.name}
        return known.model_copy(update={"overrides": (*known.overrides, Override.model_validate(words))})

    return _answer(who, changed(request, parts, who, ("roster", roster_id), change), 201)


@router.post("/rosters/{roster_id}/swaps", status_code=201, responses=documents.one(duty.RosterEntry, status=201))
def add_swap(request: Request, roster_id: RosterId, given: NewSwap, parts: Parts, who: Officer) -> Response:
    """Let two people take each other's duty over; the roster as it stands then."""

    def change(known: Roster) -> Roster:
        return swapped(known, given.first, given.second, given.layer, given.reason, who.name)

    return _answer(who, changed(request, parts, who, ("roster", roster_id), change), 201)


@router.delete("/rosters/{roster_id}/overrides/{override_id}", responses=documents.one(duty.RosterEntry))
def remove_override(
    request: Request, roster_id: RosterId, override_id: OverrideId, parts: Parts, who: Officer
) -> Response:
    """Take an override away, of a swap both halves; the roster as it stands then."""

    def change(known: Roster) -> Roster:
        gone = next((each for each in known.overrides if each.id == override_id), None)
        if gone is None:
            raise Problem("not-found", f"There is no override {override_id}", zh=f"没有换班记录 {override_id}")
        rest = [each for each in known.overrides if each is not gone and not (gone.swap and each.swap == gone.swap)]
        return known.model_copy(update={"overrides": tuple(rest)})

    return _answer(who, changed(request, parts, who, ("roster", roster_id), change), 200)


def _answer(who: Identity, now: Written, status: int) -> Response:
    return answer(body_for(who, now), status, {"ETag": etag_of(now.version)})


def _span(now: int, start: int | None, end: int | None, length: int) -> tuple[int, int]:
    first = now if start is None else start
    last = first + length if end is None else end
    if not first < last <= first + _LONGEST:
        raise Problem(
            "invalid-parameter", "to: expected a time after `from`, within 370 days", zh="to：应在 from 之后 370 天内"
        )
    return first, last
