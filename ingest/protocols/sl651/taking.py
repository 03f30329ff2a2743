"""What one whole message is to the hub, station by station: readings, findings, notes and pictures (SL 651-2014, 6.6.4)."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from hub.errors import Refused
from hub.event import DeviceEvent
from hub.model import QUALITY_CODE
from ingest.codec import Arrival, Entry, Taken
from ingest.codecs import frame as picture_codec
from ingest.field.session import ProtocolError
from ingest.protocols.sl651.fields import body_of, manual_text, without_secrets
from ingest.protocols.sl651.manual import items_of
from ingest.protocols.sl651.message import Item, Manual, Message, Observed, Photo
from ingest.protocols.sl651.moment import to_epoch
from ingest.protocols.sl651.readings import taken_of
from ingest.protocols.sl651.rows import Value, values_of
from ingest.protocols.sl651.state import begun

TEST: Final = 0x30
MANUAL: Final = frozenset((0x35, 0x39))
PICTURE: Final = 0x36
MEASURED: Final = frozenset((0x31, 0x32, 0x33, 0x34, 0x37, 0x38, 0x3A, 0x44, 0x46))
"""Functions whose elements are values of annex C; those of 40H to 43H are parameters (6.6.3.3, table 26)."""
TOLD: Final = frozenset((0x41, 0x43, 0x4C, 0x4D, 0x4E))
"""What a station may tell of its own accord about itself (tables 53, 73, 76, 79)."""

_STATE: Final = "45"
_LONGEST_TEXT: Final = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands: its function, who sent it, in whose zone, when it came and how late a time may be (epoch ms)."""

    function: int
    station: str
    zone: str | None
    received: int
    horizon: int

    def sent(self, message: Message) -> int:
        """When it was sent; when it came, where the station's clock shows no time that can be."""
        try:
            return to_epoch(message.sent, self.zone)
        except ProtocolError:
            return self.received


def values_in(message: Message, place: Place, wrong: list[Refused]) -> dict[str, list[Value]]:
    """The values by station address, those of the sender first."""
    items: Iterable[Item] = message.items
    if place.function in MANUAL:
        items = [found for item in items for found in (items_of(item.text) if isinstance(item, Manual) else (item,))]
    found: dict[str, list[Value]] = {place.station: []}
    for value in values_of(items, place.station, place.zone, wrong):
        found.setdefault(value.station, []).append(value)
    return found


def take(
    message: Message, values: list[Value], entry: Entry, place: Place, word: int | None
) -> tuple[Taken, int | None]:
    """One station's part; `word` is its last state word, and what it is now comes back with it."""
    sent = place.sent(message)
    function = place.function
    letter = QUALITY_CODE["S"] if function in MANUAL else 0
    taken = (
        taken_of(values, entry, sent, place.horizon, letter) if function in MEASURED or function in MANUAL else Taken()
    )
    if function == TEST:
        taken.events.append(_note(entry, place, sent, "test_report", "测试报", _numbers(values)))
    elif function in TOLD:
        taken.events.append(
            _note(
                entry,
                place,
                sent,
                "station_report",
                f"{function:02X}H",
                _plain(without_secrets(body_of(message, function), function)),
            )
        )
    for item in message.items:
        if isinstance(item, Manual):
            text = manual_text(item.text)[:_LONGEST_TEXT]
            taken.events.append(_note(entry, place, sent, "manual_report", text, {}))
    now = next(
        (int(value.value) for value in reversed(values) if value.code == _STATE and not isinstance(value.value, str)),
        None,
    )
    if now is None or function == TEST:
        return taken, word
    for bit in begun(word, now):
        kind: Literal["finding", "note"] = "note" if bit.level > 3 else "finding"
        taken.events.append(
            DeviceEvent(kind, entry.station, sent, place.received, bit.type, bit.level, bit.zh, {"word": float(now)})
        )
    return taken, now


def take_picture(message: Message, data: bytes, entry: Entry, place: Place) -> Taken:
    """A JPEG, checked as the camera's own message is; its time is the observed one (table 40)."""
    digits = next((item.time for item in message.items if isinstance(item, Observed)), message.sent)
    try:
        time = to_epoch(digits, place.zone)
        return picture_codec.decode(Arrival(data, place.received, place.horizon, (str(time),)), entry)
    except ProtocolError as error:
        refused = Refused("bad_time", error.detail)
    except Refused as error:
        refused = error
    return Taken(refusals=[refused])


def photo_of(message: Message) -> bytes | None:
    """The picture in a message."""
    return next((item.data for item in message.items if isinstance(item, Photo)), None)


def _note(
    entry: Entry, place: Place, time: int, type_: str, text: str, values: dict[str, float | str | bool | None]
) -> DeviceEvent:
    return DeviceEvent("note", entry.station, time, place.received, type_, 4, text, values)


def _numbers(values: list[Value]) -> dict[str, float | str | bool | None]:
    return {value.property: value.value for value in values if value.property and not _missing(value.value)}


def _missing(value: float | str) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _plain(shown: dict[str, object]) -> dict[str, float | str | bool | None]:
    """Fields as a note can hold them: elements by their code, lists as text."""
    plain: dict[str, float | str | bool | None] = {}
    for name, value in shown.items():
        if name == "elements" and isinstance(value, list):
            plain |= {str(element["id"]): _scalar(element.get("value")) for element in value}
        elif name not in ("serial", "sent", "addr"):
            plain[name] = _scalar(value)
    return plain


def _scalar(value: object) -> float | str | bool | None:
    return (
        value
        if value is None or isinstance(value, bool | str)
        else float(value)
        if isinstance(value, int | float)
        else str(value)
    )
