"""The map from a script's lines to the files they came from (ECMA-426, version 3): line by line, which is what we keep."""

from itertools import groupby
from typing import Final

import msgspec

from api.console.bundle.script import Script

_DIGITS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def write_map(script: Script, file: str) -> bytes:
    """The map as JSON; `file` is what the script is called."""
    sources = [path for path, _ in groupby(line[0] for line in script.lines if line is not None)]
    number = {path: place for place, path in enumerate(sources)}
    mappings, source, row = [], 0, 0
    for line in script.lines:
        if line is None:
            mappings.append("")
            continue
        path, here = line
        steps = (0, number[path] - source, here - row, 0)
        mappings.append("".join(map(_vlq, steps)))
        source, row = number[path], here
    body = {
        "version": 3,
        "file": file,
        "sources": [f"/static/{path}" for path in sources],
        "names": [],
        "mappings": ";".join(mappings),
    }
    return msgspec.json.encode(body)


def _vlq(value: int) -> str:
    """A number as base 64 digits, five bits each, the lowest first; its sign is the lowest bit of all (ECMA-426, 6.2)."""
    rest = -value << 1 | 1 if value < 0 else value << 1
    out = ""
    while True:
        digit, rest = rest & 31, rest >> 5
        out += _DIGITS[digit | (32 if rest else 0)]
        if not rest:
            return out
