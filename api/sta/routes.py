"""`/sta/v1.1`: the paths, each answered on a worker thread."""

from typing import Any, Final

import msgspec
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from api.answers import JSON_TYPE, answer
from api.asking import Parts, Who
from api.context import Context
from api.identity import Identity
from api.sta.address import Address, Step, parse_address
from api.sta.begins import Begins
from api.sta.budget import Budget
from api.sta.describe import Sensing
from api.sta.entities import Entity
from api.sta.error import StaError, nothing_here, of_store
from api.sta.evaluate import Evaluator, member
from api.sta.finder import Finder
from api.sta.model import IDS, READ_FROM_STORE, SELF_LINKS, SETS, TYPES, EntityType
from api.sta.options import Query, parse_options
from api.sta.root import service_root
from api.sta.values import Value, plain
from api.sta.world import Scope
from api.sta.writer import Writer
from hub.errors import BadQuery, StoreUnavailable

PREFIX: Final = "/sta/v1.1"

router = APIRouter(prefix=PREFIX, include_in_schema=False)


def mount_sta(app: FastAPI, context: Context) -> None:
    """Add the paths to the application."""
    app.state.begins = Begins(context.series, context.clock)
    app.include_router(router)


@router.get("")
@router.get("/{path:path}")
def resource(request: Request, parts: Parts, who: Who) -> Response:
    """Whatever a path leads to."""
    try:
        return _Request(request, parts, who).response()
    except StaError as error:
        return error.response()
    except (BadQuery, StoreUnavailable) as error:
        return of_store(error).response()


class _Request:
    def __init__(self, request: Request, parts: Context, who: Identity) -> None:
        self._pairs = request.query_params.multi_items()
        self._path = request.scope["path"].removeprefix(PREFIX).strip("/")
        origin = (parts.settings.serve.public_url or str(request.base_url)).rstrip("/")
        budget = Budget(parts.clock.monotonic)
        self._world = Sensing(parts, request.app.state.begins, who.department, origin + PREFIX, budget)
        evaluator = Evaluator(self._world, budget, parts.clock.now())
        self._finder = Finder(self._world, evaluator)
        self._writer = Writer(self._world, self._finder)

    def response(self) -> Response:
        address = parse_address(self._path)
        if address is None:
            return _json(service_root(self._world.root))
        if address.property:
            return self._property(address)
        query = parse_options(self._pairs, address.target)
        if query.data_array and (not address.many or address.ref):
            raise StaError("expected a set of Observations", parameter="resultFormat")
        if address.many:
            return _json(self._set(address, query))
        entity = self._entity(address.steps, address.target)
        if address.ref:
            return _json({"@iot.selfLink": self._world.link(entity)})
        return _json(self._writer.entity(entity, query))

    def _set(self, address: Address, query: Query) -> dict[str, Any]:
        found = self._finder.page(self._members(address.steps, address.target), query)
        place = f"{self._world.root}/{self._path}"
        write = self._writer.references if address.ref else self._writer.collection
        return write(found, query, place)

    def _members(self, steps: tuple[Step, ...], kind: EntityType) -> list[Entity] | Scope:
        """The set that a path ends in."""
        if len(steps) == 1:
            return self._world.scope(kind, None) if kind.name in READ_FROM_STORE else self._world.all(kind)
        parent = self._follow(steps[:-1])
        return self._writer.members(parent, parent.type.links[steps[-1].name])

    def _follow(self, steps: tuple[Step, ...]) -> Entity:
        """The entity that a path leads to."""
        about = SETS[steps[0].name]
        for step in steps[1:]:
            about = TYPES[about.links[step.name].target]
        return self._entity(steps, about)

    def _entity(self, steps: tuple[Step, ...], kind: EntityType) -> Entity:
        last = steps[-1]
        if len(steps) == 1:
            return _there(self._world.find(kind, last.id or ""), last)
        parent = self._follow(steps[:-1])
        link = parent.type.links[last.name]
        if not link.many:
            return _there(self._world.one(parent, link), last)
        found = self._world.find(kind, last.id or "")
        members = self._writer.members(parent, link)
        inside = found is not None and (_holds(members, found) if isinstance(members, Scope) else found in members)
        return _there(found if inside else None, last)

    def _property(self, address: Address) -> Response:
        entity = self._entity(address.steps, address.target)
        name = "id" if address.property in IDS else "selfLink" if address.property in SELF_LINKS else address.property
        value: Value = plain(self._world.property(entity, name))
        for inside in address.inside:
            value = member(value, inside)
        if value is None:
            return Response(None, 204, _HEADERS)
        if not address.value:
            return _json({(address.inside or (address.property,))[-1]: value})
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        return Response(text, 200, _HEADERS, "text/plain; charset=utf-8")


_HEADERS: Final = {"Cache-Control": "private, no-store"}


def _json(body: dict[str, Any]) -> Response:
    return answer(body, headers=_HEADERS, media_type=JSON_TYPE)


def _there(entity: Entity | None, step: Step) -> Entity:
    if entity is None:
        shown = step.name if step.id is None else f"{step.name}('{step.id[:80]}')"
        raise nothing_here(f"There is no {shown} here")
    return entity


def _holds(scope: Scope, entity: Entity) -> bool:
    identifier = entity.id
    name, _, time = identifier.rpartition("~")
    if scope.at is not None and str(scope.at) != time:
        return False
    owners = {one.id if entity.type.name == "Observation" else one.id.rpartition("~")[0] for one in scope.streams}
    return name in owners
