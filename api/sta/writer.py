"""Entities and sets as JSON, with their control information and what is expanded in them (18-088 clauses 8.1 and 9.3.2)."""

from typing import Any, Final
from urllib.parse import quote, urlencode

from api.sta.budget import ENTITY
from api.sta.describe import Sensing
from api.sta.entities import Entity, Reading
from api.sta.finder import Finder, Found
from api.sta.model import READ_FROM_STORE, TYPES, Link
from api.sta.options import Expand, Query, encode_key
from api.sta.values import plain
from api.sta.world import Scope

_ALWAYS: Final = frozenset(("result", "resultTime", "phenomenonTime", "description"))
"""Properties that are shown as null where there is no value; others are left out."""

_ARRAY: Final = ("id", "phenomenonTime", "result", "resultTime", "resultQuality")
_SAFE: Final = "()',;:/*@$"


class Writer:
    """Writes what one request asked for."""

    def __init__(self, world: Sensing, finder: Finder) -> None:
        self._world = world
        self._finder = finder

    def entity(self, entity: Entity, query: Query) -> dict[str, Any]:
        """One entity."""
        self._world.budget.spend(ENTITY)
        chosen = () if "*" in query.select else query.select
        link = self._world.link(entity)
        body: dict[str, Any] = {}
        if not chosen or "@iot.id" in chosen:
            body["@iot.id"] = entity.id
        if not chosen or "@iot.selfLink" in chosen:
            body["@iot.selfLink"] = link
        for name in entity.type.properties:
            if not chosen or name in chosen:
                value = plain(self._world.property(entity, name))
                if value is not None or name in _ALWAYS or name in chosen:
                    body[name] = value
        expanded = {one.link.name: one for one in query.expand}
        for name in entity.type.links:
            if name in expanded:
                body.update(self._expanded(entity, link, expanded[name]))
            elif not chosen or name in chosen:
                body[f"{name}@iot.navigationLink"] = f"{link}/{name}"
        return body

    def _expanded(self, entity: Entity, address: str, expand: Expand) -> dict[str, Any]:
        link, query = expand.link, expand.query
        if not link.many:
            other = self._world.one(entity, link)
            return {link.name: None if other is None else self.entity(other, query)}
        found = self._finder.page(self.members(entity, link), query)
        body: dict[str, Any] = {}
        if found.count is not None:
            body[f"{link.name}@iot.count"] = found.count
        body[link.name] = [self.entity(one, query) for one in found.entities]
        if found.last is not None:
            body[f"{link.name}@iot.nextLink"] = next_link(f"{address}/{link.name}", query, found.last)
        return body

    def members(self, entity: Entity, link: Link) -> list[Entity] | Scope:
        """What a link to many leads to."""
        if link.target in READ_FROM_STORE:
            return self._world.scope(TYPES[link.target], entity)
        return list(self._world.many(entity, link))

    def collection(self, found: Found, query: Query, address: str) -> dict[str, Any]:
        """A page of a set."""
        body = self._head(found, query, address)
        if query.data_array:
            return {**body, "value": self._arrays(found, query)}
        return {**body, "value": [self.entity(one, query) for one in found.entities]}

    def references(self, found: Found, query: Query, address: str) -> dict[str, Any]:
        """A page of a set, only the addresses of its entities."""
        links = [{"@iot.selfLink": self._world.link(one)} for one in found.entities]
        return {**self._head(found, query, address), "value": links}

    def _head(self, found: Found, query: Query, address: str) -> dict[str, Any]:
        body: dict[str, Any] = {}
        if found.count is not None:
            body["@iot.count"] = found.count
        if found.last is not None:
            body["@iot.nextLink"] = next_link(address, query, found.last)
        return body

    def _arrays(self, found: Found, query: Query) -> list[dict[str, Any]]:
        """Observations as rows, a table for each Datastream (18-088 clause 12)."""
        wanted = tuple(name.replace("@iot.", "") for name in query.select if name in TYPES["Observation"].properties)
        components = (*(("id",) if "@iot.id" in query.select else ()), *wanted) or _ARRAY
        tables: dict[str, dict[str, Any]] = {}
        for entity in found.entities:
            self._world.budget.spend(ENTITY // 4)
            if not isinstance(entity.of, Reading):
                continue
            stream = entity.of.stream.id
            if stream not in tables:
                address = f"{self._world.root}/Datastreams('{stream}')"
                tables[stream] = {
                    "Datastream@iot.navigationLink": address,
                    "components": components,
                    "dataArray@iot.count": 0,
                    "dataArray": [],
                }
            row = [plain(self._world.property(entity, name)) for name in components]
            tables[stream]["dataArray"].append(row)
            tables[stream]["dataArray@iot.count"] += 1
        return list(tables.values())


def next_link(address: str, query: Query, last: tuple[Any, ...]) -> str:
    """The address of the page that follows, with the same options but `$skip`."""
    options = {name: text for name, text in query.texts.items() if name not in ("$skip", "$skiptoken")}
    options["$skiptoken"] = encode_key(last)
    return f"{address}?{urlencode(options, safe=_SAFE, quote_via=quote)}"
