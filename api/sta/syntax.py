"""What an expression is made of, once read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from api.sta.model import Link
from api.sta.values import Value


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as it was written."""

    value: Value


@dataclass(frozen=True, slots=True)
class Path:
    """A property, reached over links, and what lies inside it: `Datastream/unitOfMeasurement/symbol`."""

    links: tuple[Link, ...]
    property: str
    inside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A function of its arguments."""

    name: str
    arguments: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator between two expressions; with `in`, `right` is a list."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Choice:
    """The list after `in`."""

    options: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    operand: "Expression"


Expression: TypeAlias = Literal | Path | Call | Operation | Choice | Not


def children(expression: Expression) -> "tuple[Expression, ...]":
    """The expressions that this one is made of."""
    match expression:
        case Call(arguments=parts) | Choice(options=parts):
            return parts
        case Operation(left=left, right=right):
            return left, right
        case Not(operand=operand):
            return (operand,)
        case _:
            return ()


def paths(expression: Expression) -> Iterator[Path]:
    """Every path of the expression."""
    if isinstance(expression, Path):
        yield expression
    for part in children(expression):
        yield from paths(part)


def conjuncts(expression: Expression | None) -> "list[Expression]":
    """What must all hold."""
    match expression:
        case None:
            return []
        case Operation(operator="and", left=left, right=right):
            return [*conjuncts(left), *conjuncts(right)]
        case _:
            return [expression]
