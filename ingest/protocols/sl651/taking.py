"""What one whole message is to the hub, station by station: readings, findings, notes and pictures (SL 651-2014, 6.6.4)."""

import math
from collections.abc import Iterable, Iterator
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

_Said = dict[str, float | str | bool | None]

_STATE: Final = "45"
_LATE_MS: Final = 300_000
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
    function, sent = place.function, place.sent(message)
    taken = Taken()
    if function in MEASURED:
        taken = taken_of(values, entry, sent, place.horizon)
    elif function in MANUAL:
        taken = taken_of(values, entry, sent, place.horizon, QUALITY_CODE["S"])
    taken.events += [
        DeviceEvent("note", entry.station, sent, place.received, type_, 4, text, said)
        for type_, text, said in _notes(message, values, function)
    ]
    now = None if function == TEST else _word(values)
    if now is None:
        return taken, word
    # What was sent long ago never alarms now, and is no measure for what comes next.
    late = place.received - sent > max(entry.device.lateness_ms, _LATE_MS)
    kind: Literal["finding", "note"] = "note" if late else "finding"
    for bit in begun(word, now):
        said: _Said = {"word": float(now)}
        taken.events.append(DeviceEvent(kind, entry.station, sent, place.received, bit.type, bit.level, bit.zh, said))
    return taken, word if late else now


def _notes(message: Message, values: list[Value], function: int) -> Iterator[tuple[str, str, _Said]]:
    """What is worth keeping and is no reading: type, text and values of each."""
    if function == TEST:
        yield "test_report", "测试报", _numbers(values)
    elif function in TOLD:
        yield "station_report", f"{function:02X}H", _plain(without_secrets(body_of(message, function), function))
    for item in message.items:
        if isinstance(item, Manual):
            yield "manual_report", manual_text(item.text)[:_LONGEST_TEXT], {}


def _word(values: list[Value]) -> int | None:
    """The last state word among the values."""
    words = [int(value.value) for value in values if value.code == _STATE and isinstance(value.value, float)]
    return words[-1] if words else None


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


def _numbers(values: list[Value]) -> _Said:
    return {value.property: value.value for value in values if value.property and not _missing(value.value)}


def _missing(value: float | str) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _plain(shown: dict[str, object]) -> _Said:
    """Fields as a note can hold them: elements by their code, lists as text."""
    plain: _Said = {}
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
