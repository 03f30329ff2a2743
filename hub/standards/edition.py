"""Dated tables: an edition of a standard, in force from its first day to its last, both included; days are the site's."""

import tomllib
from collections.abc import Sequence
from datetime import date
from importlib.resources import files
from itertools import pairwise
from typing import Literal, TypeVar

import msgspec

Verified = Literal["text", "secondary", "unverified"]
"""How a table was checked: read in the standard's own text, in secondary sources that agree, or taken from general knowledge."""


class Edition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every edition says of itself; `clause` is where its figures stand, a `valid_to` of None is still in force."""

    edition: str
    title_zh: str
    title_en: str
    valid_from: date
    valid_to: date | None = None
    clause: str
    verified: Verified

    def __post_init__(self) -> None:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(f"{self.edition}: expected valid_to not before valid_from")

    def holds(self, day: date) -> bool:
        """Whether the edition is in force on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


E = TypeVar("E", bound=Edition)


def load(name: str, kind: type[E]) -> tuple[E, ...]:
    """The editions of `tables/NAME.toml`, oldest first.

    Raises:
        ValueError: the table is not what `kind` says, or two editions are in force on the same day.
    """
    text = files("hub.standards").joinpath("tables", f"{name}.toml").read_text(encoding="utf-8")
    found = msgspec.convert(tomllib.loads(text)["edition"], tuple[kind, ...])  # type: ignore[valid-type]
    ordered: tuple[E, ...] = tuple(sorted(found, key=lambda one: one.valid_from))
    for older, newer in pairwise(ordered):
        if older.valid_to is None or older.valid_to >= newer.valid_from:
            raise ValueError(f"{name}: {older.edition} and {newer.edition} are in force on the same day")
    return ordered


def in_force(editions: Sequence[E], day: date) -> E | None:
    """The edition that decides on that day; None before the first one."""
    return next((one for one in editions if one.holds(day)), None)
