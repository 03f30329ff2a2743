"""Keeping people, units, areas, rosters and plans over HTTP: who may see and change what, versions, mistakes as problems."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from alerts.people import keeping
from alerts.people.book import Book, Shelf, read
from alerts.people.form import Kept
from alerts.people.keeping import Unfit
from alerts.people.person import Person
from api.answers import answer, check_match, tagged
from api.context import Context
from api.identity import Identity
from api.problem import FieldError, Problem
from storage.records import people
from storage.records.access import RANK
from storage.records.people import Sort, Written

K = TypeVar("K", bound=Kept)

_ZH: Final = {"person": "人员", "unit": "班组", "area": "区域", "roster": "值班表", "plan": "预案"}
_PRIVATE: Final = {"login", "phone", "mail", "user_ids", "ways"}
"""What of a person only officers see."""

_PATHS: Final = {"person": "people", "unit": "units", "area": "areas", "roster": "rosters", "plan": "plans"}


def shelf_in(request: Request) -> Shelf:
    """The application's shelf; made with the first question."""
    state = request.app.state
    if not hasattr(state, "shelf"):
        context: Context = state.context
        state.shelf = keeping.shelf_of(context.settings)
    shelf: Shelf = state.shelf
    return shelf


def list_answer(parts: Context, who: Identity, sort: Sort) -> Response:
    """All of a sort that the caller may see, by id."""
    with parts.records.read() as tx:
        rows = people.listing(tx, sort)
    return answer({"items": [body_for(who, row) for row in rows if is_shown(who, row.department)], "next": None})


def one_answer(request: Request, parts: Context, who: Identity, sort: Sort, name: str) -> Response:
    """One of them; its ETag is its version."""
    with parts.records.read() as tx:
        row = seen(tx, who, sort, name)
    return tagged(request, body_for(who, row), etag_of(row.version))


def put_answer(request: Request, parts: Context, who: Identity, thing: Kept, name: str) -> Response:
    """Write one down; a change needs If-Match with the version that was read."""
    sort = keeping.sort_of(thing)
    if thing.id not in ("", name):
        raise Problem(
            "invalid-parameter", f"id: expected {name}", errors=[FieldError("id", f"{name}, or none", "body")]
        )
    may_change(who, thing.department)
    with parts.records.begin() as tx:
        known = people.get(tx, sort, name)
        if known is not None:
            may_change(who, known.department)
        check_match(request, None if known is None else etag_of(known.version), needed=True)
        now = keep(tx, shelf_in(request), thing.model_copy(update={"id": name}), who, parts.clock.now())
    headers = {"ETag": etag_of(now.version), "Location": f"/v1/{_PATHS[sort]}/{name}"}
    return answer(body_for(who, now), 201 if known is None else 200, headers)


def remove_answer(request: Request, parts: Context, who: Identity, sort: Sort, name: str) -> Response:
    """Take one away, under If-Match; refused while something needs it."""
    with parts.records.begin() as tx:
        known = seen(tx, who, sort, name)
        may_change(who, known.department)
        check_match(request, etag_of(known.version), needed=True)
        try:
            keeping.remove(tx, shelf_in(request).book(tx), sort, name, actor=who.name, at=parts.clock.now())
        except Unfit as error:
            detail = f"{sort} {name} is still needed: {error}"
            zh = f"{_ZH[sort]} {name} 仍被使用：{'；'.join(each.zh for each in error.findings)}"
            raise Problem("conflict", detail, zh=zh, missing=[str(each) for each in error.findings]) from error
    return Response(status_code=204)


def keep(tx: Connection, shelf: Shelf, thing: Kept, who: Identity, at: int) -> Written:
    """Write one thing down.

    Raises:
        Problem: `invalid-parameter`: every mistake.
    """
    try:
        return keeping.put(tx, shelf.book(tx), thing, actor=who.name, at=at)
    except Unfit as error:
        raise unfit(error, keeping.sort_of(thing), thing.id) from error


def unfit(error: Unfit, sort: str, name: str) -> Problem:
    """The mistakes as a problem; of other things with their names before the field."""
    errors = [
        FieldError(
            each.field if (each.sort, each.id) == (sort, name) else f"{each.sort} {each.id} {each.field}",
            each.en,
            "body",
        )
        for each in error.findings
    ]
    zh = "；".join(f"{each.field}：{each.zh}" for each in error.findings)
    return Problem(
        "invalid-parameter", "; ".join(f"{each.field}: {each.expected}" for each in errors), zh=zh, errors=errors
    )


def changed(
    request: Request, parts: Context, who: Identity, known: tuple[Sort, str], change: Callable[[Any], Kept]
) -> Written:
    """The thing after `change`, under If-Match where the caller sends one.

    Raises:
        Problem: there is none, it is not the caller's to change, or the change has mistakes.
    """
    sort, name = known
    with parts.records.begin() as tx:
        row = seen(tx, who, sort, name)
        if row.department or who.department is not None:
            who.need_department(row.department)
        check_match(request, etag_of(row.version), needed=False)
        return keep(tx, shelf_in(request), change(read(row)), who, parts.clock.now())


def seen(tx: Connection, who: Identity, sort: Sort, name: str) -> Written:
    """The row, where the caller may see it.

    Raises:
        Problem: `not-found`.
    """
    row = people.get(tx, sort, name)
    if row is None or not is_shown(who, row.department):
        raise Problem("not-found", f"There is no {sort} {name}", zh=f"没有{_ZH[sort]} {name}")
    return row


def is_shown(who: Identity, department: str) -> bool:
    """Whether things of this department are shown to them; what is the whole site's is shown to all."""
    return not department or who.sees(department)


def may_change(who: Identity, department: str) -> None:
    """Pass only who may change things of this department; what is the whole site's only who sees all of it.

    Raises:
        Problem: `forbidden`.
    """
    who.need("admin")
    if department:
        who.need_department(department)
    else:
        who.need_all()


def body_for(who: Identity, row: Written) -> dict[str, Any]:
    """One of them as its own PUT would take it, with its version; a viewer is not shown how people are reached."""
    thing = read(row)
    hides = isinstance(thing, Person) and (who.role == "device" or RANK[who.role] < RANK["officer"])
    body = thing.model_dump(mode="json", by_alias=True, exclude=_PRIVATE if hides else None)
    return {**body, "version": row.version}


def etag_of(version: int) -> str:
    """The tag of a version."""
    return f'"{version}"'


def book_of(request: Request, parts: Context) -> Book:
    """The book as it stands."""
    with parts.records.read() as tx:
        return shelf_in(request).book(tx)
