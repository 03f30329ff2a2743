"""A whole message, sorted by whose it is: the sender's part, and that of stations it forwards for (SL 651-2014, 6.6.2.7)."""

from dataclasses import dataclass, field
from typing import Final

from hub.errors import Refused
from hub.event import DeviceEvent
from ingest.codec import Entry, Taken
from ingest.field.session import Line
from ingest.protocols.sl651.body import decode_body
from ingest.protocols.sl651.caller import NAME, Caller, spellings
from ingest.protocols.sl651.message import Message
from ingest.protocols.sl651.rows import Value
from ingest.protocols.sl651.taking import PICTURE, Place, photo_of, take, take_picture, values_in
from ingest.protocols.sl651.text import decode_text
from ingest.protocols.sl651.wire import Frame

CAMERA: Final = "-camera"
"""After a station's identity: the identity of the camera whose pictures its 36H are; without such a device they are the station's own."""


@dataclass(slots=True)
class Sorted:
    """What is to be delivered, station by station, and the parts that belong to nobody we know."""

    taken: list[tuple[str, Taken]] = field(default_factory=list)
    lost: list[tuple[str, Refused]] = field(default_factory=list)
    picture: bytes = b""

    def add(self, station: str, note: DeviceEvent) -> None:
        """A note of the hub's own on the sender."""
        for owner, taken in self.taken:
            if owner == station:
                taken.events.append(note)
                return
        self.taken.append((station, Taken(events=[note])))


def whole(frame: Frame) -> Message:
    """What a frame's body says, in its coding.

    Raises:
        ProtocolError: the body cannot be read.
    """
    return (decode_text if frame.ascii else decode_body)(frame.body, frame.function, up=frame.up)


def serial_of(frame: Frame) -> int:
    """The serial number of a body that cannot be read otherwise; 0 where it has none."""
    try:
        return int(frame.body[:4], 16) if frame.ascii else int.from_bytes(frame.body[:2])
    except ValueError:
        return 0


def sort(message: Message, frame: Frame, caller: Caller, line: Line, now: int) -> Sorted:
    """Everything in the message, as the hub stores it."""
    found = Sorted()
    place = Place(frame.function, frame.station, caller.zone, now, now + line.future_ms)
    wrong: list[Refused] = []
    if frame.function == PICTURE and (data := photo_of(message)) is not None:
        entry, found.picture = _camera(caller, line), data
        found.taken.append((entry.station, take_picture(message, data, entry, place)))
    for address, values in values_in(message, place, wrong).items():
        if address == frame.station:
            taken, caller.known.word = take(message, values, caller.entry, place, caller.known.word)
            taken.refusals += wrong
            if taken.readings or taken.events or taken.refusals:
                found.taken.append((caller.station, taken))
        else:
            _forwarded(message, address, values, caller, line, place, found)
    return found


def _forwarded(
    message: Message, address: str, values: list[Value], caller: Caller, line: Line, place: Place, found: Sorted
) -> None:
    try:
        entry = _entry_for(address, caller, line, place)
    except Refused as refused:
        found.lost.append(("", refused))
    else:
        taken, _ = take(Message(message.serial, message.sent), values, entry, place, None)
        found.taken.append((entry.station, taken))


def _entry_for(address: str, caller: Caller, line: Line, place: Place) -> Entry:
    """The station at an address, where the sender may speak for it.

    Raises:
        Refused: unknown_device or not_allowed.
    """
    devices = (line.directory.find(NAME, name) for name in spellings(address))
    device = next((device for device in devices if device is not None), None)
    if device is None:
        detail = f"sl651 {address}, sent by {place.station}: the register has no such station (6.6.2.7)"
        raise Refused("unknown_device", detail)
    if not caller.entry.device.gateway or device.station.split("/")[0] != caller.station.split("/")[0]:
        detail = f"sl651 {address}: {caller.station} is no gateway of its department (6.6.2.7)"
        raise Refused("not_allowed", detail)
    return line.directory.entry(device.station)


def _camera(caller: Caller, line: Line) -> Entry:
    device = line.directory.find(NAME, caller.identity + CAMERA)
    if device is None:
        return caller.entry
    try:
        return line.directory.entry(device.station)
    except Refused:  # the register has just changed
        return caller.entry
