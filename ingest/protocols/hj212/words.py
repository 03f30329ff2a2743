"""The tables of the standard as `tables.toml` holds them: systems, commands, replies, data flags, factors, attributes."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from hub.model import QUALITY_CODE

_TABLES: Final[Mapping[str, Any]] = tomllib.loads(
    files(__package__).joinpath("tables.toml").read_text(encoding="utf-8")
)

SYSTEMS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {code: (zh, en) for code, (zh, en) in _TABLES["systems"].items()}
)
COMMANDS: Final[Mapping[str, str]] = MappingProxyType({code: row["name"] for code, row in _TABLES["commands"].items()})
ANSWERED: Final = frozenset(code for code, row in _TABLES["commands"].items() if row.get("answer"))
"""Uploads that are answered by 9014 when bit A of Flag asks for it."""

REQUEST_REPLIES: Final[Mapping[str, str]] = MappingProxyType(_TABLES["request_replies"])
RESULTS: Final[Mapping[str, str]] = MappingProxyType(_TABLES["results"])

QUALITY: Final[Mapping[str, int]] = MappingProxyType(
    {"": 0}
    | {flag: QUALITY_CODE[letter] for flag, letter in _TABLES["flags"].items()}
    | {flag.lower(): QUALITY_CODE[letter] for flag, letter in _TABLES["flags"].items()}
)
"""Quality code in a batch by data flag (table 8), in either case; no flag is no letter."""

FACTORS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {code: (name, unit) for code, (name, unit) in _TABLES["factors"].items()}
)
"""Property and unit by factor code."""

FACTORS_AT: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = MappingProxyType(
    {st: {code: (name, unit) for code, (name, unit) in rows.items()} for st, rows in _TABLES["at"].items()}
)
"""What a code means at one system, where that is not what it means elsewhere."""

OF_MOMENT: Final[Mapping[str, tuple[str, bool]]] = MappingProxyType(
    {word: (part, converted) for word, (part, converted) in _TABLES["attributes"]["moment"].items()}
)
OF_PERIOD: Final[Mapping[str, tuple[str, bool]]] = MappingProxyType(
    {word: (part, converted) for word, (part, converted) in _TABLES["attributes"]["period"].items()}
)
"""Attributes with a value, by what the command carries: the part of a derived name, and whether it is converted (Zs)."""
