"""What of a filter the series store can answer itself: times, streams, validity; the rest is asked of each value read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np

from api.asking import FAR
from api.sta.entities import JOINT, Entity, Reading, Spot, Stream
from api.sta.evaluate import Condition, Evaluator
from api.sta.functions import moment_of
from api.sta.model import WHEN
from api.sta.syntax import Expression, Literal, Not, Operation, Path, conjuncts, paths
from api.sta.values import Instant, Value
from api.sta.world import Scope
from storage.columns import Columns, Mask

_FLIPPED: Final = {"eq": "eq", "ne": "ne", "lt": "gt", "gt": "lt", "le": "ge", "ge": "le"}
_OF_STREAM: Final = ("Datastream", "FeatureOfInterest", "Thing")


@dataclass(frozen=True, slots=True)
class Plan:
    """What to read: these streams in [start, end), and what must hold of each value; `whole` when nothing more must."""

    streams: tuple[Stream, ...]
    start: int = -FAR
    end: int = FAR
    valid_only: bool = False
    rest: tuple[Condition, ...] = field(default=())

    @property
    def whole(self) -> bool:
        """Whether every value read is wanted."""
        return not self.rest


def plan(scope: Scope, filter_: Expression | None, evaluator: Evaluator) -> Plan:
    """How a filter on a scope is answered."""
    work = _Planner(scope, evaluator)
    for one in conjuncts(filter_):
        work.take(one)
    return work.done()


class _Planner:
    def __init__(self, scope: Scope, evaluator: Evaluator) -> None:
        self._scope = scope
        self._evaluator = evaluator
        self._streams = list(scope.streams)
        self._start, self._end = (-FAR, FAR) if scope.at is None else (scope.at, scope.at + 1)
        self._valid_only = False
        self._rest: list[Condition] = []

    def take(self, expression: Expression) -> None:
        """Use one condition as far as it can be."""
        if self._is_valid(expression):
            self._valid_only = True
        elif (found := list(paths(expression))) and all(_of_stream(path) for path in found):
            condition = Condition.of(expression)
            self._streams = [one for one in self._streams if self._evaluator.holds(condition, self._dummy(one))]
        elif not found:
            self._streams = self._streams if self._evaluator.value(expression) is True else []
        elif not self._bounded(expression):
            self._rest.append(Condition.of(expression))

    def done(self) -> Plan:
        """The plan of all conditions taken."""
        start, end = (min(FAR, max(-FAR, one)) for one in (self._start, self._end))
        return Plan(tuple(self._streams), start, max(start, end), self._valid_only, tuple(self._rest))

    def _dummy(self, stream: Stream) -> Entity:
        """An entity that stands for all of a stream."""
        if self._scope.type.name == "Observation":
            return Entity(self._scope.type, "", Reading(stream, 0, 0.0))
        return Entity(self._scope.type, "", Spot(stream.device, 0.0, 0.0, 0))

    def _is_valid(self, expression: Expression) -> bool:
        match expression:
            case Path(links=(), property="resultQuality", inside=("valid",)):
                return True
            case Operation(operator="eq", left=Path() as path, right=Literal(value=True)):
                return self._is_valid(path)
            case _:
                return False

    def _bounded(self, expression: Expression) -> bool:
        """Whether a condition is one of time or id, and is now in the bounds."""
        sides = sides_of(expression)
        if sides is None or sides[0].links or sides[0].inside or any(paths(sides[2])):
            return False
        path, operator, constant = sides
        value = self._evaluator.value(constant)
        if path.property == "id" and operator == "eq" and isinstance(value, str):
            return self._only(value)
        if path.property not in WHEN[self._scope.type.name]:
            return False
        moment = _moment(value)
        if moment is None or operator == "ne":
            return False
        self._start = max(self._start, {"ge": moment, "gt": moment + 1, "eq": moment}.get(operator, -FAR))
        self._end = min(self._end, {"lt": moment, "le": moment + 1, "eq": moment + 1}.get(operator, FAR))
        return True

    def _only(self, identifier: str) -> bool:
        name, _, time = identifier.rpartition(JOINT)
        owner = "device" if self._scope.type.name == "HistoricalLocation" else ""
        if not time.removeprefix("-").isdecimal() or len(time) > 14:
            self._streams = []
            return True
        wanted = [one for one in self._streams if (one.id.rpartition(JOINT)[0] if owner else one.id) == name]
        self._streams = wanted
        self._start, self._end = max(self._start, int(time)), min(self._end, int(time) + 1)
        return True


def sides_of(expression: Expression) -> tuple[Path, str, Expression] | None:
    """A comparison as (path, operator, other side), turned round where the path is on the right."""
    match expression:
        case Operation(operator=operator, left=Path() as path, right=other) if operator in _FLIPPED:
            return path, operator, other
        case Operation(operator=operator, left=other, right=Path() as path) if operator in _FLIPPED:
            return path, _FLIPPED[operator], other
        case _:
            return None


def _of_stream(path: Path) -> bool:
    return bool(path.links) and path.links[0].name in _OF_STREAM


def _moment(value: Value) -> int | None:
    """The time that a constant is, epoch ms; a quoted one too."""
    moment = moment_of(value) if isinstance(value, str | date) else value
    return moment.ms if isinstance(moment, Instant) else None


def mask_of(expression: Expression, rows: Columns) -> Mask | None:
    """Which rows a condition on results and times holds for, None where it is not as simple as that."""
    match expression:
        case Operation(operator="and" | "or" as operator, left=left, right=right):
            one, other = mask_of(left, rows), mask_of(right, rows)
            if one is None or other is None:
                return None
            return one & other if operator == "and" else one | other
        case Not(operand=operand):
            inner = mask_of(operand, rows)
            return None if inner is None else ~inner
        case _:
            return _compared(expression, rows)


def _compared(expression: Expression, rows: Columns) -> Mask | None:
    sides = sides_of(expression)
    if sides is None or sides[0].links or sides[0].inside or sides[0].property != "result":
        return None
    _, operator, other = sides
    if not isinstance(other, Literal) or isinstance(other.value, bool) or not isinstance(other.value, int | float):
        return None
    number, value = float(other.value), rows.value
    masks: dict[str, Mask] = {
        "eq": value == number,
        "ne": value != number,
        "gt": value > number,
        "ge": value >= number,
        "lt": value < number,
        "le": value <= number,
    }
    return masks[operator] & (np.isfinite(value) | (operator == "ne"))


def all_of(conditions: Sequence[Condition], rows: Columns) -> tuple[Columns, list[Condition]]:
    """The rows for which the simple conditions hold, and the conditions that must still be asked."""
    left = []
    for one in conditions:
        mask = mask_of(one.expression, rows)
        if mask is None:
            left.append(one)
        else:
            rows = rows.take(mask)
    return rows, left
