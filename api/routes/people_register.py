"""`/v1/people`, `/v1/units` and `/v1/areas`: who may be told, in which team, and which area each team looks after."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from alerts.people.area import Area
from alerts.people.person import Person, Unit
from api import documents
from api.asking import Parts, Who
from api.documents import duty
from api.duty import list_answer, one_answer, put_answer, remove_answer, seen
from api.duty_bodies import Position
from api.identity import Identity, admin, officer
from storage.records import people as register
from storage.records.people import PlaceRow

router = APIRouter(tags=["people"])

Admin = Annotated[Identity, Depends(admin)]
Officer = Annotated[Identity, Depends(officer)]
NAME = r"^[a-z0-9][a-z0-9._-]{0,63}$"
PersonId = Annotated[str, Path(pattern=NAME)]
UnitId = Annotated[str, Path(pattern=NAME)]
AreaId = Annotated[str, Path(pattern=NAME)]


@router.get("/people", responses=documents.page(duty.PersonEntry))
def people(parts: Parts, who: Who) -> Response:
    """Everybody who may be told of incidents; how they are reached only for officers."""
    return list_answer(parts, who, "person")


@router.get("/people/{person_id}", responses=documents.one(duty.PersonEntry))
def person(request: Request, person_id: PersonId, parts: Parts, who: Who) -> Response:
    """One person; the ETag is the version."""
    return one_answer(request, parts, who, "person", person_id)


@router.put("/people/{person_id}", responses=documents.one(duty.PersonEntry))
def put_person(request: Request, person_id: PersonId, given: Person, parts: Parts, who: Admin) -> Response:
    """Write a person down: addresses, ways in order, quiet hours; a change needs If-Match."""
    return put_answer(request, parts, who, given, person_id)


@router.delete("/people/{person_id}", status_code=204, response_class=Response)
def remove_person(request: Request, person_id: PersonId, parts: Parts, who: Admin) -> Response:
    """Take a person away, under If-Match; refused while a unit, roster or plan names them."""
    return remove_answer(request, parts, who, "person", person_id)


@router.put("/people/{person_id}/position", status_code=204, response_class=Response)
def put_position(person_id: PersonId, given: Position, parts: Parts, who: Officer) -> Response:
    """Say where a person is now, for whom to send."""
    now = parts.clock.now()
    with parts.records.begin() as tx:
        seen(tx, who, "person", person_id)
        register.put_place(tx, PlaceRow(person_id, given.lon, given.lat, given.accuracy_m, now, who.name))
    return Response(status_code=204)


@router.get("/units", responses=documents.page(duty.UnitEntry))
def units(parts: Parts, who: Who) -> Response:
    """The teams of the departments."""
    return list_answer(parts, who, "unit")


@router.get("/units/{unit_id}", responses=documents.one(duty.UnitEntry))
def unit(request: Request, unit_id: UnitId, parts: Parts, who: Who) -> Response:
    """One team; the ETag is the version."""
    return one_answer(request, parts, who, "unit", unit_id)


@router.put("/units/{unit_id}", responses=documents.one(duty.UnitEntry))
def put_unit(request: Request, unit_id: UnitId, given: Unit, parts: Parts, who: Admin) -> Response:
    """Write a team down: members and leaders; a change needs If-Match."""
    return put_answer(request, parts, who, given, unit_id)


@router.delete("/units/{unit_id}", status_code=204, response_class=Response)
def remove_unit(request: Request, unit_id: UnitId, parts: Parts, who: Admin) -> Response:
    """Take a team away, under If-Match; refused while an area or plan names it."""
    return remove_answer(request, parts, who, "unit", unit_id)


@router.get("/areas", responses=documents.page(duty.AreaEntry))
def areas(parts: Parts, who: Who) -> Response:
    """The areas with their outlines and units."""
    return list_answer(parts, who, "area")


@router.get("/areas/{area_id}", responses=documents.one(duty.AreaEntry))
def area(request: Request, area_id: AreaId, parts: Parts, who: Who) -> Response:
    """One area; the ETag is the version."""
    return one_answer(request, parts, who, "area", area_id)


@router.put("/areas/{area_id}", responses=documents.one(duty.AreaEntry))
def put_area(request: Request, area_id: AreaId, given: Area, parts: Parts, who: Admin) -> Response:
    """Write an area down: outline (RFC 7946), stations or sections, units; a change needs If-Match."""
    return put_answer(request, parts, who, given, area_id)


@router.delete("/areas/{area_id}", status_code=204, response_class=Response)
def remove_area(request: Request, area_id: AreaId, parts: Parts, who: Admin) -> Response:
    """Take an area away, under If-Match; refused while a plan or another area names it."""
    return remove_answer(request, parts, who, "area", area_id)
