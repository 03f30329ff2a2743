"""What a person keyed in at the station (SL 651-2014, 6.6.4.8): read where it is pairs of an identifier and a number; the text itself is kept anyway."""

from typing import Final

from ingest.protocols.sl651.elements import NAMES
from ingest.protocols.sl651.message import Item, Observed, Word

_DIGITS: Final = 10


def items_of(text: bytes) -> list[Item]:
    """The items of such a text; none where it is written otherwise, as SL 330 and local agreements have many ways."""
    words = text.decode("ascii", errors="replace").split()
    if words[-1:] == ["NN"]:  # SL 330's end, which should be left out
        words.pop()
    items: list[Item] = []
    if len(words) % 2:
        return []
    for name, value in zip(words[::2], words[1::2], strict=True):
        if name == "TT" and len(value) == _DIGITS and value.isascii() and value.isdecimal():
            items.append(Observed(value))
        elif name.upper() in NAMES and _is_number(value):
            items.append(Word(name, value))
        else:
            return []
    return items


def _is_number(text: str) -> bool:
    whole, _, part = text.lstrip("-").partition(".")
    return (whole + part).isdecimal() and text.isascii()
