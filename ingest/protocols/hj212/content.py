"""What stands between `CP=&&` and `&&`: items `NAME=VALUE`, separated by `;` or `,` (HJ 212-2017, 6.3.3)."""

import re
from collections.abc import Iterable
from typing import Final

from ingest.field.session import ProtocolError

_ITEM: Final = re.compile(r"([^=;,]*)(=?)(//.*?//(?=[;,]|$)|[^;,]*)(?:[;,]|$)", re.DOTALL)
_BEGINS_ITEM: Final = re.compile(r"\s*[A-Za-z0-9_.]+(?:-[A-Za-z]+)?=")
_DATA_TIME: Final = "DataTime"


def read_items(cp: str) -> list[tuple[str, str]]:
    """The items in order. Text between `//` and `//` may hold separators; blanks before a name and empty items are passed over.

    Raises:
        ProtocolError: bad_format.
    """
    items: list[tuple[str, str]] = []
    for match in _ITEM.finditer(cp):
        name, equals, value = match.groups()
        name = name.strip()
        if name and equals:
            items.append((name, value))
        elif name or equals:
            raise ProtocolError("bad_format", f"{match[0][:40]!r} in the content is no NAME=VALUE (6.3.3)")
    return items


def as_object(items: Iterable[tuple[str, str]]) -> dict[str, str | list[str]]:
    """The items by name; a name that stands several times has the list of its values."""
    found: dict[str, str | list[str]] = {}
    for name, value in items:
        before = found.get(name)
        if before is None:
            found[name] = value
        elif isinstance(before, list):
            before.append(value)
        else:
            found[name] = [before, value]
    return found


def write_items(items: Iterable[tuple[str, object]]) -> str:
    """Items as content; a factor's attributes are joined by `,`, everything else by `;`.

    Raises:
        ProtocolError: bad_value where a name or value holds a separator.
    """
    parts: list[str] = []
    before = ""
    for name, value in items:
        text = str(value)
        if re.search(r"[=;,&\r\n]", name) or (
            re.search(r"[;,&\r\n]", text) and not re.fullmatch(r"//[^&\r\n]*//", text)
        ):
            raise ProtocolError("bad_value", f"{name[:40]}={text[:40]!r}: a separator inside (6.3.3)")
        factor = name.partition("-")[0] if "-" in name else ""
        if parts:
            parts.append("," if factor and factor == before else ";")
        parts.append(f"{name}={text}")
        before = factor
    return "".join(parts)


def records(items: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """The items cut into records: each further DataTime begins one."""
    found: list[list[tuple[str, str]]] = []
    for item in items:
        if not found or (item[0] == _DATA_TIME and any(name == _DATA_TIME for name, _ in found[-1])):
            found.append([])
        found[-1].append(item)
    return found


def join_parts(parts: Iterable[str]) -> str:
    """The content of a split message; a cut between two items gets its separator back, one inside an item does not."""
    whole = ""
    for part in parts:
        last = re.split(r"[;,]", whole)[-1]
        apart = whole and last and "=" in last and _BEGINS_ITEM.match(part)
        whole += ";" + part if apart else part
    return whole
