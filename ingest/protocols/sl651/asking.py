"""What may be asked of a station, word by word: the function and the items that go down with it (SL 651-2014, 6.6.4.9 to 6.6.4.31)."""

import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from hub.clock import parse_rfc3339
from hub.properties import PROPERTIES
from ingest.field.session import ProtocolError
from ingest.protocols.sl651.body import STEP
from ingest.protocols.sl651.elements import ELEMENTS, NAMES, ElementOf
from ingest.protocols.sl651.fields import PASSWORD
from ingest.protocols.sl651.message import Asked, Element, Item, Span, Tail, Word
from ingest.protocols.sl651.moment import from_epoch
from ingest.protocols.sl651.parameters import RUNNING, write_number

Arguments = Mapping[str, Any]
_Items = list[Item]
_Build = Callable[[Arguments], _Items]

_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_QUERY: Final = 0x38
_CARD: Final = 1 << 9
_STEPS: Final = (1, 5, 10, 30, 60, 120, 180, 360, 720, 1440)
_RAIN_OF: Final = dict(zip(_STEPS, ("21", "22", "23", "24", "1A", "1B", "1C", "1D", "1E", "1F"), strict=True))
"""For rain the element that fits the step, minutes (table 44)."""


class Request(NamedTuple):
    """One query as it goes down."""

    function: int
    items: tuple[Item, ...]


def request_for(name: str, arguments: Arguments, zone: str | None) -> Request:
    """The request of a word.

    Raises:
        ProtocolError: unsupported word, or bad_value in an argument.
    """
    found = _WORDS.get(name)
    if found is None:
        raise ProtocolError("unsupported", f"sl651 has no command {name!r}")
    function, build, known = found
    if unknown := sorted(set(arguments) - set(known)):
        raise ProtocolError(
            "bad_value", f"{name}: no argument {', '.join(unknown)}; it takes {', '.join(known) or 'none'}"
        )
    items = _query(arguments, zone) if function == _QUERY else build(arguments)
    return Request(function, tuple(items))


def as_words(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """The items of a request for a station that speaks ASCII coding.

    Raises:
        ProtocolError: unsupported, an item that has no ASCII form.
    """
    return tuple(map(_word, items))


def _word(item: Item) -> Item:
    match item:
        case Asked(code, _):
            return Word(ELEMENTS[code].name if code in ELEMENTS else code, "")
        case Element(code, _, data) if code == STEP:
            size, unit = next((size, unit) for size, unit in zip(data, "DHN", strict=True) if size)
            return Word(f"DR{unit}{size:02x}", "")
        case Element(code, definition, data):
            return Word(
                code, data.hex().upper() if not definition & 7 else f"{int(data.hex()) / 10 ** (definition & 7):g}"
            )
        case Tail(data):
            return Tail(data.hex().upper().encode())
        case _:
            return item


def _plain(_: Arguments) -> _Items:
    return []


def _elements(arguments: Arguments) -> _Items:
    return [_asked(name) for name in _list(arguments, "elements")]


def _query(arguments: Arguments, zone: str | None) -> _Items:
    minutes = arguments.get("step_minutes", 60)
    if minutes not in _STEPS:
        raise ProtocolError("bad_value", f"step_minutes: expected one of {', '.join(map(str, _STEPS))}")
    begin, end = (from_epoch(_time(arguments, name), zone)[:8] for name in ("begin", "end"))
    if end < begin:
        raise ProtocolError("bad_value", "end: it lies before begin")
    days, hours = divmod(minutes, 1440)
    step = f"{days:02d}{hours // 60:02d}{hours % 60:02d}"
    asked = Asked(_RAIN_OF[minutes], 0x19) if arguments.get("element") == "rain" else _asked(arguments.get("element"))
    return [Span(begin, end), Element(STEP, 0x18, bytes.fromhex(step)), asked]


def _parameters(arguments: Arguments) -> _Items:
    return [Asked(_code(name), 0) for name in _list(arguments, "parameters")]


def _basic(arguments: Arguments) -> _Items:
    """Basic parameters as the bytes they are (table D.1): addresses and channels are no numbers."""
    items: _Items = []
    for name, value in _object(arguments, "parameters").items():
        if not isinstance(value, str) or not _HEX.fullmatch(value) or len(value) > 62:
            raise ProtocolError(
                "bad_value",
                f"parameters.{name}: expected up to 31 bytes as hexadecimal digits (SL 651-2014, table D.1)",
            )
        items.append(Element(_code(name), len(value) // 2 << 3, bytes.fromhex(value)))
    return items


def _running(arguments: Arguments) -> _Items:
    items: _Items = []
    for name, value in _object(arguments, "parameters").items():
        code = _code(name)
        if (
            code not in RUNNING
            or not isinstance(value, int | float)
            or isinstance(value, bool)
            or not math.isfinite(value)
        ):
            raise ProtocolError(
                "bad_value", f"parameters.{name}: expected a guide of table D.4 and a number (SL 651-2014)"
            )
        items.append(Element(code, *write_number(value, *RUNNING[code])))
    return items


def _password(arguments: Arguments) -> _Items:
    new = str(arguments.get("password", ""))
    if not re.fullmatch(r"[0-9A-Fa-f]{4}", new):
        raise ProtocolError("bad_value", "password: expected 4 hexadecimal digits (SL 651-2014, 6.2.3.3)")
    return [Element(PASSWORD, 0x10, bytes.fromhex(new))]


def _card(arguments: Arguments) -> _Items:
    return [Element("45", 0x20, (_CARD * _switch(arguments)).to_bytes(4))]


def _marked(code: str) -> _Build:
    return lambda _: [Asked(code, 0)]


def _switches(arguments: Arguments) -> _Items:
    states = _states(arguments)
    return [Tail(bytes((len(states),)) + states)]


def _gates(arguments: Arguments) -> _Items:
    count, heights = len(_list(arguments, "on")), arguments.get("openings_cm", [])
    if len(heights) != count or not all(isinstance(height, int) and 0 <= height <= 9999 for height in heights):
        raise ProtocolError("bad_value", "openings_cm: expected 0 to 9999 for each gate (SL 651-2014, table 77)")
    return [Tail(bytes((count,)) + _states(arguments) + b"".join(bytes.fromhex(f"{height:04d}") for height in heights))]


def _quota(arguments: Arguments) -> _Items:
    return [Tail(b"\xff" if _switch(arguments) else b"\x00")]


def _states(arguments: Arguments) -> bytes:
    on = _list(arguments, "on")
    if not all(isinstance(state, bool) for state in on):
        raise ProtocolError("bad_value", "on: expected a list of true and false, the first for number 1")
    word = sum(1 << place for place, state in enumerate(on) if state)
    return word.to_bytes(-(-len(on) // 8), "little")


def _switch(arguments: Arguments) -> bool:
    on = arguments.get("on")
    if not isinstance(on, bool):
        raise ProtocolError("bad_value", "on: expected true or false")
    return on


def _asked(name: Any) -> Asked:
    """An element by the catalogue's property, by its ASCII identifier or by its guide."""
    row: ElementOf | None = None
    if isinstance(name, str):
        code = PROPERTIES[name].sl651 if name in PROPERTIES else name.upper()
        row = ELEMENTS.get(code) or NAMES.get(code)
    if row is None:
        raise ProtocolError(
            "bad_value", f"element {name!r}: expected a property such as level, or a guide of annex C such as 39"
        )
    if row.form in ("rain", "level"):
        return Asked(row.code, 0x60 if row.form == "rain" else 0xC0)
    return Asked(row.code, (0x20 if row.form == "word" else -(-row.digits // 2) << 3 | row.decimals))


def _code(name: Any) -> str:
    if not isinstance(name, str) or not re.fullmatch(r"[0-9A-Fa-f]{2}", name):
        raise ProtocolError("bad_value", f"parameter {name!r}: expected a guide of annex D such as 20")
    return name.upper()


def _list(arguments: Arguments, name: str) -> list[Any]:
    value = arguments.get(name)
    if not isinstance(value, list) or not 0 < len(value) <= 64:
        raise ProtocolError("bad_value", f"{name}: expected a list of 1 to 64")
    return value


def _object(arguments: Arguments, name: str) -> dict[str, Any]:
    value = arguments.get(name)
    if not isinstance(value, dict) or not 0 < len(value) <= 64:
        raise ProtocolError("bad_value", f"{name}: expected an object of 1 to 64 members")
    return value


def _time(arguments: Arguments, name: str) -> int:
    value = arguments.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 41:
        return value
    try:
        return parse_rfc3339(value if isinstance(value, str) else "")
    except (ValueError, OverflowError):
        raise ProtocolError("bad_value", f"{name}: expected RFC 3339 with offset, or epoch milliseconds") from None


_WORDS: Final[Mapping[str, tuple[int, _Build, tuple[str, ...]]]] = MappingProxyType(
    {
        "picture.get": (0x36, _plain, ()),
        "realtime.get": (0x37, _plain, ()),
        "data.query": (_QUERY, _plain, ("begin", "end", "step_minutes", "element")),
        "manual.get": (0x39, _plain, ()),
        "elements.get": (0x3A, _elements, ("elements",)),
        "config.set": (0x40, _basic, ("parameters",)),
        "config.get": (0x41, _parameters, ("parameters",)),
        "parameters.set": (0x42, _running, ("parameters",)),
        "parameters.get": (0x43, _parameters, ("parameters",)),
        "pumps.get": (0x44, _plain, ()),
        "version.get": (0x45, _plain, ()),
        "state.get": (0x46, _plain, ()),
        "memory.clear": (0x47, _marked("97"), ()),
        "factory.reset": (0x48, _marked("98"), ()),
        "password.set": (0x49, _password, ("password",)),
        "clock.set": (0x4A, _plain, ()),
        "card.set": (0x4B, _card, ("on",)),
        "pumps.set": (0x4C, _switches, ("on",)),
        "valves.set": (0x4D, _switches, ("on",)),
        "gates.set": (0x4E, _gates, ("on", "openings_cm")),
        "quota.set": (0x4F, _quota, ("on",)),
        "events.get": (0x50, _plain, ()),
        "clock.get": (0x51, _plain, ()),
    }
)
"""By word: function, how its items are made, and the arguments it takes."""

KEEP, RELEASE = "line.keep", "line.release"
"""Words that go to nobody: whether confirmations end with ESC (stay on line) or EOT from now on (6.3.2.4)."""

WORDS: Final = (*_WORDS, KEEP, RELEASE)
"""The words a session's `command` understands."""
