"""Pages of entities: filtered, counted, ordered, skipped and cut, in that order (18-088 clause 9.3.1)."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from api.asking import FAR
from api.sta.begins import YEAR
from api.sta.describe import Sensing
from api.sta.entities import JOINT, Entity, Reading, Spot, joined, of_reading, of_spot, select_of
from api.sta.error import StaError, too_much
from api.sta.evaluate import Condition, Evaluator
from api.sta.model import WHEN
from api.sta.options import Query
from api.sta.order import behind, keyed
from api.sta.plan import Plan, all_of, plan
from api.sta.readings import Readings
from api.sta.syntax import Path
from api.sta.world import Scope, after
from storage.columns import Columns
from storage.series import Every

SORTED: Final = 50_000
"""Values that are read to be put in another order than that of time."""

COUNTED: Final = 20_000_000
"""Values that are counted: about two seconds."""

_FEW: Final = 200
"""Streams of which each is asked when it began, before a count is refused."""

_PIECE: Final = 1000


@dataclass(frozen=True, slots=True)
class Found:
    """A page: its entities, the key of its last one where more follow, and how many there are if that was asked."""

    entities: list[Entity]
    last: tuple[Any, ...] | None = None
    count: int | None = None


class Finder:
    """Answers the options of a query about a set."""

    def __init__(self, world: Sensing, evaluator: Evaluator) -> None:
        self._world = world
        self._evaluator = evaluator

    def page(self, source: Sequence[Entity] | Scope, query: Query) -> Found:
        """The page of a set that a query asks for.

        Raises:
            StaError: a question that cannot be answered, or takes too much.
        """
        if isinstance(source, Scope):
            return self._of_store(source, query)
        return self._of_register(source, query)

    def _of_register(self, entities: Sequence[Entity], query: Query) -> Found:
        if query.filter is not None:
            condition = Condition.of(query.filter)
            entities = [one for one in entities if self._evaluator.holds(condition, one)]
        count = len(entities) if query.count else None
        if not query.orderby:
            return _cut(_from(entities, query), count, query, lambda one: (one.id,))
        found = keyed(entities, query.orderby, self._evaluator)
        found = found[query.skip :] if query.after is None else behind(found, query.after, query.orderby)
        return _cut(found, count, query, lambda one: one[0], lambda one: one[1])

    def _of_store(self, scope: Scope, query: Query) -> Found:
        asked = plan(scope, query.filter, self._evaluator)
        count = self._count(asked, scope) if query.count else None
        descending = _by_time(scope, query)
        if descending is None:
            return self._resorted(asked, scope, query, count)
        size = query.page
        if not asked.streams or not size:
            return Found([], None, count)
        edge = None if query.after is None else _edge(asked, query.after, descending=descending)
        skip = query.skip if query.after is None else 0
        entities: list[Entity] = []
        for entity in self._entities(asked, scope, size + skip, edge, descending=descending):
            if skip:
                skip -= 1
                self._world.budget.spend(5)
                continue
            if len(entities) == size:
                return Found(entities, _key(entities[-1]), count)
            entities.append(entity)
        return Found(entities, None, count)

    def _entities(
        self, asked: Plan, scope: Scope, wanted: int, edge: tuple[int, int] | None, *, descending: bool
    ) -> Iterator[Entity]:
        reader = Readings(self._world, asked.streams, valid_only=asked.valid_only, wanted=wanted)
        read = reader.backward if descending else reader.forward
        for block in read(asked.start, asked.end, edge):
            rows, conditions = all_of(asked.rest, block)
            for entity in _built(asked, scope, rows):
                if all(self._evaluator.holds(one, entity) for one in conditions):
                    yield entity

    def _resorted(self, asked: Plan, scope: Scope, query: Query, count: int | None) -> Found:
        held: list[Entity] = []
        if asked.streams:
            for entity in self._entities(asked, scope, SORTED, None, descending=False):
                held.append(entity)
                if len(held) > SORTED:
                    allowed = f"narrow phenomenonTime to at most {SORTED} values, or order by phenomenonTime"
                    raise too_much("Too many values to be ordered so", allowed)
        found = keyed(sorted(held, key=lambda one: one.id), query.orderby, self._evaluator)
        found = found[query.skip :] if query.after is None else behind(found, query.after, query.orderby)
        return _cut(found, count, query, lambda one: one[0], lambda one: one[1])

    def _count(self, asked: Plan, scope: Scope) -> int:
        if not asked.streams:
            return 0
        if not asked.whole or scope.type.name != "Observation":
            return sum(1 for _ in self._entities(asked, scope, _PIECE * 8, None, descending=False))
        self._check_count(asked)
        column = "count" if asked.valid_only else "count_all"
        total = 0.0
        for device, streams in groupby(asked.streams, key=lambda one: one.device):
            self._world.budget.read()
            select = select_of(device, tuple(one.name for one in streams))
            found = self._world.parts.series.windows(select, asked.start, asked.end, Every(1, "y"), (column,), "UTC")
            total += sum(float(windows.columns[column].sum()) for windows in found)
        return int(total)

    def _check_count(self, asked: Plan) -> None:
        """Whether the values can be counted in time, by what their declared periods promise."""
        values, few = 0, len(asked.streams) <= _FEW
        for stream in asked.streams:
            newest = self._world.newest(stream)
            if newest is None:
                continue
            start = asked.start
            if few:
                start = max(start, self._world.begin(stream, newest))
            period = self._world.parts.register.period(stream.device.station, stream.name) or 60_000
            values += max(0, min(asked.end, newest) - max(start, newest - 10 * YEAR)) // period
        if values > COUNTED:
            raise too_much("Too many values to be counted", "name a Datastream or bound phenomenonTime on both sides")


def _from(entities: Sequence[Entity], query: Query) -> Sequence[Entity]:
    if query.after is None:
        return entities[query.skip :]
    (identifier, *more) = query.after
    if more or not isinstance(identifier, str):
        raise StaError("expected the token of this question", parameter="$skiptoken")
    return entities[after(entities, identifier) :]


def _cut(found: Sequence[Any], count: int | None, query: Query, key_of: Any, entity_of: Any = lambda one: one) -> Found:
    size = query.page
    page = found[:size]
    more = bool(page) and len(found) > size
    return Found([entity_of(one) for one in page], key_of(page[-1]) if more else None, count)


def _by_time(scope: Scope, query: Query) -> bool | None:
    """Whether the order is that of time, and which way; None for any other order."""
    if not query.orderby:
        return False
    first, *more = query.orderby
    native = (*WHEN[scope.type.name], "id")
    for one in query.orderby:
        if not isinstance(one.by, Path) or one.by.links or one.by.inside or one.by.property not in native:
            return None if one is first or len(scope.streams) > 1 else first.descending
    if len(scope.streams) > 1 and any(one.descending != first.descending for one in more):
        return None
    return first.descending


def _key(entity: Entity) -> tuple[Any, ...]:
    """The time, and the stream; of a place, which is two streams, what their ids begin with."""
    match entity.of:
        case Reading(stream=stream, time=time):
            return time, stream.id
        case Spot(device=device, time=time):
            return time, joined(device.station) + JOINT
        case _:
            return (entity.id,)


def _edge(asked: Plan, last: tuple[Any, ...], *, descending: bool) -> tuple[int, int]:
    """The time and stream number at which the page before ended."""
    if len(last) != 2 or not isinstance(last[0], int) or not isinstance(last[1], str) or abs(last[0]) > FAR:
        raise StaError("expected the token of this question", parameter="$skiptoken")
    time, name = last
    names = [one.id for one in asked.streams]
    first = bisect_left(names, name)
    last_of = first
    while last_of < len(names) and (
        names[last_of] == name or (name.endswith(JOINT) and names[last_of].startswith(name))
    ):
        last_of += 1
    return time, first if descending else last_of - 1


def _built(asked: Plan, scope: Scope, rows: Columns) -> Iterator[Entity]:
    """The entities of rows that hold all values of their times."""
    places = scope.type.name == "HistoricalLocation"
    waiting: dict[int, tuple[int, float]] = {}
    for low in range(0, len(rows), _PIECE):
        piece = rows.take(slice(low, low + _PIECE))
        columns = (piece.series, piece.time, piece.value, piece.quality, piece.checks)
        for series, time, value, quality, checks in zip(*(column.tolist() for column in columns), strict=True):
            if not places:
                yield of_reading(Reading(asked.streams[series], time, value, quality, checks))
                continue
            # The streams of a device come in pairs, latitude before longitude.
            half = waiting.pop(series // 2, None)
            if half is None or half[0] != time:
                waiting[series // 2] = (time, value)
                continue
            lat, lon = (half[1], value) if asked.streams[series].name == "lon" else (value, half[1])
            yield of_spot("HistoricalLocation", Spot(asked.streams[series].device, lon, lat, time))
