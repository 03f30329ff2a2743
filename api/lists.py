"""Lists that can also be had as a file: a page as JSON, or all pages as rows."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from api.answers import page_answer
from api.formats import JSON, TABULAR, negotiate
from api.tables import Cell, Chunk, Table, table_response
from storage.records.page import Page

Fetch = Callable[[int, str | None], Page[Any]]
"""A page of so many things after a cursor."""

Item = Callable[[Any], dict[str, Any]]
"""A thing as an item of an answer."""

_PIECE: Final = 500
_NUMBERS: Final = frozenset({"level", "max_level", "value", "limit", "coverage", "round", "size", "rule_version"})


def listed(
    request: Request, name: str, fetch: Fetch, item: Item, columns: tuple[str, ...], place: tuple[int, str | None, str]
) -> Response:
    """The page at `place` (limit, cursor, zone) as JSON, or everything from the cursor on as a file with `columns`."""
    limit, cursor, zone = place
    form = negotiate(request, TABULAR)
    if form is JSON:
        page = fetch(limit, cursor)
        return page_answer(request, [item(one) for one in page.items], page.next)
    table = Table(
        name, (*columns, "zone"), _chunks(fetch, item, columns, cursor, zone), zone, _NUMBERS & frozenset(columns)
    )
    return table_response(table, form)


def _chunks(fetch: Fetch, item: Item, columns: tuple[str, ...], cursor: str | None, zone: str) -> Iterator[Chunk]:
    while True:
        page = fetch(_PIECE, cursor)
        flat = (_flat(item(one)) for one in page.items)
        yield [(*(row.get(column) for column in columns), zone) for row in flat]
        cursor = page.next
        if cursor is None:
            return


def _flat(item: dict[str, Any]) -> dict[str, Cell]:
    """The item with the members of `target` and `rule` beside its own."""
    rest = {name: value for name, value in item.items() if name not in ("target", "rule")}
    rule = item.get("rule")
    named = {} if rule is None else {"rule": rule["id"], "rule_version": rule["version"]}
    return {**rest, **item.get("target", {}), **named}
