"""What people are told of a protocol and its commands: the table `commands.toml` in the protocol's package, read without loading the package."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from ingest import protocols

Kind = Literal["text", "whole", "number", "time", "switch", "choice", "list", "object"]
"""How an argument is written: `time` is RFC 3339 with offset, `list` and `object` are JSON."""


class Argument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One argument; `example` is a value that the protocol takes."""

    zh: str
    en: str
    type: Kind
    example: Any
    unit: str = ""
    required: bool = True
    low: float | None = None
    high: float | None = None
    choices: tuple[str | int, ...] = ()
    secret: bool = False


class CommandWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One command in people's words; `risk` says what it may do to the device, where it is more than asking."""

    zh: str
    en: str
    risk: bool = False
    arguments: dict[str, Argument] = {}


class ProtocolWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole table: what the protocol is called, what its identity is called, and its commands."""

    title: str
    identity_zh: str
    identity_en: str
    commands: dict[str, CommandWords] = {}


@cache
def wording(protocol: str) -> ProtocolWords:
    """The table of a protocol; one without a table is called as it is, and offers nothing to ask.

    Raises:
        ValueError: a table that is none; says what is wrong.
    """
    for folder in protocols.__path__:
        path = Path(folder) / protocol / "commands.toml"
        if path.is_file():
            return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), ProtocolWords)
    return ProtocolWords(protocol, "标识", "Identity")
