"""Putting entities in order, and finding the place in it where the next page begins."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, time
from functools import partial
from typing import Any, Final, TypeAlias

import msgspec

from api.sta.entities import Entity
from api.sta.error import StaError
from api.sta.evaluate import Evaluator
from api.sta.options import Order
from api.sta.values import Duration, Instant, Period, Value

Key: TypeAlias = tuple[Any, ...]
"""One [kind, value] for each criterion, then the id."""

Keyed: TypeAlias = tuple[Key, Entity]

_ABSENT: Final = [0, 0]


def keyed(entities: Sequence[Entity], orders: Sequence[Order], evaluator: Evaluator) -> list[Keyed]:
    """The entities, which must be in the order of their ids, by these criteria and then by id."""
    found = [
        ((*(_comparable(evaluator.value(one.by, entity)) for one in orders), entity.id), entity) for entity in entities
    ]
    for i in reversed(range(len(orders))):
        found.sort(key=partial(_criterion, i), reverse=orders[i].descending)
    return found


def _criterion(i: int, one: Keyed) -> Any:
    return one[0][i]


def behind(found: Sequence[Keyed], last: Key, orders: Sequence[Order]) -> list[Keyed]:
    """Those that come after the key `last`.

    Raises:
        StaError: a key of another order.
    """
    if len(last) == len(orders) + 1:
        with suppress(TypeError):
            return [one for one in found if _comes_after(one[0], last, orders)]
    raise StaError("expected the token of this question", parameter="$skiptoken")


def _comes_after(key: Key, last: Key, orders: Sequence[Order]) -> bool:
    for own, other, order in zip(key, last, orders, strict=False):
        if own != other:
            return bool(own < other) if order.descending else bool(own > other)
    return bool(key[-1] > last[-1])


def _comparable(value: Value) -> list[Any]:
    """A value as something that sorts beside any other: absent first, then by kind."""
    match value:
        case None:
            return _ABSENT
        case bool():
            return [1, int(value)]
        case int() | float():
            return [2, value] if value == value else _ABSENT  # noqa: PLR0124 - NaN is what differs from itself
        case str():
            return [3, value]
        case Instant(ms=ms) | Period(start=Instant(ms=ms)):
            return [4, ms]
        case Duration(ms=ms):
            return [5, ms]
        case date() | time():
            return [6, value.isoformat()]
        case _:
            return [7, msgspec.json.encode(value).decode()]
