"""The functions of 18-088 clause 9.3.3.5.3, and the few of OData that clients send besides."""

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, time
from functools import partial
from typing import Final

from api.sta import geometry
from api.sta.error import StaError
from api.sta.geometry import Geometry
from api.sta.values import Duration, Instant, Period, Value, parse_instant


@dataclass(frozen=True, slots=True)
class Function:
    """One function: the kinds of its arguments (`text number time place`), how many are needed, and what it gives."""

    kinds: tuple[str, ...]
    needed: int
    apply: Callable[..., Value]


_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "text": (str,),
    "number": (int, float),
    "time": (Instant,),
    "place": (Geometry,),
}
_EXAMPLES: Final = {
    "text": "a text such as 'north'",
    "number": "a number",
    "time": "a time such as 2026-11-23T10:41:20Z",
    "place": "a geometry such as geography'POINT (121.6 29.9)'",
}


def fits(kind: str, value: Value) -> bool:
    """Whether a value is of a kind."""
    return isinstance(value, _KINDS[kind]) and not isinstance(value, bool)


def expected(kind: str) -> str:
    """A kind in words."""
    return _EXAMPLES[kind]


def call(function: Function, arguments: list[Value]) -> Value:
    """What the function gives; None where an argument is absent or of another kind, as OData has it for null."""
    given = []
    for kind, value in zip(function.kinds, arguments, strict=False):
        taken = _taken(kind, value)
        if not fits(kind, taken):
            return None
        given.append(taken)
    try:
        return function.apply(*given)
    except (ValueError, OverflowError, ZeroDivisionError):
        return None


def _taken(kind: str, value: Value) -> Value:
    if kind == "place":
        return geometry.of_geojson(value)
    if kind == "time" and isinstance(value, Period):
        return value.start
    return value


def _substring(text: str, start: float, count: float | None = None) -> str:
    first = max(0, int(start))
    return text[first:] if count is None else text[first : first + max(0, int(count))]


def _part(name: str, moment: Instant) -> int:
    return int(getattr(moment.local(), name))


def _date(moment: Instant) -> date:
    return moment.local().date()


def _time(moment: Instant) -> time:
    return moment.local().time()


def _points_only(answer: Value) -> Value:
    if answer is None:
        raise StaError("one of the two geometries must be a point: this register holds points", expected="a point")
    return answer


def _relation(name: str, one: Geometry, other: Geometry) -> Value:
    return _points_only(geometry.related(name, one, other))


def _relate(one: Geometry, other: Geometry, pattern: str) -> Value:
    matrix = _points_only(geometry.matrix_of(one, other))
    return geometry.fits(matrix, pattern.upper())


def _text(*kinds: str, apply: Callable[..., Value]) -> Function:
    return Function(kinds, len(kinds), apply)


_TIME_PARTS: Final = ("year", "month", "day", "hour", "minute", "second")

FUNCTIONS: Final[dict[str, Function]] = {
    "substringof": _text("text", "text", apply=lambda part, text: part in text),
    "contains": _text("text", "text", apply=lambda text, part: part in text),
    "startswith": _text("text", "text", apply=str.startswith),
    "endswith": _text("text", "text", apply=str.endswith),
    "indexof": _text("text", "text", apply=str.find),
    "substring": Function(("text", "number", "number"), 2, _substring),
    "length": _text("text", apply=len),
    "tolower": _text("text", apply=str.lower),
    "toupper": _text("text", apply=str.upper),
    "trim": _text("text", apply=str.strip),
    "concat": _text("text", "text", apply=str.__add__),
    "round": _text("number", apply=lambda number: math.floor(number + 0.5)),
    "floor": _text("number", apply=math.floor),
    "ceiling": _text("number", apply=math.ceil),
    **{name: _text("time", apply=partial(_part, name)) for name in _TIME_PARTS},
    "fractionalseconds": _text("time", apply=lambda moment: moment.ms % 1000 / 1000),
    "date": _text("time", apply=_date),
    "time": _text("time", apply=_time),
    "totaloffsetminutes": _text("time", apply=lambda moment: moment.offset),
    "geo.distance": _text("place", "place", apply=lambda one, other: _points_only(geometry.distance(one, other))),
    "geo.length": _text("place", apply=geometry.length),
    **{name: _text("place", "place", apply=partial(_relation, name)) for name in geometry.RELATIONS},
    "st_relate": _text("place", "place", "text", apply=_relate),
}
CLOCKS: Final = ("now", "mindatetime", "maxdatetime")
"""Functions without arguments; the evaluator knows the time."""


def compare(operator: str, left: Value, right: Value) -> bool:
    """Whether `left` stands so to `right`; with an absent value only `eq` and `ne` can hold."""
    if left is None or right is None:
        return (left is right) == (operator == "eq") if operator in ("eq", "ne") else False
    left, right = _alike(left, right)
    if isinstance(left, Period) or isinstance(right, Period):
        return _compare_periods(operator, _period(left), _period(right))
    if operator in ("eq", "ne"):
        return bool(left == right) == (operator == "eq")
    if not _ordered(left, right):
        return False
    return _ORDER[operator](left, right)


_ORDER: Final[dict[str, Callable[[Value, Value], bool]]] = {
    "lt": lambda left, right: bool(left < right),
    "le": lambda left, right: bool(left <= right),
    "gt": lambda left, right: bool(left > right),
    "ge": lambda left, right: bool(left >= right),
}


def _alike(left: Value, right: Value) -> tuple[Value, Value]:
    """A time in quotes beside a time is a time; a date beside an instant is its midnight in UTC."""
    for one, other, swapped in ((left, right, False), (right, left, True)):
        if isinstance(one, Instant | Period) and isinstance(other, str | date):
            moment = moment_of(other)
            return (moment, one) if swapped else (one, moment)
    return left, right


def moment_of(written: str | date) -> Value:
    """A time that was written in quotes, or a date's midnight in UTC; other text as it is."""
    if isinstance(written, date):
        return Instant((written - date(1970, 1, 1)).days * 86_400_000)
    with suppress(ValueError):
        return parse_instant(written)
    return written


def _ordered(left: Value, right: Value) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return isinstance(left, bool) and isinstance(right, bool)
    if isinstance(left, int | float) and isinstance(right, int | float):
        return True
    return type(left) is type(right) and isinstance(left, str | Instant | Duration | date | time)


def _period(value: Value) -> Period | None:
    if isinstance(value, Instant):
        return Period(value, value)
    return value if isinstance(value, Period) else None


def _compare_periods(operator: str, left: Period | None, right: Period | None) -> bool:
    """A period is before another when it ends before that begins."""
    if left is None or right is None:
        return operator == "ne"
    match operator:
        case "eq":
            return left == right
        case "ne":
            return left != right
        case "lt":
            return left.end < right.start
        case "le":
            return left.end <= right.start
        case "gt":
            return left.start > right.end
        case _:
            return left.start >= right.end


def calculate(operator: str, left: Value, right: Value) -> Value:
    """The sum, difference, product, quotient or remainder; None where it has none."""
    if left is None or right is None or isinstance(left, bool) or isinstance(right, bool):
        return None
    try:
        return _calculated(operator, left, right)
    except (ArithmeticError, ValueError, TypeError):
        return None


def _calculated(operator: str, left: Value, right: Value) -> Value:
    match operator, left, right:
        case "add", Instant(), Duration():
            return Instant(left.ms + right.ms, left.offset)
        case "sub", Instant(), Duration():
            return Instant(left.ms - right.ms, left.offset)
        case "sub", Instant(), Instant():
            return Duration(left.ms - right.ms)
        case _, int() | float(), int() | float():
            return _ARITHMETIC[operator](left, right)
        case _:
            return None


_ARITHMETIC: Final[dict[str, Callable[[float, float], float]]] = {
    "add": lambda left, right: left + right,
    "sub": lambda left, right: left - right,
    "mul": lambda left, right: left * right,
    "div": lambda left, right: left / right,
    "mod": math.fmod,
}
