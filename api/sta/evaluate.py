"""What expressions are for an entity; a path over a set holds when it does for any member, the same one throughout."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from api.asking import FAR
from api.sta.budget import Budget
from api.sta.entities import Entity
from api.sta.functions import FUNCTIONS, calculate, call, compare
from api.sta.model import Link
from api.sta.syntax import Call, Choice, Expression, Literal, Not, Operation, Path, paths
from api.sta.values import Instant, Value

Prefix: TypeAlias = tuple[str, ...]
Bound: TypeAlias = Mapping[Prefix, Entity | None]

_LOGIC: Final = ("and", "or")
_COMPARISONS: Final = ("eq", "ne", "gt", "ge", "lt", "le")


class Graph(Protocol):
    """Where an evaluator looks properties and links up."""

    def property(self, entity: Entity, name: str) -> Value:
        """The value of a property, None where the entity has none."""

    def one(self, entity: Entity, link: Link) -> Entity | None:
        """The entity that a link to one leads to."""

    def many(self, entity: Entity, link: Link) -> Sequence[Entity]:
        """The entities that a link to many leads to."""


@dataclass(frozen=True, slots=True)
class Condition:
    """An expression with the sets that it runs over, shorter paths first."""

    expression: Expression
    sets: tuple[tuple[Link, ...], ...]

    @classmethod
    def of(cls, expression: Expression) -> "Condition":
        """The condition that an expression is."""
        found = {
            tuple(link.name for link in path.links[: i + 1]): path.links[: i + 1]
            for path in paths(expression)
            for i, link in enumerate(path.links)
            if link.many
        }
        return cls(expression, tuple(found[key] for key in sorted(found, key=len)))


class Evaluator:
    """Evaluates over one graph within one budget; `now` is epoch ms."""

    def __init__(self, graph: Graph, budget: Budget, now: int) -> None:
        self._graph = graph
        self._budget = budget
        self._clocks: dict[str, Instant] = {
            "now": Instant(now),
            "mindatetime": Instant(-FAR),
            "maxdatetime": Instant(FAR),
        }

    def holds(self, condition: Condition, entity: Entity) -> bool:
        """Whether the condition is true of the entity."""
        return any(
            self._value(condition.expression, bound) is True for bound in self._bindings(condition.sets, {(): entity})
        )

    def value(self, expression: Expression, entity: Entity | None = None) -> Value:
        """The value of an expression without sets; without an entity, of one without paths."""
        return self._value(expression, {(): entity})

    def _bindings(self, sets: tuple[tuple[Link, ...], ...], bound: Bound) -> Iterator[Bound]:
        if not sets:
            yield bound
            return
        first, *rest = sets
        parent = self._reach(first[:-1], bound)
        members: Sequence[Entity | None] = () if parent is None else self._graph.many(parent, first[-1])
        for member in members or (None,):
            self._budget.spend(1)
            yield from self._bindings(tuple(rest), {**bound, tuple(link.name for link in first): member})

    def _reach(self, links: tuple[Link, ...], bound: Bound) -> Entity | None:
        prefix: Prefix = ()
        entity = bound[()]
        for link in links:
            prefix = (*prefix, link.name)
            if link.many:
                entity = bound[prefix]
            elif entity is not None:
                entity = self._graph.one(entity, link)
        return entity

    def _value(self, expression: Expression, bound: Bound) -> Value:
        self._budget.spend(1)
        match expression:
            case Literal(value=value):
                return value
            case Path():
                return self._of_path(expression, bound)
            case Call(name=name, arguments=arguments):
                if name in self._clocks:
                    return self._clocks[name]
                return call(FUNCTIONS[name], [self._value(one, bound) for one in arguments])
            case Not(operand=operand):
                return _opposite(self._value(operand, bound))
            case Operation():
                return self._operated(expression, bound)
            case Choice():
                return None

    def _operated(self, operation: Operation, bound: Bound) -> Value:
        operator, left, right = operation.operator, operation.left, operation.right
        if operator in _LOGIC:
            return _logic(operator, self._value(left, bound), lambda: self._value(right, bound))
        value = self._value(left, bound)
        if isinstance(right, Choice):
            return any(compare("eq", value, self._value(one, bound)) for one in right.options)
        other = self._value(right, bound)
        return compare(operator, value, other) if operator in _COMPARISONS else calculate(operator, value, other)

    def _of_path(self, path: Path, bound: Bound) -> Value:
        entity = self._reach(path.links, bound)
        if entity is None:
            return None
        value = self._graph.property(entity, path.property)
        for name in path.inside:
            value = member(value, name)
        return value


def member(value: Value, name: str) -> Value:
    """A member of a JSON object or array, None where there is none."""
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list) and name.isdecimal() and len(name) < 6:
        return value[int(name)] if int(name) < len(value) else None
    return None


def _opposite(value: Value) -> Value:
    return not value if isinstance(value, bool) else None


def _logic(operator: str, left: Value, right: Callable[[], Value]) -> Value:
    """Three-valued: what is not known decides only where the other does not (OData 4.0 part 2 clause 5.1.1.2)."""
    decides = operator == "or"
    if left is decides:
        return decides
    other = right()
    if other is decides:
        return decides
    return (not decides) if left is (not decides) and other is (not decides) else None
