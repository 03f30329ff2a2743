"""On which line of a TOML file a key stands: tomllib does not say, and a person must know."""

import re
from collections.abc import Sequence

_TABLE = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\"'.-]+?)\s*=")


def line_of(text: str, path: Sequence[str | int]) -> int:
    """The 1-based line of the value at `path` (keys, and places in arrays of tables), or of the nearest table above it; 0 when none is found."""
    wanted = [part for part in path if not isinstance(part, int) or isinstance(part, bool)]
    places = _places(path)
    seen: dict[str, int] = {}
    table: list[str] = []
    here, best, depth = True, 0, -1
    for number, line in enumerate(text.splitlines(), 1):
        if found := _TABLE.match(line):
            name = found[2]
            table = [part.strip("\"' ") for part in name.split(".")]
            if found[1] == "[[":
                seen[name] = seen.get(name, -1) + 1
                for inner in [each for each in seen if each.startswith(f"{name}.")]:
                    del seen[inner]  # an array of tables within one of another begins anew in each
            here = all(seen[each] == place for each, place in places.items() if each in seen and _is_in(name, each))
            if here and table == wanted[: len(table)] and len(table) > depth:
                best, depth = number, len(table)
        elif here and (found := _KEY.match(line)):
            full = table + [part.strip("\"'") for part in found[1].split(".")]
            if full == wanted[: len(full)] and len(full) > depth:
                best, depth = number, len(full)
    return best


def _is_in(name: str, table: str) -> bool:
    """Whether the table `name` is `table` or lies in it."""
    return name == table or name.startswith(f"{table}.")


def _places(path: Sequence[str | int]) -> dict[str, int]:
    names: list[str] = []
    places = {}
    for part in path:
        if isinstance(part, int):
            places[".".join(names)] = part
        else:
            names.append(part)
    return places
