"""What people may ask of a terminal: the words of commands, what each takes, the message it becomes, and which message ends it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from ingest import bd09, gcj02
from ingest.field.session import ProtocolError
from ingest.protocols.jt808.bcd_time import CHINA, from_epoch
from ingest.protocols.jt808.layout import write_body
from ingest.protocols.jt808.messages import DOWN
from ingest.protocols.jt808.parameters import number_of, written

Arguments = Mapping[str, Any]
GENERAL: Final = 0x0001

_FROM_WGS84: Final[Mapping[str, Callable[[float, float], tuple[float, float]]]] = {
    "gcj02": gcj02.to_gcj02,
    "bd09": bd09.to_bd09,
}
_TELL: Final = {"driver_in": 2, "platform_in": 3, "driver_out": 4, "platform_out": 5}
"""Who is told of whom, by the bit of an area's flags."""


class Order(NamedTuple):
    """One command: its message, the message that answers it, and how arguments become the values of the body."""

    message: int
    answer: int
    values: Callable[[Arguments], dict[str, Any]]


def _plain(**defaults: Any) -> Callable[[Arguments], dict[str, Any]]:
    def values(arguments: Arguments) -> dict[str, Any]:
        unknown = arguments.keys() - defaults.keys()
        if unknown:
            raise ProtocolError("bad_value", f"{min(unknown)}: expected one of {', '.join(defaults) or 'nothing'}")
        return defaults | dict(arguments)

    return values


def _text(arguments: Arguments) -> dict[str, Any]:
    """`text`, `urgent`, `display`, `speak`, `screen`; `type` 1 notice, 2 service (2019)."""
    words = _plain(text="", urgent=False, display=True, speak=True, screen=False, type=1)(arguments)
    bits = {0: words["urgent"], 2: words["display"], 3: words["speak"], 4: words["screen"]}
    return {"flags": sum(1 << bit for bit, on in bits.items() if on), "type": words["type"], "text": words["text"]}


def _parameters(arguments: Arguments) -> dict[str, Any]:
    wishes = _plain(parameters={})(arguments)["parameters"]
    if not isinstance(wishes, Mapping) or not wishes:
        raise ProtocolError("bad_value", 'parameters: expected an object such as {"report_s": 30}')
    return {"parameters": written(wishes)}


def _some_parameters(arguments: Arguments) -> dict[str, Any]:
    names = _plain(names=[])(arguments)["names"]
    if not isinstance(names, list) or not names:
        raise ProtocolError("bad_value", 'names: expected a list such as ["report_s", "0x0055"]')
    return {"ids": [{"id": number_of(name)} for name in names]}


def _ids(arguments: Arguments) -> dict[str, Any]:
    """`ids`: areas to delete; none: all of them."""
    ids = _plain(ids=[])(arguments)["ids"]
    if not isinstance(ids, list):
        raise ProtocolError("bad_value", "ids: expected a list of numbers")
    return {"ids": [{"id": number} for number in ids]}


def _asked_areas(arguments: Arguments) -> dict[str, Any]:
    words = _plain(type=1, ids=[])(arguments)
    return {"type": words["type"], **_ids({"ids": words["ids"]})}


def _areas(*corners: str) -> Callable[[Arguments], dict[str, Any]]:
    """`action` 0 replace, 1 add, 2 change; `areas` each with an id, degrees, and what is watched."""

    def values(arguments: Arguments) -> dict[str, Any]:
        words = _plain(action=1, areas=[])(arguments)
        if not isinstance(words["areas"], list) or not words["areas"]:
            raise ProtocolError("bad_value", "areas: expected a list of areas")
        return {"action": words["action"], "areas": [_watched(area, corners) for area in words["areas"]]}

    return values


def _polygon(arguments: Arguments) -> dict[str, Any]:
    points = [_placed(point, ("lat", "lon")) for point in _list(arguments, "points")]
    return _watched(arguments, (), _list(arguments, "points")[0]) | {"points": points}


def _route(arguments: Arguments) -> dict[str, Any]:
    turns = []
    for number, turn in enumerate(_list(arguments, "turns"), 1):
        facts = {"id": number, "segment": number, "width": 50} | _placed(turn, ("lat", "lon"))
        flags = ("too_long" in turn) | ("max_speed" in turn) << 1 | (turn["lat"] < 0) << 2 | (turn["lon"] < 0) << 3
        facts |= {"flags": flags, "too_short": turn.get("too_short", 0), "over_seconds": turn.get("over_seconds", 10)}
        facts["night_speed"] = turn.get("night_speed", turn.get("max_speed", 0))
        turns.append(facts)
    return _watched(arguments, ()) | {"turns": turns}


def _list(arguments: Arguments, name: str) -> list[Any]:
    items = arguments.get(name)
    if not isinstance(items, list) or not items or not all(isinstance(item, Mapping) for item in items):
        raise ProtocolError("bad_value", f"{name}: expected a list of objects with lat and lon")
    return items


def _watched(area: Any, corners: tuple[str, ...], first: Arguments | None = None) -> dict[str, Any]:
    """An area's own values: which bits of its flags are set follows from what is given (table 58). The signs are those of `first`, a place of it."""
    facts = _placed(area, corners) | {"name": area.get("name", ""), "over_seconds": area.get("over_seconds", 10)}
    flags = ("start" in area) | ("max_speed" in area) << 1
    told = area.get("tell", ["platform_in", "platform_out"])
    if not isinstance(told, list) or not all(isinstance(word, str) and word in _TELL for word in told):
        raise ProtocolError("bad_value", f"tell: expected some of {', '.join(_TELL)}, got {told!r}")
    for word in told:
        flags |= 1 << _TELL[word]
    place = area if first is None and corners else first
    if place is not None:
        flags |= (place["lat"] < 0) << 6 | (place["lon"] < 0) << 7
    facts["flags"] = flags
    facts["night_speed"] = area.get("night_speed", area.get("max_speed", 0))
    return facts | {word: time_digits(area[word]) for word in ("start", "end") if word in area}


def _placed(facts: Any, corners: tuple[str, ...]) -> dict[str, Any]:
    """A copy with degrees (WGS-84, signs apart) as the millionths that a terminal takes."""
    if not isinstance(facts, Mapping):
        raise ProtocolError("bad_value", f"place: expected an object with lat and lon, got {facts!r}")
    found = dict(facts)
    for corner in corners:
        degrees = facts.get(corner)
        limit = 90 if corner.startswith("lat") else 180
        if isinstance(degrees, bool) or not isinstance(degrees, int | float) or not -limit <= degrees <= limit:
            raise ProtocolError("bad_value", f"{corner}: expected degrees, got {degrees!r}")
        found[corner] = round(abs(degrees) * 1_000_000)
    return found


def time_digits(word: Any) -> str:
    """A time as YYMMDDhhmmss in GMT+8: digits as they are, or RFC 3339.

    Raises:
        ProtocolError: bad_value.
    """
    if isinstance(word, str) and len(word) == 12 and word.isdigit():
        return word
    try:
        moment = datetime.fromisoformat(word)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=CHINA)
        return from_epoch(int(moment.timestamp() * 1000)).hex()
    except (TypeError, ValueError, OverflowError):
        raise ProtocolError("bad_value", f"time {word!r}: expected RFC 3339 or YYMMDDhhmmss") from None


def _search(arguments: Arguments) -> dict[str, Any]:
    words = _plain(media=0, channel=0, event=0, start="0" * 12, end="0" * 12)(arguments)
    return words | {word: time_digits(words[word]) for word in ("start", "end")}


def _attachments(arguments: Arguments) -> dict[str, Any]:
    """Where to send an alarm's pictures, and which alarm, as its finding names it."""
    words = _plain(server="", tcp=0, udp=0, terminal="", alarm_time="", alarm_number=0, attachments=0, alarm_id="")(
        arguments
    )
    words["number"], words["time"] = words["alarm_number"], words["alarm_time"]
    return words | {"reserved": 0, "reserve": "00" * 16}


ORDERS: Final[Mapping[str, Order]] = MappingProxyType(
    {
        "parameters.set": Order(0x8103, GENERAL, _parameters),
        "parameters.query": Order(0x8104, 0x0104, _plain()),
        "parameters.some": Order(0x8106, 0x0104, _some_parameters),
        "terminal.control": Order(0x8105, GENERAL, _plain(command=0, arguments="")),
        "attributes.query": Order(0x8107, 0x0107, _plain()),
        "position.query": Order(0x8201, 0x0201, _plain()),
        "position.follow": Order(0x8202, GENERAL, _plain(interval=5, duration=300)),
        "alarm.confirm": Order(0x8203, GENERAL, _plain(reply_serial=0, alarms=0)),
        "link.check": Order(0x8204, GENERAL, _plain()),
        "text.send": Order(0x8300, GENERAL, _text),
        "phonebook.set": Order(0x8401, GENERAL, _plain(action=1, contacts=[])),
        "area.circle.set": Order(0x8600, GENERAL, _areas("lat", "lon")),
        "area.circle.delete": Order(0x8601, GENERAL, _ids),
        "area.rectangle.set": Order(0x8602, GENERAL, _areas("lat", "lon", "lat2", "lon2")),
        "area.rectangle.delete": Order(0x8603, GENERAL, _ids),
        "area.polygon.set": Order(0x8604, GENERAL, _polygon),
        "area.polygon.delete": Order(0x8605, GENERAL, _ids),
        "route.set": Order(0x8606, GENERAL, _route),
        "route.delete": Order(0x8607, GENERAL, _ids),
        "areas.query": Order(0x8608, 0x0608, _asked_areas),
        "driver.query": Order(0x8702, 0x0702, _plain()),
        "media.search": Order(0x8802, 0x0802, _search),
        "attachments.request": Order(0x9208, GENERAL, _attachments),
    }
)


def ordered(name: str, arguments: Arguments, edition: int, crs: str = "wgs84") -> tuple[Order, bytes]:
    """The order of that name and the body it sends; places, given in WGS-84, as the terminal's own datum shows them.

    Raises:
        ProtocolError: unsupported, or bad_value with the argument's name.
    """
    order = ORDERS.get(name)
    if order is None:
        raise ProtocolError("unsupported", f"{name}: JT/T 808 has no such command")
    if crs != "wgs84":
        arguments = _shifted(arguments, _FROM_WGS84[crs])
    return order, write_body(DOWN[order.message], order.values(arguments), edition)


def _shifted(value: Any, shift: Callable[[float, float], tuple[float, float]]) -> Any:
    """A copy whose places, wherever they stand, are in another datum."""
    if isinstance(value, list):
        return [_shifted(item, shift) for item in value]
    if not isinstance(value, Mapping):
        return value
    found = {name: _shifted(item, shift) for name, item in value.items()}
    for lon, lat in (("lon", "lat"), ("lon2", "lat2")):
        east, north = value.get(lon), value.get(lat)
        if isinstance(east, int | float) and isinstance(north, int | float) and max(abs(east), abs(north)) <= 180:
            found[lon], found[lat] = shift(east, north)
    return found
