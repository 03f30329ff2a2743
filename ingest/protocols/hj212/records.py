"""What a logger uploads of itself, as what the hub keeps: readings, or a note of what happened."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from hub.event import DeviceEvent
from ingest.codec import Entry, Taken
from ingest.field.session import ProtocolError
from ingest.protocols.hj212.content import read_items
from ingest.protocols.hj212.packet import Packet
from ingest.protocols.hj212.readings import DATA, Reader
from ingest.protocols.hj212.times import read_time

NOTES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "1013": "clock_request",
        "2081": "logger_restarted",
        "3015": "sample_retained",
        "3019": "device_identity",
        "3020": "site_information",
    }
)
"""Uploads that are no measurements, and the type of the note they become."""

_MOST_VALUES: Final = 40
_MOST_TEXT: Final = 400


def take_record(packet: Packet, entry: Entry, reader: Reader, dialect: int, horizon: int, now: int) -> Taken:
    """The readings or the note in one whole message.

    Raises:
        ProtocolError: its content is not built as it should be.
    """
    if packet.cn in DATA:
        return reader.read(packet, entry, dialect, horizon)
    items = read_items(packet.cp)
    time, assumed = _time(items, horizon, now)
    values: dict[str, float | str | bool | None] = {name: value[:_MOST_TEXT] for name, value in items[:_MOST_VALUES]}
    note = DeviceEvent("note", entry.station, time, now, NOTES[packet.cn], 4, "", values, assumed)
    return Taken(events=[note])


def _time(items: list[tuple[str, str]], horizon: int, now: int) -> tuple[int, bool]:
    for name, value in items:
        if name == "DataTime":
            try:
                time = read_time(value)
            except ProtocolError:
                break
            if time <= horizon:
                return time, False
    return now, True
