"""Resource paths (18-088 clause 9.2): `Things('x')/Datastreams('y')/Observations/$ref`."""

import re
from dataclasses import dataclass
from typing import Final

from api.sta.error import StaError
from api.sta.model import SETS, TYPES, EntityType

_SEGMENT: Final = re.compile(r"([$\w][\w.$@]*)(?:\(\s*(?:'((?:[^']|'')*)'|(-?\d{1,19}))\s*\))?(?=/|$)")
_LONGEST: Final = 12
"""Segments: deeper paths say nothing that a shorter one does not."""


@dataclass(frozen=True, slots=True)
class Step:
    """An entity set or link, and the id that picks one entity of it."""

    name: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """What a path leads to: over `steps` to entities of `target`, to a property, or to their references."""

    steps: tuple[Step, ...]
    target: EntityType
    many: bool
    property: str = ""
    inside: tuple[str, ...] = ()
    value: bool = False
    ref: bool = False


def parse_address(path: str) -> Address | None:
    """The address that a path below the service root is; None for the root itself.

    Raises:
        StaError: 404, no such resource; it names what could stand there.
    """
    steps: list[Step] = []
    about: EntityType | None = None
    many, place = False, 0
    while place < len(path):
        match = _SEGMENT.match(path, place)
        if match is None or len(steps) > _LONGEST:
            raise _nothing(path, place, _expected(about, many))
        name, identifier = match[1], _identifier(match)
        reached = _reached(about, name, many)
        if reached is None:
            return _property(path, place, steps, about, many)
        about, many = reached[0], reached[1] and identifier is None
        if identifier is not None and not reached[1]:
            raise _nothing(path, place, f"{name} without an id")
        steps.append(Step(name, identifier))
        place = match.end() + 1
    return None if about is None else Address(tuple(steps), about, many)


def _identifier(match: re.Match[str]) -> str | None:
    return match[2].replace("''", "'") if match[2] is not None else match[3]


def _reached(about: EntityType | None, name: str, many: bool) -> tuple[EntityType, bool] | None:
    if about is None:
        return (SETS[name], True) if name in SETS else None
    link = None if many else about.links.get(name)
    return None if link is None else (TYPES[link.target], link.many)


def _property(path: str, place: int, steps: list[Step], about: EntityType | None, many: bool) -> Address:
    name, *rest = path[place:].removesuffix("/").split("/")
    if about is not None and name == "$ref" and not rest:
        return Address(tuple(steps), about, many, ref=True)
    if about is None or many or name not in (*about.properties, "id", "@iot.id", "selfLink", "@iot.selfLink"):
        raise _nothing(path, place, _expected(about, many))
    value = bool(rest) and rest[-1] == "$value"
    inside = tuple(rest[:-1] if value else rest)
    if "" in inside:
        raise _nothing(path, place, "the name of a member")
    return Address(tuple(steps), about, many=False, property=name, inside=inside, value=value)


def _expected(about: EntityType | None, many: bool) -> str:
    if about is None:
        return "one of " + ", ".join(SETS)
    return "$ref, or an id in parentheses before it" if many else f"one of {about.known}, $ref"


def _nothing(path: str, place: int, expected: str) -> StaError:
    found = path[place : place + 40].split("/", maxsplit=1)[0] or "nothing"
    message = f"found {found}, expected {expected}"
    return StaError(message, status=404, parameter="path", position=place, found=found, expected=expected)
