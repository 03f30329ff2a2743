"""Reading expressions by operator precedence (OData 4.0 part 2 clause 5.1.1.9); every path is checked against the model."""

import re
from collections.abc import Callable
from datetime import date, time
from typing import Final

from api.sta import geometry, values
from api.sta.functions import CLOCKS, FUNCTIONS, expected, fits
from api.sta.model import IDS, READ_FROM_STORE, SELF_LINKS, TYPES, EntityType, Link
from api.sta.syntax import Call, Choice, Expression, Literal, Not, Operation, Path
from api.sta.tokens import Token, Tokens
from api.sta.values import Period, Value

DEEPEST: Final = 40

_BINDING: Final = {
    "or": 1,
    "and": 2,
    **dict.fromkeys(("eq", "ne", "gt", "ge", "lt", "le", "in"), 4),
    **dict.fromkeys(("add", "sub"), 5),
    **dict.fromkeys(("mul", "div", "mod"), 6),
}
_NOT: Final = 3
"""`not` takes a whole comparison, and ends before `and`."""

_CONSTANTS: Final[dict[str, Value]] = {"true": True, "false": False, "null": None}
_QUOTED: Final = re.compile(r"(duration|geography|geometry)?'(.*)'", re.DOTALL)
_OPERAND: Final = "a property, a value, a function or ("


class Reader:
    """Reads the expressions of one option about entities of one type."""

    def __init__(self, tokens: Tokens, about: EntityType) -> None:
        self._tokens = tokens
        self._about = about
        self._depth = 0

    def expression(self, binding: int = 0) -> Expression:
        """The expression that stands here, as far as its operators bind tighter than `binding`.

        Raises:
            StaError: there is none.
        """
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._tokens.wrong(f"at most {DEEPEST} levels of nesting")
        left = self._operand()
        while (token := self._tokens.now).kind == "name" and _BINDING.get(token.text, 0) > binding:
            self._tokens.take()
            bound = _BINDING[token.text]
            right = self._choice() if token.text == "in" else self.expression(bound)
            left = Operation(token.text, left, right)
        self._depth -= 1
        return left

    def _operand(self) -> Expression:
        token = self._tokens.take()
        if token.kind == "mark" and token.text == "(":
            inner = self.expression()
            self._tokens.need(")")
            return inner
        if token.kind == "name":
            return self._named(token)
        if token.kind in _LITERALS:
            return Literal(self._literal(token))
        raise self._tokens.wrong(_OPERAND, token)

    def _named(self, token: Token) -> Expression:
        if token.text == "not":
            return Not(self.expression(_NOT))
        if token.text in _CONSTANTS:
            return Literal(_CONSTANTS[token.text])
        if self._tokens.sees("("):
            return self._call(token)
        return self.path(token)

    def _choice(self) -> Choice:
        self._tokens.need("(")
        options = [self.expression()]
        while self._tokens.skip(","):
            options.append(self.expression())
        self._tokens.need(")")
        return Choice(tuple(options))

    def _call(self, token: Token) -> Expression:
        if token.text not in FUNCTIONS and token.text not in CLOCKS:
            raise self._tokens.wrong("one of the functions " + ", ".join(sorted((*FUNCTIONS, *CLOCKS))), token)
        self._tokens.need("(")
        arguments: list[Expression] = []
        places: list[Token] = []
        while not self._tokens.sees(")"):
            if arguments:
                self._tokens.need(",")
            places.append(self._tokens.now)
            arguments.append(self.expression())
        self._tokens.need(")")
        self._check_arguments(token, arguments, places)
        return Call(token.text, tuple(arguments))

    def _check_arguments(self, token: Token, arguments: list[Expression], places: list[Token]) -> None:
        function = FUNCTIONS.get(token.text)
        kinds, needed = ((), 0) if function is None else (function.kinds, function.needed)
        if not needed <= len(arguments) <= len(kinds):
            count = f"{needed}" if needed == len(kinds) else f"{needed} to {len(kinds)}"
            raise self._tokens.wrong(f"{token.text} with {count} arguments, not {len(arguments)}", token)
        for kind, argument, place in zip(kinds, arguments, places, strict=False):
            if isinstance(argument, Literal) and argument.value is not None and not fits(kind, argument.value):
                raise self._tokens.wrong(expected(kind), place)

    def path(self, token: Token) -> Path:
        """The path that begins with this word.

        Raises:
            StaError: a name that the entity reached does not have.
        """
        about, links = self._about, list[Link]()
        while (link := about.links.get(token.text)) is not None:
            if link.many and link.target in READ_FROM_STORE:
                sets = TYPES[link.target].plural
                raise self._tokens.wrong(f"no path through {link.name}; filter {sets} instead, and expand", token)
            links.append(link)
            about = TYPES[link.target]
            self._tokens.need("/")
            token = self._tokens.need_name(f"one of {about.known}")
        if token.text in IDS:
            return Path(tuple(links), "id")
        if token.text in SELF_LINKS:
            return Path(tuple(links), "selfLink")
        if token.text not in about.properties:
            raise self._tokens.wrong(f"one of {about.known}", token)
        return Path(tuple(links), token.text, self._inside())

    def _inside(self) -> tuple[str, ...]:
        names = []
        while self._tokens.skip("/"):
            token = self._tokens.take()
            if token.kind != "name" and not token.text.isdecimal():
                raise self._tokens.wrong("the name of a member, or its place in an array", token)
            names.append(token.text)
        return tuple(names)

    def _literal(self, token: Token) -> Value:
        try:
            value = _LITERALS[token.kind](token.text)
        except (ValueError, OverflowError) as error:
            raise self._tokens.wrong(_why(token, error), token) from error
        if token.kind == "time" and self._tokens.sees("/"):
            self._tokens.take()
            end = self._tokens.take()
            if end.kind != "time":
                raise self._tokens.wrong("the time at which the period ends", end)
            return Period(value, self._literal(end))
        return value


def _why(token: Token, error: Exception) -> str:
    if token.kind == "time":
        return "a time with its offset such as 2026-11-23T10:41:20Z or 2026-11-23T18:41:20+08:00"
    return str(error).rpartition("expected ")[2] or f"a {token.kind}"


def _number(text: str) -> Value:
    return int(text) if len(text) <= 18 and text.lstrip("-").isdecimal() else float(text)


def _quoted(text: str) -> Value:
    match = _QUOTED.fullmatch(text)
    if match is None:
        raise ValueError("expected a text in single quotes")
    inner = match[2].replace("''", "'")
    match match[1]:
        case None:
            return inner
        case "duration":
            return values.parse_duration(inner)
        case _:
            return geometry.parse_wkt(inner)


_LITERALS: Final[dict[str, Callable[[str], Value]]] = {
    "number": _number,
    "quoted": _quoted,
    "time": values.parse_instant,
    "date": date.fromisoformat,
    "clock": time.fromisoformat,
}
